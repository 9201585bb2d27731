namespace Fhir.Server.Tests.Conformance;

/// <summary>
/// What the suite acts in: Ada, with a study of CT and MR and one of MR alone; Ben, with one of his own; apps of every kind, and a backend
/// that may reach Ada's record.
/// </summary>
internal sealed class SmartWorld : IAsyncDisposable
{
    public const string CtMr = "1.2.276.60.1";
    public const string Ct = CtMr + ".1";
    public const string Mr = CtMr + ".2";
    public const string OnlyMr = "1.2.276.60.2";
    public const string OfBen = "1.2.276.60.9";
    public const string DcmCt = "http://dicom.nema.org/resources/ontology/DCM|CT";
    public const string Callback = "https://app.example.org/callback";

    private readonly List<ClientKey> keys = [];

    private SmartWorld(SmartServer server, Person ada, Person ben) => (Server, Ada, Ben) = (server, ada, ben);

    public SmartServer Server { get; }

    public Person Ada { get; }

    public Person Ben { get; }

    /// <summary>A public app.</summary>
    public App Public { get; private set; } = null!;

    /// <summary>An app with a secret.</summary>
    public App Confidential { get; private set; } = null!;

    /// <summary>A backend that may reach Ada's record.</summary>
    public App Backend { get; private set; } = null!;

    /// <summary>The ids of ImagingStudy resources by Study Instance UID.</summary>
    public IReadOnlyDictionary<string, string> StudyIds { get; private set; } = new Dictionary<string, string>();

    /// <summary>The files that were stored, by SOP Instance UID.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    public static async Task<SmartWorld> MakeAsync(params (string Key, string Value)[] settings)
    {
        var server = SmartServer.Start(settings);
        var world = new SmartWorld(
            server, await Person.RegisterAsync(server, "Ada", "Aal", "1971-02-03"), await Person.RegisterAsync(server, "Ben", "Berg", "1980-05-06"));
        world.Public = await world.AppAsync("Viewer");
        world.Confidential = await world.AppAsync("Portal", Kind.Symmetric);
        world.Ada.Record = (await world.Public.SignInAsync(world.Ada, "launch/patient patient/Patient.r")).Patient!;
        world.Ben.Record = (await world.Public.SignInAsync(world.Ben, "launch/patient patient/Patient.r")).Patient!;
        world.Backend = await world.BackendAsync("Service", "system/*.rs", "ES384", world.Ada.Record);
        await world.StoreAsync(world.Ada, (CtMr, Ct, "CT", 2), (CtMr, Mr, "MR", 1), (OnlyMr, OnlyMr + ".1", "MR", 1));
        await world.StoreAsync(world.Ben, (OfBen, OfBen + ".1", "CT", 1));
        foreach (var person in new[] { world.Ada, world.Ben })
        {
            await server.PutAsync($"DiagnosticReport/of-{person.Record}", $$$"""
                {"resourceType":"DiagnosticReport","id":"of-{{{person.Record}}}","status":"final","code":{"text":"Report"},"subject":{"reference":"Patient/{{{person.Record}}}"}}
                """);
        }
        return world;
    }

    /// <summary>Registers an app people sign in with.</summary>
    public async Task<App> AppAsync(string name, Kind kind = Kind.Public, string? algorithm = null, string? scopes = null, string redirectUri = Callback)
    {
        var key = algorithm is null ? null : Keep(ClientKey.Make(algorithm));
        var told = await Server.RegisterAsync(new Registration(name, kind)
        {
            RedirectUris = [redirectUri], Scopes = scopes, Jwks = key is null ? null : ClientKey.Set(key),
        });
        return new App(Server, told.Id, redirectUri, told.Secret, key);
    }

    /// <summary>Registers a client that speaks for itself.</summary>
    public async Task<App> BackendAsync(string name, string scopes, string algorithm, params IReadOnlyList<string> records)
    {
        var key = Keep(ClientKey.Make(algorithm));
        var told = await Server.RegisterAsync(new Registration(name, Kind.Asymmetric) { Scopes = scopes, Jwks = ClientKey.Set(key), Records = records });
        return new App(Server, told.Id, Callback, null, key);
    }

    public ClientKey Keep(ClientKey key)
    {
        keys.Add(key);
        return key;
    }

    /// <summary>The DICOMweb base of somebody's record.</summary>
    public static string WebOf(Person person) => $"/dicomweb/patients/{person.Record}";

    public async ValueTask DisposeAsync()
    {
        keys.ForEach(one => one.Dispose());
        Ada.Dispose();
        Ben.Dispose();
        await Server.DisposeAsync();
    }

    private async Task StoreAsync(Person person, params IEnumerable<(string Study, string Series, string Modality, int Instances)> wanted)
    {
        foreach (var (study, series, modality, instances) in wanted)
        {
            for (var number = 1; number <= instances; number++)
            {
                Files[$"{series}.{number}"] = new TestDicom(study, series, $"{series}.{number}")
                {
                    Modality = modality, InstanceNumber = number, SeriesNumber = series[^1] - '0', PatientId = person.Record, Rows = 16, Columns = 16,
                }.ToBytes();
            }
            await Server.StowAsync(person.Record, Enumerable.Range(1, instances).Select(number => Files[$"{series}.{number}"]));
        }
        using var answer = await Server.Operator.GetAsync($"/fhir/ImagingStudy?patient={person.Record}");
        var found = (await Reply.OfAsync(answer)).Resources("ImagingStudy");
        StudyIds = StudyIds.Concat(found.Select(one => KeyValuePair.Create(UidOf(one), one.GetProperty("id").GetString()!))).ToDictionary();
    }

    /// <summary>The Study Instance UID of an ImagingStudy.</summary>
    public static string UidOf(System.Text.Json.JsonElement study) => study.GetProperty("identifier").EnumerateArray()
        .Single(one => one.TryGetProperty("system", out var system) && system.GetString() == "urn:dicom:uid").GetProperty("value").GetString()!["urn:oid:".Length..];
}

using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Tests.Access;

namespace Fhir.Server.Tests.Parity;

/// <summary>A resource of the scoped world: where it lies, the modality of each of its series when it is a study, what categories it has.</summary>
internal sealed record ScopedItem(string Type, string Id, string Record, string? Study, IReadOnlyDictionary<string, string> Series, IReadOnlyList<string> Categories)
{
    public string Path => $"{Type}/{Id}";
}

/// <summary>A token, and what the model says of it, written from what the scopes say and not from the code that obeys them.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Token">Makes it.</param>
/// <param name="Types">The types its scopes name; null for all.</param>
/// <param name="Record">The one record it reaches; null for none.</param>
/// <param name="Sees">Of what lies there and is of those types, what is seen.</param>
/// <param name="SeesModality">Of studies that are seen, which series.</param>
internal sealed record ScopedCaller(
    string Name, Func<FakeAuthorisations, string> Token, IReadOnlyList<string>? Types, string? Record, Func<ScopedItem, bool> Sees, Func<string, bool> SeesModality)
{
    /// <summary>The types the right to the record has anything of; null for all.</summary>
    public IReadOnlyList<string>? Granted { get; init; }

    public override string ToString() => Name;

    /// <summary>Whether the right to the record has anything of a type; with studies come their Endpoints.</summary>
    public bool Reaches(string type) => Granted is null || Granted.Contains(type) || (type == "Endpoint" && Granted.Contains("ImagingStudy"));

    /// <summary>Whether a scope covers a type; with studies come their Endpoints.</summary>
    public bool Allows(string type) => Types is null || Types.Contains(type) || (type == "Endpoint" && Types.Contains("ImagingStudy"));

    public IReadOnlyList<string> SeriesSeen(ScopedItem study) => study.Record == Record && Allows("ImagingStudy") && Sees(study)
        ? [.. study.Series.Where(one => SeesModality(one.Value)).Select(one => one.Key)]
        : [];

    public bool IsSeen(ScopedItem item) => Allows(item.Type) && item.Record == Record
        && (item.Type == "ImagingStudy" ? SeriesSeen(item).Count > 0 : item.Type == "Endpoint" ? Reaches("Endpoint") : Sees(item));

    public bool SeesPart(ScopedItem item) => item.Type == "ImagingStudy" && IsSeen(item) && SeriesSeen(item).Count < item.Series.Count;
}

/// <summary>The world of <see cref="SmartServer"/> as the model knows it, and tokens of every kind.</summary>
internal sealed class ScopedWorld : IAsyncDisposable
{
    private const string Dcm = "http://dicom.nema.org/resources/ontology/DCM";

    private ScopedWorld(SmartServer server, IReadOnlyList<ScopedItem> items) => (Server, Items) = (server, items);

    public SmartServer Server { get; }

    public IReadOnlyList<ScopedItem> Items { get; }

    public IEnumerable<ScopedItem> Studies => Items.Where(item => item.Study is not null);

    public static readonly IReadOnlyList<ScopedCaller> Callers =
    [
        new("everything of one patient", one => one.OfPatient("patient/*.rs", SmartServer.Anna), null, SmartServer.Anna, _ => true, _ => true),
        new("studies alone", one => one.OfPatient("patient/ImagingStudy.rs", SmartServer.Anna), ["ImagingStudy"], SmartServer.Anna, _ => true, _ => true),
        new("one modality", one => one.OfPatient($"patient/ImagingStudy.rs?modality={Dcm}|CT", SmartServer.Anna), ["ImagingStudy"], SmartServer.Anna, _ => true, modality => modality == "CT"),
        new("two modalities by two scopes", one => one.OfPatient($"patient/ImagingStudy.rs?modality={Dcm}|MR patient/ImagingStudy.rs?modality=US", SmartServer.Anna), ["ImagingStudy"],
            SmartServer.Anna, _ => true, modality => modality is "MR" or "US"),
        new("one study by its identifier", one => one.OfPatient($"patient/ImagingStudy.rs?identifier=urn:oid:{SmartServer.Mixed}", SmartServer.Anna), ["ImagingStudy"], SmartServer.Anna,
            item => item.Study == SmartServer.Mixed, _ => true),
        new("one category", one => one.OfPatient("patient/Observation.rs?category=laboratory patient/Patient.rs", SmartServer.Anna), ["Observation", "Patient"], SmartServer.Anna,
            item => item.Type != "Observation" || item.Categories.Contains("laboratory"), _ => true),
        new("a category and a modality", one => one.OfPatient($"patient/Observation.rs?category=vital-signs patient/ImagingStudy.rs?modality=CT", SmartServer.Anna), ["Observation", "ImagingStudy"],
            SmartServer.Anna, item => item.Type != "Observation" || item.Categories.Contains("vital-signs"), modality => modality == "CT"),
        new("the other patient", one => one.OfPatient("patient/*.rs", SmartServer.Ben), null, SmartServer.Ben, _ => true, _ => true),
        new("a backend without rights", one => one.Issue("system/*.rs", client: "nobody"), null, null, _ => false, _ => false),
        new("a backend with rights", one => one.Issue("system/ImagingStudy.rs", client: "some", records: [new AuthorisedRecord(SmartServer.Ben, RecordBasis.Client)]), ["ImagingStudy"], SmartServer.Ben, _ => true, _ => true),
        new("a proxy within a grant", one => one.Issue("patient/*.rs", SmartServer.Anna, "RelatedPerson/mum",
            records: [new AuthorisedRecord(SmartServer.Anna, RecordBasis.Proxy, Scopes: "patient/Observation.rs?category=laboratory")]), null, SmartServer.Anna,
            item => item.Type == "Observation" && item.Categories.Contains("laboratory"), _ => true) { Granted = ["Observation"] },
    ];

    public static async Task<ScopedWorld> MakeAsync()
    {
        var server = await SmartServer.StartWithWorldAsync();
        var items = new List<ScopedItem>();
        using var setup = server.AsOperator();
        foreach (var type in new[] { "Patient", "Observation", "ImagingStudy", "Endpoint" })
        {
            using var bundle = JsonDocument.Parse(await setup.GetStringAsync($"/fhir/{type}?_count=1000"));
            items.AddRange(bundle.RootElement.GetProperty("entry").EnumerateArray().Select(entry => Of(type, entry.GetProperty("resource"))));
        }
        return new ScopedWorld(server, items);
    }

    public HttpClient As(ScopedCaller caller) => Server.With(caller.Token(Server.Authorisations));

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static ScopedItem Of(string type, JsonElement json)
    {
        var id = json.GetProperty("id").GetString()!;
        var record = type switch
        {
            "Patient" => id,
            "Endpoint" => json.GetProperty("address").GetString()!.Split("/patients/")[1],
            _ => json.GetProperty("subject").GetProperty("reference").GetString()!["Patient/".Length..],
        };
        return new ScopedItem(
            type, id, record, type == "ImagingStudy" ? json.GetProperty("identifier")[0].GetProperty("value").GetString()!["urn:oid:".Length..] : null,
            type == "ImagingStudy" ? json.GetProperty("series").EnumerateArray().ToDictionary(one => one.GetProperty("uid").GetString()!, one => one.GetProperty("modality").GetProperty("code").GetString()!) : new Dictionary<string, string>(),
            json.TryGetProperty("category", out var categories) ? [.. categories.EnumerateArray().Select(one => one.GetProperty("coding")[0].GetProperty("code").GetString()!)] : []);
    }
}

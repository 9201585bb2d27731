using System.Net;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Dicom;
using Fhir.Server.Tests.Rest.Documents;

namespace Fhir.Server.Tests.Parity;

/// <summary>A study of the world: where it lies, and its series with their instances.</summary>
internal sealed record WorldStudy(string Record, string Uid, params IReadOnlyList<WorldSeries> Series);

/// <summary>A series of the world.</summary>
internal sealed record WorldSeries(string Uid, string Modality, params IReadOnlyList<string> Instances);

/// <summary>A restricted caller, and what the model says it may see.</summary>
internal sealed record WorldCaller(string Name, Reach Reach, Func<string, bool> SeesWhole, Func<string, string, string, bool> SeesSeries)
{
    /// <summary>The patient whose token with all scopes it shows; null for a caller bounded by <see cref="Reach"/>.</summary>
    public string? TokenOf { get; init; }


    public override string ToString() => Name;

    /// <summary>Whether anything of a record may be seen.</summary>
    public bool SeesAnyOf(string record, IEnumerable<WorldStudy> studies) =>
        SeesWhole(record) || studies.Any(study => study.Record == record && study.Series.Any(series => SeesSeries(record, study.Uid, series.Uid)));
}

/// <summary>
/// A small world in which everything can be hidden: three records, the same study in two of them, a study with a series of its own
/// kind, a study without instances, consents, shared resources, an unclaimed study, something deleted. The model of what each caller
/// may see stands here, apart from the code under test.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    public const string Anna = "anna";
    public const string Ben = "ben";
    public const string Shared = "1.9.1";

    /// <summary>The records there are.</summary>
    public static readonly IReadOnlyList<string> Records = [Anna, Ben, "cara"];

    public static readonly IReadOnlyList<WorldStudy> Studies =
    [
        new(Anna, Shared, new WorldSeries("1.9.1.1", "CT", "1.9.1.1.1", "1.9.1.1.2"), new WorldSeries("1.9.1.2", "MR", "1.9.1.2.1")),
        new(Anna, "1.9.2", new WorldSeries("1.9.2.1", "US", "1.9.2.1.1")),
        new(Ben, Shared, new WorldSeries("1.9.1.1", "CT", "1.9.1.1.1", "1.9.1.1.2"), new WorldSeries("1.9.1.2", "MR", "1.9.1.2.1")),
        new(Ben, "1.9.3", new WorldSeries("1.9.3.1", "CR", "1.9.3.1.1"), new WorldSeries("1.9.3.2", "CT", "1.9.3.2.1")),
        new("unclaimed-local", "1.9.4", new WorldSeries("1.9.4.1", "DX", "1.9.4.1.1")),
    ];

    public static readonly IReadOnlyList<WorldCaller> Callers =
    [
        new("one record", Reach.Of(new ReachedRecord(Anna)), record => record == Anna, (record, _, _) => record == Anna),
        new("a token of one patient", Reach.Nothing, record => record == Anna, (record, _, _) => record == Anna) { TokenOf = Anna },
        new("one study", Reach.Of(new ReachedRecord(Ben, [new ReachedStudy("1.9.3")])), _ => false, (record, study, _) => record == Ben && study == "1.9.3"),
        new("one series", Reach.Of(new ReachedRecord(Anna, [new ReachedStudy(Shared, ["1.9.1.1"])])), _ => false,
            (record, study, series) => record == Anna && study == Shared && series == "1.9.1.1"),
        new("nothing", Reach.Nothing, _ => false, (_, _, _) => false),
    ];

    /// <summary>Instances that are documents as well, so that something is made of them: a report in a series often hidden, a PDF in one seen.</summary>
    private static readonly IReadOnlyDictionary<string, Action<DicomDataset>> Documents = new Dictionary<string, Action<DicomDataset>>
    {
        ["1.9.1.2.1"] = data => TestReport.Measurements(data.Add(DicomTag.SOPClassUID, TestReport.Comprehensive)),
        ["1.9.3.2.1"] = data => TestReport.Encapsulate(data, TestReport.Pdf, TestReport.PdfBytes),
    };

    private World(PhrServer server) => Server = server;

    public PhrServer Server { get; }

    /// <summary>Every resource there is, by type and id, with its record; read by the caller who sees everything.</summary>
    public Dictionary<string, WorldResource> Resources { get; } = [];

    public static async Task<World> MakeAsync()
    {
        var world = new World(PhrServer.Start());
        var server = world.Server;
        await Put(server, "Patient/anna", """{"resourceType":"Patient","id":"anna","name":[{"family":"Aal","given":["Anna"]}],"birthDate":"1971-02-03","active":true}""");
        await Put(server, "Patient/ben", """{"resourceType":"Patient","id":"ben","name":[{"family":"Berg","given":["Ben"]}],"gender":"male","identifier":[{"system":"urn:x","value":"B1"}]}""");
        await Put(server, "Patient/cara", """{"resourceType":"Patient","id":"cara","name":[{"family":"Cole"}]}""");
        await Put(server, "Organization/north", """{"resourceType":"Organization","id":"north","name":"North","active":true}""");
        await Put(server, "Endpoint/other", """
            {"resourceType":"Endpoint","id":"other","status":"active","connectionType":{"system":"http://terminology.hl7.org/CodeSystem/endpoint-connection-type","code":"dicom-wado-rs"},"payloadType":[{"text":"Any"}],"address":"https://elsewhere.example/dicomweb"}
            """);
        foreach (var patient in new[] { Anna, Ben })
        {
            await Put(server, $"Consent/of-{patient}", $$"""
                {"resourceType":"Consent","id":"of-{{patient}}","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/{{patient}}"},"dateTime":"2026-03-01","policy":[{"uri":"https://profiles.ihe.net/ITI/PCF/Policy-deny"}]}
                """);
        }
        await Put(server, "ImagingStudy/announced", """
            {"resourceType":"ImagingStudy","id":"announced","status":"registered","subject":{"reference":"Patient/anna"},"identifier":[{"system":"urn:dicom:uid","value":"urn:oid:1.9.7"}],"started":"2026-05-01"}
            """);
        await Put(server, "ImagingStudy/gone", """{"resourceType":"ImagingStudy","id":"gone","status":"registered","subject":{"reference":"Patient/ben"}}""");
        await server.Client.DeleteAsync("/fhir/ImagingStudy/gone");
        foreach (var study in Studies)
        {
            await StowAsync(server, study);
        }
        await world.ReadResourcesAsync();
        return world;
    }

    /// <summary>Whether and how a caller sees a resource.</summary>
    public static bool Sees(WorldCaller caller, WorldResource resource)
    {
        if (caller.SeesWhole(resource.Record))
        {
            return true;
        }
        return resource.Type switch
        {
            "ImagingStudy" => SeriesSeen(caller, resource).Any(),
            _ when resource.Series is not null => caller.SeesSeries(resource.Record, resource.Study!, resource.Series),
            "Endpoint" => resource.Record != "shared" && caller.SeesAnyOf(resource.Record, Studies),
            _ => false,
        };
    }

    /// <summary>Whether a caller sees only a part of a study.</summary>
    public static bool SeesPart(WorldCaller caller, WorldResource resource) =>
        resource.Type == "ImagingStudy" && !caller.SeesWhole(resource.Record) && StudyOf(resource) is { } study
        && SeriesSeen(caller, resource).Count() < study.Series.Count;

    /// <summary>The series of a study a caller sees.</summary>
    public static IEnumerable<WorldSeries> SeriesSeen(WorldCaller caller, WorldResource resource) =>
        StudyOf(resource)?.Series.Where(series => caller.SeesSeries(resource.Record, resource.Study!, series.Uid)) ?? [];

    /// <summary>Speaks for a caller.</summary>
    public HttpClient As(WorldCaller caller) => caller.TokenOf is { } patient ? Server.AsToken("patient/*.cruds", patient) : Server.As(caller.Reach);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static WorldStudy? StudyOf(WorldResource resource) =>
        Studies.FirstOrDefault(study => study.Record == resource.Record && study.Uid == resource.Study);

    private static async Task Put(PhrServer server, string path, string json) =>
        Assert.That((await server.PutAsync($"/fhir/{path}", json)).StatusCode, Is.EqualTo(HttpStatusCode.Created), path);

    private static async Task StowAsync(PhrServer server, WorldStudy study)
    {
        var number = 0;
        foreach (var series in study.Series)
        {
            number++;
            var files = series.Instances.Select((sop, i) => new TestDicom(study.Uid, series.Uid, sop)
            {
                Modality = series.Modality, SeriesNumber = number, InstanceNumber = i + 1, Frames = 2,
                PatientId = study.Record.StartsWith("unclaimed", StringComparison.Ordinal) ? "" : study.Record,
                StudyDate = "2026010" + study.Uid[^1],
                Further = Documents.GetValueOrDefault(sop),
            }.ToBytes());
            var path = study.Record.StartsWith("unclaimed", StringComparison.Ordinal) ? "/dicomweb" : $"/dicomweb/patients/{study.Record}";
            Assert.That((await server.StowAsync(path, files)).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
    }

    private async Task ReadResourcesAsync()
    {
        foreach (var type in Fhir.Server.Imaging.ResourceContents.Types)
        {
            using var bundle = JsonDocument.Parse(await Server.Client.GetStringAsync($"/fhir/{type}?_count=1000"));
            foreach (var entry in bundle.RootElement.TryGetProperty("entry", out var entries) ? entries.EnumerateArray().ToList() : [])
            {
                var json = entry.GetProperty("resource").GetRawText();
                var resource = WorldResource.Of(json);
                Resources[$"{resource.Type}/{resource.Id}"] = resource;
            }
        }
        Resources["ImagingStudy/gone"] = new WorldResource("ImagingStudy", "gone", Ben, null, "") { IsDeleted = true };
    }
}

/// <summary>A resource of the world.</summary>
internal sealed record WorldResource(string Type, string Id, string Record, string? Study, string Json)
{
    public bool IsDeleted { get; init; }

    /// <summary>The series it was made from, when it was made from a document.</summary>
    public string? Series { get; init; }

    public string Path => $"{Type}/{Id}";

    public static WorldResource Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var (type, id) = (root.GetProperty("resourceType").GetString()!, root.GetProperty("id").GetString()!);
        if (root.TryGetProperty("meta", out var meta) && meta.TryGetProperty("source", out var source))
        {
            var parts = source.GetString()!.Split('/');
            return new WorldResource(type, id, parts[^7], parts[^5], json) { Series = parts[^3] };
        }
        var record = type switch
        {
            "Patient" => id,
            "Consent" => root.GetProperty("patient").GetProperty("reference").GetString()!["Patient/".Length..],
            "ImagingStudy" => root.GetProperty("subject").TryGetProperty("reference", out var subject) ? subject.GetString()!["Patient/".Length..] : "unclaimed-local",
            "Endpoint" when root.GetProperty("address").GetString()!.Split("/patients/") is [_, var owner] => owner,
            _ => "shared",
        };
        var study = type == "ImagingStudy" ? root.GetProperty("identifier")[0].GetProperty("value").GetString()!["urn:oid:".Length..] : null;
        return new WorldResource(type, id, record, study, json);
    }
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>A projection small enough to be sure of: ImagingStudies as <see cref="StudyShape"/> and one Endpoint a record.</summary>
public sealed class FakeProjection : IProjection
{
    /// <summary>May be raised by a test before it reopens the store.</summary>
    public string Version { get; set; } = "1";

    /// <summary>A row that a newer version adds to everything it describes.</summary>
    public IndexRow? Extra { get; set; }

    /// <summary>How often a document was made into resources.</summary>
    public int DocumentsDerived { get; private set; }

    public static ResourceKey EndpointOf(RecordId record) => new("Endpoint", $"wado-{record}");

    public ResourceContent DeriveStudy(string id, StudySnapshot snapshot, ReadOnlyMemory<byte>? current)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (snapshot.NumberOfInstances != snapshot.Series.Sum(one => one.NumberOfInstances))
        {
            throw new InvalidOperationException("The snapshot's own counts disagree.");
        }
        var shape = new StudyShape(
            snapshot.StudyInstanceUid,
            snapshot.Record.IsUnclaimed ? null : snapshot.Record.Value,
            snapshot.Keys.StudyDate,
            current is { } before ? StudyShape.Read(before).Note : null,
            [.. snapshot.Series.Select(one => new SeriesShape(
                one.SeriesInstanceUid, one.Modality, one.NumberOfInstances,
                [.. one.Instances.Select(instance => new InstanceShape(instance.SopInstanceUid, instance.SopClassUid, instance.InstanceNumber))],
                one.Keys.SeriesDate))]);
        return WithExtra(shape.ToContent());
    }

    public IReadOnlyList<DerivedResource> DeriveEndpoints(RecordId record) =>
        record.IsReserved && !record.IsUnclaimed ? [] : [new DerivedResource(EndpointOf(record), TestContent.Saying("WADO"))];

    public DocumentMark MarkReport(string imagingStudy, StudySnapshot snapshot, InstanceReport report)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(report);
        var id = ServerIds.OfDocuments + $"{snapshot.Record}.{snapshot.StudyInstanceUid}.{report.SopInstanceUid}".Replace('-', '.');
        return new(id, Encoding.UTF8.GetBytes($"{Version} {imagingStudy} {id} {Convert.ToHexString(report.Hash.Span)}"));
    }

    public IReadOnlyList<DerivedResource> DeriveReport(string imagingStudy, StudySnapshot snapshot, InstanceReport report, ReadOnlyMemory<byte> said)
    {
        DocumentsDerived++;
        var content = TestContent.Saying(Encoding.UTF8.GetString(said.Span)) with
        {
            StudyInstanceUid = snapshot.StudyInstanceUid, Series = [new SeriesFact(report.SeriesInstanceUid, report.Modality)],
        };
        return [new(new("Binary", MarkReport(imagingStudy, snapshot, report).Id), WithExtra(content))];
    }

    public ResourceContent Describe(ReadOnlyMemory<byte> json)
    {
        var resource = JsonNode.Parse(json.Span)!.AsObject();
        return WithExtra((string?)resource["resourceType"] == "ImagingStudy" ? StudyShape.Read(resource).ToContent() : TestContent.Read(resource));
    }

    public Outcome<InstanceDescription> Describe(Stream file)
    {
        try
        {
            return JsonSerializer.Deserialize<TestInstance>(file)!.Describe();
        }
        catch (JsonException)
        {
            return Problem.Unprocessable("This is no instance of these tests.");
        }
    }

    public IReadOnlyList<SeriesFact> SeriesOf(ReadOnlyMemory<byte> json) =>
        [.. StudyShape.Read(json).Series.Select(one => new SeriesFact(one.Uid, one.Modality))];

    public ReadOnlyMemory<byte> Redact(ReadOnlyMemory<byte> json, Func<SeriesFact, bool> sees) => Subset(json, sees);

    /// <summary>The rendering of a partly visible ImagingStudy.</summary>
    internal static ReadOnlyMemory<byte> Subset(ReadOnlyMemory<byte> json, Func<SeriesFact, bool> sees)
    {
        var resource = JsonNode.Parse(json.Span)!.AsObject();
        var left = StudyShape.Read(resource).Only(sees).ToContent("SUBSETTED");
        var whole = TestContent.Whole(
            new("ImagingStudy", (string)resource["id"]!), (string)resource["meta"]!["versionId"]!, (string)resource["meta"]!["lastUpdated"]!, left.Tail);
        return Encoding.UTF8.GetBytes(whole);
    }

    private ResourceContent WithExtra(ResourceContent content) =>
        Extra is null ? content : content with { Index = [.. content.Index, Extra] };
}

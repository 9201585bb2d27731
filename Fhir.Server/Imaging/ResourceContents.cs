using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging.Reports;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging;

/// <summary>Turns resources into what the store keeps: content with index rows, in the record they belong to.</summary>
public sealed partial class ResourceContents(PublicAddress address, SearchRegistry registry, ILogger<ResourceContents> logger)
{
    private const string Placeholder = "0";
    private static readonly DateTimeOffset PlaceholderTime = DateTimeOffset.UnixEpoch;

    private readonly Lock gate = new();
    private (string Base, SearchCatalogue Parameters, IndexExtractor Extractor)? extractor;

    /// <summary>
    /// The types this server keeps: every one of R4 but Parameters, which has no address of its own
    /// (https://hl7.org/fhir/R4/parameters.html).
    /// </summary>
    public static IReadOnlySet<string> Types { get; } = ModelInfo.SupportedResources
        .Where(type => type is not ("Parameters" or "Resource" or "DomainResource")).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The content of a resource; its id is set, its version and time are the store's to give.</summary>
    public ResourceContent Of(Resource resource, string id)
    {
        ArgumentNullException.ThrowIfNull(resource);
        // Set anew, so that neither extensions nor values of the sender stand where the store puts its own.
        resource.IdElement = new Id(id);
        resource.Meta ??= new Meta();
        resource.Meta.VersionIdElement = new Id(Placeholder);
        resource.Meta.LastUpdatedElement = new Instant(PlaceholderTime);
        var json = FhirJson.Write(resource);
        var tail = TailOf(json, Encoding.UTF8.GetBytes($"{{\"resourceType\":\"{resource.TypeName}\",\"id\":\"{id}\",\"meta\":{{"));
        var (study, series) = resource is ImagingStudy imaging ? (StudyUidOf(imaging), SeriesOf(imaging))
            : ReportDerivation.OriginOf(resource) is { } origin ? (origin.Study, [origin.Series])
            : (null, []);
        var (made, type) = (registry.Current, resource.TypeName);
        var rows = Extractor(made).Extract(resource);
        return new ResourceContent(tail, rows, study, series)
        {
            Again = parameters => (parameters ?? registry.Current) is var wanted && wanted.IndexesAlike(made, type) ? rows : Extractor(wanted).Extract(FhirJson.ReadOwn<Resource>(json)),
        };
    }

    /// <summary>
    /// A resource as a draft for the record its content names. <c>Unprocessable</c> when it names none where one is needed, or its id
    /// is one the server keeps for itself.
    /// </summary>
    public Outcome<ResourceDraft> Draft(Resource resource, string id, string method)
    {
        var record = RecordMembership.Of(resource, id, address.Fhir);
        return record.Match<Outcome<ResourceDraft>>(
            found => Draft(resource, id, method, found), problem => problem);
    }

    /// <summary>A resource as a draft for a record that is known, whatever its content names.</summary>
    public ResourceDraft Draft(Resource resource, string id, string method, RecordId record)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new ResourceDraft(new(resource.TypeName, id), record, Of(resource, id), method) { Defines = resource as SearchParameter };
    }

    /// <summary>The Study Instance UID an ImagingStudy says it has; null when it says none.</summary>
    public static string? StudyUidOf(ImagingStudy study) => study.Identifier
        .Where(identifier => identifier.System == StudyDerivation.UidSystem && !string.IsNullOrEmpty(identifier.Value))
        .Select(identifier => Bare(identifier.Value!))
        .FirstOrDefault();

    /// <summary>The series an ImagingStudy lists.</summary>
    public static IReadOnlyList<SeriesFact> SeriesOf(ImagingStudy study) =>
        [.. study.Series.Where(series => series.Uid is not null).Select(series => new SeriesFact(Bare(series.Uid!), series.Modality?.Code))];

    /// <summary>
    /// What stands behind <c>meta.lastUpdated</c>. An id and extensions of <c>meta</c>, which are written before it, go behind it: the
    /// order of members means nothing.
    /// </summary>
    private static ReadOnlyMemory<byte> TailOf(byte[] json, ReadOnlySpan<byte> head)
    {
        var reader = new Utf8JsonReader(json.AsSpan(head.Length - 1));
        if (!json.AsSpan().StartsWith(head))
        {
            throw new InvalidOperationException("A resource was not written in the order the store relies on.");
        }
        reader.Read();
        reader.Read();
        while (!reader.ValueTextEquals("versionId"))
        {
            reader.Skip();
            reader.Read();
        }
        var before = json.AsMemory(head.Length, (int)reader.TokenStartIndex - 1);
        reader.Read();
        reader.Read();
        reader.Read();
        var tail = json.AsMemory(head.Length - 1 + (int)reader.BytesConsumed);
        return before.Length == 0 ? tail : (byte[])[(byte)',', .. before.Span[..^1], .. tail.Span];
    }

    private static string Bare(string uid) => uid.StartsWith("urn:oid:", StringComparison.Ordinal) ? uid[8..] : uid;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Search parameter {Url} cannot be evaluated on a {Type}: {Failure}")]
    private static partial void CannotEvaluate(ILogger logger, string url, string type, string failure);

    private IndexExtractor Extractor(SearchCatalogue parameters)
    {
        lock (gate)
        {
            if (extractor is null || extractor.Value.Base != address.Fhir || !ReferenceEquals(extractor.Value.Parameters, parameters))
            {
                extractor = (address.Fhir, parameters, new IndexExtractor(address.Fhir, catalogue: parameters)
                {
                    // Only the kind of failure is told: its message may say what the resource says.
                    Failed = (parameter, failure) => CannotEvaluate(logger, parameter.Url, parameter.ResourceType, failure.GetType().Name),
                });
            }
            return extractor.Value.Extractor;
        }
    }
}

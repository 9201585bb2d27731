using System.Security.Cryptography;
using System.Text;
using Fhir.Server.Access;
using Fhir.Server.Imaging.Reports;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging;

/// <summary>What the store needs made: ImagingStudy and Endpoints from rows, descriptions from files, redacted renderings.</summary>
internal sealed partial class ImagingProjection(ResourceContents contents, PublicAddress address, ILogger<ImagingProjection> logger) : IProjection
{
    /// <summary>Raised when the same rows give another resource, the same file another description, or the same resource other index rows.</summary>
    private const int Number = 5;

    /// <summary>Changes when the same file gives another description, or the same description is kept in another form.</summary>
    public static string Descriptions { get; } = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Number}.{MetadataPieces.FormatVersion}");

    public string Version => $"{Number}|{address.Base}";

    /// <summary>The id of a record's Endpoint of one kind.</summary>
    public static string EndpointId(string kind, RecordId record)
    {
        var id = $"{kind}-{record}";
        return id.Length <= 64 ? id : $"{kind}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(record.Value)))[..48]}";
    }

    public ResourceContent DeriveStudy(string id, StudySnapshot snapshot, ReadOnlyMemory<byte>? current)
    {
        var study = current is { } json ? FhirJson.ReadOwn<ImagingStudy>(json) : new ImagingStudy();
        StudyDerivation.Apply(study, snapshot, EndpointId("wado", snapshot.Record));
        return contents.Of(study, id);
    }

    public DocumentMark MarkReport(string imagingStudy, StudySnapshot snapshot, InstanceReport report) =>
        ReportDerivation.Mark(imagingStudy, snapshot, report, Version);

    public IReadOnlyList<DerivedResource> DeriveReport(string imagingStudy, StudySnapshot snapshot, InstanceReport report, ReadOnlyMemory<byte> said)
    {
        try
        {
            return
            [
                .. ReportDerivation.Derive(imagingStudy, snapshot, report, said, address)
                    .Select(one => new DerivedResource(new(one.Resource.TypeName, one.Id), contents.Of(one.Resource, one.Id))),
            ];
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Whatever it is, a document must not keep its study from being published. Its message may say what the document says: only its kind is told.
            CannotTell(logger, report.SopInstanceUid, snapshot.StudyInstanceUid, failure.GetType().Name);
            return [];
        }
    }

    public IReadOnlyList<DerivedResource> DeriveEndpoints(RecordId record) =>
    [
        DeriveEndpoint(record, "wado", "dicom-wado-rs", "WADO-RS"),
        DeriveEndpoint(record, "qido", "dicom-qido-rs", "QIDO-RS"),
        DeriveEndpoint(record, "stow", "dicom-stow-rs", "STOW-RS"),
    ];

    public ResourceContent Describe(ReadOnlyMemory<byte> json)
    {
        var resource = FhirJson.ReadOwn<Resource>(json);
        return contents.Of(resource, resource.Id!);
    }

    public Outcome<InstanceDescription> Describe(Stream file)
    {
        var description = InstanceReader.Read(file, out var refusal);
        return description is null ? refusal!.Problem : description;
    }

    public IReadOnlyList<SeriesFact> SeriesOf(ReadOnlyMemory<byte> json) => FhirJson.ReadOwn<Resource>(json) switch
    {
        ImagingStudy study => ResourceContents.SeriesOf(study),
        var other => ReportDerivation.OriginOf(other) is { } origin ? [origin.Series] : [],
    };

    public ReadOnlyMemory<byte> Redact(ReadOnlyMemory<byte> json, Func<SeriesFact, bool> sees)
    {
        var study = FhirJson.ReadOwn<ImagingStudy>(json);
        StudyRedaction.Apply(study, sees);
        return FhirJson.Write(study);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Instance {SopInstanceUid} of study {StudyInstanceUid} is a document that cannot be told in FHIR: {Failure}")]
    private static partial void CannotTell(ILogger logger, string sopInstanceUid, string studyInstanceUid, string failure);

    private DerivedResource DeriveEndpoint(RecordId record, string kind, string connection, string name)
    {
        var endpoint = DicomWebEndpoint.Of(connection, name, address.DicomWebOf(record.Value), requiresAccessToken: true);
        var id = EndpointId(kind, record);
        return new DerivedResource(new("Endpoint", id), contents.Of(endpoint, id));
    }
}

/// <summary>Takes hidden series out of an ImagingStudy and tells what is left as if it were all.</summary>
internal static class StudyRedaction
{
    private static readonly Coding Subsetted = new("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "SUBSETTED");

    public static void Apply(ImagingStudy study, Func<SeriesFact, bool> sees)
    {
        study.Series = study.Series.FindAll(series => series.Uid is { } uid && sees(new(uid, series.Modality?.Code)));
        study.NumberOfSeries = study.Series.Count;
        study.NumberOfInstances = study.Series.Sum(series => series.NumberOfInstances ?? series.Instance.Count);
        study.Modality = [.. study.Series.Select(series => series.Modality).OfType<Coding>()
            .DistinctBy(coding => (coding.System, coding.Code)).Select(coding => (Coding)coding.DeepCopy())];
        if (study.Series.ConvertAll(series => series.StartedElement).FindAll(started => started?.Value is not null) is { Count: > 0 } starts)
        {
            study.StartedElement = starts.MinBy(started => started!.Value, StringComparer.Ordinal);
        }
        // Written for the whole study, it may tell of what is hidden.
        study.Text = null;
        study.Meta ??= new Meta();
        study.Meta.Tag.Add((Coding)Subsetted.DeepCopy());
    }
}

using Fhir.Server.Outcomes;

namespace Fhir.Server.Storage;

/// <summary>A resource made from other data.</summary>
public sealed record DerivedResource(ResourceKey Key, ResourceContent Content);

/// <summary>Turns index rows into resources and files into descriptions: what a store needs made, but does not know how to make.</summary>
public interface IProjection
{
    /// <summary>Raised whenever the same input gives another output; what older versions derived is rebuilt at start.</summary>
    string Version { get; }

    /// <summary>The ImagingStudy of a study with instances: DICOM-born elements from the snapshot, human ones from the current version.</summary>
    /// <param name="id">The id it has or shall have.</param>
    /// <param name="snapshot">The rows.</param>
    /// <param name="current">The current version's JSON; null when there is none or it is deleted.</param>
    ResourceContent DeriveStudy(string id, StudySnapshot snapshot, ReadOnlyMemory<byte>? current);

    /// <summary>Under which id a document of a study becomes resources, and of what: as long as that is the same, so are they.</summary>
    /// <param name="imagingStudy">The id of the study's ImagingStudy.</param>
    /// <param name="snapshot">The study's rows.</param>
    /// <param name="report">The document.</param>
    DocumentMark MarkReport(string imagingStudy, StudySnapshot snapshot, InstanceReport report);

    /// <summary>
    /// What a document says, as resources that go with it: each belongs to the one series it comes from. Their ids depend on record, study
    /// and instance alone. None when it cannot be told, which takes nothing from its study.
    /// </summary>
    /// <param name="imagingStudy">The id of the study's ImagingStudy.</param>
    /// <param name="snapshot">The study's rows.</param>
    /// <param name="report">The document.</param>
    /// <param name="said">What it says, as <see cref="ReportContent.Bytes"/>.</param>
    IReadOnlyList<DerivedResource> DeriveReport(string imagingStudy, StudySnapshot snapshot, InstanceReport report, ReadOnlyMemory<byte> said);

    /// <summary>The Endpoints of a record.</summary>
    IReadOnlyList<DerivedResource> DeriveEndpoints(RecordId record);

    /// <summary>Index rows and facts of a stored resource, made anew from its JSON.</summary>
    ResourceContent Describe(ReadOnlyMemory<byte> json);

    /// <summary>What a stored file says of itself, made anew.</summary>
    Outcome<InstanceDescription> Describe(Stream file);

    /// <summary>The series an ImagingStudy's JSON lists; the one series another derived resource comes from.</summary>
    IReadOnlyList<SeriesFact> SeriesOf(ReadOnlyMemory<byte> json);

    /// <summary>
    /// The same ImagingStudy with hidden series removed, its counts, modality and started recomputed, and tagged SUBSETTED.
    /// </summary>
    /// <param name="json">The stored JSON.</param>
    /// <param name="sees">Which series may be seen.</param>
    ReadOnlyMemory<byte> Redact(ReadOnlyMemory<byte> json, Func<SeriesFact, bool> sees);
}

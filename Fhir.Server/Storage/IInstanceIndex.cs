namespace Fhir.Server.Storage;

/// <summary>
/// The index of DICOM instances: the truth of which ImagingStudy is derived. Written only by <see cref="IResourceStore.CommitAsync(RecordCommit, CancellationToken)"/>.
/// Every read takes a <see cref="Visibility"/> and shows exactly the series it allows.
/// </summary>
public interface IInstanceIndex
{
    /// <summary>Studies of which any series may be seen; counts and modalities from those series alone.</summary>
    ValueTask<IndexPage<StudyRow>> FindStudiesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>Series that may be seen.</summary>
    ValueTask<IndexPage<SeriesRow>> FindSeriesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>Served instances of series that may be seen, in the order of series and instance number.</summary>
    ValueTask<IndexPage<InstanceRow>> FindInstancesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>
    /// How much of a study may be seen; hidden also for one that never was. A deleted study that could be seen is told apart by
    /// <paramref name="record"/>'s ImagingStudy tombstone.
    /// </summary>
    ValueTask<Sight> SightOfStudyAsync(RecordId record, string studyInstanceUid, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>The metadata pieces of instances (<see cref="InstanceDescription.Metadata"/>), in the order asked.</summary>
    ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> MetadataAsync(IReadOnlyList<InstanceRow> instances, CancellationToken cancellationToken);

    /// <summary>
    /// The metadata pieces at some places, in the order asked: as many as come to so many bytes, and at least one. Empty where the instance
    /// was deleted since.
    /// </summary>
    ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> MetadataAsync(IReadOnlyList<MetadataPlace> places, long bytes, CancellationToken cancellationToken);
    /// <summary>The byte ranges of an instance's frames (<see cref="InstanceDescription.FrameTable"/>).</summary>
    ValueTask<ReadOnlyMemory<byte>> FrameTableAsync(InstanceRow instance, CancellationToken cancellationToken);

    /// <summary>Everyone who gave the instance, the served one first: for history and Provenance.</summary>
    ValueTask<IReadOnlyList<ContributionRow>> ContributionsAsync(
        RecordId record, string studyInstanceUid, string sopInstanceUid, Visibility visibility, CancellationToken cancellationToken);
}

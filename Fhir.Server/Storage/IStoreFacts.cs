using Fhir.Server.Search;

namespace Fhir.Server.Storage;

/// <summary>What a store tells of what it keeps when how much may be seen depends on it. All of it is of one moment.</summary>
public interface IStoreFacts
{
    /// <summary>Whether a resource answers all of these criteria, as a search by them would find it.</summary>
    bool Matches(in ResourceFacts resource, IReadOnlyList<Criterion> criteria);

    /// <summary>
    /// How much of a resource came from an Organization: whole when it made it, or every served instance it is made of is its own; part of a study with
    /// instances when some series is, of which <see cref="IsContribution"/> tells each.
    /// </summary>
    Sight ContributedBy(in ResourceFacts resource, string organization);

    /// <summary>Whether something in a patient's record that may be seen refers to a shared resource, directly or by way of other shared ones.</summary>
    bool IsReferredTo(in ResourceFacts resource);

    /// <summary>Whether the ImagingStudy of a study answers all of these criteria.</summary>
    bool StudyMatches(RecordId record, string studyInstanceUid, IReadOnlyList<Criterion> criteria);

    /// <summary>Whether all served instances of a series, and one at least, came from an Organization.</summary>
    bool IsContribution(RecordId record, string studyInstanceUid, string seriesInstanceUid, string organization);

    /// <summary>Whether anything in a record came from an Organization.</summary>
    bool HasContribution(RecordId record, string organization);
}

/// <summary>Knows nothing, so that whatever depends on something is hidden.</summary>
internal sealed class NoStoreFacts : IStoreFacts
{
    public static NoStoreFacts Instance { get; } = new();

    public bool Matches(in ResourceFacts resource, IReadOnlyList<Criterion> criteria) => false;

    public Sight ContributedBy(in ResourceFacts resource, string organization) => Sight.Hidden;

    public bool IsReferredTo(in ResourceFacts resource) => false;

    public bool StudyMatches(RecordId record, string studyInstanceUid, IReadOnlyList<Criterion> criteria) => false;

    public bool IsContribution(RecordId record, string studyInstanceUid, string seriesInstanceUid, string organization) => false;

    public bool HasContribution(RecordId record, string organization) => false;
}

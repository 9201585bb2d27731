using Fhir.Server.Search;

namespace Fhir.Server.Storage;

/// <summary>
/// What is written to one record, all or nothing: resources with their index rows, instances, links, audit rows and the outbox
/// entry that tells of them.
/// </summary>
/// <param name="Record">The record.</param>
public sealed record RecordCommit(RecordId Record)
{
    /// <summary>What must hold for the commit to happen, judged inside it.</summary>
    public IReadOnlyList<Precondition> Preconditions { get; init; } = [];

    /// <summary>Resources to write or delete, in order.</summary>
    public IReadOnlyList<ResourceChange> Resources { get; init; } = [];

    /// <summary>Instances to add; each is judged by the rules of the same SOP Instance UID and gets its own verdict.</summary>
    public IReadOnlyList<NewInstance> Instances { get; init; } = [];

    /// <summary>Studies to delete: one tombstone hides all below it; rows and blobs follow later.</summary>
    public IReadOnlyList<string> DeletedStudies { get; init; } = [];

    /// <summary>Series and instances to delete, before any are added; the last instance takes its study with it.</summary>
    public IReadOnlyList<InstanceDeletion> DeletedInstances { get; init; } = [];

    /// <summary>What the record may hold; null for no limit. What would pass it gets the verdict <see cref="InstanceVerdict.OverQuota"/>.</summary>
    public RecordQuota? Quota { get; init; }

    /// <summary>Verified links to add.</summary>
    public IReadOnlyList<VerifiedLink> Links { get; init; } = [];

    /// <summary>The search parameters that will be in force with this commit, by which its rows are made; null = those in force.</summary>
    public SearchCatalogue? Parameters { get; init; }

    /// <summary>Verified links to take away, those of this record alone.</summary>
    public IReadOnlyList<VerifiedLink> RemovedLinks { get; init; } = [];

    /// <summary>The Organization on whose behalf resources are made, which then are its contribution; null for nobody's.</summary>
    public string? Organization { get; init; }

    /// <summary>Audit rows that must be durable with the change.</summary>
    public IReadOnlyList<AuditEntry> Audit { get; init; } = [];
}

/// <summary>A condition of a commit.</summary>
public abstract record Precondition
{
    private Precondition()
    {
    }

    /// <summary>The resource's current, undeleted version is one of these (If-Match); else <c>PreconditionFailed</c>.</summary>
    public sealed record VersionIs(ResourceKey Key, params IReadOnlyList<long> Versions) : Precondition;

    /// <summary>The resource exists, undeleted and in this record (If-Match: *); else <c>PreconditionFailed</c>.</summary>
    public sealed record Exists(ResourceKey Key) : Precondition;

    /// <summary>The resource never was or is deleted; else <c>Conflict</c>.</summary>
    public sealed record Absent(ResourceKey Key) : Precondition;

    /// <summary>The record exists and has not been erased; else <c>NotFound</c>.</summary>
    public sealed record RecordExists : Precondition;

    /// <summary>Nothing lives in the record but the given resources and what is derived; else <c>Conflict</c>.</summary>
    public sealed record RecordIsEmptyBut(params IReadOnlyList<ResourceKey> Keys) : Precondition;

    /// <summary>No link of this namespace and value exists; else <c>Conflict</c>.</summary>
    public sealed record LinkAbsent(string Namespace, string Value) : Precondition;

    /// <summary>The study has no instances; else <c>Unprocessable</c>.</summary>
    public sealed record StudyHasNoInstances(string StudyInstanceUid) : Precondition;

    /// <summary>
    /// A search finds exactly this in the whole store, inside the commit: what conditional interactions were decided by still holds
    /// (https://hl7.org/fhir/R4/http.html#ccreate). Else <c>PreconditionFailed</c>; <c>TooCostly</c> when it takes longer than the one
    /// writer may be kept.
    /// </summary>
    /// <param name="Query">What is searched; its page, order and includes count for nothing.</param>
    /// <param name="Visibility">What the caller may see: what is hidden is not found.</param>
    /// <param name="Only">The one resource that must be found, and no other; null when nothing may be found.</param>
    public sealed record SearchFinds(SearchQuery Query, Visibility Visibility, ResourceKey? Only) : Precondition;
}

/// <summary>
/// A series or one instance to delete: it is gone from every read in the same commit, with all contributions of it or with those of one
/// contributor. In the place of a served contribution comes the most trusted, of equal ones the oldest, that is left. Rows and blobs
/// follow later; what is sent again is new.
/// </summary>
/// <param name="StudyInstanceUid">The study.</param>
/// <param name="SeriesInstanceUid">The series the served contribution is in.</param>
/// <param name="SopInstanceUid">The instance; null for all of the series.</param>
/// <param name="OnlyContributor">Deletes only what this <see cref="Contributor.Key"/> gave; null for everybody's.</param>
public sealed record InstanceDeletion(
    string StudyInstanceUid, string SeriesInstanceUid, string? SopInstanceUid = null, string? OnlyContributor = null);

/// <summary>What a record may hold; contributions that are kept beside count too, deleted ones until they are swept.</summary>
/// <param name="Bytes">Bytes of instances.</param>
/// <param name="Instances">Their number.</param>
public sealed record RecordQuota(long Bytes, long Instances);

/// <summary>What a commit did.</summary>
/// <param name="Number">The record's number of this commit; strictly increasing. The last one when nothing had to change.</param>
/// <param name="Resources">The resources as they are now, in the order of the commit.</param>
/// <param name="Instances">What became of each instance, in the order of the commit.</param>
public sealed record CommitReceipt(long Number, IReadOnlyList<CommittedResource> Resources, IReadOnlyList<InstanceVerdict> Instances);

/// <summary>A resource after a commit.</summary>
/// <param name="Resource">As it is now.</param>
/// <param name="Created">True when it was not there before (or was deleted).</param>
/// <param name="Changed">False when the content was the same and no version was made.</param>
public sealed record CommittedResource(StoredResource Resource, bool Created, bool Changed);

/// <summary>What became of an instance that was sent.</summary>
public enum InstanceVerdict
{
    /// <summary>New, and served from now on.</summary>
    Stored,

    /// <summary>The same data set was there already; nothing was stored.</summary>
    AlreadyThere,

    /// <summary>Another data set of a more trusted contributor replaced the served one, which is kept as superseded.</summary>
    Superseding,

    /// <summary>Kept as superseded beside the served one of an equally or more trusted contributor.</summary>
    KeptBeside,

    /// <summary>Another data set under a UID this contributor has used already: refused (PS3.18 failure 0111H).</summary>
    Refused,

    /// <summary>The record holds as much as it may: refused (PS3.18 failure A700H).</summary>
    OverQuota,

    /// <summary>The caller may not add to this study: refused (PS3.18 failure 0124H). Given by the guard, never by a store.</summary>
    NotAuthorised,
}

/// <summary>An identifier that has been verified to mean one record; the only thing that routes a study to a person.</summary>
/// <param name="Namespace">The issuer as a URI.</param>
/// <param name="Value">The patient's identifier there, as in PatientID (0010,0020).</param>
/// <param name="Record">The record it means.</param>
/// <param name="How">How it was verified, as <c>first-seen</c> or <c>claim</c>.</param>
/// <param name="By">Who verified it.</param>
public sealed record VerifiedLink(string Namespace, string Value, RecordId Record, string How, string By);

/// <summary>Something that happened to a record, to be remembered.</summary>
/// <param name="Record">The record it is about; <see cref="RecordId.Shared"/> when there is none.</param>
/// <param name="Time">When.</param>
/// <param name="Actor">The user, or the client when there is no user.</param>
/// <param name="App">The client.</param>
/// <param name="Action">What was done, as <c>read</c>, <c>search</c>, <c>stow</c>.</param>
/// <param name="What">To what: keys and UIDs, never names.</param>
/// <param name="Outcome">The R4 outcome code: 0 success, 4, 8, 12.</param>
/// <param name="Decision">Why it was allowed or refused, as <c>open-mode</c>.</param>
/// <param name="Detail">Anything further, compact; may be empty.</param>
public sealed record AuditEntry(
    RecordId Record, DateTimeOffset Time, string Actor, string App, string Action, string What, int Outcome, string Decision, string Detail);

/// <summary>An audit entry as it is kept: numbered and chained.</summary>
/// <param name="Entry">What happened.</param>
/// <param name="Sequence">Its number within the record, from 1, without gaps.</param>
/// <param name="KeyId">The key under which the chain value was made.</param>
/// <param name="Chain">HMAC over this row and the chain value of its predecessor.</param>
public sealed record AuditRow(AuditEntry Entry, long Sequence, string KeyId, ReadOnlyMemory<byte> Chain);

/// <summary>Makes chain values; the key lives outside the store.</summary>
public interface IAuditSeal
{
    /// <summary>The key in use.</summary>
    string KeyId { get; }

    /// <summary>The chain value of a row: an HMAC over its predecessor's chain value (empty for the first), its number and its content.</summary>
    byte[] Seal(ReadOnlySpan<byte> previous, long sequence, AuditEntry entry);
}

/// <summary>One thing a commit changed.</summary>
/// <param name="Kind"><c>resource</c>, <c>instances</c>, <c>instances-deleted</c>, <c>study-deleted</c>, <c>study-moved</c> or
/// <c>record-erased</c>.</param>
/// <param name="Name">The resource key, or the Study Instance UID; empty for a record.</param>
/// <param name="Version">The resource's new version; 0 for what has none.</param>
public sealed record ChangedThing(string Kind, string Name, long Version);

/// <summary>One commit, told to those who follow.</summary>
/// <param name="Record">The record.</param>
/// <param name="Number">The record's number of the commit.</param>
/// <param name="At">When.</param>
/// <param name="Things">What it changed.</param>
public sealed record ChangeEntry(RecordId Record, long Number, DateTimeOffset At, IReadOnlyList<ChangedThing> Things);

/// <summary>A page of the outbox.</summary>
/// <param name="Entries">In order within a record, in none between records; each at least once.</param>
/// <param name="Cursor">Give it back to acknowledge these and get what follows.</param>
public sealed record OutboxPage(IReadOnlyList<ChangeEntry> Entries, string Cursor);

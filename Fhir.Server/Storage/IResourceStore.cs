using Fhir.Server.Outcomes;
using Fhir.Server.Search;

namespace Fhir.Server.Storage;

/// <summary>
/// Where records are kept: resources with their versions, links, audit rows, and the one way to write anything. Every read that
/// answers somebody takes a <see cref="Visibility"/> and applies it before it counts, pages or includes; what is hidden answers
/// like what never was, by the same statements.
/// </summary>
public interface IResourceStore
{
    /// <summary>The current version; a tombstone when deleted; null when unknown or hidden. A partly visible study comes back redacted.</summary>
    ValueTask<StoredResource?> FindAsync(ResourceKey key, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>One version; a tombstone when that version is a deletion; null when unknown or hidden.</summary>
    ValueTask<StoredResource?> FindVersionAsync(ResourceKey key, long version, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>Versions, newest first; null when unknown or wholly hidden.</summary>
    /// <param name="key">Which resource.</param>
    /// <param name="before">Only versions below this one; null from the newest.</param>
    /// <param name="count">At most this many.</param>
    /// <param name="visibility">What the caller may see; versions outside are left out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<HistoryPage?> HistoryAsync(ResourceKey key, long? before, int count, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>
    /// Versions of all resources or of all of a type, newest first, each in the record it was in; what comes meanwhile is on no later
    /// page. <c>Invalid</c> for a cursor that is not this query's, <c>TooCostly</c> when it takes too long.
    /// </summary>
    ValueTask<Outcome<PastPage>> HistoryAsync(PastQuery query, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>A page of what matches; <c>Invalid</c> for a cursor that is not this query's.</summary>
    ValueTask<Outcome<SearchPage>> QueryAsync(SearchQuery query, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>
    /// A page of all that is in a record, the Patient first; behind it, as included, the shared resources it refers to, directly or by
    /// way of each other. <c>Invalid</c> for a cursor that was not given out.
    /// </summary>
    ValueTask<Outcome<SearchPage>> EverythingAsync(
        RecordId record, EverythingQuery query, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>Whether the record exists and may be seen at all.</summary>
    ValueTask<bool> RecordExistsAsync(RecordId record, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>Brings the ImagingStudies of studies a caller may see up to their instances, when what is seen of these depends on those.</summary>
    ValueTask SettleAsync(RecordId? record, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>
    /// Whether the caller may look for resources of a type (null for any) in a record, there or not: it sees all or some of them, or has contributed
    /// to the record.
    /// </summary>
    ValueTask<bool> ReachesAsync(RecordId record, string? type, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>
    /// How much the caller could see of a study that has been deleted from a record; hidden for one that is there, never was, or lies
    /// elsewhere now.
    /// </summary>
    ValueTask<Sight> SightOfDeletedStudyAsync(RecordId record, string studyInstanceUid, Visibility visibility, CancellationToken cancellationToken);

    /// <summary>
    /// Writes to one record, all or nothing, durable before it returns. Fails by <c>PreconditionFailed</c>, <c>Conflict</c>,
    /// <c>NotFound</c> or <c>Unprocessable</c> when a precondition does not hold or a resource lives in another record, and by
    /// <c>Conflict</c> when a mentioned blob is gone; then nothing was written.
    /// </summary>
    ValueTask<Outcome<CommitReceipt>> CommitAsync(RecordCommit commit, CancellationToken cancellationToken);

    /// <summary>
    /// Writes to several records, all or nothing, as <see cref="CommitAsync(RecordCommit, CancellationToken)"/> does to one: all preconditions
    /// are judged before anything is written. A store that cannot do so across records answers <c>TooCostly</c>, and has written nothing.
    /// </summary>
    /// <param name="commits">At most one a record, in the order in which they are to be written.</param>
    /// <param name="cancellationToken">Gives up; what is under way is finished.</param>
    ValueTask<Outcome<IReadOnlyList<CommitReceipt>>> CommitAsync(IReadOnlyList<RecordCommit> commits, CancellationToken cancellationToken);

    /// <summary>Appends audit rows, each to the chain of its record, durable before it returns.</summary>
    ValueTask AppendAuditAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken);

    /// <summary>Audit rows of a record in order, from after a sequence number: for the server's own use.</summary>
    ValueTask<IReadOnlyList<AuditRow>> AuditAsync(RecordId record, long after, int limit, CancellationToken cancellationToken);

    /// <summary>Commits of one record in order, from after a number: for the server's own use.</summary>
    ValueTask<IReadOnlyList<ChangeEntry>> ChangesAsync(RecordId record, long after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Commits of the whole store for one consumer, at least once each, in order within a record: for the server's own use.
    /// </summary>
    /// <param name="consumer">The consumer's name; its place is remembered.</param>
    /// <param name="cursor">The cursor of the last page, which acknowledges it; null goes on where it was acknowledged last.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<OutboxPage> OutboxAsync(string consumer, string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// The same for who only wants to know what comes from now on: nothing is remembered, nothing is written. For the server's own use.
    /// </summary>
    /// <param name="cursor">The cursor of the last page; null for the place behind all there is, with no commits.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<OutboxPage> WatchAsync(string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>The verified link of an identifier; null when there is none.</summary>
    ValueTask<VerifiedLink?> FindLinkAsync(string @namespace, string value, CancellationToken cancellationToken);

    /// <summary>The verified links of a record, by namespace and value.</summary>
    ValueTask<IReadOnlyList<VerifiedLink>> LinksAsync(RecordId record, CancellationToken cancellationToken);

    /// <summary>
    /// Moves a study to another record: the target shows it and the source has its tombstone in the same commit. The id of its
    /// ImagingStudy stays; old versions stay readable where they were. When the target has the study too, its instances are joined
    /// by the rules of the same SOP Instance UID and the source's ImagingStudy is deleted. The audit entry is written to both chains.
    /// </summary>
    ValueTask<Outcome<Done>> MoveAsync(string studyInstanceUid, RecordId from, RecordId to, AuditEntry audit, CancellationToken cancellationToken);

    /// <summary>
    /// Erases a record: every resource with its versions, every instance, link and index row; blobs follow by the sweep at once.
    /// Audit rows stay, with ids only. Erasing what is not there succeeds.
    /// </summary>
    ValueTask EraseAsync(RecordId record, AuditEntry audit, CancellationToken cancellationToken);
}

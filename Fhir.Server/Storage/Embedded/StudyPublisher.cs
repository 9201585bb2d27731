using System.Security.Cryptography;
using Fhir.Server.Outcomes;
using Microsoft.Extensions.Logging;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// Publishes dirty studies: derives the ImagingStudy from one snapshot of the rows and commits it on condition that nobody changed it
/// meanwhile. Whoever reads a dirty study publishes it first; a timer does the rest.
/// </summary>
internal sealed partial class StudyPublisher(SqliteDatabase database, SqliteWriter writer, IProjection projection, ILogger logger)
{
    // As many transactions had begun, and ended, when last no study was dirty.
    private long cleanAt = -1;

    private sealed record Draft(long Study, long Record, string Uid, long Generation, long Change, ResourceKey Key, long? Version, ResourceContent? Content,
        IReadOnlyList<DocumentDraft> Reports);

    /// <summary>
    /// Publishes the dirty studies a caller may see, of one record or of all. One that cannot be derived does not take the others' search
    /// away: it stays dirty, and the timer, which tries it again, reports it.
    /// </summary>
    public async ValueTask PublishVisibleAsync(Visibility visibility, RecordId? only, CancellationToken cancellationToken)
    {
        var dirty = Dirty();
        if (dirty.Count == 0)
        {
            return;
        }
        var wanted = dirty.Where(one => (only is null || one.Record == only) && visibility.MaySeeStudy(one.Record, one.Uid));
        await Task.WhenAll(wanted.Select(async one =>
        {
            try
            {
                await PublishOneAsync(one.Pk, cancellationToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // The timer meets it again within a second, and reports it.
            }
        }));
    }

    /// <summary>Publishes one study when it is dirty; says whether it was.</summary>
    public async ValueTask<bool> PublishIfDirtyAsync(RecordId record, string studyInstanceUid, CancellationToken cancellationToken)
    {
        if (NothingIsDirty)
        {
            return false;
        }
        var study = database.Read(session => session.Number(
            "SELECT s.pk FROM study s JOIN record r ON r.pk = s.record WHERE r.name = $0 AND s.uid = $1 AND s.published < s.change",
            record.Value, studyInstanceUid));
        if (study is null)
        {
            return false;
        }
        await PublishAsync([study.Value], cancellationToken);
        return true;
    }

    /// <summary>
    /// Publishes a study for the last time before it is deleted, so that its deletion can be told. One that cannot be derived is deleted
    /// all the same.
    /// </summary>
    public async ValueTask PublishLastAsync(RecordId record, string studyInstanceUid, CancellationToken cancellationToken)
    {
        try
        {
            await PublishIfDirtyAsync(record, studyInstanceUid, cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            CouldNotPublishLast(logger, failure);
        }
    }

    /// <summary>Nothing was, and nobody has begun to write since: a study becomes dirty only by a commit.</summary>
    private bool NothingIsDirty => Interlocked.Read(ref cleanAt) == writer.Begun;

    private List<(long Pk, RecordId Record, string Uid)> Dirty()
    {
        if (NothingIsDirty)
        {
            return [];
        }
        var (begun, isQuiet) = (writer.Begun, writer.IsQuiet);
        var dirty = database.Read(session => session.All(
            "SELECT s.pk, r.name, s.uid FROM study s JOIN record r ON r.pk = s.record WHERE s.published < s.change",
            row => (Pk: row.GetInt64(0), Record: new RecordId(row.GetString(1)), Uid: row.GetString(2))));
        if (dirty.Count == 0 && isQuiet)
        {
            Interlocked.Exchange(ref cleanAt, begun);
        }
        return dirty;
    }

    /// <summary>Publishes studies that have been quiet for a while or dirty for long, and not published within the last second.</summary>
    public ValueTask PublishDueAsync(long now, CancellationToken cancellationToken)
    {
        const long Second = 1_000_000;
        var due = database.Read(session => session.All(
            "SELECT pk FROM study WHERE published < change AND (last_change <= $0 OR dirty_since <= $1) AND last_published <= $0",
            row => row.GetInt64(0), now - Second, now - (4 * Second)));
        return PublishAsync(due, cancellationToken);
    }

    private async ValueTask PublishAsync(IEnumerable<long> studies, CancellationToken cancellationToken)
    {
        // Each is its own work; those that wait together share one commit.
        await Task.WhenAll(studies.Select(study => PublishOneAsync(study, cancellationToken)));
    }

    private async Task PublishOneAsync(long study, CancellationToken cancellationToken)
    {
        // Ends: a draft is refused only when another publisher or a person's edit got through in between.
        while (true)
        {
            var draft = database.Read(session => session.Snapshot(() => DraftOf(session, study)));
            if (draft is null)
            {
                return;
            }
            var outcome = await writer.RunAsync(session => Commit(session, draft), cancellationToken);
            if (outcome.IsSuccess)
            {
                return;
            }
            if (outcome.Problem!.Kind != ProblemKind.Conflict)
            {
                throw new IOException("A study could not be published: " + outcome.Problem.Text);
            }
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private Draft? DraftOf(SqliteSession session, long study)
    {
        var row = session.First(
            "SELECT s.generation, s.change, s.record, s.uid FROM study s WHERE s.pk = $0 AND s.published < s.change",
            one => (Generation: one.GetInt64(0), Change: one.GetInt64(1), Record: one.GetInt64(2), Uid: one.GetString(3)),
            study);
        if (row.Uid is null)
        {
            return null;
        }
        var (id, version, json) = Current(session, row.Record, row.Uid);
        id ??= Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var snapshot = StudySnapshots.Read(session, study);
        var content = snapshot is null ? null : projection.DeriveStudy(
            id, snapshot, json is { Length: > 0 } ? json.AsMemory() : default(ReadOnlyMemory<byte>?));
        var reports = snapshot is null ? [] : ReportWriter.Draft(session, projection, row.Record, study, id, snapshot);
        return new Draft(study, row.Record, row.Uid, row.Generation, row.Change, new("ImagingStudy", id), version, content, reports);
    }

    /// <summary>The ImagingStudy a study has in its record, a live one before a deleted one.</summary>
    private static (string? Id, long? Version, byte[]? Json) Current(SqliteSession session, long record, string uid) => session.First(
        "SELECT id, version, json FROM resource WHERE record = $0 AND type = 'ImagingStudy' AND study = $1 ORDER BY method = 'DELETE' LIMIT 1",
        row => ((string?)row.GetString(0), (long?)row.GetInt64(1), (byte[]?)row.Bytes(2)), record, uid);

    private static Outcome<Done> Commit(WriteSession session, Draft draft)
    {
        var now = session.First(
            "SELECT s.published, s.generation, r.name, s.uid, s.record FROM study s JOIN record r ON r.pk = s.record WHERE s.pk = $0",
            row => (Published: row.GetInt64(0), Generation: row.GetInt64(1), Record: row.GetString(2), Uid: row.GetString(3), RecordPk: row.GetInt64(4)),
            draft.Study);
        if (now.Record is null || now.Published >= draft.Change)
        {
            return new Done();
        }
        var (id, version, _) = Current(session, now.RecordPk, now.Uid);
        if (now.RecordPk != draft.Record || now.Uid != draft.Uid || now.Generation != draft.Generation || version != draft.Version || (id is not null && id != draft.Key.Id))
        {
            return Problem.Conflict("The study changed while it was being published.");
        }
        var record = session.FindRecord(new(now.Record))!;
        session.Tick(record);
        var things = new List<ChangedThing>();
        if (draft.Content is not null)
        {
            var put = ResourceWriter.Put(
                session, record, ResourceWriter.FindRow(session, draft.Key), draft.Key, draft.Content, "PUT", derived: true);
            if (put.Changed)
            {
                things.Add(new("resource", draft.Key.ToString(), put.Resource.Version));
            }
        }
        ReportWriter.Put(session, record, draft.Uid, draft.Reports, things);
        CommitWriter.Finish(session, record, things);
        session.Execute("UPDATE study SET published = $1, last_published = $2 WHERE pk = $0", draft.Study, draft.Change, session.Now);
        return new Done();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A study could not be published before it was deleted; its last ImagingStudy is older than its instances")]
    private static partial void CouldNotPublishLast(ILogger logger, Exception failure);
}

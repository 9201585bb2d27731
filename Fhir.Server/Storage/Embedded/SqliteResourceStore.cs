using System.Globalization;
using System.Text.Json;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The resource store on SQLite: reads on many connections, writes through the one writer.</summary>
internal sealed partial class SqliteResourceStore(
    SqliteDatabase database, SqliteWriter writer, StudyPublisher publisher, IProjection projection, IBlobStore blobs) : IResourceStore
{
    private const int Interrupted = 9;

    private readonly ResourceReader reader = new(projection);
    private readonly CommitWriter commits = new(projection, blobs);
    private readonly StudyMover mover = new(projection);

    /// <summary>The SearchParameters that belong to nobody, by their ids: what may define search parameters for all.</summary>
    public IReadOnlyList<(string Id, ReadOnlyMemory<byte> Json)> Definitions() => database.Read(session => session.All(
        "SELECT s.id, s.json FROM resource s JOIN record r ON r.pk = s.record "
        + "WHERE s.type = 'SearchParameter' AND s.method <> 'DELETE' AND r.name = $0 ORDER BY s.id",
        row => (row.GetString(0), (ReadOnlyMemory<byte>)row.Bytes(1)), RecordId.Shared.Value));

    public async ValueTask<StoredResource?> FindAsync(ResourceKey key, Visibility visibility, CancellationToken cancellationToken)
    {
        var (shown, dirty) = database.Read(session => FindIn(session, key, visibility));
        if (dirty is not null && await publisher.PublishIfDirtyAsync(dirty.Value.Record, dirty.Value.Study, cancellationToken))
        {
            (shown, _) = database.Read(session => FindIn(session, key, visibility));
        }
        return shown;
    }

    public async ValueTask<StoredResource?> FindVersionAsync(
        ResourceKey key, long version, Visibility visibility, CancellationToken cancellationToken)
    {
        await PublishAsync(key, visibility, cancellationToken);
        return database.Read(session => session.Snapshot(() =>
        {
            var current = ResourceReader.Find(session, key);
            var superseded = ResourceReader.FindSuperseded(session, key, version);
            return reader.Show(session, current?.Resource.Version == version ? current : superseded, visibility, key);
        }));
    }

    public ValueTask<bool> RecordExistsAsync(RecordId record, Visibility visibility, CancellationToken cancellationToken) =>
        ValueTask.FromResult(database.Read(session =>
            session.Number("SELECT 1 FROM record WHERE name = $0 AND state = 1", record.Value) is not null
            & Reaches(session, record, null, visibility)));

    public ValueTask SettleAsync(RecordId? record, Visibility visibility, CancellationToken cancellationToken) =>
        visibility.HasCriteria ? publisher.PublishVisibleAsync(visibility, record, cancellationToken) : ValueTask.CompletedTask;

    public ValueTask<bool> ReachesAsync(RecordId record, string? type, Visibility visibility, CancellationToken cancellationToken) =>
        ValueTask.FromResult(visibility.IsConditional
            ? database.Read(session => Reaches(session, record, type, visibility))
            : visibility.SeesAnythingIn(record, type));

    private static bool Reaches(SqliteSession session, RecordId record, string? type, Visibility visibility)
    {
        var contributes = visibility.ContributorsTo(record, type).Select(organization => session.Facts.HasContribution(record, organization)).ToList();
        return contributes.Contains(true) || visibility.SeesAnythingIn(record, type);
    }

    public ValueTask<Sight> SightOfDeletedStudyAsync(
        RecordId record, string studyInstanceUid, Visibility visibility, CancellationToken cancellationToken) =>
        ValueTask.FromResult(database.Read(session => session.Snapshot(() =>
        {
            var found = ResourceReader.FindDeletedStudy(session, record, studyInstanceUid);
            // Sent again it is there, though its ImagingStudy may still have to be published.
            var isBack = session.Number(
                $"SELECT s.pk FROM study s JOIN record r ON r.pk = s.record WHERE r.name = $0 AND s.uid = $1 AND {InstanceWriter.HasInstances}",
                record.Value, studyInstanceUid) is not null;
            var shown = reader.Show(session, found, visibility);
            return isBack || shown is not { IsDeleted: true } ? Sight.Hidden
                : visibility.SightOfStudy(record, studyInstanceUid, session.Facts) == Sight.Whole ? Sight.Whole : Sight.Part;
        })));

    public async ValueTask<Outcome<CommitReceipt>> CommitAsync(RecordCommit commit, CancellationToken cancellationToken)
    {
        foreach (var study in StudiesThatGo(commit))
        {
            await publisher.PublishLastAsync(commit.Record, study, cancellationToken);
        }
        return await writer.RunAsync(session => commits.Apply(session, commit), cancellationToken);
    }

    public async ValueTask<Outcome<IReadOnlyList<CommitReceipt>>> CommitAsync(IReadOnlyList<RecordCommit> several, CancellationToken cancellationToken)
    {
        foreach (var (record, study) in several.SelectMany(commit => StudiesThatGo(commit).Select(study => (commit.Record, study))))
        {
            await publisher.PublishLastAsync(record, study, cancellationToken);
        }
        return await writer.RunAsync(session => commits.Apply(session, several), cancellationToken);
    }

    /// <summary>The studies of which a commit leaves nothing, or may do so.</summary>
    private IEnumerable<string> StudiesThatGo(RecordCommit commit) => commit.DeletedStudies.Concat(commit.DeletedInstances
        .Where(deletion => commit.DeletedInstances.Count > 1 || !LeavesOthers(commit.Record, deletion)).Select(deletion => deletion.StudyInstanceUid)).Distinct();

    private bool LeavesOthers(RecordId record, InstanceDeletion deletion) => database.Read(session => session.Number(
        "SELECT 1 FROM study s JOIN record r ON r.pk = s.record JOIN instance i ON i.study = s.pk AND i.generation = s.generation AND i.served = 1 "
        + "WHERE r.name = $0 AND s.uid = $1 AND NOT (i.series_uid = $2 AND ($3 IS NULL OR i.sop_uid = $3)) LIMIT 1",
        record.Value, deletion.StudyInstanceUid, deletion.SeriesInstanceUid, deletion.SopInstanceUid)) is not null;

    public async ValueTask AppendAuditAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        var outcome = await writer.RunAsync<Done>(
            session =>
            {
                foreach (var entry in entries)
                {
                    session.Append(entry);
                }
                return new Done();
            },
            cancellationToken);
        if (!outcome.IsSuccess)
        {
            throw new IOException("Audit could not be written: " + outcome.Problem!.Text);
        }
    }

    public ValueTask<IReadOnlyList<AuditRow>> AuditAsync(RecordId record, long after, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<AuditRow>>(database.Read(session => session.All(
            "SELECT a.at, a.actor, a.app, a.action, a.what, a.outcome, a.decision, a.detail, a.number, a.key_id, a.chain FROM audit a "
            + "JOIN record r ON r.pk = a.record WHERE r.name = $0 AND a.number > $1 ORDER BY a.number LIMIT $2",
            row => new AuditRow(
                new AuditEntry(
                    record, Microseconds.ToTime(row.GetInt64(0)), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4),
                    row.GetInt32(5), row.GetString(6), row.GetString(7)),
                row.GetInt64(8), row.GetString(9), row.Bytes(10)),
            record.Value, after, limit)));

    public ValueTask<IReadOnlyList<ChangeEntry>> ChangesAsync(RecordId record, long after, int limit, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ChangeEntry>>(database.Read(session => session.All(
            "SELECT r.name, o.number, o.at, o.things, o.position FROM outbox o JOIN record r ON r.pk = o.record "
            + "WHERE r.name = $0 AND o.number > $1 ORDER BY o.number LIMIT $2",
            row => ReadChange(row).Entry, record.Value, after, limit)));

    public async ValueTask<OutboxPage> OutboxAsync(string consumer, string? cursor, int limit, CancellationToken cancellationToken)
    {
        long from;
        if (cursor is null)
        {
            from = database.Read(session => session.Number("SELECT position FROM consumer WHERE name = $0", consumer)) ?? 0;
        }
        else
        {
            from = long.Parse(cursor, CultureInfo.InvariantCulture);
            await writer.RunAsync<Done>(
                session =>
                {
                    session.Execute(
                        "INSERT INTO consumer VALUES($0, $1) ON CONFLICT(name) DO UPDATE SET position = MAX(position, $1)", consumer, from);
                    return new Done();
                },
                cancellationToken);
        }
        return PageFrom(from, limit);
    }

    public ValueTask<OutboxPage> WatchAsync(string? cursor, int limit, CancellationToken cancellationToken)
    {
        if (cursor is not null)
        {
            return ValueTask.FromResult(PageFrom(long.Parse(cursor, CultureInfo.InvariantCulture), limit));
        }
        var end = database.Read(session => session.Number("SELECT MAX(position) FROM outbox")) ?? 0;
        return ValueTask.FromResult(new OutboxPage([], end.ToString(CultureInfo.InvariantCulture)));
    }

    private OutboxPage PageFrom(long position, int limit)
    {
        var rows = database.Read(session => session.All(
            "SELECT r.name, o.number, o.at, o.things, o.position FROM outbox o JOIN record r ON r.pk = o.record "
            + "WHERE o.position > $0 ORDER BY o.position LIMIT $1",
            ReadChange, position, limit));
        var last = rows.Count == 0 ? position : rows[^1].Position;
        return new OutboxPage([.. rows.Select(row => row.Entry)], last.ToString(CultureInfo.InvariantCulture));
    }

    public ValueTask<VerifiedLink?> FindLinkAsync(string @namespace, string value, CancellationToken cancellationToken) =>
        ValueTask.FromResult(database.Read(session => session.First(
            "SELECT r.name, l.how, l.verified_by FROM link l JOIN record r ON r.pk = l.record WHERE l.namespace = $0 AND l.value = $1",
            row => new VerifiedLink(@namespace, value, new(row.GetString(0)), row.GetString(1), row.GetString(2)), @namespace, value)));

    public ValueTask<IReadOnlyList<VerifiedLink>> LinksAsync(RecordId record, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<VerifiedLink>>(database.Read(session => session.All(
            "SELECT l.namespace, l.value, l.how, l.verified_by FROM link l JOIN record r ON r.pk = l.record WHERE r.name = $0 ORDER BY l.namespace, l.value",
            row => new VerifiedLink(row.GetString(0), row.GetString(1), record, row.GetString(2), row.GetString(3)), record.Value)));

    public ValueTask<Outcome<Done>> MoveAsync(
        string studyInstanceUid, RecordId from, RecordId to, AuditEntry audit, CancellationToken cancellationToken) =>
        writer.RunAsync(session => mover.Move(session, studyInstanceUid, from, to, audit), cancellationToken);

    public async ValueTask EraseAsync(RecordId record, AuditEntry audit, CancellationToken cancellationToken)
    {
        var outcome = await writer.RunAsync<Done>(
            session =>
            {
                StudyMover.Erase(session, record, audit);
                return new Done();
            },
            cancellationToken);
        if (!outcome.IsSuccess)
        {
            throw new IOException("The record could not be erased: " + outcome.Problem!.Text);
        }
    }

    /// <summary>
    /// What a caller sees of a resource. Who sees everything needs one statement; for anybody else the rows a filter asks must be those of
    /// the same moment as the resource.
    /// </summary>
    private (StoredResource? Shown, (RecordId Record, string Study)? Dirty) FindIn(SqliteSession session, ResourceKey key, Visibility visibility) =>
        visibility.SeesEverything ? FindNow(session, key, visibility) : session.Snapshot(() => FindNow(session, key, visibility));

    private (StoredResource? Shown, (RecordId Record, string Study)? Dirty) FindNow(SqliteSession session, ResourceKey key, Visibility visibility)
    {
        var found = ResourceReader.Find(session, key);
        var shown = reader.Show(session, found, visibility, key);
        if (!visibility.SeesEverything && shown is null)
        {
            shown = ResourceReader.TombstonesLeft(session, key)
                .Select(one => reader.Show(session, one, visibility)).OfType<StoredResource>().FirstOrDefault();
        }
        // What came last may be all that this caller can see of a study.
        var mayBeDirty = found?.Study is not null && visibility.MaySeeStudy(found.Resource.Record, found.Study);
        return (shown, mayBeDirty ? (found!.Resource.Record, found.Study!) : null);
    }

    private async ValueTask PublishAsync(ResourceKey key, Visibility visibility, CancellationToken cancellationToken)
    {
        if (ComesFromInstances(key.Type))
        {
            await FindAsync(key, visibility, cancellationToken);
        }
    }

    /// <summary>Whether resources of a type are published with the study they come from.</summary>
    private static bool ComesFromInstances(string type) => type == "ImagingStudy" || ServerIds.TypesOfDocuments.Contains(type);

    private static (ChangeEntry Entry, long Position) ReadChange(SqliteDataReader row) => (
        new ChangeEntry(
            new(row.GetString(0)), row.GetInt64(1), Microseconds.ToTime(row.GetInt64(2)),
            JsonSerializer.Deserialize<List<ChangedThing>>(row.GetString(3))!),
        row.GetInt64(4));
}

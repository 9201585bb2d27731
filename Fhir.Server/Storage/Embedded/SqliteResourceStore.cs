using System.Globalization;
using System.Text.Json;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The resource store on SQLite: reads on many connections, writes through the one writer.</summary>
internal sealed class SqliteResourceStore(
    SqliteDatabase database, SqliteWriter writer, StudyPublisher publisher, IProjection projection, IBlobStore blobs) : IResourceStore
{
    private const int Interrupted = 9;

    private readonly ResourceReader reader = new(projection);
    private readonly CommitWriter commits = new(projection, blobs);
    private readonly StudyMover mover = new(projection);

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
            return reader.Show(session, current?.Resource.Version == version ? current : superseded, visibility);
        }));
    }

    public async ValueTask<HistoryPage?> HistoryAsync(
        ResourceKey key, long? before, int count, Visibility visibility, CancellationToken cancellationToken)
    {
        await PublishAsync(key, visibility, cancellationToken);
        return database.Read(session => session.Snapshot(() =>
        {
            var current = ResourceReader.Find(session, key);
            var shown = new List<StoredResource>();
            foreach (var version in Versions(session, key, current, before ?? long.MaxValue).Select(one => reader.Show(session, one, visibility)).OfType<StoredResource>())
            {
                if (shown.Count == count)
                {
                    return new HistoryPage(shown, shown.Count == 0 ? before : shown[^1].Version);
                }
                shown.Add(version);
            }
            return shown.Count == 0 && before is null ? null : new HistoryPage(shown, null);
        }));
    }

    public async ValueTask<Outcome<PastPage>> HistoryAsync(PastQuery query, Visibility visibility, CancellationToken cancellationToken)
    {
        PastPosition? after = null;
        if (query.Cursor is not null && !PastCursor.TryRead(query, database.CursorKey, out after))
        {
            return Problem.Invalid("The page link is not one of this history's; begin at the first page again.");
        }
        if (query.Type is null || ComesFromInstances(query.Type))
        {
            await publisher.PublishVisibleAsync(visibility, null, cancellationToken);
        }
        try
        {
            return database.Read(session => session.Snapshot(
                () => session.Within(PastReader.Limit, () => Past(session, query, visibility, after), cancellationToken)));
        }
        catch (SqliteException stopped) when (stopped.SqliteErrorCode == PastReader.Interrupted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Problem.TooCostly("This history takes too long to be gathered; ask for one type, or from a later moment on.");
        }
    }

    /// <summary>Gathers a page of history on one connection, from which every statement of it is run.</summary>
    internal PastPage Past(SqliteSession session, PastQuery query, Visibility visibility, PastPosition? after) =>
        new PastReader(session, reader, query, visibility).Page(after, database.CursorKey);

    public async ValueTask<Outcome<SearchPage>> QueryAsync(SearchQuery query, Visibility visibility, CancellationToken cancellationToken)
    {
        SearchPosition? after = null;
        if (query.Cursor is not null && !SearchCursor.TryRead(query.Cursor, query, database.CursorKey, out after))
        {
            return Problem.Invalid("The page link is not one of this search's; begin at the first page again.");
        }
        await PublishAsync(query, visibility, cancellationToken);
        try
        {
            return database.Read(session =>
            {
                session.Visibility = visibility;
                return session.Snapshot(() => session.Within(
                    query.Limits.Within, () => Search(session, query, visibility, after), cancellationToken, query.Explain));
            });
        }
        catch (SqliteException stopped) when (stopped.SqliteErrorCode == Interrupted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Problem.TooCostly("The search takes longer than this server allows; ask for less, as by a patient, an identifier or a date.");
        }
    }

    /// <summary>Publishes the dirty studies a search may find, pass or include.</summary>
    private async ValueTask PublishAsync(SearchQuery query, Visibility visibility, CancellationToken cancellationToken)
    {
        if (query.LeadsTo(ComesFromInstances))
        {
            await publisher.PublishVisibleAsync(visibility, null, cancellationToken);
        }
        else if (query.Searches(ComesFromInstances))
        {
            if (!query.IsOverTypes && OnlyIds(query) is { } ids)
            {
                foreach (var id in ids)
                {
                    await FindAsync(new(query.ResourceType, id), visibility, cancellationToken);
                }
            }
            else
            {
                await publisher.PublishVisibleAsync(visibility, OnlyRecord(query), cancellationToken);
            }
        }
    }

    public async ValueTask<Outcome<SearchPage>> EverythingAsync(
        RecordId record, EverythingQuery query, Visibility visibility, CancellationToken cancellationToken)
    {
        var after = query.Cursor is null ? null : EverythingPlace.Read(query.Cursor);
        if (query.Cursor is not null && after is null)
        {
            return Problem.Invalid("The page link is not one of this operation's; begin at the first page again.");
        }
        await publisher.PublishVisibleAsync(visibility, record, cancellationToken);
        return database.Read(session =>
        {
            session.Visibility = visibility;
            return session.Snapshot(() => Everything(session, record, query, visibility, after));
        });
    }

    private SearchPage Everything(SqliteSession session, RecordId record, EverythingQuery query, Visibility visibility, EverythingPlace? after)
    {
        var sql = new EverythingSql(record, query, visibility);
        var rows = new List<(long Pk, EverythingPlace Place)>();
        void Take((string Sql, object?[] Values) part) => rows.AddRange(session.Some(
            part.Sql, query.Count + 1 - rows.Count, row => (row.GetInt64(0), new EverythingPlace(row.GetInt32(1), row.GetString(2), row.GetString(3))), part.Values));
        if (after is not { Part: EverythingSql.Referenced })
        {
            Take(sql.Own(after));
        }
        if (rows.Count <= query.Count)
        {
            Take(sql.Shared(after));
        }
        var more = rows.Count > query.Count;
        if (more)
        {
            rows.RemoveAt(rows.Count - 1);
        }
        List<StoredResource> Shown(bool isOwn) => [.. ResourceReader.Find(session, rows.Where(row => row.Place.Part != EverythingSql.Referenced == isOwn).Select(row => row.Pk).ToList())
            .Select(one => reader.Show(session, one, visibility)).OfType<StoredResource>()];
        return new SearchPage(Shown(isOwn: true), Shown(isOwn: false), null, more ? rows[^1].Place.Write() : null);
    }

    public ValueTask<bool> RecordExistsAsync(RecordId record, Visibility visibility, CancellationToken cancellationToken) =>
        ValueTask.FromResult(
            database.Read(session => session.Number("SELECT 1 FROM record WHERE name = $0 AND state = 1", record.Value) is not null)
            & visibility.SeesAnythingIn(record));

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
                : visibility.SightOfStudy(record, studyInstanceUid) == Sight.Whole ? Sight.Whole : Sight.Part;
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

    /// <summary>Versions below a number, newest first, a few at a time: only as many are read as are shown.</summary>
    private static IEnumerable<ResourceReader.Found> Versions(SqliteSession session, ResourceKey key, ResourceReader.Found? current, long before)
    {
        const int AtOnce = 16;
        if (current is not null && current.Resource.Version < before)
        {
            yield return current;
        }
        while (true)
        {
            var some = ResourceReader.Superseded(session, key, before, AtOnce);
            foreach (var one in some)
            {
                yield return one;
            }
            if (some.Count < AtOnce)
            {
                yield break;
            }
            before = some[^1].Resource.Version;
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
        var shown = reader.Show(session, found, visibility);
        if (!visibility.SeesEverything && shown is null)
        {
            shown = ResourceReader.TombstonesLeft(session, key)
                .Select(one => reader.Show(session, one, visibility)).OfType<StoredResource>().FirstOrDefault();
        }
        // What came last may be all that this caller can see of a study.
        var mayBeDirty = found?.Study is not null && visibility.SightOfStudy(found.Resource.Record, found.Study) != Sight.Hidden;
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

    /// <summary>Searches on one connection, from which every statement of the search is run.</summary>
    internal Outcome<SearchPage> Search(SqliteSession session, SearchQuery query, Visibility visibility, SearchPosition? after)
    {
        long? Parameter(string type, string code) => database.FindParameter(session, type, code);
        var sql = new SearchSql(query, visibility, Parameter, (probe, values) => session.Number(probe, values) ?? 0);
        var (total, isEstimate) = query.Total == TotalMode.None ? (null, false) : Count(session, sql, query, visibility);
        if (query.Count == 0)
        {
            return new SearchPage([], [], total, null) { IsEstimate = isEstimate, Explanation = Explain(session, sql, query, visibility) };
        }
        var (page, pageValues) = sql.Page(after);
        var rows = session.Some(
            page, query.Count + 1, row => new SearchPosition([.. Enumerable.Range(1, query.Sort.Count).Select(row.GetValue)], row.GetInt64(0)), pageValues);
        var more = rows.Count > query.Count;
        if (more)
        {
            rows.RemoveAt(rows.Count - 1);
        }
        var found = ResourceReader.Find(session, rows.ConvertAll(row => row.Pk));
        var matches = found.Select(one => reader.Show(session, one, visibility)).OfType<StoredResource>().ToList();
        var includes = new SearchIncludes(session, reader, query, visibility, Parameter);
        var included = query.Includes.Count + query.RevIncludes.Count == 0 ? [] : includes.Of(found);
        return new SearchPage(matches, included, total, more ? SearchCursor.Write(rows[^1], query, database.CursorKey) : null)
        {
            IsEstimate = isEstimate,
            IsCut = includes.IsCut,
            Explanation = Explain(session, sql, query, visibility),
        };
    }

    /// <summary>How many match. Over many records, more than a limit are not counted but estimated from the first of them.</summary>
    private static (long? Total, bool IsEstimate) Count(SqliteSession session, SearchSql sql, SearchQuery query, Visibility visibility)
    {
        var isOfOneRecord = OnlyRecord(query) is not null || visibility is { SeesEverything: false, Records.Count: <= 1 };
        var limit = query.Limits.ExactTotal;
        var (count, values) = sql.Count(isOfOneRecord ? null : limit + 1);
        var counted = session.Number(count, values) ?? 0;
        if (isOfOneRecord || counted <= limit)
        {
            return (counted, false);
        }
        var (sample, sampleValues) = sql.Sample(limit);
        var (all, seen, matching) = session.First(sample, row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), sampleValues);
        return (Math.Max(counted, (long)((double)all / Math.Max(seen, 1) * matching)), true);
    }

    /// <summary>Steps tell of others' resources: only who may see these is told.</summary>
    private static string? Explain(SqliteSession session, SearchSql sql, SearchQuery query, Visibility visibility) =>
        !query.Explain ? null
        : visibility.SeesEverything ? $"Led by {sql.LedBy}; SQLite took {session.Steps} steps."
        : $"Led by {sql.LedBy}.";

    /// <summary>The ids a query names, when it names any.</summary>
    private static IEnumerable<string>? OnlyIds(SearchQuery query) => query.Criteria
        .FirstOrDefault(criterion => criterion is { Parameter.Code: "_id", Modifier: Modifier.None })?.Values
        .OfType<TokenValue>().Select(value => value.Code).OfType<string>();

    /// <summary>The one record a query names, when it names just one.</summary>
    private static RecordId? OnlyRecord(SearchQuery query) => query.Compartment is { Type: "Patient" } compartment ? new RecordId(compartment.Id) : query.Criteria
        .Where(criterion => criterion is { Parameter.Code: "patient" or "subject", Modifier: Modifier.None, Values: [ReferenceValue { TargetType: "Patient" }] })
        .Select(criterion => (RecordId?)new RecordId(((ReferenceValue)criterion.Values[0]).TargetId))
        .FirstOrDefault();

    private static (ChangeEntry Entry, long Position) ReadChange(SqliteDataReader row) => (
        new ChangeEntry(
            new(row.GetString(0)), row.GetInt64(1), Microseconds.ToTime(row.GetInt64(2)),
            JsonSerializer.Deserialize<List<ChangedThing>>(row.GetString(3))!),
        row.GetInt64(4));
}

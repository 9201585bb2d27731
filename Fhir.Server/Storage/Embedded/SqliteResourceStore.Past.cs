using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Histories, and all of a record.</summary>
internal sealed partial class SqliteResourceStore
{
    public async ValueTask<HistoryPage?> HistoryAsync(
        ResourceKey key, long? before, int count, Visibility visibility, CancellationToken cancellationToken)
    {
        await PublishAsync(key, visibility, cancellationToken);
        return database.Read(session => session.Snapshot(() =>
        {
            var current = ResourceReader.Find(session, key);
            // What is not there is asked for like what is.
            if (visibility.IsConditional)
            {
                reader.Show(session, null, visibility, key);
            }
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
        catch (SqliteException stopped) when (stopped.SqliteErrorCode == Interrupted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Problem.TooCostly("This history takes too long to be gathered; ask for one type, or from a later moment on.");
        }
    }

    /// <summary>Gathers a page of history on one connection, from which every statement of it is run.</summary>
    internal PastPage Past(SqliteSession session, PastQuery query, Visibility visibility, PastPosition? after) =>
        new PastReader(session, reader, query, visibility).Page(after, database.CursorKey);

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

    public async ValueTask<Outcome<SearchPage>> EverythingAsync(
        RecordId record, EverythingQuery query, Visibility visibility, CancellationToken cancellationToken)
    {
        var after = query.Cursor is null ? null : EverythingPlace.Read(record, query, database.CursorKey);
        if (query.Cursor is not null && after is null)
        {
            return Problem.Invalid("The page link is not one of this operation's; begin at the first page again.");
        }
        await publisher.PublishVisibleAsync(visibility, record, cancellationToken);
        try
        {
            return database.Read(session =>
            {
                session.Visibility = visibility;
                return session.Snapshot(() => session.Within(query.Within, () => Everything(session, record, query, visibility, after), cancellationToken));
            });
        }
        catch (SqliteException stopped) when (stopped.SqliteErrorCode == Interrupted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Problem.TooCostly("A page of this record takes too long to be gathered; ask for some types, or for fewer a page.");
        }
    }

    /// <summary>Gathers a page of a record on one connection, from which every statement of it is run.</summary>
    internal SearchPage Everything(SqliteSession session, RecordId record, EverythingQuery query, Visibility visibility, EverythingPlace? after)
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
        return new SearchPage(Shown(isOwn: true), Shown(isOwn: false), null, more ? rows[^1].Place.Write(record, query, database.CursorKey) : null);
    }
}

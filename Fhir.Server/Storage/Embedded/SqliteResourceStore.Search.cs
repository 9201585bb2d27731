using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Searches.</summary>
internal sealed partial class SqliteResourceStore
{
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
            LeftOut = includes.LeftOut,
            Explanation = Explain(session, sql, query, visibility),
        };
    }

    /// <summary>How many match. Over many records, more than a limit are not counted but estimated from the first of them.</summary>
    private static (long? Total, bool IsEstimate) Count(SqliteSession session, SearchSql sql, SearchQuery query, Visibility visibility)
    {
        var isOfOneRecord = OnlyRecord(query) is not null || visibility is { IsBounded: true, Records.Count: <= 1 };
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
}

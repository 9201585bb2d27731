using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Judges <see cref="Precondition.SearchFinds"/> within the writer's transaction, where nobody else can write meanwhile.</summary>
internal static class SearchJudge
{
    private const int SqliteInterrupted = 9;

    /// <summary>How long everybody's writes may wait for one search.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public static Problem? Judge(WriteSession session, Precondition.SearchFinds condition)
    {
        session.Visibility = condition.Visibility;
        try
        {
            var found = session.Within(Limit, () => FirstTwo(session, condition), CancellationToken.None);
            return found.SequenceEqual(condition.Only is { } key ? [key] : [])
                ? null
                : Problem.PreconditionFailed("What the criteria find has changed meanwhile.");
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode == SqliteInterrupted && session.InTransaction)
        {
            return Problem.TooCostly("The criteria take too long to judge; name an identifier or something else that finds little.");
        }
        finally
        {
            session.Visibility = Visibility.Nothing;
        }
    }

    private static List<ResourceKey> FirstTwo(WriteSession session, Precondition.SearchFinds condition)
    {
        var query = condition.Query with { Count = 1, Sort = [], Includes = [], Total = TotalMode.None, Cursor = null };
        var (sql, values) = new SearchSql(query, condition.Visibility, session.KnownParameter, (sql, values) => session.Number(sql, values) ?? 0).Page(null);
        var pks = session.Some(sql, 2, row => row.GetInt64(0), values);
        return [.. pks.Select(pk => session.Text("SELECT id FROM resource WHERE pk = $0", pk)).Select(id => new ResourceKey(query.ResourceType, id!))];
    }
}

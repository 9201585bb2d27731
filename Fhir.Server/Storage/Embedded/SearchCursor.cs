using System.Text;
using System.Text.Json;
using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The last row of a page: its sort values (numbers or ids) and its key.</summary>
internal sealed record SearchPosition(IReadOnlyList<object> Values, long Pk);

/// <summary>
/// Cursors of search pages: the position of the last row, sealed with the query it belongs to and who asked it.
/// </summary>
internal static class SearchCursor
{
    public static string Write(SearchPosition position, SearchQuery query, byte[] key) =>
        SealedCursor.Write(JsonSerializer.SerializeToUtf8Bytes(position.Values.Append(position.Pk)), Describe(query), key);

    /// <summary>False when the cursor is not one of this query's.</summary>
    public static bool TryRead(string cursor, SearchQuery query, byte[] key, out SearchPosition? position)
    {
        position = null;
        if (!SealedCursor.TryRead(cursor, Describe(query), key, out var body))
        {
            return false;
        }
        using var values = JsonDocument.Parse(body);
        var all = values.RootElement.EnumerateArray()
            .Select(one => one.ValueKind != JsonValueKind.Number ? one.GetString()! : one.TryGetInt64(out var whole) ? (object)whole : one.GetDouble()).ToList();
        position = new SearchPosition(all[..^1], (long)all[^1]);
        return true;
    }

    /// <summary>What binds a cursor to its query.</summary>
    private static byte[] Describe(SearchQuery query)
    {
        var text = new StringBuilder(query.Path).Append('\n').Append(query.Asker);
        if (query.IsOverTypes)
        {
            text.Append('\n').AppendJoin(',', query.Types ?? []);
        }
        foreach (var criterion in query.Criteria)
        {
            criterion.Describe(text);
        }
        foreach (var link in query.Links)
        {
            link.Describe(text);
        }
        foreach (var sort in query.Sort)
        {
            text.Append(sort.Descending ? "\n-" : "\n+").Append(sort.Path);
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}

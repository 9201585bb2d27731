using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The order of what is found. See https://hl7.org/fhir/R4/search.html#sort</summary>
internal sealed partial class SearchSql
{
    /// <summary>What a resource sorts by; one without the element comes last either way.</summary>
    private string SortValue(SortKey key, Scope at)
    {
        var kind = key.Parameter.Code == LogicalId ? SearchKind.Token : key.Parameter.Kind;
        var (table, column, first, last) = SearchValueSql.Sort(kind);
        var end = key.Descending ? first : last;
        var value = key.Over is null ? OwnValue(key, at, table, column) : ValueOver(key, at, table, column);
        return value is null ? Value(end) : $"COALESCE({value}, {Value(end)})";
    }

    /// <summary>The least or the greatest value of the resource itself; null when there can be none.</summary>
    private string? OwnValue(SortKey key, Scope at, string table, string column) => key.Parameter.Code switch
    {
        LastUpdated => $"{at.R}.updated",
        LogicalId => $"{at.R}.id",
        var code => Numbered(at.Type, code) is { } number
            ? $"(SELECT {(key.Descending ? "MAX" : "MIN")}(x.{column}) FROM {table} x WHERE x.resource = {at.R}.pk AND x.parameter {number}{Series(at, "x")})"
            : null,
    };

    /// <summary>The least or the greatest value among the resources a reference leads to, as far as they may be seen.</summary>
    private string? ValueOver(SortKey key, Scope at, string table, string column)
    {
        var to = NextScope(key.Parameter.ResourceType);
        return Way(key.Over!, isReverse: false, at, to) is var (from, condition) && OwnValue(key with { Over = null }, to, table, column) is { } value
            ? $"(SELECT {(key.Descending ? "MAX" : "MIN")}({value}) FROM {from} WHERE {condition} AND {to.R}.type = {Value(key.Parameter.ResourceType)})"
            : null;
    }

    /// <summary>Lexicographic: behind in the first key in which they differ, or behind in the last resort, the key of the row.</summary>
    private string Behind(SearchPosition after)
    {
        var alternatives = new List<string>();
        var equal = new List<string>();
        for (var i = 0; i < query.Sort.Count; i++)
        {
            var value = Value(after.Values[i]);
            alternatives.Add(string.Join(" AND ", equal.Append($"s{i} {(query.Sort[i].Descending ? "<" : ">")} {value}")));
            equal.Add($"s{i} = {value}");
        }
        alternatives.Add(string.Join(" AND ", equal.Append($"pk > {Value(after.Pk)}")));
        return string.Join(" OR ", alternatives.Select(one => $"({one})"));
    }
}

using System.Text;
using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// A <see cref="SearchQuery"/> as SQL over the index tables. Visibility is part of the condition: hidden resources, and index rows of
/// hidden series, are not there for counting, sorting or paging. What it finds is what <see cref="SearchMatcher"/> finds.
/// </summary>
internal sealed class SearchSql
{
    private const string LastUpdated = "_lastUpdated";
    private const string LogicalId = "_id";

    private readonly StringBuilder where = new();
    private readonly List<object?> values = [];
    private readonly Func<string, string, long?> parameters;
    private readonly SearchQuery query;
    private readonly SearchValueSql rows;
    private readonly bool filtered;
    private readonly Criterion? lead;
    private string? leading;

    /// <param name="query">What is asked.</param>
    /// <param name="visibility">What the caller may see; the session must be given the same.</param>
    /// <param name="parameters">The number of a search parameter; null when no resource has a row of it.</param>
    public SearchSql(SearchQuery query, Visibility visibility, Func<string, string, long?> parameters)
    {
        this.query = query;
        this.parameters = parameters;
        rows = new SearchValueSql(parameters, Value);
        filtered = !visibility.SeesEverything;
        lead = Lead(query, filtered);
        where.Append("r.type = ").Append(Value(query.ResourceType)).Append(" AND r.method <> 'DELETE'");
        if (filtered)
        {
            AddVisibility(visibility);
        }
        foreach (var criterion in query.Criteria)
        {
            where.Append(" AND ").Append(Condition(criterion));
        }
    }

    // What leads is read first, in the order of its index: as a list for IN, SQLite would build a tree of it for each search.
    private string From => (leading is null ? "resource r" : $"({leading}) l CROSS JOIN resource r ON r.pk = l.pk")
        + (filtered ? " JOIN record rec ON rec.pk = r.record" : "");

    /// <summary>Counts what matches.</summary>
    public (string Sql, object?[] Values) Count() => ($"SELECT COUNT(*) FROM {From} WHERE {where}", [.. values]);

    /// <summary>
    /// Keys and sort values in order, of which as many are to be read as are wanted. What leads finds little, and is sorted whole: for a
    /// limit SQLite would build a tree. Without one, a whole type is sorted, and only the first of it kept.
    /// </summary>
    /// <param name="after">Sort values and key of the last row of the page before; null for the first page.</param>
    public (string Sql, object?[] Values) Page(SearchPosition? after)
    {
        var sorts = query.Sort.Select((key, i) => $"{SortValue(key)} AS s{i}").ToList();
        var sql = new StringBuilder("SELECT pk");
        for (var i = 0; i < sorts.Count; i++)
        {
            sql.Append(", s").Append(i);
        }
        sql.Append(" FROM (SELECT r.pk AS pk");
        sorts.ForEach(sort => sql.Append(", ").Append(sort));
        sql.Append(" FROM ").Append(From).Append(" WHERE ").Append(where);
        if (after is not null && sorts.Count == 0)
        {
            sql.Append(" AND r.pk > ").Append(Value(after.Pk));
        }
        sql.Append(')');
        if (after is not null && sorts.Count > 0)
        {
            sql.Append(" WHERE ").Append(Behind(after));
        }
        sql.Append(" ORDER BY ");
        for (var i = 0; i < sorts.Count; i++)
        {
            sql.Append('s').Append(i).Append(query.Sort[i].Descending ? " DESC, " : ", ");
        }
        sql.Append("pk");
        if (leading is null)
        {
            sql.Append(" LIMIT ").Append(Value(query.Count + 1));
        }
        return (sql.ToString(), [.. values]);
    }

    private void AddVisibility(Visibility visibility)
    {
        var names = System.Text.Json.JsonSerializer.Serialize(visibility.Records.Select(record => record.Value));
        where.Append(" AND r.record IN (SELECT pk FROM record WHERE name IN (SELECT value FROM json_each(").Append(Value(names)).Append(")))");
        where.Append(" AND CASE phr_sees(rec.name, r.type, r.id, r.study) WHEN 2 THEN 1 WHEN 1 THEN EXISTS(SELECT 1 FROM resource_series rs "
            + "WHERE rs.resource = r.pk AND phr_sees_series(rec.name, r.study, rs.uid, rs.modality)) ELSE 0 END");
    }

    private string Condition(Criterion criterion)
    {
        var code = criterion.Parameter.Code;
        switch (code)
        {
            case LogicalId:
                return OnColumn(criterion, value => value is TokenValue { Code: { } id, System: null } ? $"r.id = {Value(id)}" : "0");
            case LastUpdated:
                return OnColumn(criterion, value => value is DateValue date ? rows.Dates(date, "r.updated", "(r.updated + 1)") : "0");
        }
        return criterion.Modifier switch
        {
            Modifier.Missing => $"{(criterion.Missing ? "NOT " : "")}({string.Join(" OR ", SearchMatcher.PresenceCodes(code).Select(one => HasRows(criterion, one)))})",
            Modifier.Not => $"NOT {Exists(criterion, code)}",
            _ => Exists(criterion, SearchMatcher.CodeOf(criterion)),
        };
    }

    private static string OnColumn(Criterion criterion, Func<SearchValue, string> condition)
    {
        if (criterion.Modifier == Modifier.Missing)
        {
            return criterion.Missing ? "0" : "1";
        }
        var any = criterion.Values.Count == 0 ? "0" : string.Join(" OR ", criterion.Values.Select(condition));
        return criterion.Modifier == Modifier.Not ? $"NOT ({any})" : $"({any})";
    }

    private string Exists(Criterion criterion, string code)
    {
        if (rows.Of(query.ResourceType, code, criterion) is not { } found)
        {
            return "0";
        }
        if (criterion == lead)
        {
            leading = $"SELECT DISTINCT x.resource AS pk FROM {found.From} WHERE {found.Where}";
            if (!filtered)
            {
                return "1";
            }
        }
        return $"EXISTS(SELECT 1 FROM {found.From} WHERE x.resource = r.pk AND {found.Where}{Series()})";
    }

    /// <summary>
    /// The criterion whose index rows are read first, instead of the rows of the type; the others test what it finds. It is one that
    /// finds little: a reference or an identifier before others, never a date, a number or a quantity; none when ids are named. Who is restricted is led by
    /// nothing else: a status leads through everybody's rows, when those of a few records are all there is to test.
    /// </summary>
    private static Criterion? Lead(SearchQuery query, bool filtered)
    {
        var able = query.Criteria
            .Where(one => one is { Modifier: not (Modifier.Not or Modifier.Missing), Parameter: { Kind: not (SearchKind.Date or SearchKind.Number or SearchKind.Quantity), Code: not LogicalId } }).ToList();
        return query.Criteria.Any(one => one is { Modifier: Modifier.None, Parameter.Code: LogicalId })
            ? null
            : able.Find(one => one.Parameter.Kind == SearchKind.Reference || one.Parameter.Code == "identifier") ?? (filtered ? null : able.FirstOrDefault());
    }

    private string HasRows(Criterion criterion, string code) => rows.Any(query.ResourceType, code, criterion.Parameter.Kind) is { } found
        ? $"EXISTS(SELECT 1 FROM {found.From} WHERE x.resource = r.pk AND {found.Where}{Series()})"
        : "0";

    private string Series() => filtered ? " AND (x.series = '' OR phr_sees_series(rec.name, r.study, x.series, NULL))" : "";

    /// <summary>What a resource sorts by; one without the element comes last either way.</summary>
    private string SortValue(SortKey key)
    {
        if (key.Parameter.Code == LastUpdated)
        {
            return "r.updated";
        }
        if (key.Parameter.Code == LogicalId)
        {
            return "r.id";
        }
        var (table, column, first, last) = SearchValueSql.Sort(key.Parameter.Kind);
        var end = key.Descending ? first : last;
        if (parameters(query.ResourceType, key.Parameter.Code) is not { } number)
        {
            return Value(end);
        }
        var value = $"{(key.Descending ? "MAX" : "MIN")}(x.{column})";
        return $"COALESCE((SELECT {value} FROM {table} x WHERE x.resource = r.pk AND x.parameter = {Value(number)}{Series()}), {Value(end)})";
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

    private string Value(object? value)
    {
        values.Add(value);
        return $"${values.Count - 1}";
    }
}

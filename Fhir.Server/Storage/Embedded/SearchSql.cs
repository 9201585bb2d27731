using System.Text;
using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// A <see cref="SearchQuery"/> as SQL over the index tables. Visibility is part of the condition, of what is searched and of everything a
/// condition leads over: hidden resources, and index rows of hidden series, are not there for counting, sorting or paging. What it finds
/// is what <see cref="SearchMatcher"/> finds. This file: the statements, and one criterion; <c>SearchSql.Links.cs</c>: chains and
/// compartments; <c>SearchSql.Leads.cs</c>: what is read first; <c>SearchSql.Sort.cs</c>: the order.
/// </summary>
internal sealed partial class SearchSql
{
    private const string LastUpdated = CriterionSql.LastUpdated;
    private const string LogicalId = CriterionSql.LogicalId;

    private readonly StringBuilder where = new();
    private readonly List<object?> values = [];
    private readonly Func<string, string, long?> parameters;
    private readonly Func<string, object?[], long> probe;
    private readonly SearchQuery query;
    private readonly SearchValueSql rows;
    private readonly CriterionSql conditions;
    private readonly bool filtered;
    private readonly bool isWalked;
    private readonly Lead? lead;
    private int scopes;

    /// <summary>A resource in a statement.</summary>
    /// <param name="Type">Its type; null when there may be several.</param>
    /// <param name="R">The name of its row.</param>
    /// <param name="Rec">The name of the row of its record; there only when something may be hidden.</param>
    private readonly record struct Scope(string? Type, string R, string Rec);

    /// <param name="query">What is asked.</param>
    /// <param name="visibility">What the caller may see; the session must be given the same.</param>
    /// <param name="parameters">The number of a search parameter; null when no resource has a row of it.</param>
    /// <param name="probe">Runs a statement that gives a number: how much a lead finds, up to a limit.</param>
    public SearchSql(SearchQuery query, Visibility visibility, Func<string, string, long?> parameters, Func<string, object?[], long> probe)
    {
        this.query = query;
        this.parameters = parameters;
        this.probe = probe;
        rows = new SearchValueSql(Numbered, Value);
        conditions = new CriterionSql(rows, Value);
        filtered = !visibility.SeesEverything;
        isWalked = filtered && (visibility.IsBounded || visibility.OnlyContributor is not null);
        var root = new Scope(query.IsOverTypes ? null : query.ResourceType, "r", "rec");
        lead = ChooseLead(root);
        where.Append("r.method <> 'DELETE'").Append(OfTypes("r"));
        if (isWalked && lead is null)
        {
            where.Append(" AND ").Append(InRecords(visibility, Value));
        }
        where.Append(Visible(root));
        foreach (var criterion in query.Criteria.Where(one => !Settled(one)))
        {
            where.Append(" AND ").Append(Condition(criterion, root));
        }
        foreach (var link in query.Links.Where(one => !Settled(one)))
        {
            where.Append(" AND ").Append(Condition(link, root));
        }
    }

    /// <summary>What was read first, for who asks how a search was answered.</summary>
    public string LedBy => lead?.Name ?? (filtered ? "the records the caller may see" : query.IsOverTypes ? "all resources" : "the resources of the type");

    // What leads is read first, in the order of its index: as a list for IN, SQLite would build a tree of it for each search. Without it,
    // who may not see all begins with the records they see: to have the order of keys, SQLite would else go through everybody's.
    private string From => lead is null
        ? isWalked ? "record rec CROSS JOIN resource r ON r.record = rec.pk"
            : filtered ? "resource r CROSS JOIN record rec ON rec.pk = r.record"
            : "resource r"
        : $"({lead.Sql}) l CROSS JOIN resource r ON r.pk = l.pk" + (filtered ? " CROSS JOIN record rec ON rec.pk = r.record" : "");

    /// <summary>Counts what matches; no further than to a limit, when one is given.</summary>
    public (string Sql, object?[] Values) Count(int? limit = null) => limit is null
        ? ($"SELECT COUNT(*) FROM {From} WHERE {where}", [.. values])
        : ($"SELECT COUNT(*) FROM (SELECT 1 FROM {From} WHERE {where} LIMIT {Value((long)limit.Value)})", [.. values]);

    /// <summary>
    /// What an estimate is made of: how many candidates there are, how many of the first of them were looked at, and how many of those
    /// match. Candidates are what leads finds or, without one, all keys up to the greatest.
    /// </summary>
    /// <param name="limit">As many are looked at, when something leads; else as many matches are.</param>
    public (string Sql, object?[] Values) Sample(int limit) => lead is null
        ? ($"SELECT (SELECT MAX(pk) FROM resource), MAX(pk), COUNT(*) FROM (SELECT r.pk AS pk FROM {From} WHERE {where} ORDER BY r.pk LIMIT {Value((long)limit)})", [.. values])
        : ($"SELECT (SELECT COUNT(*) FROM ({lead.Sql})), COUNT(*), SUM(m) FROM (SELECT ({where}) AS m FROM {From} LIMIT {Value((long)limit)})", [.. values]);

    /// <summary>
    /// Keys and sort values in order, of which as many are to be read as are wanted. What leads finds little, and is sorted whole: for a
    /// limit SQLite would build a tree. Without one, a whole type is sorted, and only the first of it kept.
    /// </summary>
    /// <param name="after">Sort values and key of the last row of the page before; null for the first page.</param>
    public (string Sql, object?[] Values) Page(SearchPosition? after)
    {
        var root = new Scope(query.IsOverTypes ? null : query.ResourceType, "r", "rec");
        var sorts = query.Sort.Select((key, i) => $"{SortValue(key, root)} AS s{i}").ToList();
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
        if (lead is null)
        {
            sql.Append(" LIMIT ").Append(Value(query.Count + 1));
        }
        return (sql.ToString(), [.. values]);
    }

    /// <summary>The records that must be looked into: those named, and, of who contributed, those contributed to; all for who may see some of all.</summary>
    public static string InRecords(Visibility visibility, Func<object?, string> value)
    {
        var names = $"rec.name IN (SELECT value FROM json_each({value(System.Text.Json.JsonSerializer.Serialize(visibility.Records.Select(record => record.Value)))}))";
        return visibility.IsBounded ? names
            : visibility.OnlyContributor is { } organization ? $"({names} OR rec.pk IN ({SqliteFacts.RecordsOf(value(organization))}))"
            : "1";
    }

    /// <summary>Whether the caller sees any of a resource.</summary>
    public static string Visible(string resource, string record) =>
        $" AND CASE phr_sees({record}.name, {resource}.type, {resource}.id, {resource}.study) WHEN 2 THEN 1 WHEN 1 THEN EXISTS(SELECT 1 FROM resource_series rs "
        + $"WHERE rs.resource = {resource}.pk AND phr_sees_series({record}.name, {resource}.type, {resource}.study, rs.uid, rs.modality)) ELSE 0 END";

    /// <summary>Whether the caller sees the series an index row comes from.</summary>
    public static string SeriesVisible(string resource, string record, string row) =>
        $" AND ({row}.series = '' OR phr_sees_series({record}.name, {resource}.type, {resource}.study, {row}.series, "
        + $"(SELECT sm.modality FROM resource_series sm WHERE sm.resource = {resource}.pk AND sm.uid = {row}.series)))";

    private string Visible(Scope at) => filtered ? Visible(at.R, at.Rec) : "";

    /// <summary>Whether a resource is of a type that is searched.</summary>
    private string OfTypes(string resource) =>
        !query.IsOverTypes ? $" AND {resource}.type = {Value(query.ResourceType)}"
        : query.Types is null ? ""
        : $" AND {resource}.type IN ({string.Join(", ", query.Types.Select(Value))})";

    private string Condition(Criterion criterion, Scope at) => conditions.Of(criterion, at.Type, at.R, Series(at, "x"));

    /// <summary>What the number of a parameter must be, of one type or of all; null when no resource has a row of it.</summary>
    private string? Numbered(string? type, string code) =>
        type is null ? $"IN (SELECT pk FROM parameter WHERE code = {Value(code)})" : parameters(type, code) is { } number ? $"= {Value(number)}" : null;

    /// <summary>Whether the series an index row comes from may be seen.</summary>
    private string Series(Scope of, string row) =>
        filtered ? SeriesVisible(of.R, of.Rec, row) : "";

    private string Value(object? value)
    {
        values.Add(value);
        return $"${values.Count - 1}";
    }
}

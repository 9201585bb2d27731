using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// What is read first, instead of all resources of the type; the other conditions test what it finds. A condition that finds little is
/// worth it: of several that might, each is asked how much it finds, no further than to a limit.
/// </summary>
internal sealed partial class SearchSql
{
    private const string NoRows = "SELECT 0 AS pk WHERE 0";

    /// <summary>As far as leads are compared: one that finds more finds much.</summary>
    private const long Much = 2000;

    /// <summary>A condition that can be read first.</summary>
    /// <param name="Of">The criterion, link or compartment.</param>
    /// <param name="Name">What it is called, and its index.</param>
    /// <param name="Rank">The lower, the less it finds as a rule; 0 = so little that nothing else need be asked.</param>
    /// <param name="Sql">A statement that gives the keys of what it finds, each once, as <c>pk</c>.</param>
    private sealed record Lead(object Of, string Name, int Rank, string Sql);

    /// <summary>Whether what leads leaves nothing of a condition to be tested. Of one who may not see all, it finds too much.</summary>
    private bool Settled(object condition) => !filtered && lead is not null && ReferenceEquals(lead.Of, condition);

    /// <summary>
    /// Who is restricted is led by references and identifiers alone: a status leads through everybody's rows, when those of a few records
    /// are all there is to test.
    /// </summary>
    private Lead? ChooseLead(Scope root)
    {
        if (query.Compartment is not null)
        {
            return new Lead(query.Compartment, $"the compartment of a {query.Compartment.Type}", 0, Members(query.Compartment));
        }
        if (query.Criteria.FirstOrDefault(one => one is { Modifier: Modifier.None, Parameter.Code: LogicalId }) is { } ids)
        {
            return query is { IsOverTypes: true, Types: null } ? null : OfIds(ids, OfTypes("i"));
        }
        var direct = query.Criteria.FirstOrDefault(one => Rank(one) == 0);
        if (direct is not null)
        {
            return OfCriterion(direct, root.Type);
        }
        if (filtered)
        {
            return null;
        }
        var able = query.Links.Select(link => OfLink(link)).Concat(query.Criteria.Select(one => OfCriterion(one, root.Type)))
            .OfType<Lead>().OrderBy(one => one.Rank).ToList();
        return able.Count < 2
            ? able.FirstOrDefault()
            : able.MinBy(one => (probe($"SELECT COUNT(*) FROM (SELECT 1 FROM ({one.Sql}) LIMIT {Much})", [.. values]), one.Rank));
    }

    /// <summary>How much a criterion finds as a rule: 0 little, then more; null when it cannot lead.</summary>
    private static int? Rank(Criterion criterion) => criterion switch
    {
        { Modifier: Modifier.Not or Modifier.Missing } or { Parameter.Code: LogicalId or LastUpdated } => null,
        { Parameter.Kind: SearchKind.Reference } or { Parameter.Code: "identifier" } => 0,
        { Parameter.Kind: SearchKind.String or SearchKind.Uri } => 2,
        { Parameter.Kind: SearchKind.Token or SearchKind.Composite } => 3,
        { Parameter.Kind: SearchKind.Date, Values: [DateValue { Comparison: Comparison.Eq }] } => 4,
        _ => null,
    };

    private Lead? OfCriterion(Criterion criterion, string? type)
    {
        if (Rank(criterion) is not { } rank)
        {
            return null;
        }
        if (rows.Of(type, SearchMatcher.CodeOf(criterion), criterion) is not { } found)
        {
            return new Lead(criterion, criterion.Parameter.Code, rank, NoRows);
        }
        // What lies within begins within: only so much of the index need be read.
        var until = criterion.Values is [DateValue date] ? $" AND x.lo < {Value(date.Until)}" : "";
        return new Lead(criterion, $"{criterion.Parameter.Code} ({found.Table})", rank, $"SELECT DISTINCT x.resource AS pk FROM {found.From} WHERE {found.Where}{until}");
    }

    /// <summary>From the far end of a chain back; null when one of its ends cannot lead. Only for who may see everything.</summary>
    private Lead? OfLink(Link link)
    {
        var ends = link.Ends.Select(end => (end.ResourceType, Lead: end.Link is not null ? OfLink(end.Link)
            : end.Criterion!.Parameter.Code == LogicalId ? OfIds(end.Criterion, $" AND i.type = {Value(end.ResourceType)}") : OfCriterion(end.Criterion, end.ResourceType))).ToList();
        if (ends.Exists(end => end.Lead is null))
        {
            return null;
        }
        var name = $"{(link.IsReverse ? $"_has:{link.Parameter.ResourceType}:" : "")}{link.Parameter.Code} from {string.Join(", ", ends.Select(end => end.Lead!.Name))}";
        if (Numbered(link.Parameter.ResourceType, link.Parameter.Code) is not { } number)
        {
            return new Lead(link, name, 1, NoRows);
        }
        var parts = ends.Select(end => link.IsReverse
            ? $"SELECT t.pk AS pk FROM ({end.Lead!.Sql}) e CROSS JOIN resource s ON s.pk = e.pk AND s.type = {Value(end.ResourceType)} AND s.method <> 'DELETE' CROSS JOIN ix_reference y "
                + $"ON y.resource = e.pk AND y.parameter {number} CROSS JOIN resource t ON t.type = y.type AND t.id = y.id"
            : $"SELECT y.resource AS pk FROM ({end.Lead!.Sql}) e CROSS JOIN resource t ON t.pk = e.pk AND t.type = {Value(end.ResourceType)} AND t.method <> 'DELETE' CROSS JOIN ix_reference y "
                + $"ON y.parameter {number} AND y.id = t.id AND y.type = t.type");
        return new Lead(link, name, 1, $"SELECT DISTINCT pk FROM ({string.Join(" UNION ALL ", parts)})");
    }

    private Lead? OfIds(Criterion criterion, string ofTypes) => criterion is { Modifier: Modifier.None }
        ? new Lead(criterion, LogicalId, 0, $"SELECT i.pk AS pk FROM resource i WHERE {Condition(criterion, new Scope(null, "i", ""))}{ofTypes}")
        : null;
}

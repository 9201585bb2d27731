using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// Conditions that lead over references. What a caller may not see leads nowhere: each resource on the way is judged like a match, and a
/// reference from a hidden series is not there. See https://hl7.org/fhir/R4/search.html#chaining
/// </summary>
internal sealed partial class SearchSql
{
    private string Condition(Link link, Scope at)
    {
        var to = NextScope(null);
        if (Way(link.Parameter, link.IsReverse, at, to) is not var (from, condition))
        {
            return "0";
        }
        var ends = link.Ends.Select(end =>
        {
            var typed = to with { Type = end.ResourceType };
            return $"({to.R}.type = {Value(end.ResourceType)} AND {(end.Link is null ? Condition(end.Criterion!, typed) : Condition(end.Link, typed))})";
        });
        return $"EXISTS(SELECT 1 FROM {from} WHERE {condition} AND ({string.Join(" OR ", ends)}))";
    }

    private Scope NextScope(string? type)
    {
        scopes++;
        return new Scope(type, $"r{scopes}", $"rec{scopes}");
    }

    /// <summary>How a reference leads from one resource to another that is there and may be seen; null when there can be no such reference.</summary>
    private (string From, string Condition)? Way(SearchParameterInfo parameter, bool isReverse, Scope at, Scope to)
    {
        // A reference is a row of the resource that points.
        var source = isReverse ? to : at;
        if (Numbered(parameter.ResourceType, parameter.Code) is not { } number)
        {
            return null;
        }
        var row = $"y{to.R}";
        var from = isReverse
            ? $"ix_reference {row} CROSS JOIN resource {to.R} ON {to.R}.pk = {row}.resource"
            : $"ix_reference {row} CROSS JOIN resource {to.R} ON {to.R}.type = {row}.type AND {to.R}.id = {row}.id";
        from += filtered ? $" CROSS JOIN record {to.Rec} ON {to.Rec}.pk = {to.R}.record" : "";
        var on = isReverse ? $"{row}.id = {at.R}.id AND {row}.type = {at.R}.type" : $"{row}.resource = {at.R}.pk";
        return (from, $"{row}.parameter {number} AND {on}{Series(source, row)} AND {to.R}.method <> 'DELETE'{Visible(to)}");
    }

    /// <summary>
    /// The keys of what belongs to a compartment, of the types that are searched. To a Patient's belongs what lies in their record, and
    /// what belongs to nobody when it points to them by a parameter of the compartment; to another, what points to it.
    /// See https://hl7.org/fhir/R4/compartmentdefinition.html
    /// </summary>
    private string Members(CompartmentScope compartment)
    {
        var types = query.IsOverTypes ? query.Types ?? Compartments.TypesOf(compartment.Type) : [query.ResourceType];
        var ways = types.SelectMany(type => Compartments.ParametersOf(compartment.Type, type).Select(code => new[] { type, code })).ToList();
        var parts = new List<string>();
        var (id, self) = (Value(compartment.Id), ways.Exists(way => way[1] == Compartments.Itself && way[0] == compartment.Type));
        var isRecord = compartment.Type == "Patient";
        if (isRecord)
        {
            parts.Add($"SELECT c.pk AS pk FROM resource c WHERE c.record = (SELECT pk FROM record WHERE name = {id}){OfTypes("c")}");
        }
        else if (self)
        {
            parts.Add($"SELECT c.pk AS pk FROM resource c WHERE c.type = {Value(compartment.Type)} AND c.id = {id}");
        }
        var pointing = ways.Where(way => way[1] != Compartments.Itself).Select(way => parameters(way[0], way[1])).OfType<long>().ToList();
        if (pointing.Count > 0)
        {
            var to = NextScope(null);
            parts.Add($"SELECT y.resource AS pk FROM ix_reference y CROSS JOIN resource {to.R} ON {to.R}.pk = y.resource"
                + (filtered ? $" CROSS JOIN record {to.Rec} ON {to.Rec}.pk = {to.R}.record" : "")
                + $" WHERE y.parameter IN ({string.Join(", ", pointing.Select(number => Value(number)))}) AND y.id = {id} AND y.type = {Value(compartment.Type)}"
                + (isRecord ? $" AND {to.R}.record = (SELECT pk FROM record WHERE name = {Value(RecordId.Shared.Value)})" : "") + Series(to, "y"));
        }
        return parts.Count == 0 ? NoRows : $"SELECT DISTINCT pk FROM ({string.Join(" UNION ALL ", parts)})";
    }
}

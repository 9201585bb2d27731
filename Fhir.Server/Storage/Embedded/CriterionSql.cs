using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>One criterion as a condition on a resource, wherever one is asked: by a search, or by a scope. What it finds is what <see cref="SearchMatcher"/> finds.</summary>
/// <param name="rows">The values as SQL.</param>
/// <param name="value">Binds a value and gives its name in the statement.</param>
internal sealed class CriterionSql(SearchValueSql rows, Func<object?, string> value)
{
    public const string LastUpdated = "_lastUpdated";
    public const string LogicalId = "_id";

    /// <summary>The condition.</summary>
    /// <param name="criterion">What is asked.</param>
    /// <param name="type">The type of the resource; null when there may be several.</param>
    /// <param name="resource">The name of its row.</param>
    /// <param name="further">What must hold besides of an index row, <c>x</c>.</param>
    public string Of(Criterion criterion, string? type, string resource, string further)
    {
        var code = criterion.Parameter.Code;
        switch (code)
        {
            case LogicalId:
                return OnColumn(criterion, one => one is TokenValue { Code: { } id, System: null } ? $"{resource}.id = {value(id)}" : "0");
            case LastUpdated:
                return OnColumn(criterion, one => one is DateValue date ? rows.Dates(date, $"{resource}.updated", $"({resource}.updated + 1)") : "0");
        }
        string Has(FoundRows? found) => found is null ? "0" : $"EXISTS(SELECT 1 FROM {found.From} WHERE x.resource = {resource}.pk AND {found.Where}{further})";
        return criterion.Modifier switch
        {
            Modifier.Missing => $"{(criterion.Missing ? "NOT " : "")}({string.Join(" OR ", SearchMatcher.PresenceCodes(code).Select(one => Has(rows.Any(type, one, criterion.Parameter.Kind))))})",
            Modifier.Not => $"NOT {Has(rows.Of(type, code, criterion))}",
            _ => Has(rows.Of(type, SearchMatcher.CodeOf(criterion), criterion)),
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
}

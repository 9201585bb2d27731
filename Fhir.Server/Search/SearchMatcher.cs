namespace Fhir.Server.Search;

/// <summary>
/// The meaning of a criterion over the rows of one resource; what a store finds must be what this finds. Rows of series that the caller may
/// not see are to be left out first: then <c>:not</c> and <c>:missing</c> tell nothing about them either.
/// </summary>
public static class SearchMatcher
{
    /// <summary>Whether a resource with these rows answers all criteria.</summary>
    public static bool Matches(IReadOnlyList<IndexRow> rows, IReadOnlyList<Criterion> criteria) =>
        criteria.All(criterion => Matches(rows, criterion));

    /// <summary>
    /// Whether a resource with these rows answers the criterion. <see cref="Modifier.Missing"/> looks at the rows of the code and of
    /// <c>code:identifier</c>, <see cref="Modifier.Identifier"/> only at the latter, everything else only at the former.
    /// </summary>
    public static bool Matches(IReadOnlyList<IndexRow> rows, Criterion criterion)
    {
        var code = criterion.Parameter.Code;
        return criterion.Modifier switch
        {
            Modifier.Missing => criterion.Missing != rows.Any(row => row.Parameter == code || row.Parameter == code + ":identifier"),
            Modifier.Not => !Any(rows, code, criterion),
            Modifier.Identifier => Any(rows, code + ":identifier", criterion),
            _ => Any(rows, code, criterion),
        };
    }

    /// <summary>Whether a row answers a value; false when they are of different kinds.</summary>
    public static bool Matches(IndexRow row, SearchValue value, Modifier modifier) => (row, value) switch
    {
        (TokenRow token, TokenValue asked) => Matches(token, asked),
        (StringRow text, StringValue asked) => Matches(text, asked, modifier),
        (DateRow date, DateValue asked) => Matches(date, asked),
        (ReferenceRow reference, ReferenceValue asked) => Matches(reference, asked),
        (UriRow uri, UriValue asked) => Matches(uri, asked, modifier),
        _ => false,
    };

    /// <summary>See <see cref="TokenValue"/>.</summary>
    public static bool Matches(TokenRow row, TokenValue value) =>
        (value.NoSystem ? row.System is null : value.System is null || value.System == row.System)
        && (value.Code is null || value.Code == row.Code);

    /// <summary>See <see cref="StringValue"/>.</summary>
    public static bool Matches(StringRow row, StringValue value, Modifier modifier) => modifier switch
    {
        Modifier.Exact => row.Exact == value.Exact,
        Modifier.Contains => row.Folded.Contains(value.Folded, StringComparison.Ordinal),
        _ => row.Folded.StartsWith(value.Folded, StringComparison.Ordinal),
    };

    /// <summary>See <see cref="DateValue"/>.</summary>
    public static bool Matches(DateRow row, DateValue value) => value.Comparison switch
    {
        Comparison.Eq => value.From <= row.From && row.Until <= value.Until,
        Comparison.Ne => row.From < value.From || row.Until > value.Until,
        Comparison.Gt => row.Until > value.Until,
        Comparison.Lt => row.From < value.From,
        Comparison.Ge => row.Until > value.Until || value.From <= row.From,
        Comparison.Le => row.From < value.From || row.Until <= value.Until,
        Comparison.Sa => row.From >= value.Until,
        Comparison.Eb => row.Until <= value.From,
        Comparison.Ap => row.From < value.Until && row.Until > value.From,
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    /// <summary>See <see cref="ReferenceValue"/>.</summary>
    public static bool Matches(ReferenceRow row, ReferenceValue value) =>
        row.TargetId == value.TargetId && (value.TargetType is null || value.TargetType == row.TargetType);

    /// <summary>See <see cref="UriValue"/>.</summary>
    public static bool Matches(UriRow row, UriValue value, Modifier modifier) => modifier switch
    {
        Modifier.Below => IsAtOrBelow(value.Value, row.Value),
        Modifier.Above => IsAtOrBelow(row.Value, value.Value),
        _ => row.Value == value.Value,
    };

    private static bool IsAtOrBelow(string parent, string child) =>
        child == parent || child.StartsWith(parent.EndsWith('/') ? parent : parent + "/", StringComparison.Ordinal);

    private static bool Any(IReadOnlyList<IndexRow> rows, string parameter, Criterion criterion) =>
        rows.Any(row => row.Parameter == parameter && criterion.Values.Any(value => Matches(row, value, criterion.Modifier)));
}

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
    /// Whether a resource with these rows answers the criterion. <see cref="Modifier.Missing"/> looks at the rows of all
    /// <see cref="PresenceCodes"/>, everything else at those of one: <see cref="CodeOf"/>.
    /// </summary>
    public static bool Matches(IReadOnlyList<IndexRow> rows, Criterion criterion)
    {
        var code = criterion.Parameter.Code;
        return criterion.Modifier switch
        {
            Modifier.Missing => criterion.Missing != PresenceCodes(code).Any(one => rows.Any(row => row.Parameter == one)),
            Modifier.Not => !Any(rows, code, criterion),
            _ => Any(rows, CodeOf(criterion), criterion),
        };
    }

    /// <summary>The rows a criterion asks for, by their parameter.</summary>
    public static string CodeOf(Criterion criterion) => criterion.Parameter.Code + criterion.Modifier switch
    {
        Modifier.Identifier => IndexRow.Identifier,
        Modifier.Text => IndexRow.Text,
        Modifier.OfType => IndexRow.OfType,
        _ => "",
    };

    /// <summary>The rows of which one at least is there when a resource has the element.</summary>
    public static IReadOnlyList<string> PresenceCodes(string code) =>
        [code, code + IndexRow.Identifier, code + IndexRow.Text, code + IndexRow.Missing];

    /// <summary>Whether a row answers a value; false when they are of different kinds.</summary>
    public static bool Matches(IndexRow row, SearchValue value, Modifier modifier) => (row, value) switch
    {
        (TokenRow token, TokenValue asked) => Matches(token, asked),
        (StringRow text, StringValue asked) => Matches(text, asked, modifier),
        (DateRow date, DateValue asked) => Matches(date, asked),
        (ReferenceRow reference, ReferenceValue asked) => Matches(reference, asked),
        (UriRow uri, UriValue asked) => Matches(uri, asked, modifier),
        (NumberRow number, NumberValue asked) => Matches(number.Low, number.High, asked),
        (QuantityRow quantity, QuantityValue asked) => Matches(quantity, asked),
        (PositionRow position, PositionValue asked) => Matches(position, asked),
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
        Modifier.Text => row.Folded.StartsWith(value.Folded, StringComparison.Ordinal) || row.Folded.Contains(" " + value.Folded, StringComparison.Ordinal),
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

    /// <summary>See <see cref="NumberValue"/>.</summary>
    public static bool Matches(double low, double high, NumberValue value) => value.Comparison switch
    {
        Comparison.Eq => value.From <= low && high < value.Until,
        Comparison.Ne => low < value.From || high >= value.Until,
        Comparison.Gt => high > value.Exact,
        Comparison.Lt => low < value.Exact,
        Comparison.Ge => high >= value.Exact,
        Comparison.Le => low <= value.Exact,
        Comparison.Sa => low > value.Exact,
        Comparison.Eb => high < value.Exact,
        Comparison.Ap => low <= value.Until && high >= value.From,
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    /// <summary>See <see cref="QuantityValue"/>.</summary>
    public static bool Matches(QuantityRow row, QuantityValue value) =>
        (value.System is null ? row.System != QuantityRow.Canonical : value.System == row.System)
        && (value.Code is null || value.Code == row.Code)
        && Matches(row.Low, row.High, value.Number);

    /// <summary>See <see cref="PositionValue"/>.</summary>
    public static bool Matches(PositionRow row, PositionValue value)
    {
        double x = row.X - value.X, y = row.Y - value.Y, z = row.Z - value.Z;
        return (x * x) + (y * y) + (z * z) <= value.Chord * value.Chord;
    }

    /// <summary>See <see cref="CompositeValue"/>.</summary>
    public static bool Matches(IEnumerable<CompositeRow> element, CompositeValue value)
    {
        var rows = element.ToList();
        return value.Parts.Index().All(part => rows.Any(row => row.Component == part.Index && Matches(row.Part, part.Item, Modifier.None)));
    }

    private static bool IsAtOrBelow(string parent, string child) =>
        child == parent || child.StartsWith(parent.EndsWith('/') ? parent : parent + "/", StringComparison.Ordinal);

    private static bool Any(IReadOnlyList<IndexRow> rows, string parameter, Criterion criterion) =>
        criterion.Parameter.Kind == SearchKind.Composite
            ? rows.OfType<CompositeRow>().Where(row => row.Parameter == parameter).GroupBy(row => (row.Element, row.SeriesUid))
                .Any(element => criterion.Values.OfType<CompositeValue>().Any(value => Matches(element, value)))
            : rows.Any(row => row.Parameter == parameter && criterion.Values.Any(value => Matches(row, value, criterion.Modifier)));
}

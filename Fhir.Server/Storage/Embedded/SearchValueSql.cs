using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Index rows as a statement reads them.</summary>
/// <param name="From">The tables; the first is called <c>x</c> and has the columns <c>resource</c> and <c>series</c>.</param>
/// <param name="Where">What the rows must say.</param>
internal sealed record FoundRows(string From, string Where);

/// <summary>The values of one criterion as SQL over the rows of its index table. What it finds is what <see cref="SearchMatcher"/> finds.</summary>
/// <param name="parameters">The number of a search parameter; null when no resource has a row of it.</param>
/// <param name="value">Binds a value and gives its name in the statement.</param>
internal sealed class SearchValueSql(Func<string, string, long?> parameters, Func<object?, string> value)
{
    /// <summary>The rows of a parameter that answer one of the criterion's values; null when there can be none.</summary>
    public FoundRows? Of(string resourceType, string code, Criterion criterion)
    {
        if (criterion.Values.Count == 0 || parameters(resourceType, code) is not { } number)
        {
            return null;
        }
        var table = criterion.Values[0] switch
        {
            TokenValue => "ix_token",
            StringValue => "ix_string",
            DateValue => "ix_date",
            ReferenceValue => "ix_reference",
            UriValue => "ix_uri",
            _ => throw new InvalidOperationException("No table for this kind of value."),
        };
        var any = string.Join(" OR ", criterion.Values.Select(one => Matches(one, criterion.Modifier)));
        return new(table + " x", $"x.parameter = {value(number)} AND ({any})");
    }

    /// <summary>All rows of a parameter; null when there are none.</summary>
    public FoundRows? Any(string resourceType, string code, SearchKind kind)
    {
        var table = code.EndsWith(":identifier", StringComparison.Ordinal) ? "ix_token" : Sort(kind).Table;
        return parameters(resourceType, code) is { } number ? new(table + " x", $"x.parameter = {value(number)}") : null;
    }

    /// <summary>What resources are sorted by, and what stands for none in front of and behind all others.</summary>
    public static (string Table, string Column, object First, object Last) Sort(SearchKind kind) => kind switch
    {
        SearchKind.Date => ("ix_date", "lo", long.MinValue, long.MaxValue),
        SearchKind.String => ("ix_string", "folded", "", "\U0010FFFF"),
        SearchKind.Token => ("ix_token", "code", "", "\U0010FFFF"),
        SearchKind.Reference => ("ix_reference", "id", "", "\U0010FFFF"),
        _ => ("ix_uri", "value", "", "\U0010FFFF"),
    };

    /// <summary>What <see cref="DateValue"/> says, over a column of first microseconds and one of those behind.</summary>
    public string Dates(DateValue date, string lo, string hi)
    {
        var (from, until) = (value(date.From), value(date.Until));
        return date.Comparison switch
        {
            Comparison.Eq => $"({lo} >= {from} AND {hi} <= {until})",
            Comparison.Ne => $"({lo} < {from} OR {hi} > {until})",
            Comparison.Gt => $"{hi} > {until}",
            Comparison.Lt => $"{lo} < {from}",
            Comparison.Ge => $"({hi} > {until} OR {lo} >= {from})",
            Comparison.Le => $"({lo} < {from} OR {hi} <= {until})",
            Comparison.Sa => $"{lo} >= {until}",
            Comparison.Eb => $"{hi} <= {from}",
            Comparison.Ap => $"({lo} < {until} AND {hi} > {from})",
            _ => throw new InvalidOperationException("No condition for this comparison."),
        };
    }

    private string Matches(SearchValue asked, Modifier modifier) => asked switch
    {
        TokenValue token => Token(token),
        StringValue text => modifier switch
        {
            Modifier.Exact => $"x.exact = {value(text.Exact)}",
            Modifier.Contains => $"instr(x.folded, {value(text.Folded)}) > 0",
            _ => StartsWith("x.folded", text.Folded),
        },
        DateValue date => Dates(date, "x.lo", "x.hi"),
        ReferenceValue reference => reference.TargetType is null
            ? $"x.id = {value(reference.TargetId)}"
            : $"(x.id = {value(reference.TargetId)} AND x.type = {value(reference.TargetType)})",
        UriValue uri => Uri(uri.Value, modifier),
        _ => throw new InvalidOperationException("No condition for this kind of value."),
    };

    private string Token(TokenValue token)
    {
        var system = token.NoSystem ? "x.system = ''" : token.System is null ? null : $"x.system = {value(token.System)}";
        var code = token.Code is null ? null : $"x.code = {value(token.Code)}";
        var both = string.Join(" AND ", new[] { code, system }.OfType<string>());
        return both.Length == 0 ? "1" : $"({both})";
    }

    private string Uri(string uri, Modifier modifier)
    {
        var slash = uri.EndsWith('/') ? uri : uri + "/";
        return modifier switch
        {
            Modifier.Below => $"(x.value = {value(uri)} OR {StartsWith("x.value", slash)})",
            Modifier.Above => $"(x.value = {value(uri)} OR substr({value(uri)}, 1, length(x.value) + (substr(x.value, -1) <> '/')) "
                + "= x.value || CASE WHEN substr(x.value, -1) = '/' THEN '' ELSE '/' END)",
            _ => $"x.value = {value(uri)}",
        };
    }

    /// <summary>A range the index can walk: nothing a text can hold sorts behind U+10FFFF.</summary>
    private string StartsWith(string column, string prefix) =>
        prefix.Length == 0 ? "1" : $"({column} >= {value(prefix)} AND {column} < {value(prefix + "\U0010FFFF")})";
}

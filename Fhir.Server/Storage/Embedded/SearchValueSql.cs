using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Index rows as a statement reads them.</summary>
/// <param name="From">The tables; the first is called <c>x</c> and has the columns <c>resource</c> and <c>series</c>.</param>
/// <param name="Where">What the rows must say.</param>
/// <param name="Table">The table of the first.</param>
internal sealed record FoundRows(string From, string Where, string Table);

/// <summary>The values of one criterion as SQL over the rows of its index table. What it finds is what <see cref="SearchMatcher"/> finds.</summary>
/// <param name="numbered">What the number of a search parameter must be, of one type or, without one, of all, as <c>= $1</c>; null when no resource has a row of it.</param>
/// <param name="value">Binds a value and gives its name in the statement.</param>
internal sealed class SearchValueSql(Func<string?, string, string?> numbered, Func<object?, string> value)
{
    /// <summary>The rows of a parameter that answer one of the criterion's values; null when there can be none.</summary>
    public FoundRows? Of(string? resourceType, string code, Criterion criterion)
    {
        if (criterion.Parameter.Kind == SearchKind.Composite)
        {
            return OfComposite(resourceType, code, criterion);
        }
        if (criterion.Values.Count == 0 || numbered(resourceType, code) is not { } number)
        {
            return null;
        }
        var table = IndexTable.Of(criterion.Values[0]);
        var row = new Columns("x", table.Columns);
        var any = string.Join(" OR ", criterion.Values.Select(one => Matches(one, criterion.Modifier, row)));
        return new(table.Name + " x", $"x.parameter {number} AND ({any})", table.Name);
    }

    /// <summary>All rows of a parameter; null when there are none.</summary>
    public FoundRows? Any(string? resourceType, string code, SearchKind kind)
    {
        var table = code.EndsWith(IndexRow.Identifier, StringComparison.Ordinal) || code.EndsWith(IndexRow.Missing, StringComparison.Ordinal) ? IndexTable.Token
            : code.EndsWith(IndexRow.Text, StringComparison.Ordinal) ? IndexTable.Text
            : IndexTable.Of(kind);
        var name = table == IndexTable.Composite ? CompositeRow.CodeOf(code, 0) : code;
        return numbered(resourceType, name) is { } number ? new(table.Name + " x", $"x.parameter {number}", table.Name) : null;
    }

    /// <summary>What resources are sorted by, and what stands for none in front of and behind all others.</summary>
    public static (string Table, string Column, object First, object Last) Sort(SearchKind kind) => kind switch
    {
        SearchKind.Date => ("ix_date", "lo", long.MinValue, long.MaxValue),
        SearchKind.String => ("ix_string", "folded", "", "\U0010FFFF"),
        SearchKind.Token => ("ix_token", "code", "", "\U0010FFFF"),
        SearchKind.Reference => ("ix_reference", "id", "", "\U0010FFFF"),
        SearchKind.Uri => ("ix_uri", "value", "", "\U0010FFFF"),
        SearchKind.Number => ("ix_number", "lo", double.MinValue, double.MaxValue),
        // In base units, that milligrams come before grams.
        SearchKind.Quantity => ($"(SELECT parameter, lo, resource, series FROM ix_quantity WHERE system = '{QuantityRow.Canonical}')", "lo", double.MinValue, double.MaxValue),
        _ => throw new InvalidOperationException("Nothing is sorted by this kind of parameter."),
    };

    /// <summary>A row for each component, all of one element.</summary>
    private FoundRows? OfComposite(string? resourceType, string code, Criterion criterion)
    {
        var count = criterion.Parameter.Components.Count;
        var numbers = Enumerable.Range(0, count).Select(component => numbered(resourceType, CompositeRow.CodeOf(code, component))).ToList();
        if (criterion.Values.Count == 0 || numbers.Contains(null))
        {
            return null;
        }
        var rows = Enumerable.Range(0, count).Select(component => new Columns(component == 0 ? "x" : $"x{component}", IndexTable.Composite.Columns)).ToList();
        var from = string.Concat(rows.Skip(1).Select(row =>
            $" JOIN ix_composite {row.Alias} ON {row.Alias}.resource = x.resource AND {row.Alias}.series = x.series AND {row.Alias}.element = x.element"));
        var which = string.Join(" AND ", rows.Select((row, component) => $"{row.Alias}.parameter {numbers[component]}"));
        var any = criterion.Values.OfType<CompositeValue>().Select(one => string.Join(" AND ", rows.Select((row, component) => Matches(one.Parts[component], Modifier.None, row))));
        return new($"ix_composite x{from}", $"{which} AND ({string.Join(" OR ", any.Select(one => $"({one})"))})", IndexTable.Composite.Name);
    }

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

    private string Matches(SearchValue asked, Modifier modifier, Columns row) => asked switch
    {
        TokenValue token => Token(token, row),
        StringValue text => modifier switch
        {
            Modifier.Exact => $"{row[1]} = {value(text.Exact)}",
            Modifier.Contains => $"instr({row[0]}, {value(text.Folded)}) > 0",
            Modifier.Text => $"({StartsWith(row[0], text.Folded)} OR instr({row[0]}, {value(" " + text.Folded)}) > 0)",
            _ => StartsWith(row[0], text.Folded),
        },
        DateValue date => Dates(date, row[0], row[1]),
        ReferenceValue reference => reference.TargetType is null
            ? $"{row[0]} = {value(reference.TargetId)}"
            : $"({row[0]} = {value(reference.TargetId)} AND {row[1]} = {value(reference.TargetType)})",
        UriValue uri => Uri(uri.Value, modifier, row[0]),
        NumberValue number => Numbers(number, row[0], row[1]),
        QuantityValue quantity => Quantity(quantity, row),
        PositionValue position => Position(position, row),
        _ => throw new InvalidOperationException("No condition for this kind of value."),
    };

    private string Token(TokenValue token, Columns row)
    {
        var system = token.NoSystem ? $"{row[1]} = ''" : token.System is null ? null : $"{row[1]} = {value(token.System)}";
        var code = token.Code is null ? null : $"{row[0]} = {value(token.Code)}";
        var both = string.Join(" AND ", new[] { code, system }.OfType<string>());
        return both.Length == 0 ? "1" : $"({both})";
    }

    private string Uri(string uri, Modifier modifier, string column)
    {
        var slash = uri.EndsWith('/') ? uri : uri + "/";
        return modifier switch
        {
            Modifier.Below => $"({column} = {value(uri)} OR {StartsWith(column, slash)})",
            Modifier.Above => $"({column} = {value(uri)} OR substr({value(uri)}, 1, length({column}) + (substr({column}, -1) <> '/')) "
                + $"= {column} || CASE WHEN substr({column}, -1) = '/' THEN '' ELSE '/' END)",
            _ => $"{column} = {value(uri)}",
        };
    }

    /// <summary>A range the index can walk: nothing a text can hold sorts behind U+10FFFF.</summary>
    private string StartsWith(string column, string prefix) =>
        prefix.Length == 0 ? "1" : $"({column} >= {value(prefix)} AND {column} < {value(prefix + "\U0010FFFF")})";

    private string Numbers(NumberValue number, string lo, string hi)
    {
        var (exact, from, until) = (value(number.Exact), value(number.From), value(number.Until));
        return number.Comparison switch
        {
            Comparison.Eq => $"({lo} >= {from} AND {hi} < {until})",
            Comparison.Ne => $"({lo} < {from} OR {hi} >= {until})",
            Comparison.Gt => $"{hi} > {exact}",
            Comparison.Lt => $"{lo} < {exact}",
            Comparison.Ge => $"{hi} >= {exact}",
            Comparison.Le => $"{lo} <= {exact}",
            Comparison.Sa => $"{lo} > {exact}",
            Comparison.Eb => $"{hi} < {exact}",
            Comparison.Ap => $"({lo} <= {until} AND {hi} >= {from})",
            _ => throw new InvalidOperationException("No condition for this comparison."),
        };
    }

    private string Quantity(QuantityValue quantity, Columns row)
    {
        var system = quantity.System is null ? $"{row[0]} <> '{QuantityRow.Canonical}'" : $"{row[0]} = {value(quantity.System)}";
        var code = quantity.Code is null ? "" : $" AND {row[1]} = {value(quantity.Code)}";
        return $"({system}{code} AND {Numbers(quantity.Number, row[2], row[3])})";
    }

    /// <summary>A box around the point, which the index can walk, and in it the distance.</summary>
    private string Position(PositionValue near, Columns row)
    {
        var chord = value(near.Chord);
        string Side(string column, double centre) => $"{column} BETWEEN {value(centre - near.Chord)} AND {value(centre + near.Chord)}";
        string Square(string column, double centre) => $"({column} - {value(centre)}) * ({column} - {value(centre)})";
        return $"({Side(row[0], near.Z)} AND {Side(row[1], near.X)} AND {Side(row[2], near.Y)} "
            + $"AND {Square(row[1], near.X)} + {Square(row[2], near.Y)} + {Square(row[0], near.Z)} <= {chord} * {chord})";
    }

    /// <summary>The columns of a row's value, under the name the statement gives the row.</summary>
    private sealed record Columns(string Alias, IReadOnlyList<string> Names)
    {
        public string this[int column] => $"{Alias}.{Names[column]}";
    }
}

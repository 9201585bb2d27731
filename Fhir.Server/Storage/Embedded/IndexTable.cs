using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>One table of index rows: what is in it, and the statements that write and read the rows of a resource.</summary>
internal sealed class IndexTable
{
    public static readonly IndexTable Token = new("ix_token", "code", "system");
    public static readonly IndexTable Text = new("ix_string", "folded", "exact");
    public static readonly IndexTable Date = new("ix_date", "lo", "hi");
    public static readonly IndexTable Reference = new("ix_reference", "id", "type");
    public static readonly IndexTable Uri = new("ix_uri", "value");
    public static readonly IndexTable Number = new("ix_number", "lo", "hi");
    public static readonly IndexTable Quantity = new("ix_quantity", "system", "code", "lo", "hi");
    public static readonly IndexTable Position = new("ix_position", "pz", "px", "py");

    /// <summary>The first columns hold what the table of the component's kind would, in its order; the last says which element it is in.</summary>
    public static readonly IndexTable Composite = new("ix_composite", "a", "b", "c", "d", "element");

    public static readonly IndexTable[] All = [Token, Text, Date, Reference, Uri, Number, Quantity, Position, Composite];

    private IndexTable(string name, params string[] columns)
    {
        Name = name;
        Columns = columns;
        var numbers = string.Join(", ", columns.Select((_, at) => $"${at + 2}"));
        var series = $"${columns.Length + 2}";
        Insert = $"INSERT OR IGNORE INTO {name}(parameter, {string.Join(", ", columns)}, resource, series) VALUES($1, {numbers}, $0, {series})";
        Delete = $"DELETE FROM {name} WHERE resource = $0 AND parameter = $1 AND {string.Join(" AND ", columns.Select((column, at) => $"{column} = ${at + 2}"))} AND series = {series}";
        Select = $"SELECT parameter, {string.Join(", ", columns)}, series FROM {name} WHERE resource = $0";
        Clear = $"DELETE FROM {name} WHERE resource = $0";
    }

    public string Name { get; }

    /// <summary>The columns of the value.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>$0 the resource, $1 the parameter, then the value, then the series.</summary>
    public string Insert { get; }

    /// <summary>With the same values as <see cref="Insert"/>.</summary>
    public string Delete { get; }

    /// <summary>The rows of the resource $0: parameter, value, series.</summary>
    public string Select { get; }

    /// <summary>All rows of the resource $0.</summary>
    public string Clear { get; }

    /// <summary>Where the rows of a kind of parameter are.</summary>
    public static IndexTable Of(SearchKind kind) => kind switch
    {
        SearchKind.Token => Token,
        SearchKind.String => Text,
        SearchKind.Date => Date,
        SearchKind.Reference => Reference,
        SearchKind.Uri => Uri,
        SearchKind.Number => Number,
        SearchKind.Quantity => Quantity,
        SearchKind.Composite => Composite,
        SearchKind.Special => Position,
        _ => throw new InvalidOperationException("No table for this kind of parameter."),
    };

    /// <summary>Where the rows are that can answer a value.</summary>
    public static IndexTable Of(SearchValue value) => value switch
    {
        TokenValue => Token,
        StringValue => Text,
        DateValue => Date,
        ReferenceValue => Reference,
        UriValue => Uri,
        NumberValue => Number,
        QuantityValue => Quantity,
        PositionValue => Position,
        CompositeValue => Composite,
        _ => throw new InvalidOperationException("No table for this kind of value."),
    };

    /// <summary>Where a row goes and as which values; '' stands for nothing.</summary>
    public static (IndexTable Table, object[] Values) Of(IndexRow row) => row switch
    {
        TokenRow token => (Token, [token.Code, token.System ?? ""]),
        StringRow text => (Text, [text.Folded, text.Exact]),
        DateRow date => (Date, [date.From, date.Until]),
        ReferenceRow reference => (Reference, [reference.TargetId, reference.TargetType ?? ""]),
        UriRow uri => (Uri, [uri.Value]),
        NumberRow number => (Number, [number.Low, number.High]),
        QuantityRow quantity => (Quantity, [quantity.System ?? "", quantity.Code, quantity.Low, quantity.High]),
        PositionRow position => (Position, [position.Z, position.X, position.Y]),
        CompositeRow composite => (Composite, [.. Padded(Of(composite.Part).Values), (long)composite.Element]),
        _ => throw new InvalidOperationException($"No table for index rows of kind {row.GetType().Name}."),
    };

    private static IEnumerable<object> Padded(object[] values) => values.Concat(Enumerable.Repeat<object>("", 4 - values.Length));
}

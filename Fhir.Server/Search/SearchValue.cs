namespace Fhir.Server.Search;

/// <summary>The prefixes of ordered values. See https://hl7.org/fhir/R4/search.html#prefix</summary>
public enum Comparison
{
    Eq,
    Ne,
    Gt,
    Lt,
    Ge,
    Le,
    Sa,
    Eb,
    Ap,
}

/// <summary>One value of a criterion.</summary>
public abstract record SearchValue;

/// <summary>
/// A token asked for. Matches a <see cref="TokenRow"/> when the system is the same (ordinal; any when null and not <paramref name="NoSystem"/>;
/// none when <paramref name="NoSystem"/>) and the code is the same (ordinal; any when null).
/// See https://hl7.org/fhir/R4/search.html#token
/// </summary>
/// <param name="System">null = any, or none with <paramref name="NoSystem"/>.</param>
/// <param name="NoSystem">The form <c>|code</c>.</param>
/// <param name="Code">null = the form <c>system|</c>. A <c>urn:oid:</c> before a UID is taken off, as in the rows.</param>
public sealed record TokenValue(string? System, bool NoSystem, string? Code) : SearchValue;

/// <summary>
/// A string asked for. Matches a <see cref="StringRow"/> whose Folded starts with <paramref name="Folded"/>; with
/// <see cref="Modifier.Contains"/> whose Folded contains it; with <see cref="Modifier.Exact"/> whose Exact equals <paramref name="Exact"/>;
/// with <see cref="Modifier.Text"/> whose Folded has it at the beginning or behind a blank.
/// All ordinal. See https://hl7.org/fhir/R4/search.html#string
/// </summary>
public sealed record StringValue(string Folded, string Exact) : SearchValue;

/// <summary>
/// A stretch of time asked for, [From, Until) in microseconds since 1970 UTC. See https://hl7.org/fhir/R4/search.html#prefix.
/// Over a <see cref="DateRow"/> [rFrom, rUntil) the comparisons mean:
/// <list type="bullet">
/// <item><c>Eq</c>: From &lt;= rFrom and rUntil &lt;= Until (the value contains the row)</item>
/// <item><c>Ne</c>: not Eq: rFrom &lt; From or rUntil &gt; Until</item>
/// <item><c>Gt</c>: rUntil &gt; Until</item>
/// <item><c>Lt</c>: rFrom &lt; From</item>
/// <item><c>Ge</c>: Gt or Eq: rUntil &gt; Until or From &lt;= rFrom (since then rUntil &lt;= Until is left)</item>
/// <item><c>Le</c>: Lt or Eq: rFrom &lt; From or rUntil &lt;= Until</item>
/// <item><c>Sa</c>: rFrom &gt;= Until</item>
/// <item><c>Eb</c>: rUntil &lt;= From</item>
/// <item><c>Ap</c>: rFrom &lt; Until and rUntil &gt; From (they overlap; the parser has widened the value by a tenth of its distance from now)</item>
/// </list>
/// </summary>
public sealed record DateValue(Comparison Comparison, long From, long Until) : SearchValue;

/// <summary>
/// A reference asked for. Matches a <see cref="ReferenceRow"/> whose TargetId is the same and, when
/// <paramref name="TargetType"/> is set, whose TargetType is the same. See https://hl7.org/fhir/R4/search.html#reference
/// </summary>
/// <param name="TargetType">null = any type, or a foreign URL.</param>
/// <param name="TargetId">The id, or the whole URL when it leads away from this server.</param>
public sealed record ReferenceValue(string? TargetType, string TargetId) : SearchValue;

/// <summary>
/// A URI asked for. Matches the same <see cref="UriRow"/>; with <see cref="Modifier.Below"/> also what continues it behind a slash, with
/// <see cref="Modifier.Above"/> also what it continues behind a slash (a slash at the end of the shorter one counts as that slash).
/// All ordinal. See https://hl7.org/fhir/R4/search.html#uri
/// </summary>
public sealed record UriValue(string Value) : SearchValue;

/// <summary>
/// A number asked for. See https://hl7.org/fhir/R4/search.html#number. Over a <see cref="NumberRow"/> [Low, High] the comparisons mean:
/// <list type="bullet">
/// <item><c>Eq</c>: From &lt;= Low and High &lt; Until: the precision the value is written with; <c>Ne</c>: not Eq</item>
/// <item><c>Gt</c>: High &gt; Exact; <c>Lt</c>: Low &lt; Exact; <c>Ge</c>: High &gt;= Exact; <c>Le</c>: Low &lt;= Exact</item>
/// <item><c>Sa</c>: Low &gt; Exact; <c>Eb</c>: High &lt; Exact</item>
/// <item><c>Ap</c>: Low &lt;= Until and High &gt;= From (the parser has widened the value by a tenth)</item>
/// </list>
/// </summary>
public sealed record NumberValue(Comparison Comparison, double Exact, double From, double Until) : SearchValue;

/// <summary>
/// A quantity asked for. Matches a <see cref="QuantityRow"/> whose number matches as of <see cref="NumberValue"/>, and whose system and code
/// are the same. Without a system any row as it is written is looked at, but none in base units; without a code, every unit.
/// See https://hl7.org/fhir/R4/search.html#quantity
/// </summary>
/// <param name="Number">In base units when <paramref name="System"/> is <see cref="QuantityRow.Canonical"/>.</param>
/// <param name="System">null = any.</param>
/// <param name="Code">null = any.</param>
public sealed record QuantityValue(NumberValue Number, string? System, string? Code) : SearchValue;

/// <summary>
/// Places within a distance. Matches a <see cref="PositionRow"/> that is no further from the point, in a straight line through the unit
/// sphere, than <paramref name="Chord"/>. See https://hl7.org/fhir/R4/location.html#positional
/// </summary>
public sealed record PositionValue(double X, double Y, double Z, double Chord) : SearchValue;

/// <summary>Values that must be found in one element: a value for each component. Matches the <see cref="CompositeRow"/>s of one element.</summary>
public sealed record CompositeValue(IReadOnlyList<SearchValue> Parts) : SearchValue
{
    /// <summary>The parts, for they make the value what it is.</summary>
    public override string ToString() => $"{nameof(CompositeValue)} {{ {string.Join(" $ ", Parts)} }}";

    /// <inheritdoc/>
    public bool Equals(CompositeValue? other) => other is not null && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => Parts.Aggregate(0, HashCode.Combine);
}

namespace Fhir.Server.Search;

/// <summary>One row of an index: one value that one search parameter found in one resource.</summary>
/// <param name="Parameter">The code of the parameter, as in <c>started</c>.</param>
/// <param name="SeriesUid">Set when the value comes from one <c>ImagingStudy.series</c>, so that the rows of a hidden series do not match.</param>
public abstract record IndexRow(string Parameter, string? SeriesUid)
{
    /// <summary>Behind a code: the identifiers of references that are made by identifier.</summary>
    public const string Identifier = ":identifier";

    /// <summary>Behind a code: what stands beside tokens for people to read.</summary>
    public const string Text = ":text";

    /// <summary>Behind a code: identifiers with their type.</summary>
    public const string OfType = ":of-type";

    /// <summary>Behind a code: there is an element, but nothing of it can be searched for; only <c>:missing</c> asks for it.</summary>
    public const string Missing = ":missing";
}

/// <summary>
/// A token. See https://hl7.org/fhir/R4/search.html#token.
/// A code of the form <c>urn:oid:1.2.3</c> is kept bare, <c>1.2.3</c>, here and in <see cref="TokenValue"/>: both spellings find each other.
/// </summary>
/// <param name="Parameter">The code of the parameter; with <c>:identifier</c>, <c>:of-type</c> or <c>:missing</c> behind it as <see cref="IndexRow"/> says.</param>
/// <param name="System">The system; null when the element has none. A <c>code</c> element gives one row with its implied system and one without.</param>
/// <param name="Code">The code or identifier value; empty when the element has a system only.</param>
/// <param name="SeriesUid">See <see cref="IndexRow"/>.</param>
public sealed record TokenRow(string Parameter, string? System, string Code, string? SeriesUid = null) : IndexRow(Parameter, SeriesUid);

/// <summary>A string. See https://hl7.org/fhir/R4/search.html#string</summary>
/// <param name="Parameter">The code of the parameter; with <c>:text</c> behind it for words shown with a token, folded by <see cref="SearchWords"/>.</param>
/// <param name="Folded">Case and accents folded, combining marks removed, whitespace squeezed: <see cref="SearchFolding.Fold"/>.</param>
/// <param name="Exact">As it stands in the resource.</param>
/// <param name="SeriesUid">See <see cref="IndexRow"/>.</param>
public sealed record StringRow(string Parameter, string Folded, string Exact, string? SeriesUid = null) : IndexRow(Parameter, SeriesUid);

/// <summary>A stretch of time, half-open [From, Until). See https://hl7.org/fhir/R4/search.html#date</summary>
/// <param name="Parameter">The code of the parameter.</param>
/// <param name="From">Microseconds since 1970 UTC; <see cref="long.MinValue"/> when open.</param>
/// <param name="Until">Microseconds since 1970 UTC, not included; <see cref="long.MaxValue"/> when open.</param>
/// <param name="SeriesUid">See <see cref="IndexRow"/>.</param>
public sealed record DateRow(string Parameter, long From, long Until, string? SeriesUid = null) : IndexRow(Parameter, SeriesUid);

/// <summary>
/// A literal reference. See https://hl7.org/fhir/R4/search.html#reference.
/// A logical reference, by identifier, gives a <see cref="TokenRow"/> whose parameter ends in <c>:identifier</c>.
/// </summary>
/// <param name="Parameter">The code of the parameter.</param>
/// <param name="TargetType">The type pointed to; null when the reference leads away from this server.</param>
/// <param name="TargetId">The id pointed to, without version; the whole URL when the reference leads away from this server.</param>
/// <param name="SeriesUid">See <see cref="IndexRow"/>.</param>
public sealed record ReferenceRow(string Parameter, string? TargetType, string TargetId, string? SeriesUid = null) : IndexRow(Parameter, SeriesUid);

/// <summary>
/// A URI. See https://hl7.org/fhir/R4/search.html#uri.
/// A canonical with a version gives two rows, with and without it.
/// </summary>
/// <param name="Parameter">The code of the parameter.</param>
/// <param name="Value">The URI as it stands in the resource.</param>
/// <param name="SeriesUid">See <see cref="IndexRow"/>.</param>
public sealed record UriRow(string Parameter, string Value, string? SeriesUid = null) : IndexRow(Parameter, SeriesUid);

/// <summary>A number, or a stretch of them with both ends. See https://hl7.org/fhir/R4/search.html#number</summary>
/// <param name="Parameter">The code of the parameter.</param>
/// <param name="Low">The least; <see cref="double.MinValue"/> when open.</param>
/// <param name="High">The greatest; the same as <paramref name="Low"/> for one number, <see cref="double.MaxValue"/> when open.</param>
/// <param name="SeriesUid">See <see cref="IndexRow"/>.</param>
public sealed record NumberRow(string Parameter, double Low, double High, string? SeriesUid = null) : IndexRow(Parameter, SeriesUid);

/// <summary>
/// A quantity. See https://hl7.org/fhir/R4/search.html#quantity. Each gives a row as it is written, one more under the unit for people when
/// that is another than the code, and one whose system is <see cref="Canonical"/>: in the base units of UCUM where its unit is known
/// there, so that grams find milligrams, else as it is written.
/// </summary>
/// <param name="Parameter">The code of the parameter.</param>
/// <param name="System">The system of the unit; null when there is none.</param>
/// <param name="Code">The unit; empty when there is none.</param>
/// <param name="Low">As of <see cref="NumberRow"/>.</param>
/// <param name="High">As of <see cref="NumberRow"/>.</param>
/// <param name="SeriesUid">See <see cref="IndexRow"/>.</param>
public sealed record QuantityRow(string Parameter, string? System, string Code, double Low, double High, string? SeriesUid = null)
    : IndexRow(Parameter, SeriesUid)
{
    /// <summary>The system of rows in base units; no resource can have it, for it is no URI.</summary>
    public const string Canonical = "=";
}

/// <summary>A place on Earth as a point of the unit sphere: the distance of two is that of the straight line between them.</summary>
/// <param name="Parameter">The code of the parameter.</param>
/// <param name="X">Towards longitude 0 on the equator.</param>
/// <param name="Y">Towards longitude 90° east on the equator.</param>
/// <param name="Z">Towards the north pole.</param>
/// <param name="SeriesUid">See <see cref="IndexRow"/>.</param>
public sealed record PositionRow(string Parameter, double X, double Y, double Z, string? SeriesUid = null) : IndexRow(Parameter, SeriesUid);

/// <summary>One value of one component of a composite parameter. See https://hl7.org/fhir/R4/search.html#combining</summary>
/// <param name="Parameter">The code of the composite parameter.</param>
/// <param name="Element">Which element of the resource it stands in; values of the same element belong together.</param>
/// <param name="Component">Which component it is a value of, from 0.</param>
/// <param name="Part">The value, as the component's own parameter would give it, but without its name.</param>
/// <param name="SeriesUid">See <see cref="IndexRow"/>.</param>
public sealed record CompositeRow(string Parameter, int Element, int Component, IndexRow Part, string? SeriesUid = null) : IndexRow(Parameter, SeriesUid)
{
    /// <summary>The name a store keeps the rows of one component under.</summary>
    public static string CodeOf(string parameter, int component) => $"{parameter}${component}";
}

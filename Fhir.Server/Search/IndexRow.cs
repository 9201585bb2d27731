namespace Fhir.Server.Search;

/// <summary>One row of an index: one value that one search parameter found in one resource.</summary>
/// <param name="Parameter">The code of the parameter, as in <c>started</c>.</param>
/// <param name="SeriesUid">Set when the value comes from one <c>ImagingStudy.series</c>, so that the rows of a hidden series do not match.</param>
public abstract record IndexRow(string Parameter, string? SeriesUid);

/// <summary>
/// A token. See https://hl7.org/fhir/R4/search.html#token.
/// A code of the form <c>urn:oid:1.2.3</c> is kept bare, <c>1.2.3</c>, here and in <see cref="TokenValue"/>: both spellings find each other.
/// </summary>
/// <param name="Parameter">The code of the parameter; with <c>:identifier</c> behind it for the identifier of a reference.</param>
/// <param name="System">The system; null when the element has none. A <c>code</c> element gives one row with its implied system and one without.</param>
/// <param name="Code">The code or identifier value; empty when the element has a system only.</param>
/// <param name="SeriesUid">See <see cref="IndexRow"/>.</param>
public sealed record TokenRow(string Parameter, string? System, string Code, string? SeriesUid = null) : IndexRow(Parameter, SeriesUid);

/// <summary>A string. See https://hl7.org/fhir/R4/search.html#string</summary>
/// <param name="Parameter">The code of the parameter.</param>
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

namespace Fhir.Server.Search;

/// <summary>What may stand behind a parameter. See https://hl7.org/fhir/R4/search.html#modifiers</summary>
public enum Modifier
{
    /// <summary>None; also the type modifier <c>subject:Patient</c>, which shows in the values.</summary>
    None,

    /// <summary>Of strings: the same letters.</summary>
    Exact,

    /// <summary>Of strings: anywhere inside.</summary>
    Contains,

    /// <summary>Of tokens: no row matches any value; also true of a resource without rows.</summary>
    Not,

    /// <summary>
    /// Of every kind: has no rows, or has some; rows of <c>code:identifier</c>, <c>code:text</c> and <c>code:missing</c> count too.
    /// See <see cref="Criterion.Missing"/>.
    /// </summary>
    Missing,

    /// <summary>Of references: the values are <see cref="TokenValue"/>, the rows <see cref="TokenRow"/> of <c>code:identifier</c>.</summary>
    Identifier,

    /// <summary>Of URIs: this or below.</summary>
    Below,

    /// <summary>Of URIs: this or above.</summary>
    Above,

    /// <summary>Of tokens: the words shown with them; the values are <see cref="StringValue"/>, the rows <see cref="StringRow"/> of <c>code:text</c>.</summary>
    Text,

    /// <summary>
    /// Of identifiers: <c>system|code|value</c> with the system and code of their type. The values are <see cref="TokenValue"/>, the rows
    /// <see cref="TokenRow"/> of <c>code:of-type</c>, whose code is written by <see cref="SearchSyntax.OfType"/>.
    /// </summary>
    OfType,
}

/// <summary>One condition; all criteria of a query must hold. See https://hl7.org/fhir/R4/search.html#combining</summary>
/// <param name="Parameter">What is asked about.</param>
/// <param name="Modifier">How it is asked.</param>
/// <param name="Values">One of these must match; empty with <see cref="Modifier.Missing"/>.</param>
/// <param name="Missing">With <see cref="Modifier.Missing"/>: true asks for resources without the element.</param>
public sealed record Criterion(SearchParameterInfo Parameter, Modifier Modifier, IReadOnlyList<SearchValue> Values, bool Missing);

/// <summary>One key of the order. See https://hl7.org/fhir/R4/search.html#sort</summary>
public sealed record SortKey(SearchParameterInfo Parameter, bool Descending);

/// <summary>Matches bring along what they point to. See https://hl7.org/fhir/R4/search.html#include</summary>
/// <param name="SourceType">The type searched.</param>
/// <param name="Code">A reference parameter of that type.</param>
/// <param name="TargetType">Only targets of this type; null = every type.</param>
public sealed record Include(string SourceType, string Code, string? TargetType);

/// <summary>Whether to count all matches. See https://hl7.org/fhir/R4/search.html#total</summary>
public enum TotalMode
{
    None,
    Accurate,
}

/// <summary>A search that can be answered.</summary>
/// <param name="ResourceType">The type searched.</param>
/// <param name="Criteria">All must hold.</param>
/// <param name="Sort">First key first; empty leaves the order to the caller.</param>
/// <param name="Count">Matches a page; 0 asks for the total only.</param>
/// <param name="Includes">What matches bring along.</param>
/// <param name="Total">Whether to count all matches.</param>
/// <param name="Cursor">Where the page begins; null = at the beginning.</param>
/// <param name="Applied">What really counted, for the self link, in the order given, without the cursor.</param>
/// <param name="Ignored">Names of unknown parameters.</param>
public sealed record SearchQuery(
    string ResourceType,
    IReadOnlyList<Criterion> Criteria,
    IReadOnlyList<SortKey> Sort,
    int Count,
    IReadOnlyList<Include> Includes,
    TotalMode Total,
    string? Cursor,
    IReadOnlyList<KeyValuePair<string, string>> Applied,
    IReadOnlyList<string> Ignored);

/// <summary>The limits of a search.</summary>
/// <param name="DefaultCount">Matches a page when <c>_count</c> is not given.</param>
/// <param name="MaxCount">A greater <c>_count</c> is lowered to this.</param>
/// <param name="MaxValuesInOr">Values in one comma list; more is too costly.</param>
/// <param name="MaxCriteria">Conditions in one query; more is too costly.</param>
/// <param name="Zone">The offset of times written without one; null = UTC.</param>
/// <param name="Clock">Tells what <c>ap</c> takes for now; null = the system's.</param>
public sealed record SearchOptions(
    int DefaultCount = 20,
    int MaxCount = 1000,
    int MaxValuesInOr = 100,
    int MaxCriteria = 50,
    TimeSpan? Zone = null,
    TimeProvider? Clock = null);

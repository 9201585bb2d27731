using System.Text;

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
public sealed record Criterion(SearchParameterInfo Parameter, Modifier Modifier, IReadOnlyList<SearchValue> Values, bool Missing)
{
    /// <summary>All that tells this condition from others.</summary>
    internal void Describe(StringBuilder text)
    {
        text.Append('\n').Append(Parameter.Code).Append(Modifier).Append(Missing);
        foreach (var value in Values)
        {
            text.Append('\n').Append(' ').Append(value);
        }
    }
}

/// <summary>One key of the order. See https://hl7.org/fhir/R4/search.html#sort</summary>
/// <param name="Parameter">What is sorted by; of the type pointed to when the order goes over a reference.</param>
/// <param name="Descending">Whether the greatest comes first.</param>
/// <param name="Over">The reference that is followed, as in <c>_sort=patient.name</c>; null when the resource itself has the value.</param>
public sealed record SortKey(SearchParameterInfo Parameter, bool Descending, SearchParameterInfo? Over = null)
{
    /// <summary>The key as it is written, without its direction.</summary>
    public string Path => Over is null ? Parameter.Code : $"{Over.Code}.{Parameter.Code}";
}

/// <summary>
/// Matches bring along what they point to (<c>_include</c>), or what points to them (<c>_revinclude</c>).
/// See https://hl7.org/fhir/R4/search.html#include
/// </summary>
/// <param name="SourceType">The type that has the reference; <c>*</c> = every type.</param>
/// <param name="Code">A reference parameter of that type; <c>*</c> = every one.</param>
/// <param name="TargetType">Only targets of this type; null = every type.</param>
public sealed record Include(string SourceType, string Code, string? TargetType)
{
    /// <summary>The sign for every type, or every parameter.</summary>
    public const string Any = "*";

    /// <summary>Whether what was included brings along further (<c>:iterate</c>).</summary>
    public bool Iterate { get; init; }
}

/// <summary>Whether to count all matches. See https://hl7.org/fhir/R4/search.html#total</summary>
public enum TotalMode
{
    None,
    Accurate,

    /// <summary>A number that may be off is enough; it needs no warning.</summary>
    Estimate,
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
    IReadOnlyList<string> Ignored)
{
    /// <summary>Conditions over references; all must hold, like the criteria.</summary>
    public IReadOnlyList<Link> Links { get; init; } = [];

    /// <summary>The types searched together, when there may be several and <see cref="ResourceType"/> is empty; null = every type.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>The compartment that is searched; null = all.</summary>
    public CompartmentScope? Compartment { get; init; }

    /// <summary>What points to the matches and comes along.</summary>
    public IReadOnlyList<Include> RevIncludes { get; init; } = [];

    /// <summary>Whether to tell how the search was answered (<c>_explain=true</c>, a parameter of this server).</summary>
    public bool Explain { get; init; }

    /// <summary>Who asks: a cursor serves nobody else.</summary>
    public string Asker { get; init; } = "";

    /// <summary>The limits it was read under.</summary>
    public SearchOptions Limits { get; init; } = new();

    /// <summary>The parameters it was read with.</summary>
    public SearchCatalogue Parameters { get; init; } = SearchCatalogue.Standard;

    /// <summary>Whether resources of several types are searched together.</summary>
    public bool IsOverTypes => ResourceType.Length == 0;

    /// <summary>The address of the search behind the base of the server: <c>Patient</c>, <c>Patient/1/Observation</c>, or nothing.</summary>
    public string Path
    {
        get
        {
            var type = Compartment is not null && IsOverTypes ? Include.Any : ResourceType;
            return Compartment is null ? type : $"{Compartment.Type}/{Compartment.Id}/{type}";
        }
    }

    /// <summary>Whether a type is searched.</summary>
    public bool Searches(Func<string, bool> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return IsOverTypes ? Types?.Any(type) ?? true : type(ResourceType);
    }

    /// <summary>Whether resources of a type are asked over a reference, sorted by, or included.</summary>
    public bool LeadsTo(Func<string, bool> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return Links.SelectMany(link => link.Types).Any(type)
            || Sort.Any(key => key.Over is not null && type(key.Parameter.ResourceType))
            || Includes.Any(include => include.SourceType == Include.Any || (include.TargetType is null ? TargetsOf(include).Any(type) : type(include.TargetType)))
            || RevIncludes.Any(include => include.SourceType == Include.Any || type(include.SourceType));
    }

    private IReadOnlyList<string> TargetsOf(Include include) =>
        include.Code == Include.Any
            ? [.. Parameters.Of(include.SourceType).SelectMany(parameter => parameter.Targets)]
            : Parameters.Find(include.SourceType, include.Code)?.Targets ?? [];
}

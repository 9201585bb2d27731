using Fhir.Server.Outcomes;

namespace Fhir.Server.Search;

/// <summary>A search while it is being read.</summary>
/// <param name="resourceType">The one type searched; empty for several.</param>
/// <param name="types">The types, when there are several; null = every type.</param>
/// <param name="options">The limits.</param>
/// <param name="strict">Refuses what is unknown.</param>
/// <param name="parameters">The parameters in force.</param>
internal sealed class QueryDraft(string resourceType, IReadOnlyList<string>? types, SearchOptions options, bool strict, SearchCatalogue parameters)
{
    // What every type has, this one has too.
    private const string Plain = "Basic";

    private readonly List<Criterion> criteria = [];
    private readonly List<Link> links = [];
    private readonly List<KeyValuePair<string, string>> applied = [];
    private readonly List<string> ignored = [];

    public string ResourceType => resourceType;

    /// <summary>The parameters in force.</summary>
    public SearchCatalogue Parameters => parameters;

    public bool IsOverTypes => resourceType.Length == 0;

    public CompartmentScope? Compartment { get; init; }

    public List<SortKey> Sort { get; } = [];

    public List<Include> Includes { get; } = [];

    public List<Include> RevIncludes { get; } = [];

    public int Count { get; set; } = options.DefaultCount;

    public TotalMode Total { get; set; }

    /// <summary>Only how many match is wanted (<c>_summary=count</c>).</summary>
    public bool IsCountOnly { get; set; }

    public bool Explain { get; set; }

    public string? Cursor { get; set; }

    /// <summary>Whether a type is among those searched.</summary>
    public bool Searches(string type) => IsOverTypes ? types?.Contains(type) ?? true : type == resourceType;

    /// <summary>The parameter all searched types have; null when one has none of that name, or another kind.</summary>
    public SearchParameterInfo? Find(string code)
    {
        if (!IsOverTypes)
        {
            return parameters.Find(resourceType, code);
        }

        if (types is null)
        {
            return code.StartsWith('_') ? parameters.Find(Plain, code) : null;
        }

        var found = types.Select(type => parameters.Find(type, code)).ToList();
        return found.TrueForAll(one => one is not null && one.Kind == found[0]!.Kind) ? found.FirstOrDefault() : null;
    }

    /// <summary>Whether R4 knows the parameter and it is not answered here.</summary>
    public bool KnowsButCannot(string code) => IsOverTypes
        ? (types ?? [Plain]).Any(type => SearchParameters.IsKnownButUnsupported(type, code))
        : SearchParameters.IsKnownButUnsupported(resourceType, code);

    /// <summary>Takes a condition; null was one of empty values, which counts for nothing.</summary>
    public Problem? Add(Criterion? criterion, string name, string value) => Add(criteria, criterion, name, value);

    /// <summary>Takes a condition over references; null was one of empty values, which counts for nothing.</summary>
    public Problem? Add(Link? link, string name, string value) => Add(links, link, name, value);

    /// <summary>Notes what counted, for the self link.</summary>
    public void Apply(string name, string value) => applied.Add(new(name, value));

    /// <summary>An unknown parameter: noted, or refused when the caller wants it strict. See https://hl7.org/fhir/R4/search.html#errors</summary>
    public Problem? Ignore(string name)
    {
        if (strict)
        {
            return Problem.Invalid($"{(IsOverTypes ? "Not every type searched" : resourceType)} has {(IsOverTypes ? "a" : "no")} search parameter '{Names.Shown(name)}'.");
        }

        if (!ignored.Contains(name, StringComparer.Ordinal))
        {
            ignored.Add(name);
        }

        return null;
    }

    /// <summary>The search that was read. Nothing on the page means that only the number is wanted.</summary>
    public SearchQuery Finish()
    {
        var count = IsCountOnly ? 0 : Count;
        return new(
            resourceType, criteria, Sort, count, Includes, count == 0 && Total == TotalMode.None ? TotalMode.Accurate : Total, Cursor, applied, ignored)
        {
            Links = links,
            Types = types,
            Compartment = Compartment,
            RevIncludes = RevIncludes,
            Explain = Explain,
            Limits = options,
            Parameters = parameters,
        };
    }

    private Problem? Add<T>(List<T> conditions, T? condition, string name, string value)
        where T : class
    {
        if (condition is null)
        {
            return null;
        }

        if (criteria.Count + links.Count == options.MaxCriteria)
        {
            return Problem.TooCostly($"A search takes at most {options.MaxCriteria} conditions.");
        }

        conditions.Add(condition);
        Apply(name, value);
        return null;
    }
}

using Fhir.Server.Outcomes;

namespace Fhir.Server.Search;

/// <summary>A search while it is being read.</summary>
internal sealed class QueryDraft(string resourceType, SearchOptions options, bool strict)
{
    private readonly List<Criterion> criteria = [];
    private readonly List<KeyValuePair<string, string>> applied = [];
    private readonly List<string> ignored = [];

    public string ResourceType => resourceType;

    public List<SortKey> Sort { get; } = [];

    public List<Include> Includes { get; } = [];

    public int Count { get; set; } = options.DefaultCount;

    public bool IsCountOnly { get; set; }

    public TotalMode Total { get; set; }

    public string? Cursor { get; set; }

    /// <summary>Takes a condition; null was one of empty values, which counts for nothing.</summary>
    public Problem? Add(Criterion? criterion, string name, string value)
    {
        if (criterion is null)
        {
            return null;
        }

        if (criteria.Count == options.MaxCriteria)
        {
            return Problem.TooCostly($"A search takes at most {options.MaxCriteria} conditions.");
        }

        criteria.Add(criterion);
        Apply(name, value);
        return null;
    }

    /// <summary>Notes what counted, for the self link.</summary>
    public void Apply(string name, string value) => applied.Add(new(name, value));

    /// <summary>An unknown parameter: noted, or refused when the caller wants it strict. See https://hl7.org/fhir/R4/search.html#errors</summary>
    public Problem? Ignore(string name)
    {
        if (strict)
        {
            return Problem.Invalid($"{resourceType} has no search parameter '{Names.Shown(name)}'.");
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
            resourceType, criteria, Sort, count, Includes, count == 0 ? TotalMode.Accurate : Total, Cursor, applied, ignored);
    }
}

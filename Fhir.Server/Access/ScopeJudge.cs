using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Microsoft.AspNetCore.WebUtilities;

namespace Fhir.Server.Access;

/// <summary>What the query of a granular scope asks of a resource.</summary>
/// <param name="Resource">All of these must hold of the resource.</param>
/// <param name="Series">All of these must hold of a series of an ImagingStudy, of which the others are hidden; empty for all its series.</param>
public sealed record ScopeQuery(IReadOnlyList<Criterion> Resource, IReadOnlyList<Criterion> Series)
{
    /// <summary>Asks nothing.</summary>
    public static ScopeQuery None { get; } = new([], []);
}

/// <summary>
/// Says which granular scopes this server can hold to: those of one type, with search parameters that one resource answers by itself.
/// Chains, <c>_has</c>, <c>_filter</c>, <c>:in</c> and whatever shapes an answer are refused, never half obeyed.
/// See https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters
/// </summary>
/// <param name="address">The address of this server, by which references may name its resources.</param>
public sealed class ScopeJudge(PublicAddress address)
{
    private const string ImagingStudy = "ImagingStudy";
    private const string Modality = "modality";

    /// <summary>Criteria that say nothing of the content, or change by themselves.</summary>
    private static readonly string[] NotOffered = ["_lastUpdated"];

    private static readonly SearchOptions Limits = new();

    /// <summary>Whether a scope can be granted; <c>Invalid</c>, with the reason, for one that cannot.</summary>
    public Outcome<Done> Judge(SmartScope scope) => Read(scope).Match<Outcome<Done>>(_ => new Done(), problem => problem);

    /// <summary>The query of a scope; <c>Invalid</c> for one that cannot be granted.</summary>
    public Outcome<ScopeQuery> Read(SmartScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        if (scope.Type != SmartScope.AnyType && !SearchParameters.IsResourceType(scope.Type))
        {
            return Problem.Invalid("The scope names a type FHIR R4 does not have.");
        }
        if (scope.Query is null)
        {
            return ScopeQuery.None;
        }
        if (scope.Type == SmartScope.AnyType)
        {
            return Problem.Invalid("A scope of all types takes no query here; name the type.");
        }
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var pair in new QueryStringEnumerable(scope.Query))
        {
            pairs.Add(new(pair.DecodeName().ToString(), pair.DecodeValue().ToString()));
        }
        if (pairs.Count == 0 || pairs.Exists(pair => string.IsNullOrWhiteSpace(pair.Value)))
        {
            return Problem.Invalid("A criterion of the scope has no value.");
        }
        var parser = new SearchParser(Limits, address.IsKnown ? address.Fhir : null);
        return parser.Parse(scope.Type, pairs, strict: true).TryGet(out var query, out var problem) ? Of(query, pairs.Count) : problem;
    }

    private static Outcome<ScopeQuery> Of(SearchQuery query, int asked)
    {
        // Whatever else the parser takes shapes an answer, or leads to other resources.
        if (query.Criteria.Count != asked || query.Links.Count > 0)
        {
            return Problem.Invalid("A scope takes search parameters of its own type alone: no chains, no _has, nothing that shapes an answer.");
        }
        if (query.Criteria.Any(criterion => NotOffered.Contains(criterion.Parameter.Code)))
        {
            return Problem.Invalid("A scope cannot be bounded by when something was changed.");
        }
        var series = query.Criteria.Where(IsOfSeries).ToList();
        return series.Exists(criterion => criterion.Modifier != Modifier.None)
            ? Problem.Invalid("In a scope, the modality takes no modifier.")
            : new ScopeQuery([.. query.Criteria.Where(criterion => !IsOfSeries(criterion))], series);
    }

    private static bool IsOfSeries(Criterion criterion) => criterion.Parameter is { ResourceType: ImagingStudy, Code: Modality };
}

using Fhir.Server.Outcomes;

namespace Fhir.Server.Search;

/// <summary>Reads a search as FHIR writes it. See https://hl7.org/fhir/R4/search.html</summary>
/// <param name="options">The limits.</param>
/// <param name="publicBaseUrl">The address of this server as clients see it.</param>
public sealed class SearchParser(SearchOptions options, string? publicBaseUrl)
{
    private readonly ValueReader values = new(options, new References(publicBaseUrl));

    /// <summary>Reads the parameters of one search.</summary>
    /// <param name="resourceType">The type searched.</param>
    /// <param name="query">Names and values, percent-decoded, in the order given.</param>
    /// <param name="strict">Refuses unknown parameters (<c>Prefer: handling=strict</c>).</param>
    public Outcome<SearchQuery> Parse(string resourceType, IEnumerable<KeyValuePair<string, string>> query, bool strict)
    {
        if (!SearchParameters.IsResourceType(resourceType))
        {
            return Problem.Invalid($"There is no resource type '{Names.Shown(resourceType)}'.");
        }

        var draft = new QueryDraft(resourceType, options, strict);
        var results = new ResultParameters(draft, options);
        foreach (var (name, value) in query)
        {
            if (!string.IsNullOrWhiteSpace(value) && Read(draft, results, name ?? "", value) is { } problem)
            {
                return problem;
            }
        }

        return draft.Finish();
    }

    private Problem? Read(QueryDraft draft, ResultParameters results, string name, string value)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var code = colon < 0 ? name : name[..colon];
        var modifier = colon < 0 ? null : name[(colon + 1)..];
        if (ResultParameters.Knows(code))
        {
            return results.Read(code, modifier, value);
        }

        var head = code.Split('.')[0];
        if (SearchParameters.IsKnownButUnsupported(draft.ResourceType, head))
        {
            return Problem.Invalid($"The parameter {head} of {draft.ResourceType} is not supported yet.");
        }

        if (SearchParameters.Find(draft.ResourceType, head) is not { } parameter)
        {
            return draft.Ignore(name);
        }

        if (head != code || modifier?.Contains('.', StringComparison.Ordinal) == true)
        {
            return Problem.Invalid($"Chained search, here behind {head}, is not supported yet.");
        }

        return values.Read(parameter, modifier, value).Match(criterion => draft.Add(criterion, name, value), problem => problem);
    }
}

using Fhir.Server.Outcomes;

namespace Fhir.Server.Search;

/// <summary>Reads a search as FHIR writes it. See https://hl7.org/fhir/R4/search.html</summary>
/// <param name="options">The limits.</param>
/// <param name="publicBaseUrl">The address of this server as clients see it.</param>
/// <param name="catalogue">The parameters in force; null = R4's own.</param>
public sealed class SearchParser(SearchOptions options, string? publicBaseUrl, SearchCatalogue? catalogue = null)
{
    private readonly SearchCatalogue parameters = catalogue ?? SearchCatalogue.Standard;
    private readonly ValueReader values = new(options, new References(publicBaseUrl));

    /// <summary>Reads the parameters of a search in one type.</summary>
    /// <param name="resourceType">The type searched.</param>
    /// <param name="query">Names and values, percent-decoded, in the order given.</param>
    /// <param name="strict">Refuses unknown parameters (<c>Prefer: handling=strict</c>).</param>
    public Outcome<SearchQuery> Parse(string resourceType, IEnumerable<KeyValuePair<string, string>> query, bool strict) =>
        SearchParameters.IsResourceType(resourceType)
            ? Parse(new QueryDraft(resourceType, null, options, strict, parameters), query)
            : Problem.Invalid($"There is no resource type '{Names.Shown(resourceType)}'.");

    /// <summary>
    /// Reads the parameters of a search in the whole system: in the types of <c>_type</c>, or in all. Only parameters that all of these
    /// have can be asked. See https://hl7.org/fhir/R4/http.html#search
    /// </summary>
    public Outcome<SearchQuery> ParseSystem(IEnumerable<KeyValuePair<string, string>> query, bool strict)
    {
        var pairs = query.ToList();
        return Types(pairs).TryGet(out var types, out var problem)
            ? Parse(new QueryDraft("", types, options, strict, parameters), pairs)
            : problem;
    }

    /// <summary>Reads the parameters of a search in a compartment. See https://hl7.org/fhir/R4/search.html#searchcontexts</summary>
    /// <param name="compartment">The compartment.</param>
    /// <param name="resourceType">The type searched, or <c>*</c> for all types of the compartment.</param>
    /// <param name="query">Names and values, percent-decoded, in the order given.</param>
    /// <param name="strict">Refuses unknown parameters (<c>Prefer: handling=strict</c>).</param>
    /// <returns><c>NotFound</c> when there is no such compartment, or the type is not in it.</returns>
    public Outcome<SearchQuery> ParseCompartment(
        CompartmentScope compartment, string resourceType, IEnumerable<KeyValuePair<string, string>> query, bool strict)
    {
        ArgumentNullException.ThrowIfNull(compartment);
        var types = Compartments.TypesOf(compartment.Type);
        if (types.Count == 0 || !References.IsId(compartment.Id))
        {
            return new Problem(ProblemKind.NotFound, $"There is no compartment {Names.Shown(compartment.Type)}/{Names.Shown(compartment.Id)}.");
        }

        if (resourceType != Include.Any)
        {
            return types.Contains(resourceType)
                ? Parse(new QueryDraft(resourceType, null, options, strict, parameters) { Compartment = compartment }, query)
                : new Problem(ProblemKind.NotFound, $"{Names.Shown(resourceType)} is not a type of the {compartment.Type} compartment.");
        }

        var pairs = query.ToList();
        if (!Types(pairs).TryGet(out var named, out var problem))
        {
            return problem;
        }

        return named?.FirstOrDefault(type => !types.Contains(type)) is { } outside
            ? Problem.Invalid($"{outside} is not a type of the {compartment.Type} compartment.")
            : Parse(new QueryDraft("", named ?? types, options, strict, parameters) { Compartment = compartment }, pairs);
    }

    private Outcome<SearchQuery> Parse(QueryDraft draft, IEnumerable<KeyValuePair<string, string>> query)
    {
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

    /// <summary>The types of <c>_type</c>; null when it is not given.</summary>
    private static Outcome<IReadOnlyList<string>?> Types(List<KeyValuePair<string, string>> query)
    {
        var given = query.Where(pair => pair.Key == "_type" && !string.IsNullOrWhiteSpace(pair.Value)).Select(pair => pair.Value).ToList();
        var types = given.SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct().ToList();
        if (types.Find(type => !SearchParameters.IsResourceType(type)) is { } unknown)
        {
            return Problem.Invalid($"There is no resource type '{Names.Shown(unknown)}'.");
        }

        return given.Count switch
        {
            0 => default(Outcome<IReadOnlyList<string>?>),
            1 => types,
            _ => Problem.Invalid("_type may be given only once."),
        };
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

        if (code == "_type")
        {
            return Type(draft, modifier, value);
        }

        if (code == "_list")
        {
            return List(draft, modifier, value);
        }

        var head = code.Split('.')[0];
        if (code == "_has" || PathReader.Leads(name))
        {
            return code == "_has" || draft.Find(head) is not null || draft.KnowsButCannot(head) ? Path(draft, name, value) : draft.Ignore(name);
        }

        if (draft.KnowsButCannot(code))
        {
            return Problem.Invalid($"The parameter {code} is not supported yet.");
        }

        return draft.Find(code) is { } parameter
            ? values.Read(parameter, modifier, value).Match(criterion => draft.Add(criterion, name, value), problem => problem)
            : draft.Ignore(name);
    }

    private Problem? Path(QueryDraft draft, string name, string value)
    {
        if (draft.IsOverTypes)
        {
            return Problem.Invalid("Chains and _has are asked of one type; the search is over several.");
        }

        return new PathReader(options, values, parameters).Read(draft.ResourceType, name, value).Match(
            end => draft.Add(end?.Link, name, value), problem => problem);
    }

    private static Problem? Type(QueryDraft draft, string? modifier, string value)
    {
        if (!draft.IsOverTypes || modifier is not null)
        {
            return Problem.Invalid("_type is for searches over several types, as [base]?_type=Patient,Observation.");
        }

        draft.Apply("_type", value);
        return null;
    }

    /// <summary>What a List names. See https://hl7.org/fhir/R4/search.html#list</summary>
    private Problem? List(QueryDraft draft, string? modifier, string value)
    {
        var ids = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(one => one.StartsWith("List/", StringComparison.Ordinal) ? one["List/".Length..] : one).ToList();
        if (modifier is not null || ids.Exists(id => !References.IsId(id)))
        {
            return Problem.Invalid("_list takes the ids of Lists; the functional lists ($current-…) are not supported.");
        }

        var item = SearchParameters.Find("List", "item")!;
        return values.Read(SearchParameters.Find("List", "_id")!, null, string.Join(',', ids)).Match(
            criterion => draft.Add(criterion is null ? null : new Link(item, true, [new LinkEnd("List", criterion, null)]), "_list", value),
            problem => problem);
    }
}

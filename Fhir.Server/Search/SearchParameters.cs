using System.Collections.Frozen;
using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>
/// Every search parameter of R4, from the definitions compiled into the SDK and the common ones it lacks.
/// See https://hl7.org/fhir/R4/searchparameter-registry.html
/// </summary>
public static class SearchParameters
{
    private const string Canonical = "http://hl7.org/fhir/SearchParameter/";

    private static readonly (string Code, SearchKind Kind, string Expression, string Url)[] Common =
    [
        ("_id", SearchKind.Token, "Resource.id", Canonical + "Resource-id"),
        ("_lastUpdated", SearchKind.Date, "Resource.meta.lastUpdated", Canonical + "Resource-lastUpdated"),
        ("_profile", SearchKind.Uri, "Resource.meta.profile", Canonical + "Resource-profile"),
        ("_security", SearchKind.Token, "Resource.meta.security", Canonical + "Resource-security"),
        ("_source", SearchKind.Uri, "Resource.meta.source", Canonical + "Resource-source"),
        ("_tag", SearchKind.Token, "Resource.meta.tag", Canonical + "Resource-tag"),
    ];

    /// <summary>Parameters of every type that R4 defines beside <see cref="Common"/> and that are not answered.</summary>
    private static readonly FrozenSet<string> CommonUnsupported =
        FrozenSet.ToFrozenSet(["_text", "_content", "_list", "_query", "_filter", "_has", "_type"], StringComparer.Ordinal);

    private static readonly Lazy<FrozenDictionary<string, TypeParameters>> ByType = new(Load);

    /// <summary>Whether R4 has such a type and instances of it exist.</summary>
    public static bool IsResourceType(string resourceType) => ByType.Value.ContainsKey(resourceType);

    /// <summary>The parameter of a type by its code; null when there is none or its kind is not answered.</summary>
    public static SearchParameterInfo? Find(string resourceType, string code) =>
        ByType.Value.TryGetValue(resourceType, out var parameters) ? parameters.Supported.GetValueOrDefault(code) : null;

    /// <summary>All parameters of a type in the order of their codes; none for an unknown type.</summary>
    public static IReadOnlyList<SearchParameterInfo> Of(string resourceType) =>
        ByType.Value.TryGetValue(resourceType, out var parameters) ? parameters.Ordered : [];

    /// <summary>True when R4 knows the parameter and this room does not answer it.</summary>
    public static bool IsKnownButUnsupported(string resourceType, string code) =>
        ByType.Value.TryGetValue(resourceType, out var parameters)
        && (CommonUnsupported.Contains(code) || parameters.Unsupported.Contains(code));

    private static FrozenDictionary<string, TypeParameters> Load()
    {
        var definitions = ModelInfo.SearchParameters.ToLookup(definition => definition.Resource);
        return ModelInfo.SupportedResources
            .Where(type => type is not ("Resource" or "DomainResource"))
            .ToFrozenDictionary(type => type, type => LoadType(type, definitions[type]), StringComparer.Ordinal);
    }

    private static TypeParameters LoadType(string type, IEnumerable<SearchParamDefinition> definitions)
    {
        var supported = Common.ToDictionary(
            common => common.Code,
            common => new SearchParameterInfo(type, common.Code, common.Kind, common.Expression, common.Url, []),
            StringComparer.Ordinal);
        var unsupported = new HashSet<string>(StringComparer.Ordinal);
        foreach (var definition in definitions)
        {
            if (Info(type, definition) is { } info)
            {
                supported.TryAdd(info.Code, info);
            }
            else if (definition.Code is not null)
            {
                unsupported.Add(definition.Code);
            }
        }

        return new(
            supported.ToFrozenDictionary(StringComparer.Ordinal),
            [.. supported.Values.OrderBy(info => info.Code, StringComparer.Ordinal)],
            unsupported.ToFrozenSet(StringComparer.Ordinal));
    }

    private static SearchParameterInfo? Info(string type, SearchParamDefinition definition)
    {
        // "phonetic" asks for a comparison by sound; answering it letter by letter would be another search.
        if (Kind(definition.Type) is not { } kind || definition is not { Code: { } code, Expression: { } union } || code == "phonetic")
        {
            return null;
        }

        var expression = SearchExpression.Own(union, type);
        return expression.Length == 0
            ? null
            : new(type, code, kind, expression, definition.Url ?? "", Targets(definition, kind, expression));
    }

    private static SearchKind? Kind(SearchParamType type) => type switch
    {
        SearchParamType.Token => SearchKind.Token,
        SearchParamType.String => SearchKind.String,
        SearchParamType.Date => SearchKind.Date,
        SearchParamType.Reference => SearchKind.Reference,
        SearchParamType.Uri => SearchKind.Uri,
        _ => null,
    };

    private static IReadOnlyList<string> Targets(SearchParamDefinition definition, SearchKind kind, string expression)
    {
        if (kind != SearchKind.Reference)
        {
            return [];
        }

        // R4 shares one "patient" between types and lists Group with it, which no Patient parameter means.
        var targets = definition.Code == "patient"
            ? ["Patient"]
            : SearchExpression.Branches(expression).Select(branch => SearchExpression.WithoutResolve(branch).TargetType).ToArray();
        return targets.All(target => target is not null)
            ? [.. targets.OfType<string>().Distinct()]
            : [.. (definition.Target ?? []).Select(target => target.ToString()).Order(StringComparer.Ordinal)];
    }

    private sealed record TypeParameters(
        FrozenDictionary<string, SearchParameterInfo> Supported,
        IReadOnlyList<SearchParameterInfo> Ordered,
        FrozenSet<string> Unsupported);
}

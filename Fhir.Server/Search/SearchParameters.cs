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
    private const string LocationNear = Canonical + "Location-near";

    /// <summary>Components of <c>DocumentReference.relationship</c>, whose expressions R4 has the wrong way round.</summary>
    private static readonly FrozenDictionary<string, string> Misnamed = new Dictionary<string, string>
    {
        [Canonical + "DocumentReference-relatesto"] = "target",
        [Canonical + "DocumentReference-relation"] = "code",
    }.ToFrozenDictionary(StringComparer.Ordinal);

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

    /// <summary>What a canonical address of R4 defines, for one of its types; null when R4 has none such, or it is not answered.</summary>
    internal static SearchParameterInfo? Defined(string url) => ByUrl.Value.GetValueOrDefault(url);

    private static readonly Lazy<FrozenDictionary<string, SearchParameterInfo>> ByUrl = new(() => ByType.Value.Values
        .SelectMany(parameters => parameters.Ordered).Where(parameter => parameter.Url.Length > 0).DistinctBy(parameter => parameter.Url)
        .ToFrozenDictionary(parameter => parameter.Url, StringComparer.Ordinal));

    /// <summary>Every type of R4 of which there are instances.</summary>
    internal static IEnumerable<string> ResourceTypes => ByType.Value.Keys;

    private static FrozenDictionary<string, TypeParameters> Load()
    {
        var definitions = ModelInfo.SearchParameters.ToLookup(definition => definition.Resource);
        var byUrl = ModelInfo.SearchParameters.Where(definition => definition.Url is not null).DistinctBy(definition => definition.Url)
            .ToDictionary(definition => definition.Url!, StringComparer.Ordinal);
        return ModelInfo.SupportedResources
            .Where(type => type is not ("Resource" or "DomainResource"))
            .ToFrozenDictionary(type => type, type => LoadType(type, [.. definitions[type]], byUrl), StringComparer.Ordinal);
    }

    /// <summary>Whether a string parameter is compared by sound. See https://hl7.org/fhir/R4/patient.html#search</summary>
    internal static bool IsPhonetic(SearchParameterInfo parameter) => parameter is { Kind: SearchKind.String, Code: "phonetic" };

    private static TypeParameters LoadType(string type, IReadOnlyList<SearchParamDefinition> definitions, Dictionary<string, SearchParamDefinition> byUrl)
    {
        var supported = Common.ToDictionary(
            common => common.Code,
            common => new SearchParameterInfo(type, common.Code, common.Kind, common.Expression, common.Url, []),
            StringComparer.Ordinal);
        var unsupported = new HashSet<string>(StringComparer.Ordinal);
        foreach (var definition in definitions)
        {
            if (Info(type, definition, byUrl) is { } info)
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

    private static SearchParameterInfo? Info(string type, SearchParamDefinition definition, Dictionary<string, SearchParamDefinition> byUrl)
    {
        if (Kind(definition) is not { } kind || definition is not { Code: { } code, Expression: { } union })
        {
            return null;
        }

        var expression = SearchExpression.Own(union, type);
        var info = new SearchParameterInfo(type, code, kind, expression, definition.Url ?? "", Targets(definition, kind, expression));
        if (kind == SearchKind.Composite)
        {
            info = info with { Components = [.. Components(type, definition, byUrl)] };
        }

        return expression.Length == 0 || (kind == SearchKind.Composite && info.Components.Count < 2) ? null : info;
    }

    /// <summary>The components in the order of their values; none unless all are values that can be compared.</summary>
    private static List<SearchComponent> Components(string type, SearchParamDefinition composite, Dictionary<string, SearchParamDefinition> byUrl)
    {
        var components = new List<SearchComponent>();
        foreach (var component in composite.Component ?? [])
        {
            if (!byUrl.TryGetValue(component.Definition ?? "", out var definition) || Kind(definition) is not { } kind || kind is SearchKind.Composite or SearchKind.Special)
            {
                return [];
            }

            var expression = Misnamed.GetValueOrDefault(definition.Url!, component.Expression ?? "");
            components.Add(new(new(type, definition.Code!, kind, expression, definition.Url!, Targets(definition, kind, definition.Expression ?? "")), expression));
        }

        return components;
    }

    private static SearchKind? Kind(SearchParamDefinition definition) => definition is { Type: SearchParamType.Special, Url: not LocationNear } ? null : Kind(definition.Type);

    /// <summary>The kind of a type of parameter; null for what has none.</summary>
    internal static SearchKind? Kind(SearchParamType type) => type switch
    {
        SearchParamType.Token => SearchKind.Token,
        SearchParamType.String => SearchKind.String,
        SearchParamType.Date => SearchKind.Date,
        SearchParamType.Reference => SearchKind.Reference,
        SearchParamType.Uri => SearchKind.Uri,
        SearchParamType.Number => SearchKind.Number,
        SearchParamType.Quantity => SearchKind.Quantity,
        SearchParamType.Composite => SearchKind.Composite,
        SearchParamType.Special => SearchKind.Special,
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

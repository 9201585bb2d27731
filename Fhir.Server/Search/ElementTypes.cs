using System.Collections.Concurrent;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>Which types of element a parameter can find: some modifiers are only for some of them. See https://hl7.org/fhir/R4/search.html#modifiers</summary>
internal static class ElementTypes
{
    private static readonly ConcurrentDictionary<(string ResourceType, string Expression), IReadOnlySet<string>> Known = new();

    /// <summary>The names of the types; none where the expression is more than a path.</summary>
    public static IReadOnlySet<string> Of(SearchParameterInfo parameter) => Known.GetOrAdd(
        (parameter.ResourceType, parameter.Expression),
        static key => SearchExpression.Branches(key.Expression).SelectMany(branch => Of(key.ResourceType, branch)).ToHashSet(StringComparer.Ordinal));

    private static IEnumerable<string> Of(string resourceType, string branch)
    {
        var path = SearchExpression.RelativeTo(SearchExpression.Root(branch), SearchExpression.WithoutResolve(branch).Path);
        IReadOnlyList<Type> types = [ModelInfo.GetTypeForFhirType(resourceType)!];
        foreach (var step in path.Split('.'))
        {
            if (step.StartsWith("ofType(", StringComparison.Ordinal))
            {
                types = ModelInfo.GetTypeForFhirType(step["ofType(".Length..].TrimEnd(')')) is { } type ? [type] : [];
            }
            else if (step != "$this" && !step.StartsWith("where(", StringComparison.Ordinal))
            {
                types = [.. types.SelectMany(type => ModelInfo.ModelInspector.FindOrImportClassMapping(type)?.FindMappedElementByName(step)?.FhirType ?? [])];
            }
        }

        return types.Select(ModelInfo.GetFhirTypeNameForType).OfType<string>();
    }
}

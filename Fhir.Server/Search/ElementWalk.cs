using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>Follows a plain path through the definitions of R4: which types of element it leads to, or where it leads nowhere.</summary>
internal static class ElementWalk
{
    /// <summary>Whether an element of a resource type, as <c>ImagingStudy.series</c>, has a child of this name.</summary>
    public static bool Has(string element, string child)
    {
        var parts = element.Split('.');
        return Of([ModelInfo.GetTypeForFhirType(parts[0])!], string.Join('.', parts.Skip(1).Append(child)), out var missing) is not null && missing is null;
    }

    /// <summary>The types a path leads to; null when it is more than a path, or leads where types cannot be told.</summary>
    /// <param name="starts">Where it begins.</param>
    /// <param name="path">The path, relative to that.</param>
    /// <param name="missing">A name on the way that R4 does not know there.</param>
    public static IReadOnlyList<Type>? Of(IReadOnlyList<Type> starts, string path, out string? missing)
    {
        missing = null;
        if (ElementPath.Members(path) is not { } members)
        {
            return null;
        }

        var types = starts;
        foreach (var (member, ofType) in members)
        {
            if (types.Any(type => type.IsAbstract))
            {
                return null;
            }

            types = [.. types.SelectMany(type => ModelInfo.ModelInspector.FindOrImportClassMapping(type)?.FindMappedElementByName(member)?.FhirType ?? [])];
            if (types.Count == 0)
            {
                missing = member;
                return null;
            }

            if (ofType is not null)
            {
                var named = ModelInfo.GetTypeForFhirType(ofType) ?? types.FirstOrDefault(type => string.Equals(NameOf(type), ofType, StringComparison.OrdinalIgnoreCase));
                if (named is null || !types.Any(type => type.IsAbstract || type.IsAssignableFrom(named) || named.IsAssignableFrom(type)))
                {
                    missing = ofType;
                    return null;
                }

                types = [named];
            }
        }

        return types;
    }

    /// <summary>The FHIR name of a type; null when it has none of its own.</summary>
    public static string? NameOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Code<>) ? "code" : ModelInfo.GetFhirTypeNameForType(type);
}

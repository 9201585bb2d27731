using System.Collections.Frozen;
using System.Reflection;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;
using Hl7.Fhir.Utility;

namespace Fhir.Server.Validation;

/// <summary>A value set of R4 that an element is bound to with strength required.</summary>
/// <param name="Url">Its canonical address.</param>
/// <param name="Name">Its name.</param>
/// <param name="Concepts">All of its concepts.</param>
public sealed record ModelValueSet(string Url, string Name, IReadOnlyList<Concept> Concepts);

/// <summary>
/// The value sets R4 binds its codes to (https://hl7.org/fhir/R4/terminologies.html#required), from the enumerations compiled into the
/// SDK; but for what these have of later versions of FHIR, or lack of R4.
/// </summary>
public static class ModelCodes
{
    /// <summary>The version of FHIR these are of.</summary>
    public const string FhirVersion = "4.0.1";

    private const string ValueSets = "http://hl7.org/fhir/ValueSet/";

    /// <summary>Value sets of which the SDK's list is that of several versions, or that name no concepts of their own.</summary>
    private static readonly FrozenSet<string> NotOfR4 = FrozenSet.ToFrozenSet(
        [ValueSets + "FHIR-version", ValueSets + "related-artifact-type", ValueSets + "currencies"], StringComparer.Ordinal);

    /// <summary>Codes that came after R4.</summary>
    private static readonly FrozenSet<(string, string)> CameLater = FrozenSet.ToFrozenSet<(string, string)>(
    [
        (ValueSets + "quantity-comparator", "ad"), (ValueSets + "filter-operator", "child-of"), (ValueSets + "filter-operator", "descendent-leaf"),
        (ValueSets + "bundle-type", "subscription-notification"), (ValueSets + "discriminator-type", "position"), (ValueSets + "issue-severity", "success"),
        (ValueSets + "issue-type", "success"), (ValueSets + "issue-type", "limited-filter"),
    ]);

    private static readonly Lazy<FrozenDictionary<string, ModelValueSet>> ByUrl = new(Load);
    private static readonly Lazy<FrozenDictionary<string, IReadOnlyList<Concept>>> Systems = new(LoadSystems);

    /// <summary>All of them.</summary>
    public static IEnumerable<ModelValueSet> All => ByUrl.Value.Values;

    /// <summary>The value set of a canonical address; null when it is none of these.</summary>
    public static ModelValueSet? Find(string url) => ByUrl.Value.GetValueOrDefault(url);

    /// <summary>All concepts of a code system that R4 defines for one of these; null when not all of them are known.</summary>
    public static IReadOnlyList<Concept>? WholeSystem(string system) => Systems.Value.GetValueOrDefault(system);

    /// <summary>A concept that is in one of these value sets, whether or not its code system is known as a whole.</summary>
    public static Concept? FindConcept(string system, string code) =>
        All.SelectMany(set => set.Concepts).FirstOrDefault(concept => concept.System == system && concept.Code == code);

    private static FrozenDictionary<string, ModelValueSet> Load() => ModelInfo.ModelInspector.ClassMappings
        .SelectMany(mapping => mapping.PropertyMappings).Select(element => element.ImplementingType)
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Code<>)).Select(type => type.GetGenericArguments()[0]).Distinct()
        .Select(Read).OfType<ModelValueSet>()
        .GroupBy(set => set.Url).ToFrozenDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);

    private static ModelValueSet? Read(Type type)
    {
        if (type.GetCustomAttribute<FhirEnumerationAttribute>() is not { Valueset: { } url } || NotOfR4.Contains(url))
        {
            return null;
        }
        var concepts = Enum.GetValues(type).Cast<Enum>()
            .Select(value => new Concept(value.GetSystem() ?? "", value.GetLiteral() ?? "", value.GetDocumentation()) { Version = SystemVersion(value.GetSystem()) })
            .Where(concept => concept is { System.Length: > 0, Code.Length: > 0 } && !CameLater.Contains((url, concept.Code))).ToList();
        if (url == ValueSets + "item-type")
        {
            // No item may be just a question, so the SDK has no such member.
            concepts.Add(new Concept("http://hl7.org/fhir/item-type", "question", "Question") { IsAbstract = true, Version = FhirVersion });
        }
        return new ModelValueSet(url, EnumUtility.GetName(type) ?? type.Name, concepts);
    }

    private static string? SystemVersion(string? system) => system?.StartsWith("http://hl7.org/fhir/", StringComparison.Ordinal) == true ? FhirVersion : null;

    /// <summary>R4 gives each code system it makes for a binding a value set of the same name with all of its codes.</summary>
    private static FrozenDictionary<string, IReadOnlyList<Concept>> LoadSystems() => All
        .Where(set => set.Concepts.All(concept => concept.System == set.Concepts[0].System) && NameOf(set.Concepts[0].System) == NameOf(set.Url))
        .ToFrozenDictionary(set => set.Concepts[0].System, set => set.Concepts, StringComparer.Ordinal);

    private static string NameOf(string url) => url[(url.LastIndexOf('/') + 1)..];
}

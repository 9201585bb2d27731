using System.Collections.Concurrent;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Formats;

/// <summary>What becomes of one member of a JSON object.</summary>
/// <param name="Keeps">Whether it stays at all.</param>
/// <param name="InsideType">The type whose summary alone stays inside; null when all does.</param>
internal readonly record struct ElementRule(bool Keeps, ClassMapping? InsideType = null)
{
    /// <summary>What stays inside; null when all does. Made when it is needed: types hold each other in circles.</summary>
    public ElementChoice? Inside => InsideType is null ? null : ElementChoice.OfSummary(InsideType);
}

/// <summary>
/// Which members of the JSON of a type stay in a subset, made from what the model says of its elements (in summary, mandatory, choice
/// of types) and kept. See https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.isSummary
/// </summary>
internal sealed class ElementChoice
{
    private static readonly ConcurrentDictionary<ClassMapping, ElementChoice> Summaries = new();
    private static readonly ConcurrentDictionary<(string, SummaryForm), ElementChoice> Forms = new();

    private readonly Dictionary<string, ElementRule> rules = new(StringComparer.Ordinal);
    private readonly List<(string Prefix, ElementRule Rule)> choices = [];

    private ElementChoice(ClassMapping type, Func<PropertyMapping, ElementRule> judge)
    {
        foreach (var element in type.PropertyMappings)
        {
            var rule = judge(element);
            rules[element.Name] = rule;
            if (element.Choice == ChoiceType.DatatypeChoice)
            {
                choices.Add((element.Name, rule with { InsideType = null }));
            }
        }
    }

    /// <summary>The choice a subset makes for a type of resource.</summary>
    public static ElementChoice For(string type, Subset subset)
    {
        var mapping = ModelInfo.ModelInspector.FindClassMapping(type) ?? throw new InvalidOperationException($"There is no type {type}.");
        return subset.Elements.Count > 0
            ? new ElementChoice(mapping, element => new(IsAlways(element) || subset.Names(type, element.Name)))
            : Forms.GetOrAdd((type, subset.Form), key => Make(mapping, key.Item2));
    }

    /// <summary>What becomes of a member: <c>valueQuantity</c> by its element <c>value[x]</c>, <c>_birthDate</c> by <c>birthDate</c>.</summary>
    public ElementRule Of(string member)
    {
        var name = member.StartsWith('_') ? member[1..] : member;
        if (!rules.TryGetValue(name, out var rule))
        {
            rule = choices.Find(one => name.Length > one.Prefix.Length && name.StartsWith(one.Prefix, StringComparison.Ordinal) && char.IsUpper(name[one.Prefix.Length])).Rule;
        }
        return name.Length < member.Length ? rule with { InsideType = null } : rule;
    }

    private static ElementChoice Make(ClassMapping type, SummaryForm form) => form switch
    {
        SummaryForm.Text => new(type, element => new(IsAlways(element) || element.Name == "text")),
        SummaryForm.Data => new(type, element => new(element.Name != "text")),
        _ => OfSummary(type),
    };

    /// <summary>The elements of a type that are marked as summary.</summary>
    public static ElementChoice OfSummary(ClassMapping type) => Summaries.GetOrAdd(type, mapping => new(mapping, element =>
        new(element.InSummary || IsAlways(element), Inside(element))));

    /// <summary>Elements of types that stand for others, as resources inside a resource, stay as they are.</summary>
    private static ClassMapping? Inside(PropertyMapping element) =>
        element.Choice == ChoiceType.None && element.PropertyTypeMapping is { IsResource: false, IsFhirPrimitive: false, IsPrimitive: false } type
            && element.Name != "meta"
                ? type
                : null;

    /// <summary>What must be there for the rest to be understood.</summary>
    private static bool IsAlways(PropertyMapping element) =>
        element.IsMandatoryElement || element.Name is "id" or "meta" or "implicitRules" or "modifierExtension";
}

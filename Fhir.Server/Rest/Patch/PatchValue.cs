using System.Collections;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Patch;

/// <summary>
/// Values of a FHIRPath Patch as elements of the type their place has: a value is taken when it is of that type, parts are put together
/// to it. See https://hl7.org/fhir/R4/fhirpatch.html
/// </summary>
internal static class PatchValue
{
    /// <summary>What a part may be called whose element is a choice.</summary>
    private const string Choice = "[x]";

    /// <summary>Primitive types that are special cases of others. See https://hl7.org/fhir/R4/datatypes.html</summary>
    private static readonly string[][] Families =
    [
        ["string", "code", "id", "markdown"], ["uri", "url", "canonical", "oid", "uuid"], ["integer", "unsignedInt", "positiveInt"],
        // A parameter has no xhtml; how it is marked up is judged when the resource is read again.
        ["string", "xhtml"],
    ];

    /// <summary>What the SDK knows of the type of an element.</summary>
    public static ClassMapping? MappingOf(Base element) => ModelInfo.ModelInspector.FindClassMapping(element.GetType());

    /// <summary>A new list for an element that repeats.</summary>
    public static IList NewList(PropertyMapping mapping) => (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(mapping.ImplementingType))!;

    /// <summary>Adds an element: behind the last of a list, or where none is yet. Gives a fault in words, or null.</summary>
    public static string? Add(Base owner, string name, Parameters.ParameterComponent value)
    {
        name = name.EndsWith(Choice, StringComparison.Ordinal) ? name[..^Choice.Length] : name;
        var type = MappingOf(owner);
        if ((type?.FindMappedElementByName(name) ?? type?.FindMappedElementByChoiceName(name)) is not { IsPrimitive: false } mapping)
        {
            return "there is no such element there.";
        }
        var isThere = owner.TryGetValue(mapping.Name, out var present);
        if (isThere && !mapping.IsCollection)
        {
            return "the element is there already and does not repeat.";
        }
        if (Make(mapping, name, value, out var element) is { } fault)
        {
            return fault;
        }
        if (mapping.IsCollection)
        {
            var list = isThere ? (IList)present! : NewList(mapping);
            list.Add(element);
            owner.SetValue(mapping.Name, list);
        }
        else
        {
            owner.SetValue(mapping.Name, element);
        }
        return null;
    }

    /// <summary>Makes an element of the type its place has. Gives a fault in words, or null.</summary>
    /// <param name="mapping">The place.</param>
    /// <param name="name">How the place was named; of a choice it may name the type.</param>
    /// <param name="value">What it is made of.</param>
    /// <param name="element">The element, which belongs to nobody else.</param>
    public static string? Make(PropertyMapping mapping, string name, Parameters.ParameterComponent value, out Base? element)
    {
        element = null;
        var given = (Base?)value.Value ?? value.Resource;
        if (given is not null)
        {
            var isNamed = name == mapping.Name || name.Equals(mapping.Name + given.TypeName, StringComparison.OrdinalIgnoreCase);
            element = isNamed ? Convert(mapping, (Base)given.DeepCopy()) : null;
            return element is null ? "the value is not of the type of the element." : null;
        }
        if (TypeOf(mapping, name) is not { IsAbstract: not true } type || value.Part.Count == 0)
        {
            return "the value is missing, or its type cannot be told.";
        }
        var made = type.CreateInstance();
        foreach (var part in value.Part)
        {
            if (Add(made, part.Name ?? "", part) is { } fault)
            {
                return fault;
            }
        }
        element = made;
        return null;
    }

    /// <summary>The type parts are put together to: that of the element, or of a choice the one its name ends with.</summary>
    private static ClassMapping? TypeOf(PropertyMapping mapping, string name) => mapping.Choice == ChoiceType.None
        ? ModelInfo.ModelInspector.FindClassMapping(mapping.ImplementingType)
        : mapping.FhirType.Select(ModelInfo.ModelInspector.FindClassMapping)
            .FirstOrDefault(type => type is not null && name.Equals(mapping.Name + type.Name, StringComparison.OrdinalIgnoreCase));

    private static Base? Convert(PropertyMapping mapping, Base value)
    {
        if (mapping.Choice != ChoiceType.None)
        {
            return Array.Exists(mapping.FhirType, type => type.IsInstanceOfType(value)) ? value : null;
        }
        if (value.GetType() == mapping.ImplementingType)
        {
            return value;
        }
        // An element of a required value set is a code of an enumeration; those of special types take the general one too.
        if (value is not PrimitiveType primitive || Activator.CreateInstance(mapping.ImplementingType) is not PrimitiveType target
            || (value.TypeName != target.TypeName && !Array.Exists(Families, family => family.Contains(value.TypeName) && family.Contains(target.TypeName))))
        {
            return null;
        }
        (target.JsonValue, target.ElementId, target.Extension) = (primitive.JsonValue, primitive.ElementId, primitive.Extension);
        return target;
    }
}

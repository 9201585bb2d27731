using System.Collections.Frozen;

namespace Fhir.Server.Search;

/// <summary>Which types belong to a compartment, and by which parameters. See https://hl7.org/fhir/R4/compartmentdefinition.html</summary>
public static partial class Compartments
{
    /// <summary>The parameter name R4 gives to the resource that names the compartment.</summary>
    public const string Itself = "{def}";

    private static readonly FrozenDictionary<string, FrozenDictionary<string, string[]>> ByCompartment = Facts.ToFrozenDictionary(
        one => one.Key,
        one => one.Value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' ')).ToFrozenDictionary(words => words[0], words => words[1..], StringComparer.Ordinal),
        StringComparer.Ordinal);

    /// <summary>Whether R4 has a compartment of this name.</summary>
    public static bool Exists(string compartment) => ByCompartment.ContainsKey(compartment);

    /// <summary>The types of a compartment, in the order of their names; none for an unknown one.</summary>
    public static IReadOnlyList<string> TypesOf(string compartment) =>
        ByCompartment.TryGetValue(compartment, out var types) ? [.. types.Keys.Order(StringComparer.Ordinal)] : [];

    /// <summary>The parameters by which resources of a type belong to a compartment; none when the type is not in it.</summary>
    public static IReadOnlyList<string> ParametersOf(string compartment, string type) =>
        ByCompartment.TryGetValue(compartment, out var types) && types.TryGetValue(type, out var codes) ? codes : [];

    /// <summary>Whether a parameter of a type says to which compartment its resources belong.</summary>
    public static bool Uses(string type, string code) => ByCompartment.Values.Any(types => types.TryGetValue(type, out var codes) && codes.Contains(code));
}

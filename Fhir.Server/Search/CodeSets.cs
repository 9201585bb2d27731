using Fhir.Server.Outcomes;

namespace Fhir.Server.Search;

/// <summary>
/// What the modifiers <c>:in</c>, <c>:not-in</c>, <c>:above</c> and <c>:below</c> of tokens stand for: sets of codes. Whoever knows
/// terminology looks them up before the query is read; this room only takes them. See https://hl7.org/fhir/R4/search.html#token
/// </summary>
public sealed class CodeSets
{
    /// <summary>Codes in one condition; more is too costly.</summary>
    public const int MaxCodes = 500;

    /// <summary>Of a set without codes: no row says neither a code nor a system.</summary>
    internal static readonly TokenValue Nothing = new(null, true, "");

    private static readonly string[] Modifiers = ["in", "not-in", "above", "below"];

    private readonly IReadOnlyDictionary<Name, Outcome<IReadOnlyList<Code>>> sets;

    /// <param name="sets">The codes of each name, or why they cannot be said.</param>
    public CodeSets(IReadOnlyDictionary<Name, Outcome<IReadOnlyList<Code>>> sets) => this.sets = sets;

    /// <summary>No set is known.</summary>
    public static CodeSets None { get; } = new(new Dictionary<Name, Outcome<IReadOnlyList<Code>>>());

    /// <summary>
    /// The names a query may ask about. It may name more than it needs: <c>:below</c> is a modifier of URIs too.
    /// </summary>
    public static IEnumerable<Name> AskedIn(IEnumerable<KeyValuePair<string, string>> query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return query.Where(pair => pair.Value is not null)
            .Select(pair => (Modifier: Modifiers.FirstOrDefault(one => pair.Key.EndsWith(":" + one, StringComparison.Ordinal)), pair.Value))
            .Where(pair => pair.Modifier is not null)
            .SelectMany(pair => SearchSyntax.Split(pair.Value, ',').Where(part => !string.IsNullOrWhiteSpace(part)).Select(part => new Name(Means(pair.Modifier!), part)))
            .Distinct();
    }

    /// <summary>The codes a modifier and value stand for.</summary>
    internal Outcome<IReadOnlyList<Code>> Find(string modifier, string value) => sets.TryGetValue(new(Means(modifier), value), out var found)
        ? found
        : Problem.Invalid($"The modifier ':{Names.Shown(modifier)}' is not taken here.");

    private static string Means(string modifier) => modifier == "not-in" ? "in" : modifier;

    /// <summary>What stands for a set.</summary>
    /// <param name="Modifier"><c>in</c>, <c>above</c> or <c>below</c>.</param>
    /// <param name="Value">One value of the condition, with its escapes.</param>
    public readonly record struct Name(string Modifier, string Value);

    /// <summary>A code of a set.</summary>
    /// <param name="System">Its system.</param>
    /// <param name="Value">The code.</param>
    public readonly record struct Code(string System, string Value);
}

using System.Text.RegularExpressions;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Search;

/// <summary>Reads the values and modifiers of one parameter. See https://hl7.org/fhir/R4/search.html#ptypes</summary>
internal sealed partial class ValueReader(SearchOptions options, References references)
{
    /// <summary>Reads one condition.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="modifier">What stood behind the colon; null when nothing did.</param>
    /// <param name="value">One or more values, not blank.</param>
    /// <returns>The criterion; null when all values are empty, as in <c>name=,</c>.</returns>
    public Outcome<Criterion?> Read(SearchParameterInfo parameter, string? modifier, string value)
    {
        if (!TryModifier(parameter, modifier, out var how, out var type))
        {
            return Problem.Invalid($"The modifier ':{Names.Shown(modifier)}' is not supported for {parameter.ResourceType}.{parameter.Code}.");
        }

        if (how == Modifier.Missing)
        {
            return value is "true" or "false"
                ? new Criterion(parameter, how, [], value == "true")
                : Problem.Invalid($"{parameter.Code}:missing takes true or false.");
        }

        var parts = SearchSyntax.Split(value, ',').Where(part => !string.IsNullOrWhiteSpace(part)).ToArray();
        if (parts.Length > options.MaxValuesInOr)
        {
            return Problem.TooCostly($"{parameter.Code} takes at most {options.MaxValuesInOr} values at once.");
        }

        if (modifier is "in" or "not-in" or "above" or "below" && parameter.Kind == SearchKind.Token)
        {
            return parts.Length == 0 ? default(Outcome<Criterion?>) : OfSets(parameter, how, modifier, parts);
        }

        var values = new List<SearchValue>(parts.Length);
        foreach (var part in parts)
        {
            if (!Value(parameter, how, type, part).TryGet(out var read, out var problem))
            {
                return problem;
            }

            values.Add(read);
        }

        return values.Count == 0 ? default(Outcome<Criterion?>) : new Criterion(parameter, how, values, false);
    }

    /// <summary>The codes of all sets named; an element of type code has no system of its own to compare.</summary>
    private Outcome<Criterion?> OfSets(SearchParameterInfo parameter, Modifier how, string modifier, IEnumerable<string> names)
    {
        var hasSystem = ElementTypes.Of(parameter).Overlaps(Shown);
        var values = new HashSet<TokenValue>();
        foreach (var name in names)
        {
            if (!options.CodeSets.Find(modifier, name).TryGet(out var codes, out var problem))
            {
                return problem;
            }

            values.UnionWith(codes.Select(code => new TokenValue(hasSystem ? code.System : null, false, code.Value)));
        }

        if (values.Count > CodeSets.MaxCodes)
        {
            return Problem.TooCostly($"{parameter.Code}:{modifier} names more than {CodeSets.MaxCodes} codes.");
        }

        return new Criterion(parameter, how, values.Count == 0 ? [CodeSets.Nothing] : [.. values], false);
    }

    private static bool TryModifier(SearchParameterInfo parameter, string? text, out Modifier modifier, out string? type)
    {
        type = null;
        modifier = (parameter.Kind, text) switch
        {
            (_, "missing") => Modifier.Missing,
            (SearchKind.Token, "not") => Modifier.Not,
            (SearchKind.Token, "not-in") when ElementTypes.Of(parameter).Overlaps(Coded) => Modifier.Not,
            (SearchKind.Token, "text") when ElementTypes.Of(parameter).Overlaps(Shown) => Modifier.Text,
            (SearchKind.Token, "of-type") when ElementTypes.Of(parameter).Contains("Identifier") => Modifier.OfType,
            (SearchKind.String, "exact") when !SearchParameters.IsPhonetic(parameter) => Modifier.Exact,
            (SearchKind.String, "contains") when !SearchParameters.IsPhonetic(parameter) => Modifier.Contains,
            (SearchKind.Reference, "identifier") => Modifier.Identifier,
            (SearchKind.Uri, "below") => Modifier.Below,
            (SearchKind.Uri, "above") => Modifier.Above,
            _ => Modifier.None,
        };
        if (text is null || modifier != Modifier.None
            || (text is "in" or "above" or "below" && parameter.Kind == SearchKind.Token && ElementTypes.Of(parameter).Overlaps(Coded)))
        {
            return true;
        }

        type = parameter.Kind == SearchKind.Reference && parameter.Targets.Contains(text) ? text : null;
        return type is not null;
    }

    private Outcome<SearchValue> Value(SearchParameterInfo parameter, Modifier modifier, string? type, string text) =>
        (parameter.Kind, modifier) switch
        {
            (_, Modifier.Text) => Words(parameter, SearchSyntax.Unescape(text)),
            (_, Modifier.OfType) => OfType(parameter, text),
            (SearchKind.Token, _) or (_, Modifier.Identifier) => Token(parameter, text),
            (SearchKind.String, _) when SearchParameters.IsPhonetic(parameter) => Sound(parameter, SearchSyntax.Unescape(text)),
            (SearchKind.String, _) => String(parameter, modifier, SearchSyntax.Unescape(text)),
            (SearchKind.Date, _) => Date(parameter, SearchSyntax.Unescape(text)),
            (SearchKind.Reference, _) => Reference(parameter, type, SearchSyntax.Unescape(text)),
            (SearchKind.Number, _) => Number(parameter, SearchSyntax.Unescape(text)).Match<Outcome<SearchValue>>(number => number, problem => problem),
            (SearchKind.Quantity, _) => Quantity(parameter, text),
            (SearchKind.Composite, _) => Composite(parameter, text),
            (SearchKind.Special, _) => Positions.Read(parameter.Code, text),
            _ => new UriValue(SearchSyntax.Unescape(text)),
        };

    private Outcome<SearchValue> Composite(SearchParameterInfo parameter, string text)
    {
        var parts = SearchSyntax.Split(text, '$');
        if (parts.Count != parameter.Components.Count || parts.Any(string.IsNullOrWhiteSpace))
        {
            return Problem.Invalid($"{parameter.Code} takes {string.Join('$', parameter.Components.Select(component => component.Parameter.Code))}.");
        }

        var values = new List<SearchValue>(parts.Count);
        foreach (var (index, part) in parts.Index())
        {
            if (!Value(parameter.Components[index].Parameter, Modifier.None, null, part).TryGet(out var value, out var problem))
            {
                return problem;
            }

            values.Add(value);
        }

        return new CompositeValue(values);
    }

    private static Outcome<SearchValue> Token(SearchParameterInfo parameter, string text)
    {
        var parts = SearchSyntax.Split(text, '|');
        var code = DicomUids.Bare(SearchSyntax.Unescape(parts[^1]));
        var system = parts.Count == 2 ? SearchSyntax.Unescape(parts[0]) : null;
        if (parts.Count > 2 || (string.IsNullOrEmpty(system) && code.Length == 0))
        {
            return Problem.Invalid($"{parameter.Code} takes code, system|code, |code or system|.");
        }

        // These elements are ids without a system, but mean DICOM UIDs.
        if (system == DicomUids.System && parameter is { ResourceType: "ImagingStudy", Code: "series" or "instance" } && code.Length > 0)
        {
            system = null;
        }

        return new TokenValue(string.IsNullOrEmpty(system) ? null : system, system is { Length: 0 }, code.Length == 0 ? null : code);
    }

    private static Outcome<SearchValue> Words(SearchParameterInfo parameter, string text) =>
        SearchWords.Fold(text) is { Length: > 0 } words ? new StringValue(words, text) : NoLetters(parameter);

    private static Outcome<SearchValue> Sound(SearchParameterInfo parameter, string text) =>
        SearchWords.Sound(text) is { Length: > 0 } sounds ? new StringValue(sounds, sounds) : NoLetters(parameter);

    private static Outcome<SearchValue> OfType(SearchParameterInfo parameter, string text)
    {
        var parts = SearchSyntax.Split(text, '|').Select(SearchSyntax.Unescape).ToArray();
        return parts.Length == 3 && parts[1].Length > 0 && parts[2].Length > 0
            ? new TokenValue(parts[0].Length == 0 ? null : parts[0], false, SearchSyntax.OfType(parts[1], DicomUids.Bare(parts[2])))
            : Problem.Invalid($"{parameter.Code}:of-type takes system|code|value: the type of an identifier and the identifier.");
    }

    private static Outcome<SearchValue> String(SearchParameterInfo parameter, Modifier modifier, string text)
    {
        var folded = SearchFolding.Fold(text);
        return folded.Length == 0 && modifier != Modifier.Exact
            ? NoLetters(parameter)
            : new StringValue(folded, text);
    }

    private static Problem NoLetters(SearchParameterInfo parameter) => Problem.Invalid($"A value of {parameter.Code} has no letters to search for.");

    /// <summary>Takes a prefix off; false when there is one that nobody knows.</summary>
    private static bool TryPrefix(ref string text, out Comparison comparison)
    {
        comparison = Comparison.Eq;
        if (text.Length > 2 && char.IsAsciiLetter(text[0]))
        {
            if (!Prefixes.TryGetValue(text[..2], out comparison))
            {
                return false;
            }

            text = text[2..];
        }

        return true;
    }

    private static Problem UnknownPrefix(SearchParameterInfo parameter) =>
        Problem.Invalid($"{parameter.Code} has an unknown prefix; these are known: {string.Join(", ", Prefixes.Keys)}.");

    private static Outcome<NumberValue> Number(SearchParameterInfo parameter, string text)
    {
        if (!TryPrefix(ref text, out var comparison))
        {
            return UnknownPrefix(parameter);
        }

        return FhirNumbers.TryParse(text, out var number)
            ? FhirNumbers.With(number, comparison)
            : Problem.Invalid($"{parameter.Code} takes a number as FHIR writes it, such as 100, 1.50 or 1e2.");
    }

    private static Outcome<SearchValue> Quantity(SearchParameterInfo parameter, string text)
    {
        var parts = SearchSyntax.Split(text, '|').Select(SearchSyntax.Unescape).ToArray();
        if (parts.Length is not (1 or 3))
        {
            return Problem.Invalid($"{parameter.Code} takes number, number||code or number|system|code.");
        }

        if (!Number(parameter, parts[0]).TryGet(out var number, out var problem))
        {
            return problem;
        }

        var system = parts.Length == 3 && parts[1].Length > 0 ? parts[1] : null;
        var code = parts.Length == 3 && parts[2].Length > 0 ? parts[2] : null;
        return system == UcumUnits.System && code is not null && UcumUnits.Find(code) is { } unit
            ? new QuantityValue(new(number.Comparison, unit.Convert(number.Exact), unit.Convert(number.From), unit.Convert(number.Until)), QuantityRow.Canonical, unit.Base)
            : new QuantityValue(number, system, code);
    }

    private Outcome<SearchValue> Date(SearchParameterInfo parameter, string text)
    {
        if (!TryPrefix(ref text, out var comparison))
        {
            return UnknownPrefix(parameter);
        }

        // A plus that was not percent-encoded arrives as a blank.
        text = BlankZone().Replace(text, "+$1");
        if (!FhirDates.TryParse(text, options.Zone, out var from, out var until))
        {
            return Problem.Invalid($"{parameter.Code} takes a date as FHIR writes it, such as 2024, 2024-02-29 or 2024-02-29T10:00:00Z.");
        }

        return comparison == Comparison.Ap ? Widened(from, until) : new DateValue(comparison, from, until);
    }

    /// <summary>R4 recommends a tenth of the distance between now and the date.</summary>
    private DateValue Widened(long from, long until)
    {
        var now = ((options.Clock ?? TimeProvider.System).GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var margin = Math.Abs(now - from) / 10;
        return new DateValue(Comparison.Ap, from - margin, until + margin);
    }

    private Outcome<SearchValue> Reference(SearchParameterInfo parameter, string? type, string text)
    {
        var (found, id) = references.Read(text);
        if (found is not null)
        {
            return type is null || type == found
                ? new ReferenceValue(found, id)
                : Problem.Invalid($"{parameter.Code}:{type} was given a reference to a {found}.");
        }

        if (References.IsId(text))
        {
            return new ReferenceValue(type ?? (parameter.Targets.Count == 1 ? parameter.Targets[0] : null), text);
        }

        return text.Contains(':', StringComparison.Ordinal)
            ? new ReferenceValue(null, id)
            : Problem.Invalid($"{parameter.Code} takes an id, Type/id or an absolute URL.");
    }

    /// <summary>Types of element that have words for people beside their code.</summary>
    private static readonly string[] Shown = ["CodeableConcept", "Coding", "Identifier"];

    /// <summary>Types of element that say a concept.</summary>
    private static readonly string[] Coded = ["CodeableConcept", "Coding", "code"];

    private static readonly Dictionary<string, Comparison> Prefixes =
        Enum.GetValues<Comparison>().ToDictionary(value => value.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    [GeneratedRegex(@" ([0-9]{2}:[0-9]{2})\z")]
    private static partial Regex BlankZone();
}

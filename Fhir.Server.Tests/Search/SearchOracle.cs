using System.Globalization;
using System.Text.RegularExpressions;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;
using Hl7.FhirPath;
using Hl7.FhirPath.Expressions;

namespace Fhir.Server.Tests.Search;

/// <summary>
/// What R4 says a resource answers to one search parameter, worked out the long way: the full expression of the definition, evaluated by the
/// SDK's FHIRPath on the resource, and every element compared as https://hl7.org/fhir/R4/search.html#ptypes says. It uses nothing of the
/// server, so that both can only agree by being right or by misreading the same sentence.
/// </summary>
internal static partial class SearchOracle
{
    private const string Base = "http://127.0.0.1:5080/fhir/";

    private static readonly FhirPathCompiler Compiler = new(new SymbolTable().AddStandardFP().AddFhirExtensions());
    private static readonly Dictionary<string, CompiledExpression> Compiled = [];
    private static readonly Dictionary<string, (SearchParamType, string)> Common = new()
    {
        ["_id"] = (SearchParamType.Token, "id"),
        ["_tag"] = (SearchParamType.Token, "meta.tag"),
        ["_profile"] = (SearchParamType.Uri, "meta.profile"),
        ["_source"] = (SearchParamType.Uri, "meta.source"),
    };

    public static IEnumerable<string> Codes(string type) => ModelInfo.SearchParameters.Where(one => one.Resource == type).Select(one => one.Code!).Concat(Common.Keys).Distinct();

    public static SearchParamType Type(string type, string code) => Common.TryGetValue(code, out var common) ? common.Item1 : Definition(type, code).Type;

    public static SearchParamDefinition Definition(string type, string code) => ModelInfo.SearchParameters.First(one => one.Resource == type && one.Code == code);

    public static SearchParamDefinition Definition(string url) => ModelInfo.SearchParameters.First(one => one.Url == url);

    public static bool Matches(Resource resource, string code, string? modifier, string value)
    {
        var kind = Type(resource.TypeName, code);
        var elements = Elements(resource, code);
        if (modifier == "missing")
        {
            return (value == "true") != elements.Exists(HasValue);
        }

        if (modifier == "not")
        {
            return !Split(value, ',').Exists(one => elements.Exists(element => Token(element, one)));
        }

        return Split(value, ',').Exists(one => kind == SearchParamType.Composite
            ? elements.Exists(element => Composite(resource, element, Definition(resource.TypeName, code), one))
            : elements.Exists(element => Element(resource.TypeName, code, kind, element, modifier, one)));
    }

    public static List<Base> Elements(Resource resource, string code)
    {
        var expression = Common.TryGetValue(code, out var common) ? common.Item2 : Definition(resource.TypeName, code).Expression!;
        return [.. expression.Split(" | ").SelectMany(branch =>
        {
            var target = ResolvesTo().Match(branch);
            var found = Evaluate(resource, resource, target.Success ? branch[..target.Index] : branch);
            return target.Success ? found.Where(one => one is ResourceReference reference && MayBe(reference, target.Groups[1].Value)) : found;
        })];
    }

    private static List<Base> Evaluate(Base at, Resource resource, string branch)
    {
        branch = Casts().Replace(branch.Trim(), match => $"{match.Groups[1].Value}{match.Groups[3].Value}.ofType({(match.Groups[2].Value + match.Groups[4].Value).Replace("DateTime", "dateTime")})");
        branch = branch.Replace(".as(", ".ofType(", StringComparison.Ordinal).Replace("ofType(DateTime)", "ofType(dateTime)", StringComparison.Ordinal);
        CompiledExpression? compiled;
        lock (Compiled)
        {
            if (!Compiled.TryGetValue(branch, out compiled))
            {
                Compiled[branch] = compiled = Compiler.Compile(branch);
            }
        }

        var root = resource.ToPocoNode();
        return compiled([ReferenceEquals(at, resource) ? root : at.ToPocoNode()], new FhirEvaluationContext { Resource = root, RootResource = root }).Select(node => node.Poco).ToList();
    }

    private static bool Element(string type, string code, SearchParamType kind, Base element, string? modifier, string value) => (kind, modifier) switch
    {
        (SearchParamType.Reference, "identifier") => element is ResourceReference { Identifier: { } identifier } && Token(identifier, value),
        (SearchParamType.Reference, _) => Reference(type, code, element, modifier, Plain(value)),
        (SearchParamType.Token, "text") => Words(element).Any(text => (" " + Wordy(text)).Contains(" " + Wordy(Plain(value)), StringComparison.Ordinal)),
        (SearchParamType.Token, "of-type") => OfType(element, Split(value, '|')),
        (SearchParamType.Token, _) => Token(element, value),
        (SearchParamType.String, _) => Texts(element).Any(text => text is not null && modifier switch
        {
            "exact" => text == Plain(value),
            "contains" => Fold(text).Contains(Fold(Plain(value)), StringComparison.Ordinal),
            _ => Fold(text).StartsWith(Fold(Plain(value)), StringComparison.Ordinal),
        }),
        (SearchParamType.Uri, _) => Uris(element).Any(uri => modifier switch
        {
            "below" => uri == Plain(value) || uri.StartsWith(Plain(value).TrimEnd('/') + "/", StringComparison.Ordinal),
            "above" => uri == Plain(value) || Plain(value).StartsWith(uri.TrimEnd('/') + "/", StringComparison.Ordinal),
            _ => uri == Plain(value),
        }),
        (SearchParamType.Date, _) => Span(element) is { } span && Compared(span, value),
        (SearchParamType.Number, _) => Measures(element).Any(one => Compared(one.Low, one.High, value, null)),
        (SearchParamType.Quantity, _) => Measures(element).Any(one => Measured(one, Split(value, '|'))),
        _ => Near(element, Split(value, '|')),
    };

    private static bool Composite(Resource resource, Base element, SearchParamDefinition composite, string value)
    {
        var values = Split(value, '$');
        return values.Count == composite.Component!.Length && composite.Component.Index().All(component =>
        {
            var part = Definition(component.Item.Definition!);
            // R4 has the two the wrong way round.
            var expression = part.Code switch { "relatesto" => "target", "relation" => "code", _ => component.Item.Expression! };
            return expression.Split(" | ").SelectMany(branch => Evaluate(element, resource, branch))
                .Any(found => Element(resource.TypeName, part.Code!, part.Type, found, null, values[component.Index]));
        });
    }

    private static bool HasValue(Base element) => element is PrimitiveType primitive ? Text(primitive).Length > 0 : element.EnumerateElements().Any();

    private static string Text(PrimitiveType primitive) => primitive.JsonValue switch
    {
        null => "",
        bool truth => truth ? "true" : "false",
        var other => Convert.ToString(other, CultureInfo.InvariantCulture)!,
    };

    // Tokens, https://hl7.org/fhir/R4/search.html#token
    private static bool Token(Base element, string value)
    {
        var parts = Split(value, '|').ConvertAll(Plain);
        var code = Uid(parts[^1]);
        return Tokens(element).Any(one => parts.Count == 1 ? one.Code == code
            : parts[0].Length == 0 ? one.System is null && one.Code == code
            : one.System == parts[0] && (code.Length == 0 || one.Code == code));
    }

    private static IEnumerable<(string? System, string Code)> Tokens(Base element) => (element switch
    {
        CodeableConcept concept => concept.Coding.Select(coding => (coding.System, coding.Code)),
        Coding coding => [(coding.System, coding.Code)],
        Identifier identifier => [(identifier.System, identifier.Value)],
        ContactPoint contact => [(null, contact.Value), (contact.Use?.ToString().ToLowerInvariant() ?? "?", contact.Value)],
        PrimitiveType primitive when primitive is ICoded coded && coded.ToCodings().FirstOrDefault()?.System is { } system => [(null, Text(primitive)), (system, Text(primitive))],
        PrimitiveType primitive => [((string?)null, (string?)Text(primitive))],
        _ => [],
    }).Where(one => !string.IsNullOrEmpty(one.Item1) || !string.IsNullOrEmpty(one.Item2)).Select(one => (one.Item1, Uid(one.Item2 ?? "")));

    private static string Uid(string code) => DicomUid().Match(code) is { Success: true } uid ? uid.Groups[1].Value : code;

    private static IEnumerable<string?> Words(Base element) => element switch
    {
        CodeableConcept concept => concept.Coding.Select(coding => (string?)coding.Display).Append(concept.Text),
        Coding coding => [coding.Display],
        Identifier identifier => [identifier.Type?.Text],
        _ => [],
    };

    private static bool OfType(Base element, List<string> asked) => element is Identifier { Type: { } type } identifier && type.Coding.Any(coding =>
        (asked[0].Length == 0 || coding.System == Plain(asked[0])) && coding.Code == Plain(asked[1]) && Uid(identifier.Value ?? "") == Uid(Plain(asked[2])));

    // Strings, https://hl7.org/fhir/R4/search.html#string
    private static IEnumerable<string?> Texts(Base element) => element switch
    {
        HumanName name => [.. name.Given, name.Family, name.Text, string.Join(' ', name.Given.Append(name.Family))],
        Address address =>
        [
            .. address.Line, address.City, address.Country, address.PostalCode,
            string.Join(' ', address.Line.Concat([address.PostalCode, address.City, address.Country])),
        ],
        CodeableConcept concept => [.. concept.Coding.Select(coding => coding.Display), concept.Text],
        PrimitiveType primitive => [Text(primitive)],
        _ => [],
    };

    private static string Fold(string text) =>
        string.Join(' ', text.ToLowerInvariant().Replace('ü', 'u').Replace('é', 'e').Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Wordy(string? text) => string.Join(' ', Letters().Matches(Fold(text ?? "")).Select(match => match.Value)) is { Length: > 0 } words ? words : "\u0001";

    // References, https://hl7.org/fhir/R4/search.html#reference
    private static bool Reference(string type, string code, Base element, string? modifier, string value)
    {
        if (element is PrimitiveType canonical)
        {
            return Text(canonical) == value || Text(canonical).Split('|')[0] == value;
        }

        if (element is not ResourceReference { Reference: { Length: > 0 } literal } || literal[0] == '#')
        {
            return false;
        }

        var found = Local(literal);
        var asked = Local(value);
        if (asked.Contains('/', StringComparison.Ordinal) || asked.Contains(':', StringComparison.Ordinal))
        {
            return found == asked;
        }

        var only = modifier ?? (code == "patient" ? "Patient" : Definition(type, code).Target is { Length: 1 } targets ? targets[0].ToString() : null);
        return found.Split('/') is [var foundType, var id] && id == asked && (only is null || foundType == only);
    }

    private static string Local(string reference)
    {
        var text = reference.Split("/_history/")[0];
        return text.StartsWith(Base, StringComparison.Ordinal) ? text[Base.Length..] : text;
    }

    private static bool MayBe(ResourceReference reference, string target)
    {
        var parts = reference.Reference is { Length: > 0 } literal && literal[0] != '#' ? Local(literal).Split('/') : [];
        var type = parts.Length > 1 ? parts[^2] : reference.Type;
        return type == target || (type is null && parts.Length == 0 && reference.Identifier is not null);
    }

    private static IEnumerable<string> Uris(Base element) =>
        element is not PrimitiveType primitive ? [] : element is Canonical ? [Text(primitive), Text(primitive).Split('|')[0]] : [Text(primitive)];

    // Places, https://hl7.org/fhir/R4/location.html#positional, by the haversine formula.
    private static bool Near(Base element, List<string> asked)
    {
        if (element is not Location.PositionComponent { Latitude: { } latitude, Longitude: { } longitude })
        {
            return false;
        }

        double Radians(decimal degrees) => (double)degrees * Math.PI / 180;
        var (here, there) = (Radians(latitude), Radians(decimal.Parse(asked[0], CultureInfo.InvariantCulture)));
        var across = Radians(longitude) - Radians(decimal.Parse(asked[1], CultureInfo.InvariantCulture));
        var half = Math.Pow(Math.Sin((there - here) / 2), 2) + (Math.Cos(here) * Math.Cos(there) * Math.Pow(Math.Sin(across / 2), 2));
        return 2 * 6371.0088 * Math.Asin(Math.Min(1, Math.Sqrt(half))) <= double.Parse(asked[2], CultureInfo.InvariantCulture) / (asked[3] == "m" ? 1000 : 1);
    }

    /// <summary>Parts between separators that are not escaped; the escapes stay.</summary>
    private static List<string> Split(string value, char separator) => [.. Regex.Split(value, @"(?<!(?:^|[^\\])(?:\\\\)*\\)" + Regex.Escape(separator.ToString()))];

    private static string Plain(string value) => Escapes().Replace(value, "$1");

    [GeneratedRegex(@"\.where\(resolve\(\) is ([A-Za-z]+)\)\s*\z")]
    private static partial Regex ResolvesTo();

    [GeneratedRegex(@"\(([A-Za-z.]+) as ([A-Za-z]+)\)|\A([A-Za-z.]+) as ([A-Za-z]+)\z")]
    private static partial Regex Casts();

    [GeneratedRegex(@"\Aurn:oid:([0-9.]+)\z")]
    private static partial Regex DicomUid();

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex Letters();

    [GeneratedRegex(@"\\([\\,|$])")]
    private static partial Regex Escapes();
}

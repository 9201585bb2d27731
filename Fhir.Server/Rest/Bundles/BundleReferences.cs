using System.Collections;
using System.Text.RegularExpressions;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest;

/// <summary>
/// The links of a transaction: what its entries call each other by becomes what they are called here, in references, in elements of type
/// uri, url, oid and uuid (canonical excepted), in extensions and contained resources, and in the links and pictures of the narrative.
/// See https://hl7.org/fhir/R4/http.html#trules and https://hl7.org/fhir/R4/bundle.html#references
/// </summary>
internal sealed partial class BundleReferences
{
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);

    /// <summary>Conditional references met while rewriting, as <c>Type?criteria</c>, with the expression of the first resource that has it.</summary>
    public Dictionary<string, string> Conditional { get; } = new(StringComparer.Ordinal);

    /// <summary>The first <c>urn:uuid</c> that no entry is called by, and in which entry; null when there is none.</summary>
    public (string Urn, string Expression)? Unknown { get; private set; }

    /// <summary>An entry is called so in the bundle, and <c>Type/id</c> here. False when another has that name.</summary>
    public bool Add(string name, string here) => names.TryAdd(name, here);

    /// <summary>Rewrites one resource.</summary>
    /// <param name="resource">The resource, changed in place.</param>
    /// <param name="fullUrl">What its entry is called: relative references are relative to its base.</param>
    /// <param name="expression">Its entry, for problems.</param>
    public void Rewrite(Resource resource, string? fullUrl, string expression) => Walk(resource, BaseOf(fullUrl), expression);

    /// <summary>The base of a RESTful address; null for anything else. See https://hl7.org/fhir/R4/bundle.html#references</summary>
    public static string? BaseOf(string? fullUrl) => fullUrl is not null && Restful().Match(fullUrl) is { Success: true } match ? match.Groups["base"].Value : null;

    private void Walk(Base element, string? fhirBase, string expression)
    {
        switch (element)
        {
            case ResourceReference reference when reference.Reference is { Length: > 0 } text:
                reference.Reference = Here(text, fhirBase, expression);
                break;
            case Narrative { Div: { } div } narrative when div.Contains("href", StringComparison.Ordinal) || div.Contains("src", StringComparison.Ordinal):
                narrative.Div = Links().Replace(div, link =>
                    names.TryGetValue(link.Groups["url"].Value, out var here) ? $"{link.Groups["head"].Value}{here}{link.Groups["tail"].Value}" : link.Value);
                break;
            case FhirUri or FhirUrl or Oid or Uuid when element is PrimitiveType { JsonValue: string text } primitive and not Canonical:
                if (names.TryGetValue(text, out var renamed))
                {
                    primitive.JsonValue = renamed;
                }
                break;
            default:
                break;
        }
        foreach (var (_, value) in element.EnumerateElements())
        {
            if (value is Base one)
            {
                Walk(one, fhirBase, expression);
            }
            else if (value is IEnumerable many and not string)
            {
                foreach (var each in many)
                {
                    if (each is Base child)
                    {
                        Walk(child, fhirBase, expression);
                    }
                }
            }
        }
    }

    private string Here(string text, string? fhirBase, string expression)
    {
        if (names.TryGetValue(text, out var here) || (fhirBase is not null && names.TryGetValue($"{fhirBase}/{text}", out here)))
        {
            return here;
        }
        if (text.StartsWith("urn:uuid:", StringComparison.Ordinal))
        {
            Unknown ??= (text, expression);
        }
        else if (Search().IsMatch(text))
        {
            Conditional.TryAdd(text, expression);
        }
        return text;
    }

    [GeneratedRegex(@"\A(?<base>https?://[^?#]*)/[A-Z][A-Za-z]*/[A-Za-z0-9\-.]{1,64}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Restful();

    [GeneratedRegex(@"\A[A-Z][A-Za-z]*\?.", RegexOptions.ExplicitCapture)]
    private static partial Regex Search();

    [GeneratedRegex("""(?<head>\s(href|src)\s*=\s*["'])(?<url>[^"']*)(?<tail>["'])""", RegexOptions.ExplicitCapture)]
    private static partial Regex Links();
}

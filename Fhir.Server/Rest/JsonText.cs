using System.Text.Json;
using System.Text.Unicode;

namespace Fhir.Server.Rest;

/// <summary>
/// Judges a text as JSON before FHIR is asked: one object, in UTF-8, no half surrogate pairs, no member twice (readers differ about
/// which one counts; RFC 8259 §4). See https://hl7.org/fhir/R4/json.html
/// </summary>
internal static class JsonText
{
    private const string ResourceType = "resourceType";

    // As of the elements of a body in XML; readers of XHTML take time by the square of it.
    private const int MaxNarrativeDepth = 200;

    /// <summary>What is wrong, in a sentence; null when nothing is.</summary>
    /// <param name="json">The text.</param>
    /// <param name="kind">What it must begin with: an object, or an array.</param>
    public static string? Fault(ReadOnlySpan<byte> json, JsonTokenType kind = JsonTokenType.StartObject)
    {
        if (!Utf8.IsValid(json))
        {
            return "The body is not UTF-8.";
        }
        try
        {
            return Walk(json, kind);
        }
        catch (JsonException)
        {
            return "The body is not well-formed JSON.";
        }
        catch (InvalidOperationException)
        {
            // The reader's word for an escape that is half of a surrogate pair.
            return "A text in the body has half of a surrogate pair.";
        }
    }

    /// <summary>The type of the resource; null when it does not say one.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(ResourceType);
            reader.Read();
            if (found)
            {
                return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }
            reader.Skip();
        }
        return null;
    }

    private static string? Walk(ReadOnlySpan<byte> json, JsonTokenType kind)
    {
        var members = new Stack<HashSet<string>>();
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != kind)
        {
            return kind == JsonTokenType.StartObject ? "The body is not a JSON object." : "The body is not a JSON array.";
        }
        if (kind == JsonTokenType.StartObject)
        {
            members.Push([]);
        }
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    members.Push(new(StringComparer.Ordinal));
                    break;
                case JsonTokenType.EndObject:
                    members.Pop();
                    break;
                case JsonTokenType.PropertyName when !members.Peek().Add(reader.GetString()!):
                    return "A member stands twice in the same object.";
                case JsonTokenType.PropertyName when reader.ValueTextEquals(""):
                    return "A member has no name.";
                case JsonTokenType.PropertyName when reader.ValueTextEquals("div"):
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.String && IsTooDeep(reader.GetString()!))
                    {
                        return "The elements of a narrative are nested too deeply.";
                    }
                    if (reader.TokenType == JsonTokenType.StartObject)
                    {
                        members.Push(new(StringComparer.Ordinal));
                    }
                    break;
                case JsonTokenType.PropertyName when reader.ValueTextEquals(ResourceType):
                    reader.Read();
                    // Types that are only there to be derived from; no resource is just that.
                    if (reader.TokenType == JsonTokenType.String && (reader.ValueTextEquals("Resource") || reader.ValueTextEquals("DomainResource")))
                    {
                        return "No resource is of an abstract type.";
                    }
                    break;
                case JsonTokenType.String when reader.ValueIsEscaped:
                    reader.GetString();
                    break;
                default:
                    break;
            }
        }
        return null;
    }

    /// <summary>Whether tags are opened and not closed more deeply than may be; whether they fit together is not judged here.</summary>
    private static bool IsTooDeep(ReadOnlySpan<char> xhtml)
    {
        var depth = 0;
        for (var i = 0; i + 1 < xhtml.Length; i++)
        {
            depth += (xhtml[i], xhtml[i + 1]) switch
            {
                ('<', '/') or ('/', '>') => -1,
                ('<', not ('!' or '?')) => 1,
                _ => 0,
            };
            if (depth > MaxNarrativeDepth)
            {
                return true;
            }
        }
        return false;
    }
}

using Fhir.Server.Outcomes;

namespace Fhir.Server.Rest.Patch;

/// <summary>A JSON Pointer, taken apart and unescaped. See RFC 6901</summary>
/// <param name="Tokens">Its reference tokens; none for the whole document.</param>
internal sealed record JsonPointer(IReadOnlyList<string> Tokens)
{
    /// <summary>The token of the place behind the last element of an array.</summary>
    public const string BehindLast = "-";

    /// <summary>True for the whole document.</summary>
    public bool IsRoot => Tokens.Count == 0;

    /// <summary>The last token of a pointer that is not the root.</summary>
    public string Last => Tokens[^1];

    /// <summary><c>Invalid</c> when it does not begin with a slash or has a tilde that escapes nothing.</summary>
    public static Outcome<JsonPointer> Parse(string text)
    {
        if (text.Length == 0)
        {
            return new JsonPointer([]);
        }
        var tokens = text.Split('/');
        if (tokens[0].Length > 0 || tokens.Length > PatchedResource.MaxDepth || Array.Exists(tokens, HasBareTilde))
        {
            return Problem.Invalid("A path of the patch is not a JSON Pointer, as /name/0/family.");
        }
        return new JsonPointer([.. tokens.Skip(1).Select(token => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]);
    }

    /// <summary>Whether another one leads to something inside what this one leads to.</summary>
    public bool IsAbove(JsonPointer other) => other.Tokens.Count > Tokens.Count && Tokens.SequenceEqual(other.Tokens.Take(Tokens.Count));

    /// <summary>The index a token means in an array of a length, up to the last element or the place behind it; null when it means none.</summary>
    public static int? Index(string token, int end) =>
        token is "0" or [>= '1' and <= '9', ..] && token.All(char.IsAsciiDigit) && int.TryParse(token, out var index) && index <= end ? index : null;

    private static bool HasBareTilde(string token)
    {
        for (var at = token.IndexOf('~', StringComparison.Ordinal); at >= 0; at = token.IndexOf('~', at + 1))
        {
            if (at + 1 == token.Length || token[at + 1] is not ('0' or '1'))
            {
                return true;
            }
        }
        return false;
    }
}

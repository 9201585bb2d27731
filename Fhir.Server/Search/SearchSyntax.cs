using System.Text;

namespace Fhir.Server.Search;

/// <summary>The escapes of search values: <c>\,</c> <c>\|</c> <c>\$</c> <c>\\</c>. See https://hl7.org/fhir/R4/search.html#escaping</summary>
public static class SearchSyntax
{
    private const string Special = @"\,|$";

    /// <summary>Makes a text stand for itself in a value.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (Special.Contains(letter, StringComparison.Ordinal))
            {
                escaped.Append('\\');
            }

            escaped.Append(letter);
        }

        return escaped.ToString();
    }

    /// <summary>Takes escapes away; a backslash before any other letter stays.</summary>
    public static string Unescape(string value)
    {
        if (!value.Contains('\\', StringComparison.Ordinal))
        {
            return value;
        }

        var plain = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (IsEscape(value, i))
            {
                i++;
            }

            plain.Append(value[i]);
        }

        return plain.ToString();
    }

    /// <summary>Splits at a separator that is not escaped; the parts keep their escapes.</summary>
    public static IReadOnlyList<string> Split(string value, char separator)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (IsEscape(value, i))
            {
                i++;
            }
            else if (value[i] == separator)
            {
                parts.Add(value[start..i]);
                start = i + 1;
            }
        }

        parts.Add(value[start..]);
        return parts;
    }

    /// <summary>The code of an identifier's type and its value as one code, for <c>:of-type</c>. See https://hl7.org/fhir/R4/search.html#token</summary>
    public static string OfType(string typeCode, string value) => Escape(typeCode) + "|" + value;

    private static bool IsEscape(string value, int at) =>
        value[at] == '\\' && at + 1 < value.Length && Special.Contains(value[at + 1], StringComparison.Ordinal);
}

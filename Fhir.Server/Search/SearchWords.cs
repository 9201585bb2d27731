using System.Text;

namespace Fhir.Server.Search;

/// <summary>Words as <c>:text</c> and <c>phonetic</c> compare them. See https://hl7.org/fhir/R4/search.html#token</summary>
public static class SearchWords
{
    private const string Groups = "BFPV1CGJKQSXZ2DT3L4MN5R6";

    /// <summary>Letters and digits, folded as <see cref="SearchFolding.Fold"/> does; whatever is between them becomes one blank.</summary>
    public static string Fold(string text)
    {
        var folded = SearchFolding.Fold(text);
        var words = new StringBuilder(folded.Length);
        var gap = false;
        foreach (var rune in folded.EnumerateRunes())
        {
            if (!Rune.IsLetterOrDigit(rune))
            {
                gap = words.Length > 0;
                continue;
            }

            if (gap)
            {
                words.Append(' ');
                gap = false;
            }

            words.Append(rune.ToString());
        }

        return words.ToString();
    }

    /// <summary>
    /// Each word by its sound: the American Soundex code of words in Latin letters (a letter and three digits, as the National Archives
    /// describe it), other words as they are. Empty when there are no words.
    /// </summary>
    public static string Sound(string text) => string.Join(' ', Fold(text).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(SoundOf));

    private static string SoundOf(string word)
    {
        if (!word.All(char.IsAsciiLetter))
        {
            return word;
        }

        var code = new StringBuilder(4).Append(word[0]);
        var last = Group(word[0]);
        foreach (var letter in word.AsSpan(1))
        {
            // h and w do not part letters of the same sound, vowels do.
            if (letter is 'h' or 'w')
            {
                continue;
            }

            var group = Group(letter);
            if (group != '0' && group != last && code.Length < 4)
            {
                code.Append(group);
            }

            last = group;
        }

        return code.Append('0', 4 - code.Length).ToString();
    }

    private static char Group(char letter)
    {
        var at = Groups.IndexOf(char.ToUpperInvariant(letter), StringComparison.Ordinal);
        return at < 0 ? '0' : Groups.AsSpan(at).TrimStart("ABCDEFGHIJKLMNOPQRSTUVWXYZ")[0];
    }
}

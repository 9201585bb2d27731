using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Fhir.Server.Search;

/// <summary>Makes strings alike that search takes for the same. See https://hl7.org/fhir/R4/search.html#string</summary>
public static partial class SearchFolding
{
    private const int FirstHangul = 0xAC00, LastHangul = 0xD7A3;

    private static readonly FrozenDictionary<char, string> Plain = ReadLetters();

    /// <summary>
    /// Folds case, accents, full-width letters, curly apostrophes and dashes, removes combining and format marks, squeezes whitespace and
    /// takes Hangul syllables apart. Composed and decomposed spellings come out the same; folding twice changes nothing.
    /// </summary>
    public static string Fold(string value)
    {
        var folded = new StringBuilder(value.Length);
        var space = false;
        foreach (var rune in value.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                space = folded.Length > 0;
                continue;
            }

            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
                or UnicodeCategory.Format or UnicodeCategory.Control)
            {
                continue;
            }

            if (space)
            {
                folded.Append(' ');
                space = false;
            }

            Append(folded, Rune.ToLowerInvariant(rune));
        }

        return folded.ToString();
    }

    private static void Append(StringBuilder folded, Rune rune)
    {
        if (rune.Value is >= 0xFF01 and <= 0xFF5E)
        {
            rune = Rune.ToLowerInvariant(new Rune(rune.Value - 0xFEE0));
        }

        if (rune.Value is >= FirstHangul and <= LastHangul)
        {
            var index = rune.Value - FirstHangul;
            folded.Append((char)(0x1100 + (index / 588))).Append((char)(0x1161 + (index % 588 / 28)));
            if (index % 28 > 0)
            {
                folded.Append((char)(0x11A7 + (index % 28)));
            }
        }
        else if (rune.IsBmp && !rune.IsAscii && Plain.TryGetValue((char)rune.Value, out var plain))
        {
            folded.Append(plain);
        }
        else
        {
            folded.Append(rune.ToString());
        }
    }

    private static FrozenDictionary<char, string> ReadLetters()
    {
        var plain = new Dictionary<char, string>();
        foreach (var group in Letters.Split(["  ", "\r\n", "\n"], StringSplitOptions.RemoveEmptyEntries))
        {
            var blank = group.IndexOf(' ', StringComparison.Ordinal);
            foreach (var letter in group.AsSpan(blank + 1))
            {
                plain[letter] = group[..blank];
            }
        }

        return plain.ToFrozenDictionary();
    }
}

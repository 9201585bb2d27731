using System.Text;
using System.Text.Unicode;

namespace Fhir.Server.Dicom;

/// <summary>One character set of PS3.3 Tables C.12-2 to C.12-5, with the code page that reads it.</summary>
internal sealed class CodeElement
{
    public static readonly CodeElement Ascii = new("IR6", null, 0, 1);

    private static readonly CodeElement[] All =
    [
        Ascii,
        new("IR100", "-A", 28591, 1),
        new("IR101", "-B", 28592, 1),
        new("IR109", "-C", 28593, 1),
        new("IR110", "-D", 28594, 1),
        new("IR144", "-L", 28595, 1),
        new("IR127", "-G", 28596, 1),
        new("IR126", "-F", 28597, 1),
        new("IR138", "-H", 28598, 1),
        new("IR148", "-M", 28599, 1),
        new("IR203", "-b", 28605, 1),
        new("IR166", "-T", 874, 1),
        new("IR13", ")I", 932, 1),
        new("IR87", "$B", 20932, 2),
        new("IR159", "$(D", 20932, 2),
        new("IR149", "$)C", 949, 2),
        new("IR58", "$)A", 936, 2),
        new("IR192", null, 65001, 1),
        new("GB18030", null, 54936, 1),
        new("GBK", null, 936, 1),
    ];

    private readonly string name;
    private readonly int codePage;
    private Encoding? encoding;

    private CodeElement(string name, string? escape, int codePage, int width)
    {
        (this.name, Escape, this.codePage, Width) = (name, escape, codePage, width);
    }

    /// <summary>What follows ESC to bring it into use. ISO/IEC 2022.</summary>
    public string? Escape { get; }

    /// <summary>Bytes a character when in use by code extension.</summary>
    public int Width { get; }

    /// <summary>The kanji sets, which take the place of ASCII; others go beside it.</summary>
    public bool IsInG0 => name is "IR87" or "IR159";

    /// <summary>Half-width katakana beside the Latin letters of JIS X 0201.</summary>
    public bool IsKatakana => name == "IR13";

    public bool IsSupplementaryKanji => name == "IR159";

    public Encoding Encoding => encoding ??= codePage switch
    {
        0 or 28591 => Encoding.Latin1,
        65001 => Encoding.UTF8,
        _ => CodePagesEncodingProvider.Instance.GetEncoding(codePage) ?? Encoding.Latin1,
    };

    /// <summary>Finds a set by its defined term, forgiving the usual misspellings.</summary>
    public static CodeElement? Find(string term, out bool isExact)
    {
        term = term.Trim(' ', '\0');
        isExact = term.Length == 0 || term.StartsWith("ISO_IR ", StringComparison.Ordinal)
            || term.StartsWith("ISO 2022 IR ", StringComparison.Ordinal) || term is "GB18030" or "GBK";
        var plain = string.Concat(term.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        plain = plain switch
        {
            "" => "IR6",
            "UTF8" or "ISOIR193" => "IR192",
            "GB2312" => "GBK",
            _ when plain.StartsWith("ISO2022IR", StringComparison.Ordinal) => plain[7..],
            _ when plain.StartsWith("ISO2022", StringComparison.Ordinal) => "IR" + plain[7..],
            _ when plain.StartsWith("ISOIR", StringComparison.Ordinal) => plain[3..],
            _ when plain.StartsWith("ISO8859", StringComparison.Ordinal) => Latin(plain[7..]),
            _ => plain,
        };
        return Array.Find(All, set => set.name == plain);
    }

    /// <summary>The set an escape sequence brings; null when none is known.</summary>
    public static CodeElement? FindEscape(ReadOnlySpan<byte> afterEscape, out int length)
    {
        foreach (var set in All)
        {
            if (set.Escape is { } escape && afterEscape.Length >= escape.Length && Matches(afterEscape, escape))
            {
                length = escape.Length;
                return set;
            }
        }

        // ASCII and its Japanese and 1978 relatives.
        length = 2;
        return afterEscape switch
        {
            [(byte)'(', (byte)'B' or (byte)'J', ..] => Ascii,
            [(byte)'$', (byte)'@', ..] => Array.Find(All, set => set.name == "IR87"),
            _ => null,
        };
    }

    public string Decode(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Ascii.IsValid(bytes))
        {
            return Encoding.ASCII.GetString(bytes);
        }

        if (codePage is not (0 or 65001) && !IsInG0)
        {
            return Encoding.GetString(bytes);
        }

        var text = Encoding.UTF8.GetString(bytes);
        if (Utf8.IsValid(bytes))
        {
            return text;
        }

        return MostlyBroken(text) || (codePage != 65001 && text.Contains('\uFFFD')) ? Encoding.Latin1.GetString(bytes) : text;
    }

    /// <summary>Bytes for text without code extensions; null when this set cannot say it.</summary>
    public byte[]? Encode(string text)
    {
        if (codePage == 65001)
        {
            return Encoding.GetBytes(text);
        }

        // ASCII says nothing more, and the sets of two bytes say nothing without their escapes.
        if (codePage == 0 || (Width > 1 && Escape is not null))
        {
            return null;
        }

        var bytes = Encoding.GetBytes(text);
        return Encoding.GetString(bytes) == text && (bytes.Length == text.Length || Escape is null) ? bytes : null;
    }

    /// <summary>Bytes of one character as they stand behind this set's escape; empty when the set does not have it.</summary>
    public byte[] EncodeExtended(ReadOnlySpan<char> character)
    {
        if (Escape is null || character[0] < 0x80)
        {
            return [];
        }

        var bytes = Encoding.GetBytes(character.ToArray());
        if (!Encoding.GetString(bytes).AsSpan().SequenceEqual(character))
        {
            return [];
        }

        // Through EUC-JP the two kanji sets look alike but for the second byte.
        return IsInG0 ? bytes is [> 0xA0, _] && bytes[1] > 0xA0 != IsSupplementaryKanji ? [(byte)(bytes[0] & 0x7F), (byte)(bytes[1] & 0x7F)] : []
            : bytes.Length == Width && Array.TrueForAll(bytes, b => b > 0xA0 || (Width == 1 && b >= 0xA0)) ? bytes : [];
    }

    private static bool MostlyBroken(string text) =>
        text.AsSpan().Count('\uFFFD') is var broken and > 0 && broken * 2 >= text.Count(c => c > 0x7F);

    private static bool Matches(ReadOnlySpan<byte> bytes, string escape)
    {
        for (var i = 0; i < escape.Length; i++)
        {
            if (bytes[i] != escape[i])
            {
                return false;
            }
        }

        return true;
    }

    private static string Latin(string part) => part switch
    {
        "1" => "IR100", "2" => "IR101", "3" => "IR109", "4" => "IR110", "5" => "IR144",
        "6" => "IR127", "7" => "IR126", "8" => "IR138", "9" => "IR148", "15" => "IR203", _ => part,
    };
}

using System.Text;

namespace Fhir.Server.Dicom;

/// <summary>Text that changes its character set on the way. PS3.5 §6.1.2.4 and §6.1.2.5, ISO/IEC 2022.</summary>
internal static class CodeExtensions
{
    public static string Decode(ReadOnlySpan<byte> bytes, CodeElement[] declared, DicomVr vr)
    {
        var text = new StringBuilder(bytes.Length);
        var first = declared[0].IsInG0 ? CodeElement.Ascii : declared[0];
        CodeElement? kanji = null;
        var right = first;
        for (var at = 0; at < bytes.Length;)
        {
            var one = bytes[at];
            if (one == 0x1B)
            {
                at++;
                if (CodeElement.FindEscape(bytes[at..], out var length) is { } set)
                {
                    at += length;
                    kanji = set.IsInG0 ? set : set == CodeElement.Ascii ? null : kanji;
                    right = set.IsInG0 || set == CodeElement.Ascii ? right : set;
                }

                continue;
            }

            if (kanji is not null && one is > 0x20 and < 0x7F && at + 1 < bytes.Length)
            {
                text.Append(Kanji(kanji, one, bytes[at + 1]));
                at += 2;
                continue;
            }

            if (one < 0x80)
            {
                text.Append((char)one);
                at++;
                if (Resets(one, vr))
                {
                    (kanji, right) = (null, first);
                }

                continue;
            }

            var end = at + 1;
            while (end < bytes.Length && bytes[end] >= 0x80)
            {
                end++;
            }

            text.Append(right.Decode(bytes[at..end]));
            at = end;
        }

        return text.ToString();
    }

    /// <summary>Both kanji sets are read through EUC-JP, where the second byte tells them apart.</summary>
    private static string Kanji(CodeElement set, byte high, byte low)
    {
        ReadOnlySpan<byte> pair = [(byte)(high | 0x80), (byte)(set.IsSupplementaryKanji ? low & 0x7F : low | 0x80)];
        return set.Encoding.GetString(pair);
    }

    /// <summary>Line ends, and the separators of values and name parts, bring the first set back.</summary>
    internal static bool Resets(byte one, DicomVr vr) => one is (byte)'\r' or (byte)'\n' or (byte)'\f' or (byte)'\t'
        || (one == '\\' && !vr.IsSingleText) || (vr == DicomVr.PN && one is (byte)'^' or (byte)'=');
}

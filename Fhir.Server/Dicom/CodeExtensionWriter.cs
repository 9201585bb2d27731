using System.Text;

namespace Fhir.Server.Dicom;

/// <summary>Writes text that changes its character set on the way. PS3.5 §6.1.2.5.</summary>
internal static class CodeExtensionWriter
{
    /// <summary>Bytes for text in the declared sets; null when a character is in none of them.</summary>
    public static byte[]? Encode(string text, CodeElement[] declared, DicomVr vr)
    {
        using var target = new MemoryStream(text.Length * 2);
        var first = declared[0].IsInG0 || declared[0].Width > 1 ? CodeElement.Ascii : declared[0];
        var current = first;
        for (var at = 0; at < text.Length;)
        {
            var size = char.IsSurrogatePair(text, at) ? 2 : 1;
            var character = text.AsSpan(at, size);
            at += size;
            if (character[0] < 0x80)
            {
                // Kanji stand in the place of ASCII, which must come back; what stands beside it ends at a separator by itself.
                Return(target, ref current, first);
                target.WriteByte((byte)character[0]);
                current = CodeExtensions.Resets((byte)character[0], vr) ? first : current;
                continue;
            }

            if (!Put(target, character, declared, first, ref current))
            {
                return null;
            }
        }

        Return(target, ref current, first);
        return target.ToArray();
    }

    private static bool Put(MemoryStream target, ReadOnlySpan<char> character, CodeElement[] declared, CodeElement first, ref CodeElement current)
    {
        foreach (var set in (ReadOnlySpan<CodeElement>)[current, first, .. declared])
        {
            if (set.EncodeExtended(character) is not { Length: > 0 } bytes)
            {
                continue;
            }

            if (set != current)
            {
                Return(target, ref current, first);
                if (set != first)
                {
                    target.WriteByte(0x1B);
                    target.Write(Encoding.ASCII.GetBytes(set.Escape!));
                }
                else if (current != first)
                {
                    target.WriteByte(0x1B);
                    target.Write(Encoding.ASCII.GetBytes(first.Escape!));
                }

                current = set;
            }

            target.Write(bytes);
            return true;
        }

        return false;
    }

    private static void Return(MemoryStream target, ref CodeElement current, CodeElement first)
    {
        if (current.IsInG0)
        {
            // JIS X 0201 brings its own Latin letters back, the others ASCII.
            target.Write(first.IsKatakana ? "\e(J"u8 : "\e(B"u8);
            current = first;
        }
    }
}

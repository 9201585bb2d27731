using System.Text;

namespace Fhir.Server.Dicom;

/// <summary>How the text of a data set is written. PS3.3 §C.12.1.1.2, PS3.5 §6.1.</summary>
public sealed class DicomCharacterSet
{
    /// <summary>The term for UTF-8.</summary>
    public const string Utf8Term = "ISO_IR 192";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, DicomCharacterSet> Known = [];
    private readonly CodeElement[] declared;
    private readonly bool hasExtensions;

    private DicomCharacterSet(CodeElement[] declared, bool hasExtensions, string? warning)
    {
        (this.declared, this.hasExtensions, Warning) = (declared, hasExtensions, warning);
    }

    /// <summary>Nothing declared: ASCII. Other bytes are taken for UTF-8 when they are, else for Latin-1.</summary>
    public static DicomCharacterSet Default { get; } = new([CodeElement.Ascii], false, null);

    /// <summary>What is wrong with the declaration; null when nothing is.</summary>
    public string? Warning { get; }

    /// <summary>Nothing but ASCII is declared.</summary>
    public bool IsDefault => !hasExtensions && declared[0] == CodeElement.Ascii;

    /// <summary>Reads the value of Specific Character Set (0008,0005).</summary>
    public static DicomCharacterSet Parse(ReadOnlySpan<byte> value)
    {
        var text = Encoding.Latin1.GetString(value.TrimEnd((byte)0).TrimEnd((byte)' '));
        if (text.Length is 0 or > 256)
        {
            return Default;
        }

        lock (Gate)
        {
            if (!Known.TryGetValue(text, out var known))
            {
                // Declarations come from strangers: a full table is emptied rather than left to grow.
                if (Known.Count >= 256)
                {
                    Known.Clear();
                }

                Known[text] = known = Make(text);
            }

            return known;
        }
    }

    /// <summary>Text of these bytes, paddings and separators included. Kinds that ought to be ASCII are read alike: not all are.</summary>
    public string Decode(DicomVr vr, ReadOnlySpan<byte> bytes)
    {
        if (!hasExtensions)
        {
            return declared[0].Decode(bytes);
        }

        return bytes.Contains((byte)0x1B) ? CodeExtensions.Decode(bytes, declared, vr) : declared[0].Decode(bytes);
    }

    /// <summary>The values of an element, without padding.</summary>
    public string[] DecodeValues(DicomVr vr, ReadOnlySpan<byte> bytes)
    {
        bytes = bytes.TrimEnd((byte)0);
        var text = Decode(vr, bytes);
        if (vr.IsSingleText)
        {
            text = text.TrimEnd(' ');
            return text.Length == 0 ? [] : [text];
        }

        // Here a separator is a character: a 0x5C inside a multi-byte character became part of it.
        if (!text.Contains('\\'))
        {
            text = Trim(vr, text);
            return text.Length == 0 ? [] : [text];
        }

        var values = text.Split('\\');
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Trim(vr, values[i]);
        }

        return values;
    }

    /// <summary>Bytes for text in what is declared, code extensions included; null when that cannot say it.</summary>
    internal byte[]? Encode(DicomVr vr, string text)
    {
        if (Ascii.IsValid(text))
        {
            return Encoding.ASCII.GetBytes(text);
        }

        return hasExtensions ? CodeExtensionWriter.Encode(text, declared, vr) : declared[0].Encode(text);
    }

    private static string Trim(DicomVr vr, string value) => vr == DicomVr.UC ? value.TrimEnd(' ', '\0') : value.Trim(' ', '\0');

    private static DicomCharacterSet Make(string text)
    {
        var names = text.Split('\\');
        var sets = new CodeElement[names.Length];
        string? warning = null;
        for (var i = 0; i < names.Length; i++)
        {
            var found = CodeElement.Find(names[i], out var isExact);
            if (!isExact)
            {
                warning = found is null ? "The data set declares a character set that is not known." : "The data set misspells its character set.";
            }

            sets[i] = found ?? CodeElement.Ascii;
        }

        // A first value without code extensions but others beside it is common; the others are then used all the same.
        return new DicomCharacterSet(sets, names.Length > 1 || names[0].Contains("2022", StringComparison.Ordinal), warning);
    }
}

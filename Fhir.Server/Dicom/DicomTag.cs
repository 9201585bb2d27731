using System.Globalization;

namespace Fhir.Server.Dicom;

/// <summary>The name of an attribute: group and element. PS3.5 §7.1.</summary>
/// <param name="Value">Group in the upper, element in the lower 16 bits.</param>
public readonly partial record struct DicomTag(uint Value) : IComparable<DicomTag>
{
    /// <summary>Makes a tag of its two halves.</summary>
    public DicomTag(ushort group, ushort element)
        : this(((uint)group << 16) | element)
    {
    }

    /// <summary>The upper half.</summary>
    public ushort Group => (ushort)(Value >> 16);

    /// <summary>The lower half.</summary>
    public ushort Element => (ushort)Value;

    /// <summary>Odd groups belong to their makers. PS3.5 §7.8.</summary>
    public bool IsPrivate => (Value & 0x10000) != 0;

    /// <summary>An element (gggg,0010–00FF) that reserves a block of private elements. PS3.5 §7.8.1.</summary>
    public bool IsPrivateCreator => IsPrivate && Element is >= 0x10 and <= 0xFF;

    /// <summary>(gggg,0000). PS3.5 §7.2.</summary>
    public bool IsGroupLength => Element == 0;

    /// <summary>The creator element of this private element's block. PS3.5 §7.8.1.</summary>
    internal DicomTag CreatorTag => new(Group, (ushort)(Element >> 8));

    public static bool operator <(DicomTag left, DicomTag right) => left.Value < right.Value;

    public static bool operator >(DicomTag left, DicomTag right) => left.Value > right.Value;

    public static bool operator <=(DicomTag left, DicomTag right) => left.Value <= right.Value;

    public static bool operator >=(DicomTag left, DicomTag right) => left.Value >= right.Value;

    /// <summary>Reads <c>GGGGEEEE</c>, <c>(GGGG,EEEE)</c> or a keyword such as <c>PatientID</c>. PS3.18 §8.3.4.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DicomTag tag)
    {
        text = text.Trim();
        if (text.Length == 11 && text[0] == '(' && text[5] == ',' && text[10] == ')'
            && TryHex(text[1..5], out var group) && TryHex(text[6..10], out var element))
        {
            tag = new DicomTag((group << 16) | element);
            return true;
        }

        if (text.Length == 8 && TryHex(text, out var value))
        {
            tag = new DicomTag(value);
            return true;
        }

        return DicomDictionary.TryFindKeyword(text, out tag);
    }

    public int CompareTo(DicomTag other) => Value.CompareTo(other.Value);

    /// <summary>Eight upper-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("X8", CultureInfo.InvariantCulture);

    private static bool TryHex(ReadOnlySpan<char> text, out uint value) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}

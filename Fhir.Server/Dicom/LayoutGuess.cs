namespace Fhir.Server.Dicom;

/// <summary>
/// Finds out how elements are written when nothing says so, or when what is said does not fit: from group, element and
/// representation together, and only when they agree.
/// </summary>
internal static class LayoutGuess
{
    /// <summary>The layout of the elements that begin here; null when it cannot be told.</summary>
    public static Layout? Of(ReadOnlySpan<byte> bytes, long remaining)
    {
        if (bytes.Length < 8)
        {
            return null;
        }

        if (FitsExplicit(bytes, Layout.ExplicitLittle))
        {
            return Layout.ExplicitLittle;
        }

        if (FitsExplicit(bytes, Layout.ExplicitBig))
        {
            return Layout.ExplicitBig;
        }

        return FitsImplicit(bytes, remaining) ? Layout.ImplicitLittle : null;
    }

    /// <summary>An element in Implicit VR: a tag of the dictionary, a length that fits, and behind it a higher tag.</summary>
    public static bool FitsImplicit(ReadOnlySpan<byte> bytes, long remaining)
    {
        var header = ElementHeader.Read(bytes, Layout.ImplicitLittle);
        if (header.IsUndefined && bytes.Length >= 12)
        {
            return header.Tag.Group is > 0 and < 0x0100 && Layout.ImplicitLittle.Tag(bytes[8..]) == DicomTag.Item;
        }

        if (header.Size == 0 || header.IsUndefined || !IsPlausible(header.Tag) || (header.Tag.IsGroupLength && header.Length != 4))
        {
            return false;
        }

        var next = 8 + (long)header.Length;
        if (next >= remaining)
        {
            return next == remaining;
        }

        // Too far to see what follows: then two letters of a representation are that, and not a length.
        return bytes.Length < next + 4 ? !header.Tag.IsPrivate && header.Length < 1 << 20 && !((DicomVr)(bytes[4] | (bytes[5] << 8))).IsKnown
            : Layout.ImplicitLittle.Tag(bytes[(int)next..]) is var after && (after > header.Tag || after.Group == 0xFFFE);
    }

    /// <summary>An element in Explicit VR: a representation the dictionary has for its tag.</summary>
    public static bool FitsExplicit(ReadOnlySpan<byte> bytes, Layout layout)
    {
        var header = ElementHeader.Read(bytes.Length > 12 ? bytes[..12] : bytes, layout);
        if (header.Vr == DicomVr.None)
        {
            return false;
        }

        return header.Tag.IsGroupLength ? header.Vr == DicomVr.UL && header.Tag.Group < 0x0100
            : header.Tag.IsPrivate ? header.Tag.Group < 0x0100
            : DicomDictionary.Find(header.Tag) is { } known && (header.Vr == DicomVr.UN || known.Vr.Contains(header.Vr.Code, StringComparison.Ordinal));
    }

    private static bool IsPlausible(DicomTag tag) =>
        tag.IsPrivate ? tag.Element is >= 0x10 and <= 0xFF or >= 0x1000
        : tag.IsGroupLength ? tag.Group is > 0 and < 0x0100 : DicomDictionary.VrOf(tag) != DicomVr.UN;
}

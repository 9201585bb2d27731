namespace Fhir.Server.Dicom;

/// <summary>How a file begins: with a preamble as PS3.10 §7.1 wants, or as older and odder ones do.</summary>
/// <param name="Offset">Where the file meta begins, or the data set when there is none.</param>
/// <param name="HasMeta">There is a file meta.</param>
/// <param name="Warning">What is odd about it; null when nothing is.</param>
internal readonly record struct FileStart(int Offset, bool HasMeta, string? Warning)
{
    public const int Needed = 512;

    /// <summary>Looks at the first bytes; null when this is not DICOM or cannot be told to be.</summary>
    public static FileStart? Of(ReadOnlySpan<byte> first, long length)
    {
        if (first.Length >= 132 && first[128..132].SequenceEqual("DICM"u8))
        {
            return new FileStart(132, true, null);
        }

        if (first.StartsWith("DICM"u8))
        {
            return new FileStart(4, true, "The file has no preamble.");
        }

        if (BeginsMeta(first))
        {
            return new FileStart(0, true, "The file has neither preamble nor prefix.");
        }

        if (first.Length > 140 && BeginsMeta(first[128..]))
        {
            return new FileStart(128, true, "The file lacks the prefix DICM.");
        }

        return BeginsDataset(first, length) ? new FileStart(0, false, "The file has no file meta.") : null;
    }

    private static bool BeginsMeta(ReadOnlySpan<byte> first) =>
        first.Length >= 8 && first[0] == 2 && first[1] == 0 && first[3] == 0
        && (ElementHeader.Read(first, Layout.ExplicitLittle).Vr is DicomVr.UL or DicomVr.OB or DicomVr.UI
            || first[..8] is [_, _, 0, 0, 4, 0, 0, 0]);

    /// <summary>Only group 0008 may begin one, and group, element and representation, or two elements in a row, must agree.</summary>
    private static bool BeginsDataset(ReadOnlySpan<byte> first, long length) =>
        first.Length >= 8 && LayoutGuess.Of(first, length) is { } layout && layout.Tag(first) is { Group: 0x0008, Element: < 0x0100 };
}

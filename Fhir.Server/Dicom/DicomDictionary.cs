namespace Fhir.Server.Dicom;

/// <summary>What PS3.6 says about one tag.</summary>
/// <param name="Tag">The tag; for a repeating group its first.</param>
/// <param name="Vr">Its representation as printed, such as <c>US or SS</c>.</param>
/// <param name="Vm">How many values, such as <c>1-n</c>.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Keyword">Its name for programs.</param>
/// <param name="IsRetired">No longer part of the standard.</param>
public sealed record DicomTagEntry(DicomTag Tag, string Vr, string Vm, string Name, string Keyword, bool IsRetired);

/// <summary>What PS3.6 says about one UID.</summary>
/// <param name="Uid">The identifier.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it identifies, such as <c>SOP Class</c>.</param>
public sealed record DicomUidEntry(string Uid, string Name, string Kind);

/// <summary>The data dictionary, PS3.6. The tables are read at first use and kept as the bytes they came as.</summary>
public static class DicomDictionary
{
    private static readonly Lazy<DictionaryTable> Table = new(DictionaryTable.Load);
    private static readonly Lazy<Dictionary<string, DicomTag>> Keywords = new(() => Table.Value.ReadKeywords());
    private static readonly Lazy<Dictionary<string, DicomUidEntry>> Uids = new(DictionaryTable.LoadUids);

    /// <summary>What is known of a tag; null for private and unknown ones.</summary>
    public static DicomTagEntry? Find(DicomTag tag) => Table.Value.Find(tag);

    /// <summary>The tag of a keyword.</summary>
    public static bool TryFindKeyword(ReadOnlySpan<char> keyword, out DicomTag tag) =>
        Keywords.Value.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(keyword, out tag);

    /// <summary>What a well-known UID stands for; null when it is none.</summary>
    public static DicomUidEntry? FindUid(string uid) => Uids.Value.GetValueOrDefault(uid);

    /// <summary>
    /// The representation of a tag where none is written: private creators are LO, group lengths UL, unknown ones UN.
    /// Where the standard leaves a choice, the data set decides, as PS3.5 §A.1 and PS3.3 §C.11.1.1.1 say. Never <c>None</c>.
    /// </summary>
    public static DicomVr VrOf(DicomTag tag, DicomDataset? context = null)
    {
        if (tag.IsGroupLength)
        {
            return DicomVr.UL;
        }

        if (tag.IsPrivate)
        {
            return tag.IsPrivateCreator ? DicomVr.LO : DicomVr.UN;
        }

        return Table.Value.VrOf(tag) switch
        {
            VrChoice.UsOrSs => IsSigned(context) ? DicomVr.SS : DicomVr.US,
            VrChoice.ObOrOw => DicomVr.OW,
            VrChoice.LutData => context?.Find(DicomTag.LUTDescriptor) is { Value.Length: >= 2 } lut
                && lut.Value.Span[0] == 1 && lut.Value.Span[1] == 0 ? DicomVr.US : DicomVr.OW,
            var vr => (DicomVr)vr,
        };
    }

    private static bool IsSigned(DicomDataset? context)
    {
        for (var dataset = context; dataset is not null; dataset = dataset.Parent)
        {
            if (dataset.Find(DicomTag.PixelRepresentation) is { Value.Length: >= 2 } sign)
            {
                return sign.Value.Span[0] == 1;
            }
        }

        return false;
    }
}

/// <summary>A representation as the dictionary has it: one of <see cref="DicomVr"/>, or a choice.</summary>
internal enum VrChoice : ushort
{
    UsOrSs = 1,
    ObOrOw = 2,
    LutData = 3,
}

namespace Fhir.Server.Dicom;

/// <summary>How many bytes a data set takes when written. PS3.5 §7.1.</summary>
internal sealed class DatasetLengths(bool isExplicit, DicomWriteOptions options)
{
    private const int GroupLengthSize = 12;
    private readonly Dictionary<DicomDataset, long> known = [];

    public static long Even(long length) => length + (length & 1);

    /// <summary>Longer than 16 bits can say: UN has 32. PS3.5 §6.2.2 note 7 (CP-1066).</summary>
    public static DicomVr WrittenVr(DicomElement element)
    {
        var vr = element.Vr == DicomVr.None ? DicomVr.UN : element.Vr;
        return !vr.HasLongLength && element.Length > 0xFFFE ? DicomVr.UN : vr;
    }

    public int HeaderSize(DicomElement element) => isExplicit && WrittenVr(element).HasLongLength ? 12 : 8;

    public long Of(DicomDataset dataset)
    {
        if (known.TryGetValue(dataset, out var length))
        {
            return length;
        }

        var group = -1;
        foreach (var element in dataset)
        {
            if (element.Tag.IsGroupLength)
            {
                continue;
            }

            length += HeaderSize(element) + OfValue(element);
            if (options.GroupLengths && element.Tag.Group != group)
            {
                group = element.Tag.Group;
                length += GroupLengthSize;
            }
        }

        return known[dataset] = length;
    }

    /// <summary>Bytes of a group behind its length.</summary>
    public long OfGroup(DicomDataset dataset, ushort group)
    {
        var length = 0L;
        foreach (var element in dataset)
        {
            if (element.Tag.Group == group && !element.Tag.IsGroupLength)
            {
                length += HeaderSize(element) + OfValue(element);
            }
        }

        return length;
    }

    public long OfValue(DicomElement element)
    {
        if (element.Items is { } items)
        {
            return options.UndefinedLengths ? 8 + items.Sum(item => 16 + Of(item)) : items.Sum(item => 8 + Of(item));
        }

        if (element.Fragments is not { } fragments)
        {
            return Even(element.Length);
        }

        var length = 8 + Even(fragments.OffsetTable.Length) + 8;
        for (var i = 0; i < fragments.Count; i++)
        {
            length += 8 + Even(fragments.LengthOf(i));
        }

        return length;
    }
}

namespace Fhir.Server.Dicom;

/// <summary>Counts where each record will be, from the first byte of the file to its item's tag, and writes that into the records. PS3.3 §F.3.2.2.</summary>
internal sealed class DirectoryOffsets(DicomDataset dataset, DicomDataset meta, DicomWriteOptions options)
{
    private const int ItemHeader = 8;
    private readonly DatasetLengths lengths = new(isExplicit: true, options);

    /// <summary>False when the file would be longer than an offset can say. Offsets have a fixed length, so they move nothing.</summary>
    public bool Put(IReadOnlyList<DirectoryNode> nodes, List<DirectoryNode> roots)
    {
        var at = FirstItem();
        foreach (var node in nodes)
        {
            node.Offset = at;
            at += ItemHeader + lengths.Of(node.Record) + (options.UndefinedLengths ? ItemHeader : 0);
        }

        if (at > uint.MaxValue)
        {
            return false;
        }

        Link(roots);
        dataset.AddNumbers(DicomTag.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, DicomVr.UL, roots[0].Offset)
            .AddNumbers(DicomTag.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity, DicomVr.UL, roots[^1].Offset);
        return true;
    }

    /// <summary>The sequence is the last element: its items end where the file ends, but for a delimiter.</summary>
    private long FirstItem()
    {
        var sequence = dataset.Find(DicomTag.DirectoryRecordSequence)!;
        return Part10Writer.DataSetOffset(meta) + lengths.Of(dataset) - lengths.OfValue(sequence);
    }

    private static void Link(List<DirectoryNode> siblings)
    {
        for (var i = 0; i < siblings.Count; i++)
        {
            siblings[i].PutOffsets(i + 1 < siblings.Count ? siblings[i + 1] : null, siblings[i].Children.FirstOrDefault());
            Link(siblings[i].Children);
        }
    }
}

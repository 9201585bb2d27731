namespace Fhir.Server.Dicom;

/// <summary>
/// Makes a tree of directory records: by their offsets as PS3.3 §F.3.2.2 says, and where these lead nowhere by the order in which the
/// records are written, which nearly always is patient, study, series, files.
/// </summary>
internal sealed class DirectoryTree
{
    private readonly ReadWarnings warnings;
    private readonly List<Entry> entries = [];
    private readonly Dictionary<long, Entry> byOffset = [];
    private readonly List<DicomDirectoryRecord> roots = [];
    private long shift;

    public DirectoryTree(IReadOnlyList<DicomDataset> items, ReadWarnings warnings)
    {
        this.warnings = warnings;
        foreach (var item in items)
        {
            var entry = new Entry(item, DirectoryFileId.RecordOf(item, warnings));
            entries.Add(entry);
            byOffset[item.Offset] = entry;
        }

        if (entries.Any(entry => !entry.IsInUse))
        {
            warnings.Add("There are records that are not in use; they are left out.");
        }
    }

    /// <summary>The records without one above them.</summary>
    public List<DicomDirectoryRecord> Build(long firstOffset)
    {
        FindShift(firstOffset);
        Follow(firstOffset);
        if (entries.Exists(entry => entry is { IsPlaced: false, IsInUse: true }))
        {
            warnings.Add("There are records no offset leads to; they are placed by their order.");
            PlaceByOrder();
        }

        return roots;
    }

    /// <summary>All offsets may be wrong by the same amount, when a file was written anew without minding them.</summary>
    private void FindShift(long firstOffset)
    {
        if (entries.Count == 0 || firstOffset == 0 || byOffset.ContainsKey(firstOffset))
        {
            return;
        }

        var supposed = entries[0].Item.Offset - firstOffset;
        if (entries.TrueForAll(entry => Fits(entry.Next + supposed, entry.Next) && Fits(entry.Child + supposed, entry.Child)))
        {
            warnings.Add("The offsets of the records are all wrong by the same amount.");
            shift = supposed;
        }

        bool Fits(long moved, long written) => written == 0 || byOffset.ContainsKey(moved);
    }

    private void Follow(long firstOffset)
    {
        // A list of places still to go, not recursion: chains of children may be as long as the file likes.
        var waiting = new Stack<(long Offset, DicomDirectoryRecord? Parent)>();
        waiting.Push((firstOffset, null));
        while (waiting.TryPop(out var place))
        {
            if (place.Offset == 0)
            {
                continue;
            }

            if (!byOffset.TryGetValue(place.Offset + shift, out var entry))
            {
                warnings.Add("An offset does not lead to a record.");
            }
            else if (entry.IsPlaced)
            {
                warnings.Add("Two offsets lead to the same record, or in a circle.");
            }
            else
            {
                Place(entry, place.Parent);
                waiting.Push((entry.Next, place.Parent));
                waiting.Push((entry.Child, entry.IsInUse ? entry.Record : place.Parent));
            }
        }
    }

    private void PlaceByOrder()
    {
        var above = new DicomDirectoryRecord?[3];
        foreach (var entry in entries)
        {
            var level = entry.Record.Level;
            if (!entry.IsPlaced && entry.IsInUse)
            {
                Place(entry, Array.FindLast(above[..level], record => record is not null));
            }

            if (level < above.Length)
            {
                above[level] = entry.Record;
                Array.Clear(above, level + 1, above.Length - level - 1);
            }
        }
    }

    private void Place(Entry entry, DicomDirectoryRecord? parent)
    {
        entry.IsPlaced = true;
        if (!entry.IsInUse)
        {
            return;
        }

        if (parent is null)
        {
            roots.Add(entry.Record);
        }
        else
        {
            parent.Add(entry.Record);
        }
    }

    private sealed class Entry(DicomDataset item, DicomDirectoryRecord record)
    {
        public DicomDataset Item => item;

        public DicomDirectoryRecord Record => record;

        public long Next { get; } = item.GetInt64(DicomTag.OffsetOfTheNextDirectoryRecord) ?? 0;

        public long Child { get; } = item.GetInt64(DicomTag.OffsetOfReferencedLowerLevelDirectoryEntity) ?? 0;

        /// <summary>(0004,1410): 0 once meant deleted; the flag is retired, and missing it counts as in use.</summary>
        public bool IsInUse { get; } = item.GetInt64(DicomTag.RecordInUseFlag) is not 0;

        public bool IsPlaced { get; set; }
    }
}

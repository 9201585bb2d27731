namespace Fhir.Server.Dicom;

/// <summary>A directory record while its tree grows.</summary>
internal sealed class DirectoryNode
{
    private readonly Dictionary<string, DirectoryNode> known = [];

    public DirectoryNode(string type, DicomDataset instance)
    {
        Record = new DicomDataset().AddNumbers(DicomTag.RecordInUseFlag, DicomVr.US, 0xFFFF).Add(DicomTag.DirectoryRecordType, DicomVr.CS, type);
        if (instance.Find(DicomTag.SpecificCharacterSet) is { Value.Length: > 0 } declared)
        {
            // Its text is copied as it is, so what it is written in goes with it.
            Record.Add(declared);
        }
    }

    public DicomDataset Record { get; }

    public List<DirectoryNode> Children { get; } = [];

    /// <summary>Where its item begins in the file.</summary>
    public long Offset { get; set; }

    /// <summary>The child of that UID, which is made when it is the first of it; without a UID always a new one.</summary>
    public DirectoryNode Child(string? uid, string type, Action<DicomDataset, int> keys, DicomDataset instance)
    {
        if (uid is not null && known.TryGetValue(uid, out var child))
        {
            return child;
        }

        child = new DirectoryNode(type, instance);
        keys(child.Record, Children.Count + 1);
        Children.Add(child);
        if (uid is not null)
        {
            known[uid] = child;
        }

        return child;
    }

    public IEnumerable<DirectoryNode> WithDescendants() => [this, .. Children.SelectMany(child => child.WithDescendants())];

    public void PutOffsets(DirectoryNode? next, DirectoryNode? firstChild) => Record
        .AddNumbers(DicomTag.OffsetOfTheNextDirectoryRecord, DicomVr.UL, next?.Offset ?? 0)
        .AddNumbers(DicomTag.OffsetOfReferencedLowerLevelDirectoryEntity, DicomVr.UL, firstChild?.Offset ?? 0);
}

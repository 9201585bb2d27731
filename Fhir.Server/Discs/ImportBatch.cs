namespace Fhir.Server.Discs;

/// <summary>Files that go in one request.</summary>
internal sealed class ImportBatch(ImportRequest limits)
{
    private readonly List<DiscInstance> files = [];
    private readonly HashSet<string> uids = [];
    private long length;

    public bool IsEmpty => files.Count == 0;

    /// <summary>
    /// Takes a file in if there is room. Two files of one UID never go together: the answer names UIDs, and one could not tell which of
    /// the two was refused.
    /// </summary>
    public bool TryAdd(DiscInstance file)
    {
        if (!IsEmpty && (files.Count >= limits.BatchFiles || length + file.Length > limits.BatchBytes || uids.Contains(file.SopInstanceUid)))
        {
            return false;
        }
        files.Add(file);
        uids.Add(file.SopInstanceUid);
        length += file.Length;
        return true;
    }

    /// <summary>Hands the files over and is empty again.</summary>
    public List<DiscInstance> Take()
    {
        List<DiscInstance> taken = [.. files];
        files.Clear();
        uids.Clear();
        length = 0;
        return taken;
    }
}

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// The folders of the store, <c>{root}/{yyyyMMdd}/{HHmm}</c>: made when the first blob of a minute begins and removed when the last
/// one is gone. One lock keeps making and removing apart, so no upload loses its folder.
/// </summary>
internal sealed class BlobFolders(string root, IFileLayer files, BlobSyncThreads threads)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, BlobFolder> inUse = new(StringComparer.Ordinal);

    /// <summary>The folder for a new blob; to be left again.</summary>
    public BlobFolder Enter(string path)
    {
        lock (gate)
        {
            if (!inUse.TryGetValue(path, out var folder))
            {
                ForgetIdle();
                files.MakeFolder(path);
                inUse[path] = folder = Make(path);
            }
            folder.Uploads++;
            return folder;
        }
    }

    /// <summary>Ends one upload in a folder.</summary>
    public void Leave(BlobFolder folder)
    {
        lock (gate)
        {
            folder.Uploads--;
        }
    }

    /// <summary>Removes a folder, and its day, when nothing is in them.</summary>
    public void RemoveIfEmpty(string path)
    {
        lock (gate)
        {
            if (inUse.TryGetValue(path, out var folder) && folder.Uploads > 0)
            {
                return;
            }
            if (files.DeleteFolder(path))
            {
                inUse.Remove(path);
                files.DeleteFolder(Path.GetDirectoryName(path)!);
            }
        }
    }

    /// <summary>The folders that there are, by the minute they are named for; days left empty are removed in passing.</summary>
    public IEnumerable<(DateTimeOffset Minute, string Path)> All()
    {
        foreach (var day in files.Folders(root).Where(BlobNames.IsDay))
        {
            var path = Path.Combine(root, day);
            var minutes = files.Folders(path);
            foreach (var minute in minutes)
            {
                if (BlobNames.TryReadMinute(day, minute, out var began))
                {
                    yield return (began, Path.Combine(path, minute));
                }
            }
            if (minutes.Count == 0)
            {
                RemoveDayIfEmpty(path);
            }
        }
    }

    private void RemoveDayIfEmpty(string path)
    {
        lock (gate)
        {
            files.DeleteFolder(path);
        }
    }

    // The folders of earlier minutes stay until their last upload ends.
    private void ForgetIdle()
    {
        foreach (var (path, _) in inUse.Where(one => one.Value.Uploads == 0).ToList())
        {
            inUse.Remove(path);
        }
    }

    // Whether the folder's own name and its day's are durable is not known, even if they are there: whoever made them may have
    // been killed before syncing. So the first sync of a folder goes up to the folder that holds the root.
    private BlobFolder Make(string path)
    {
        var rooted = false;
        return new BlobFolder(path, () => threads.RunAsync(() =>
        {
            files.SyncFolder(path);
            if (!rooted)
            {
                SyncAbove(path);
                rooted = true;
            }
        }));
    }

    private void SyncAbove(string path)
    {
        files.SyncFolder(Path.GetDirectoryName(path)!);
        files.SyncFolder(root);
        if (Path.GetDirectoryName(root) is { } parent)
        {
            files.SyncFolder(parent);
        }
    }
}

namespace Fhir.Server.Discs;

/// <summary>Everything below a folder, in a stable order: depth first, by name. Loops cannot happen, for no link is followed.</summary>
internal static class DiscTree
{
    /// <summary>
    /// The paths to look at, or why not. A disc is a stranger's: a link on it could lead to files of the operator's own that belong to
    /// somebody else, so links are told and left alone; the source itself may be one.
    /// </summary>
    public static IEnumerable<(string Path, DiscEntry? Verdict)> Paths(string source, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(source))
        {
            yield return (source, null);
            yield break;
        }

        // A stack of our own: a hostile tree may be deeper than the call stack.
        var folders = new Stack<(string Path, Queue<FileSystemInfo> Left)>();
        for (var open = source; open is not null || folders.Count > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (open is not null)
            {
                if (List(open) is { } listed)
                {
                    folders.Push((open, listed));
                }
                else
                {
                    yield return (open, new DiscFailure(open, "the folder cannot be read"));
                }
                open = null;
                continue;
            }
            var (folder, left) = folders.Peek();
            if (!left.TryDequeue(out var entry))
            {
                folders.Pop();
                continue;
            }
            // Put together here, for an entry whose path is too long does not know it.
            var path = Path.Combine(folder, entry.Name);
            if (entry.LinkTarget is not null)
            {
                yield return (path, new DiscSkip(path, "a link; name what it leads to"));
            }
            else if (entry is DirectoryInfo)
            {
                open = path;
            }
            else
            {
                yield return (path, null);
            }
        }
    }

    private static Queue<FileSystemInfo>? List(string folder)
    {
        try
        {
            return new(new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

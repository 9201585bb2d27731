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

        var folders = new Stack<IEnumerator<FileSystemInfo>>();
        var open = source;
        while (true)
        {
            if (open is not null)
            {
                if (List(open) is { } listed)
                {
                    folders.Push(((IEnumerable<FileSystemInfo>)listed).GetEnumerator());
                }
                else
                {
                    yield return (open, new DiscFailure(open, "the folder cannot be read"));
                }
                open = null;
            }
            cancellationToken.ThrowIfCancellationRequested();
            if (folders.Count == 0)
            {
                yield break;
            }
            if (!folders.Peek().MoveNext())
            {
                folders.Pop().Dispose();
                continue;
            }
            var entry = folders.Peek().Current;
            var path = entry.FullName;
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

    private static FileSystemInfo[]? List(string folder)
    {
        try
        {
            var entries = new DirectoryInfo(folder).GetFileSystemInfos();
            Array.Sort(entries, (left, right) => string.CompareOrdinal(left.Name, right.Name));
            return entries;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

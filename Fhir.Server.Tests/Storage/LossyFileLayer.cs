using Fhir.Server.Storage.Embedded;

namespace Fhir.Server.Tests.Storage;

/// <summary>The power is gone: whatever was under way has no answer.</summary>
internal sealed class PowerCutException() : IOException("The power is cut.");

/// <summary>A sync a store might have forgotten; for testing that the model would notice.</summary>
[Flags]
internal enum Forgotten
{
    Nothing = 0,
    FileSyncs = 1,
    FolderSyncs = 2,
    SyncsAbove = 4,
}

/// <summary>
/// A disk in memory that keeps what was synced apart from what was merely written. After a crash every byte, name and renaming
/// that was not synced may be there or not, each for itself: a disk may do all of that, and no real one does worse.
/// </summary>
internal sealed class LossyFileLayer : IFileLayer
{
    private readonly Lock gate = new();
    private readonly Folder root;
    private int stepsLeft;
    private bool cut;
    private IOException? failure;

    /// <param name="stepsLeft">The power is cut at this step.</param>
    public LossyFileLayer(int stepsLeft = int.MaxValue)
        : this(new Folder(), stepsLeft)
    {
        MakeFolder("/data");
        root.Durable = new(root.Names);
    }

    private LossyFileLayer(Folder root, int stepsLeft)
    {
        this.root = root;
        this.stepsLeft = stepsLeft;
    }

    private abstract class Node;

    private sealed class Folder : Node
    {
        public Dictionary<string, Node> Names { get; init; } = [];

        public Dictionary<string, Node> Durable { get; set; } = [];

        public Order Syncs { get; } = new();
    }

    private sealed class Content : Node
    {
        public byte[] Written { get; set; } = [];

        public byte[] Durable { get; set; } = [];

        public DateTimeOffset LastWrite { get; set; }

        public Order Syncs { get; } = new();
    }

    // Two syncs may end in another order than they began; the older one takes nothing back.
    private sealed class Order
    {
        private int begun;
        private int applied;

        public int Begin() => ++begun;

        public bool Apply(int number)
        {
            var isNews = number > applied;
            applied = Math.Max(number, applied);
            return isNews;
        }
    }

    public Forgotten Forgets { get; init; }

    /// <summary>The next change fails, and only that.</summary>
    public void FailOnce(IOException with) => failure = with;

    /// <summary>Cuts the power, and gives the disk as it is found when the power is back.</summary>
    public LossyFileLayer Crash(int seed)
    {
        lock (gate)
        {
            cut = true;
            var found = (Folder)new Survival(new Random(seed)).Of(root);
            return new LossyFileLayer(found, int.MaxValue);
        }
    }

    public void MakeFolder(string path) => Step(() =>
    {
        var folder = root;
        foreach (var name in Parts(path))
        {
            if (!folder.Names.TryGetValue(name, out var below))
            {
                folder.Names[name] = below = new Folder();
            }
            folder = (Folder)below;
        }
        return folder;
    });

    public IOpenFile Create(string path) => Step(() =>
    {
        var content = new Content();
        FolderAbove(path).Names.Add(Path.GetFileName(path), content);
        return new OpenFile(this, content);
    });

    public IOpenFile? Open(string path)
    {
        lock (gate)
        {
            return Find(path) is Content content ? new OpenFile(this, content) : null;
        }
    }

    public void Rename(string from, string to) => Step(() =>
    {
        var names = FolderAbove(from).Names;
        names[Path.GetFileName(to)] = names[Path.GetFileName(from)];
        return names.Remove(Path.GetFileName(from));
    });

    public void SyncFolder(string path)
    {
        var isAbove = !path.StartsWith("/data/blobs/", StringComparison.Ordinal) || Parts(path).Length < 4;
        if (Forgets.HasFlag(isAbove ? Forgotten.SyncsAbove : Forgotten.FolderSyncs))
        {
            return;
        }
        var (folder, names, number) = Step(() =>
        {
            var found = (Folder)Find(path)!;
            return (found, new Dictionary<string, Node>(found.Names), found.Syncs.Begin());
        });
        TakeTime();
        Step(() => folder.Syncs.Apply(number) ? folder.Durable = names : null);
    }

    public bool Exists(string path)
    {
        lock (gate)
        {
            return Find(path) is Content;
        }
    }

    public void Delete(string path) => Step(() =>
        Find(Path.GetDirectoryName(path)!) is Folder folder && folder.Names.Remove(Path.GetFileName(path)));

    public bool DeleteFolder(string path) => Step(() =>
    {
        if (Find(path) is Folder { Names.Count: > 0 })
        {
            return false;
        }
        if (Find(Path.GetDirectoryName(path)!) is Folder above)
        {
            above.Names.Remove(Path.GetFileName(path));
        }
        return true;
    });

    public IReadOnlyList<string> Folders(string path) => NamesOf<Folder>(path);

    public IReadOnlyList<string> Files(string path) => NamesOf<Content>(path);

    public DateTimeOffset? LastWrite(string path)
    {
        lock (gate)
        {
            return (Find(path) as Content)?.LastWrite;
        }
    }

    public long FreeBytes(string path) => long.MaxValue;

    private static string[] Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static void TakeTime() => Thread.SpinWait(Random.Shared.Next(3_000));

    private string[] NamesOf<T>(string path)
        where T : Node
    {
        lock (gate)
        {
            return Find(path) is Folder folder ? [.. folder.Names.Where(one => one.Value is T).Select(one => one.Key)] : [];
        }
    }

    private Folder FolderAbove(string path) =>
        Find(Path.GetDirectoryName(path)!) as Folder ?? throw new DirectoryNotFoundException(path);

    private Node? Find(string path)
    {
        Node? found = root;
        foreach (var name in Parts(path))
        {
            found = (found as Folder)?.Names.GetValueOrDefault(name);
        }
        return found;
    }

    private T Step<T>(Func<T> change)
    {
        lock (gate)
        {
            cut |= --stepsLeft <= 0;
            if (cut)
            {
                throw new PowerCutException();
            }
            if (failure is { } thrown)
            {
                failure = null;
                throw thrown;
            }
            return change();
        }
    }

    private sealed class OpenFile(LossyFileLayer disk, Content content) : IOpenFile
    {
        public long Length => content.Written.Length;

        public int Read(long offset, Span<byte> into)
        {
            var from = (int)Math.Min(offset, content.Written.Length);
            var read = Math.Min(into.Length, content.Written.Length - from);
            content.Written.AsSpan(from, read).CopyTo(into);
            return read;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            var copy = bytes.ToArray();
            disk.Step(() =>
            {
                var written = new byte[Math.Max(content.Written.Length, (int)offset + copy.Length)];
                content.Written.CopyTo(written, 0);
                copy.CopyTo(written, offset);
                return content.Written = written;
            });
        }

        public void SetLastWrite(DateTimeOffset moment) => disk.Step(() => content.LastWrite = moment);

        public void Sync()
        {
            if (disk.Forgets.HasFlag(Forgotten.FileSyncs))
            {
                return;
            }
            var (bytes, number) = disk.Step(() => (content.Written, content.Syncs.Begin()));
            TakeTime();
            disk.Step(() => content.Syncs.Apply(number) ? content.Durable = bytes : null);
        }

        public void Dispose()
        {
        }
    }

    private sealed class Survival(Random random)
    {
        private const int Sector = 512;

        private readonly Dictionary<Node, Node> found = [];

        public Node Of(Node node)
        {
            if (!found.TryGetValue(node, out var survivor))
            {
                found[node] = survivor = node is Folder folder ? Of(folder) : Of((Content)node);
            }
            return survivor;
        }

        private Folder Of(Folder folder)
        {
            var survivors = new Dictionary<string, Node>();
            foreach (var name in folder.Durable.Keys.Union(folder.Names.Keys))
            {
                var candidates = random.Next(2) == 0 ? folder.Durable : folder.Names;
                if (candidates.TryGetValue(name, out var node))
                {
                    survivors[name] = Of(node);
                }
            }
            return new Folder { Names = survivors, Durable = new(survivors) };
        }

        private Content Of(Content content)
        {
            var bytes = ReferenceEquals(content.Durable, content.Written) ? content.Durable : Torn(content);
            return new Content { Written = bytes, Durable = bytes, LastWrite = content.LastWrite };
        }

        // Of some length between, and each sector old, new, or never written.
        private byte[] Torn(Content content)
        {
            var (old, written) = (content.Durable, content.Written);
            var torn = new byte[random.Next(3) switch
            {
                0 => old.Length,
                1 => written.Length,
                _ => random.Next(Math.Min(old.Length, written.Length), Math.Max(old.Length, written.Length) + 1),
            }];
            for (var at = 0; at < torn.Length; at += Sector)
            {
                var source = random.Next(2) == 0 ? old : written;
                var length = Math.Min(Math.Min(Sector, torn.Length - at), source.Length - at);
                if (length > 0)
                {
                    Array.Copy(source, at, torn, at, length);
                }
            }
            return torn;
        }
    }
}

using System.Collections.Concurrent;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// Blobs as files, <c>{folder}/{yyyyMMdd}/{HHmm}/{32 hex}</c> in UTC, each written as <c>.part</c> beside its place and renamed once
/// its bytes are durable. A blob counts as made when it is completed, by the store's clock.
/// </summary>
/// <remarks>
/// One process owns the folder, so a <c>.part</c> without a lease was left by an earlier one. Start does not look for them, for it
/// would have to list every folder; the first whole walk of <see cref="MadeBefore"/> does and removes them, so the sweep
/// should walk once soon after the start.
/// <para>Removals are not synced: a blob that returns after a power cut is unmentioned still, and swept again.</para>
/// </remarks>
internal sealed class FileBlobStore : IBlobStore, IDisposable
{
    private const string Part = ".part";

    private readonly string root;
    private readonly IFileLayer files;
    private readonly TimeProvider clock;
    private readonly Action<string>? reached;
    private readonly BlobSyncThreads threads = new();
    private readonly BlobFolders folders;
    private readonly ConcurrentDictionary<BlobName, bool> leases = new();
    private volatile bool walkedEverywhere;

    /// <param name="folder">Where blobs are. It is made when it is not there, in a folder which is there durably.</param>
    /// <param name="files">The disk.</param>
    /// <param name="clock">The time.</param>
    /// <param name="reached">For tests: told <c>blob-written</c> when all bytes are durable under the temporary name, and
    /// <c>blob-renamed</c> when the blob is under its own.</param>
    public FileBlobStore(string folder, IFileLayer files, TimeProvider clock, Action<string>? reached = null)
    {
        root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        this.files = files;
        this.clock = clock;
        this.reached = reached;
        folders = new BlobFolders(root, files, threads);
        files.MakeFolder(root);
    }

    public ValueTask<IBlobUpload> BeginAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var name = BlobNames.New(clock.GetUtcNow());
        leases[name] = true;
        BlobFolder? folder = null;
        try
        {
            folder = folders.Enter(FolderOf(name));
            return ValueTask.FromResult<IBlobUpload>(new FileBlobUpload(this, name, folder, files.Create(PathOf(name) + Part)));
        }
        catch
        {
            End(name, folder, kept: false);
            throw;
        }
    }

    public ValueTask<IBlobContent?> OpenAsync(BlobName name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var file = files.Open(PathOf(name));
        return ValueTask.FromResult<IBlobContent?>(file is null ? null : FileBlobContent.Open(file, name));
    }

    public bool Exists(BlobName name) => files.Exists(PathOf(name));

    public bool IsLeased(BlobName name) => leases.ContainsKey(name);

    public IEnumerable<BlobName> MadeBefore(DateTimeOffset moment)
    {
        var everywhere = !walkedEverywhere;
        foreach (var (began, path) in folders.All())
        {
            // What began later was made later.
            if (began < moment || everywhere)
            {
                foreach (var name in Walk(path))
                {
                    if (began < moment && files.LastWrite(PathOf(name)) < moment)
                    {
                        yield return name;
                    }
                }
            }
        }
        walkedEverywhere = true;
    }

    public void Delete(BlobName name)
    {
        files.Delete(PathOf(name));
        folders.RemoveIfEmpty(FolderOf(name));
    }

    /// <summary>Bytes that may still be written to the disk the blobs are on.</summary>
    public long FreeBytes() => files.FreeBytes(root);

    /// <summary>Ends the threads that wait for the disk; uploads must have ended.</summary>
    public void Dispose() => threads.Dispose();

    /// <summary>Makes a written file durable under its name. Once it has begun it goes to its end.</summary>
    internal async Task KeepAsync(BlobName name, BlobFolder into, IOpenFile written)
    {
        var path = PathOf(name);
        await threads.RunAsync(() =>
        {
            written.SetLastWrite(clock.GetUtcNow());
            written.Sync();
            reached?.Invoke("blob-written");
            files.Rename(path + Part, path);
        });
        await into.SyncAsync();
        reached?.Invoke("blob-renamed");
    }

    /// <summary>Ends an upload. One that was not kept leaves nothing, however far it came: nobody may have mentioned it.</summary>
    internal void End(BlobName name, BlobFolder? folder, bool kept)
    {
        try
        {
            if (!kept)
            {
                files.Delete(PathOf(name) + Part);
                files.Delete(PathOf(name));
            }
        }
        finally
        {
            if (folder is not null)
            {
                folders.Leave(folder);
            }
            leases.TryRemove(name, out _);
        }
        if (!kept)
        {
            folders.RemoveIfEmpty(FolderOf(name));
        }
    }

    // The blobs in a folder; removes what an earlier process left, and the folder when nothing is in it.
    private IEnumerable<BlobName> Walk(string path)
    {
        var minute = Path.GetRelativePath(root, path).Replace('\\', '/');
        var found = files.Files(path);
        foreach (var file in found)
        {
            var name = new BlobName($"{minute}/{Path.GetFileNameWithoutExtension(file)}");
            if (!BlobName.IsWellFormed(name.Value))
            {
                continue;
            }
            if (!file.EndsWith(Part, StringComparison.Ordinal))
            {
                yield return name;
            }
            else if (!IsLeased(name))
            {
                files.Delete(Path.Combine(path, file));
                folders.RemoveIfEmpty(path);
            }
        }
        if (found.Count == 0)
        {
            folders.RemoveIfEmpty(path);
        }
    }

    private string FolderOf(BlobName name) => Path.GetDirectoryName(PathOf(name))!;

    private string PathOf(BlobName name) => BlobName.IsWellFormed(name.Value)
        ? Path.GetFullPath(name.Value, root)
        : throw new ArgumentException("Only a name this store could have made is turned into a path.", nameof(name));
}

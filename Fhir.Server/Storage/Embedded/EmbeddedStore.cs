using Microsoft.Extensions.Logging;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// The embedded store: one folder with an SQLite file and blobs, owned by one process. Disposing it writes everything out and gives
/// the folder free.
/// </summary>
internal sealed class EmbeddedStore : IDisposable
{
    private readonly OwnerLock owner;
    private readonly SqliteWriter writer;

    /// <summary>Opens the store, making it when the folder is empty.</summary>
    /// <exception cref="StoreInUseException">Another process owns it.</exception>
    /// <exception cref="StoreTooNewException">A newer program wrote it.</exception>
    public EmbeddedStore(
        string folder, IProjection projection, IAuditSeal seal, TimeProvider clock, Func<string, IBlobStore> openBlobs, ILogger logger,
        Action<string>? reached = null)
    {
        MakeDurably(folder);
        owner = OwnerLock.Take(folder);
        try
        {
            Database = new SqliteDatabase(Path.Combine(folder, "store.db"));
            Blobs = openBlobs(Path.Combine(folder, "blobs"));
            writer = new SqliteWriter(new WriteSession(Database.OpenConnection(), seal, clock), reached);
        }
        catch
        {
            (Blobs as IDisposable)?.Dispose();
            Database?.Dispose();
            owner.Dispose();
            throw;
        }
        Publisher = new StudyPublisher(Database, writer, projection, logger);
        Resources = new SqliteResourceStore(Database, writer, Publisher, projection, Blobs);
        Instances = new SqliteInstanceIndex(Database);
        Sweep = new BlobSweep(Database, writer, Blobs, clock);
        Rebuild = new StoreRebuild(Database, writer, projection, Blobs);
        Jobs = new SqliteJobStore(Database, writer, clock);
    }

    public SqliteDatabase Database { get; }

    public IBlobStore Blobs { get; }

    public StudyPublisher Publisher { get; }

    public SqliteResourceStore Resources { get; }

    public SqliteInstanceIndex Instances { get; }

    public BlobSweep Sweep { get; }

    public StoreRebuild Rebuild { get; }

    public SqliteJobStore Jobs { get; }

    /// <summary>Says where the owning process listens, for commands run beside it.</summary>
    public void Announce(string address) => owner.Announce(address);

    public void Dispose()
    {
        writer.Dispose();
        Database.Dispose();
        (Blobs as IDisposable)?.Dispose();
        owner.Dispose();
    }

    /// <summary>Makes the folder and those above it that are missing; whatever is in it later, a power cut must not take its name.</summary>
    private static void MakeDurably(string folder)
    {
        var missing = new List<string>();
        for (var path = Path.GetFullPath(folder); !Directory.Exists(path); path = Path.GetDirectoryName(path)!)
        {
            missing.Add(path);
        }
        Directory.CreateDirectory(folder);
        missing.ForEach(path => new DiskFileLayer().SyncFolder(Path.GetDirectoryName(path)!));
    }
}

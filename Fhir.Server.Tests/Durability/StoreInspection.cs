using Fhir.Server.Access;
using Fhir.Server.Audit;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Storage;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fhir.Server.Tests.Durability;

/// <summary>Opens a store that a server has left, without the server, and looks behind the doors.</summary>
internal sealed class StoreInspection : IDisposable
{
    private readonly string folder;
    private readonly byte[] key;
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
    private readonly EmbeddedStore store;

    /// <param name="folder">The store's; its keys lie beside it.</param>
    public StoreInspection(string folder)
    {
        this.folder = folder;
        key = KeyFile.Read(Path.Combine(folder + "-keys", "audit.key"));
        store = new EmbeddedStore(
            folder, new FakeProjection(), new HmacAuditSeal(key), clock, path => new FileBlobStore(path, new DiskFileLayer(), clock), NullLogger.Instance);
    }

    /// <summary>SQLite finds its file whole, and every instance has its bytes.</summary>
    public void FilesAreWhole()
    {
        Assert.That(store.Database.Read(session => session.Text("PRAGMA integrity_check")), Is.EqualTo("ok"));
        Assert.That(Mentioned().Except(OnDisk()), Is.Empty, "Instances whose bytes are gone.");
    }

    /// <summary>Every record's chain follows from its first row without a gap, under the key that lies outside the store.</summary>
    /// <returns>How many rows there are.</returns>
    public async Task<int> AuditChainsVerifyAsync()
    {
        var seal = new HmacAuditSeal(key);
        var rows = 0;
        foreach (var record in store.Database.Read(session => session.All("SELECT name FROM record", row => new RecordId(row.GetString(0)))))
        {
            ReadOnlyMemory<byte> previous = default;
            var number = 0;
            foreach (var row in await store.Resources.AuditAsync(record, 0, int.MaxValue, default))
            {
                Assert.That(row.Sequence, Is.EqualTo(++number));
                Assert.That(row.Chain.Span.SequenceEqual(seal.Seal(previous.Span, row.Sequence, row.Entry)), Is.True, $"Row {number} of {record}.");
                previous = row.Chain;
                rows++;
            }
        }
        return rows;
    }

    /// <summary>A day later the sweep leaves exactly the blobs that are mentioned.</summary>
    public async Task SweepLeavesWhatIsMentionedAsync()
    {
        clock.Advance(TimeSpan.FromHours(25));
        await store.Sweep.RunAsync(default);
        Assert.That(OnDisk(), Is.EquivalentTo(Mentioned()));
    }

    public void Dispose() => store.Dispose();

    private List<string> Mentioned() => store.Database.Read(session => session.All("SELECT blob FROM instance", row => row.GetString(0)));

    private List<string> OnDisk()
    {
        var blobs = Path.Combine(folder, "blobs");
        return [.. Directory.EnumerateFiles(blobs, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(blobs, file))];
    }
}

using Fhir.Server.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fhir.Server.Tests.Storage;

/// <summary>SQLite and files pass the contract of every resource store.</summary>
[TestFixture]
public sealed class SqliteResourceStoreTests : ResourceStoreContract
{
    protected override ValueTask<StoreUnderTest> OpenAsync() => SqliteStore.OpenAsync();
}

/// <summary>Opens embedded stores in folders of their own.</summary>
internal static class SqliteStore
{
    public static ValueTask<StoreUnderTest> OpenAsync()
    {
        var folder = Directory.CreateTempSubdirectory("phr-store-").FullName;
        return StoreUnderTest.OpenAsync(
            fittings => ValueTask.FromResult(Open(folder, fittings)), largeTransactions: true, () => Directory.Delete(folder, recursive: true));
    }

    private static OpenedStore Open(string folder, StoreFittings fittings)
    {
        var store = new EmbeddedStore(
            folder, fittings.Projection, fittings.Seal, fittings.Clock, path => new FileBlobStore(path, new DiskFileLayer(), fittings.Clock), NullLogger.Instance);
        var stop = new CancellationTokenSource();
        var kept = new StoreKeeper(store, TimeSpan.FromDays(1), fittings.Clock, NullLogger.Instance).RunAsync(stop.Token);
        return new OpenedStore(
            store.Resources, store.Instances, store.Blobs, async () => await store.Sweep.RunAsync(CancellationToken.None),
            async () =>
            {
                await stop.CancelAsync();
                await kept;
                store.Dispose();
                stop.Dispose();
            });
    }
}

/// <summary>And that of every instance index.</summary>
[TestFixture]
public sealed class SqliteInstanceIndexTests : InstanceIndexContract
{
    protected override ValueTask<StoreUnderTest> OpenAsync() => SqliteStore.OpenAsync();
}

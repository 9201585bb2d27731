using Fhir.Server.Storage.Embedded;

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
            folder, fittings.Projection, fittings.Seal, fittings.Clock, path => new FileBlobStore(path, new DiskFileLayer(), fittings.Clock));
        return new OpenedStore(
            store.Resources, store.Instances, store.Blobs, async () => await store.Sweep.RunAsync(CancellationToken.None),
            () =>
            {
                store.Dispose();
                return ValueTask.CompletedTask;
            });
    }
}

/// <summary>And that of every instance index.</summary>
[TestFixture]
public sealed class SqliteInstanceIndexTests : InstanceIndexContract
{
    protected override ValueTask<StoreUnderTest> OpenAsync() => SqliteStore.OpenAsync();
}

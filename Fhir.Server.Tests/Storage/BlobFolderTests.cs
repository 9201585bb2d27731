using Fhir.Server.Storage.Embedded;

namespace Fhir.Server.Tests.Storage;

public sealed class BlobFolderTests
{
    private readonly List<TaskCompletionSource> syncs = [];
    private SemaphoreSlim begun = null!;
    private BlobFolder folder = null!;

    [SetUp]
    public void Open()
    {
        syncs.Clear();
        begun = new SemaphoreSlim(0);
        folder = new BlobFolder("/blobs", () =>
        {
            var sync = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            syncs.Add(sync);
            begun.Release();
            return sync.Task;
        });
    }

    [TearDown]
    public void Close() => begun.Dispose();

    [Test]
    public async Task Who_comes_while_a_sync_runs_shares_the_next_one()
    {
        var first = folder.SyncAsync();
        await begun.WaitAsync();
        var second = folder.SyncAsync();
        var third = folder.SyncAsync();

        syncs[0].SetResult();
        await first;
        Assert.Multiple(() =>
        {
            Assert.That(second.IsCompleted, Is.False);
            Assert.That(third.IsCompleted, Is.False);
        });
        await begun.WaitAsync();
        syncs[1].SetResult();
        await Task.WhenAll(second, third);
        Assert.That(syncs, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_failed_sync_fails_those_who_waited_for_it_and_no_others()
    {
        var first = folder.SyncAsync();
        await begun.WaitAsync();
        var second = folder.SyncAsync();

        syncs[0].SetException(new IOException());
        Assert.That(async () => await first, Throws.InstanceOf<IOException>());
        await begun.WaitAsync();
        syncs[1].SetResult();
        await second;
    }
}

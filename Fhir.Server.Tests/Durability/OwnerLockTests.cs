using Fhir.Server.Storage.Embedded;

namespace Fhir.Server.Tests.Durability;

/// <summary>One process owns a store; whoever comes second is told who.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class OwnerLockTests
{
    private EmbeddedFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = EmbeddedFolder.Make();

    [TearDown]
    public void RemoveFolder() => folder.Dispose();

    [Test]
    public void A_second_owner_in_the_same_process_is_refused_and_told_who_the_first_is()
    {
        using (var store = folder.Open())
        {
            store.Announce("http://127.0.0.1:5080");
            var refused = Assert.Throws<StoreInUseException>(() => folder.Open());
            Assert.Multiple(() =>
            {
                Assert.That(refused!.Owner, Is.EqualTo(new StoreOwner(Environment.ProcessId, "http://127.0.0.1:5080")));
                Assert.That(refused.Message, Does.Contain($"{Environment.ProcessId}").And.Contain("http://127.0.0.1:5080"));
                Assert.That(OwnerLock.FindOwner(folder.Path), Is.EqualTo(refused.Owner));
            });
        }
        Assert.That(OwnerLock.FindOwner(folder.Path), Is.Null);
        Assert.That(() => folder.Open().Dispose(), Throws.Nothing);
    }

    [Test]
    public async Task Another_process_holds_the_store_until_it_is_killed()
    {
        var data = Path.Combine(folder.Path, "data");
        var port = ServerProcess.FreePort();
        await using var owner = ServerProcess.Start(data, port);
        Assert.That(await owner.BecomesReadyAsync(), Is.True, owner.Output);

        var refused = Assert.Throws<StoreInUseException>(() => OwnerLock.Take(data).Dispose());
        Assert.That(refused!.Owner, Is.EqualTo(new StoreOwner(owner.Id, $"http://127.0.0.1:{port}")));
        await using (var second = ServerProcess.Start(data, ServerProcess.FreePort()))
        {
            Assert.That(await second.BecomesReadyAsync(), Is.False);
            Assert.That(await second.EndAsync(), Is.Not.Zero.And.Not.EqualTo(ServerProcess.Killed));
            Assert.That(second.Output, Does.Contain($"in use by process {owner.Id}"));
        }
        using (var answer = await owner.Client.GetAsync("/healthz/ready"))
        {
            Assert.That(answer.IsSuccessStatusCode, Is.True, "The first goes on.");
        }

        await owner.KillAsync();
        Assert.That(File.Exists(Path.Combine(data, "owner.json")), Is.True, "Nobody cleared up.");
        Assert.That(OwnerLock.FindOwner(data), Is.Null);
        Assert.That(() => OwnerLock.Take(data).Dispose(), Throws.Nothing);
    }

    [TestCase("{\"ProcessId\":1,\"Address\":\"http://127.0.0.1:1\"}")]
    [TestCase("{\"ProcessId\":")]
    [TestCase("null")]
    [TestCase("")]
    public void What_an_earlier_owner_has_left_written_harms_nobody(string left)
    {
        File.WriteAllText(Path.Combine(folder.Path, "owner.lock"), "");
        File.WriteAllText(Path.Combine(folder.Path, "owner.json"), left);

        Assert.That(OwnerLock.FindOwner(folder.Path), Is.Null);
        using var store = folder.Open();
        Assert.That(OwnerLock.FindOwner(folder.Path), Is.EqualTo(new StoreOwner(Environment.ProcessId, null)));
    }

    [Test]
    public async Task Whoever_asks_while_an_owner_says_where_it_listens_reads_the_old_word_or_the_new_one()
    {
        using var store = folder.Open();
        store.Announce("http://127.0.0.1:1");
        using var enough = new CancellationTokenSource();
        var announcing = Task.Run(() =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                store.Announce($"http://127.0.0.1:{i % 60_000}");
            }
        });
        var asked = Enumerable.Range(0, 500).Select(_ => OwnerLock.FindOwner(folder.Path)?.ProcessId).ToList();
        await enough.CancelAsync();
        await announcing;
        Assert.That(asked, Is.All.EqualTo(Environment.ProcessId));
    }

    [Test]
    public async Task Those_who_ask_for_the_owner_of_a_store_without_one_neither_see_each_other_nor_keep_an_owner_out()
    {
        folder.Open().Dispose();
        using var enough = new CancellationTokenSource();
        var asking = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var seen = new HashSet<StoreOwner?>();
            while (!enough.IsCancellationRequested)
            {
                seen.Add(OwnerLock.FindOwner(folder.Path));
            }
            return seen;
        })).ToList();
        var taken = Task.Run(() => Enumerable.Range(0, 20).Select(_ =>
        {
            using var owner = OwnerLock.Take(folder.Path);
            return true;
        }).Count());
        Assert.That(await taken, Is.EqualTo(20));
        await enough.CancelAsync();
        foreach (var asked in asking)
        {
            Assert.That((await asked).Select(owner => owner?.Address), Is.All.Null);
        }
    }
}

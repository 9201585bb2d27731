using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Storage;

namespace Fhir.Server.Tests.Durability;

/// <summary>That nothing is dirty is remembered, so that a search need not ask; and forgotten before anything could be.</summary>
[TestFixture]
public sealed class NeverStaleTests
{
    private static readonly RecordId Anna = new("anna");
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    [TestCase("before-commit")]
    [TestCase("after-commit")]
    public async Task A_search_while_an_instance_is_being_committed_is_never_older_than_what_may_be_seen(string held)
    {
        using var folder = EmbeddedFolder.Make();
        using var reached = new ManualResetEventSlim(false);
        using var open = new ManualResetEventSlim(true);
        using var store = folder.Open(point =>
        {
            if (point == held && !open.IsSet)
            {
                reached.Set();
                open.Wait(TimeSpan.FromSeconds(20));
            }
        });
        await store.Resources.CommitAsync(folder.Saying(Anna, new("Patient", "anna"), "anna"), default);
        Assert.That((await GiveAsync(store, "1.2.3.1.1")).IsSuccess);
        var first = await VersionAsync(store);
        Assert.That(await VersionAsync(store), Is.EqualTo(first), "Nothing has changed, and it is remembered that nothing is dirty.");

        open.Reset();
        var giving = GiveAsync(store, "1.2.3.1.2");
        Assert.That(reached.Wait(TimeSpan.FromSeconds(20)), "The commit has come to its point.");
        var rows = await RowsAsync(store);
        var searching = Task.Run(() => VersionAsync(store));
        await Task.WhenAny(searching, Task.Delay(Moment));
        open.Set();
        var seen = await searching;
        Assert.Multiple(async () =>
        {
            Assert.That((await giving).IsSuccess);
            Assert.That(rows, Is.EqualTo(held == "after-commit" ? 2 : 1));
            Assert.That(seen > first, Is.EqualTo(rows == 2), "The search is of the same moment as the rows beside it, or later.");
            Assert.That(await VersionAsync(store), Is.GreaterThan(first), "What has been acknowledged is in the next answer.");
        });
    }

    private static async Task<Outcome<CommitReceipt>> GiveAsync(EmbeddedStore store, string sop) =>
        await store.Resources.CommitAsync(await EmbeddedFolder.GivingAsync(store, Anna, new TestInstance("1.2.3", "1.2.3.1", sop)), default);

    private static async Task<long> VersionAsync(EmbeddedStore store)
    {
        var found = await store.Resources.QueryAsync(Ask.For("ImagingStudy", Ask.Identifier("1.2.3")), Visibility.Everything, default);
        Assert.That(found.Value.Matches, Has.Count.EqualTo(1));
        return found.Value.Matches[0].Version;
    }

    private static async Task<int> RowsAsync(EmbeddedStore store) =>
        (await store.Instances.FindInstancesAsync(new InstanceQuery(Anna, "1.2.3", null, [], 0, 10), Visibility.Everything, default)).Rows.Count;
}

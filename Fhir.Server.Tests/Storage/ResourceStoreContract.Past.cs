using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>The history of a type and of all there is: what the histories of its resources say, joined, newest first.</summary>
public abstract partial class ResourceStoreContract
{
    [Test]
    public async Task The_history_of_all_is_those_of_each_resource_joined_for_every_caller_also_after_a_move()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        var study = await PrepareMoveAsync(store);
        store.Clock.Advance(TimeSpan.FromSeconds(1));
        await MoveAsync(store, "1.1", Anna, Ben);
        foreach (var visibility in new[] { Visibility.Everything, AnnaOnly, BenOnly, Visibility.Nothing })
        {
            var all = await PastAsync(store, null, visibility);
            Assert.That(all.Select(one => one.Version.LastUpdated), Is.Ordered.Descending);
            Assert.That(await PastAsync(store, null, visibility, count: 1), Is.EqualTo(all).Using<PastVersion>(AreSame));
            foreach (var key in new[] { study, Live, Dead, Bens, Never, new("Patient", "anna"), FakeProjection.EndpointOf(Ben) })
            {
                var own = (await store.HistoryAsync(key, visibility))?.Versions ?? [];
                Assert.That(all.Where(one => one.Version.Key == key).Select(Told), Is.EqualTo(own.Select(Told)), $"{key}");
                Assert.That((await PastAsync(store, key.Type, visibility)).Where(one => one.Version.Key == key).Select(Told), Is.EqualTo(own.Select(Told)), $"{key}");
            }
        }
    }

    [Test]
    public async Task What_was_erased_is_in_no_history()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        await store.Resources.EraseAsync(Anna, store.Audit(Anna), default);
        Assert.That((await PastAsync(store, null, Visibility.Everything)).Select(one => one.Version.Record), Is.All.EqualTo(Ben));
        Assert.That(await PastAsync(store, null, AnnaOnly), Is.Empty);
    }

    private static string Told(PastVersion one) => Told(one.Version);

    private static string Told(StoredResource one) => $"{one.Version} {one.Record} {one.Method} {one.Text()}";

    private static bool AreSame(PastVersion one, PastVersion other) => one.IsNew == other.IsNew && one.Version.Key == other.Version.Key && Told(one) == Told(other);

    private static async Task<List<PastVersion>> PastAsync(StoreUnderTest store, string? type, Visibility visibility, int count = 1000)
    {
        var found = new List<PastVersion>();
        var query = new PastQuery(type, count);
        do
        {
            var page = (await store.Resources.HistoryAsync(query, visibility, default)).OrFail();
            found.AddRange(page.Versions);
            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null);
        return found;
    }
}

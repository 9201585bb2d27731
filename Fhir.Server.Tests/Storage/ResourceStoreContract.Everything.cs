using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>A whole record, page by page. See https://hl7.org/fhir/R4/operation-patient-everything.html</summary>
public abstract partial class ResourceStoreContract
{
    private static EverythingQuery All(int count = 1000) => new([], null, count, null);

    private static async Task<(List<string> Own, List<string> Shared)> PagesAsync(
        StoreUnderTest store, RecordId record, EverythingQuery query, Visibility? visibility = null)
    {
        var (own, shared) = (new List<string>(), new List<string>());
        for (var pages = 0; pages < 1000; pages++)
        {
            var page = (await store.Resources.EverythingAsync(record, query, visibility ?? Visibility.Everything, default)).OrFail();
            own.AddRange(page.Matches.Select(one => one.Key.ToString()));
            shared.AddRange(page.Included.Select(one => one.Key.ToString()));
            if (page.Next is null)
            {
                return (own, shared);
            }
            Assert.That(page.Matches.Count + page.Included.Count, Is.EqualTo(query.Count), "A page with a next one must be full.");
            query = query with { Cursor = page.Next };
        }
        throw new InvalidOperationException("The pages never end.");
    }

    /// <summary>Anna's record leads to a, a to b, b back to a; c stands alone, d is Ben's.</summary>
    private static async Task LayRecordAsync(StoreUnderTest store)
    {
        foreach (var (id, next) in new[] { ("a", "b"), ("b", "a"), ("c", "a"), ("d", "c") })
        {
            await store.PutAsync(RecordId.Shared, new("Organization", id), TestContent.Saying(id, new ReferenceRow("partof", "Organization", next)));
        }
        foreach (var record in new[] { Anna, Ben })
        {
            await store.AdmitAsync(record);
            await store.PutAsync(record, new("Observation", $"2-{record}"), TestContent.Saying("x", new ReferenceRow("performer", "Organization", record == Anna ? "a" : "d")));
            await store.PutAsync(record, new("Observation", $"1-{record}"), TestContent.Saying("y", new ReferenceRow("performer", "Organization", record == Anna ? "a" : "d"), new ReferenceRow("subject", "Patient", "anna")));
            await store.PutAsync(record, new("Consent", $"gone-{record}"), "z");
            await store.DeleteAsync(record, new("Consent", $"gone-{record}"));
        }
    }

    [Test]
    public async Task Everything_of_a_record_is_its_own_and_the_shared_it_leads_to_each_once_on_pages_of_any_size()
    {
        await using var store = await OpenAsync();
        await LayRecordAsync(store);
        for (var count = 1; count < 7; count++)
        {
            var (own, shared) = await PagesAsync(store, Anna, All(count));
            Assert.That(own, Is.EqualTo(new[] { "Patient/anna", "Endpoint/wado-anna", "Observation/1-anna", "Observation/2-anna" }), $"{count}");
            Assert.That(shared, Is.EqualTo(new[] { "Organization/a", "Organization/b" }), $"{count}");
        }
        Assert.That((await PagesAsync(store, Ben, All(2))).Shared, Is.EquivalentTo(new[] { "Organization/a", "Organization/b", "Organization/c", "Organization/d" }));
    }

    [Test]
    public async Task Everything_shows_what_may_be_seen_and_nothing_of_another_record()
    {
        await using var store = await OpenAsync();
        await LayRecordAsync(store);
        Assert.That((await PagesAsync(store, Anna, All(1), Visibility.Of(RecordView.Whole(Anna)))).Own, Has.Count.EqualTo(4));
        Assert.That((await PagesAsync(store, Anna, All(1), Visibility.Of(RecordView.Whole(Anna)))).Shared, Is.Empty);
        Assert.That((await PagesAsync(store, Anna, All(1), Visibility.Of(RecordView.Whole(Ben)))).Own, Is.Empty);
        Assert.That((await PagesAsync(store, new("nobody-at-all"), All(1))).Own, Is.Empty);
    }

    [Test]
    public async Task Everything_is_narrowed_by_types_and_by_when_it_was_changed()
    {
        await using var store = await OpenAsync();
        await LayRecordAsync(store);
        var (own, shared) = await PagesAsync(store, Anna, All(1) with { Types = ["Organization", "Patient"] });
        Assert.That((own.Single(), shared.Count), Is.EqualTo(("Patient/anna", 2)));
        var changed = (await store.FindAsync(new("Observation", "1-anna")))!;
        var since = await PagesAsync(store, Anna, All(1) with { Since = Microseconds(changed.LastUpdated) });
        Assert.That(since.Own, Is.EqualTo(new[] { "Observation/1-anna" }));
    }

    [TestCase("x")]
    [TestCase("")]
    [TestCase("eyJQYXJ0Ijo3fQ")]
    public async Task A_cursor_of_everything_that_was_not_given_out_is_refused(string cursor)
    {
        await using var store = await OpenAsync();
        await LayRecordAsync(store);
        Assert.That((await store.Resources.EverythingAsync(Anna, All() with { Cursor = cursor }, Visibility.Everything, default)).Problem?.Kind, Is.EqualTo(ProblemKind.Invalid));
    }
}

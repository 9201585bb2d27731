using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>Pages, totals and cursors. See https://hl7.org/fhir/R4/http.html#paging</summary>
public abstract partial class ResourceStoreContract
{
    [Test]
    public async Task Pages_are_full_but_for_the_last_which_has_no_next()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        for (var number = 0; number < 6; number++)
        {
            await LayAsync(store, number, TestContent.OnDay("date", "2024-01-01"));
        }
        foreach (var (count, pages) in ((int, int)[])[(1, 6), (2, 3), (3, 2), (4, 2), (6, 1), (7, 1)])
        {
            foreach (var query in (SearchQuery[])[Ask.For("Observation"), Ask.For("Observation").SortedBy("date"), Ask.For("Observation").SortedBy("none")])
            {
                var asked = (query with { Count = count }).Counted();
                var seen = new List<string>();
                for (var page = 1; page <= pages; page++)
                {
                    var found = await store.QueryAsync(asked);
                    seen.AddRange(found.Matches.Ids());
                    Assert.That(found.Total, Is.EqualTo(6));
                    Assert.That(found.Next is null, Is.EqualTo(page == pages), $"page {page} of {pages}");
                    asked = asked with { Cursor = found.Next };
                }
                Assert.That(seen, Is.EquivalentTo(new[] { "o0", "o1", "o2", "o3", "o4", "o5" }));
            }
        }
    }

    [Test]
    public async Task A_total_is_given_when_asked_for_and_alone_when_nothing_else_is()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        for (var number = 0; number < 5; number++)
        {
            await LayAsync(store, number, new TokenRow("code", null, "x"), new TokenRow("code", Loinc, "x"), new TokenRow("code", null, "y"));
        }
        var query = Ask.For("Observation", Ask.Token("Observation", "code", null, "x").Or(Ask.Token("Observation", "code", null, "y")));
        var some = await store.QueryAsync(query.Counted(2));
        var none = await store.QueryAsync(query.Counted(0));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((some.Total, some.Matches.Count), Is.EqualTo((5L, 2)), "A resource counts once however many of its rows match.");
            Assert.That((none.Total, none.Matches.Count, none.Included.Count), Is.EqualTo((5L, 0, 0)));
            Assert.That((await store.QueryAsync(query)).Total, Is.Null);
        }
    }

    [Test]
    public async Task A_cursor_that_was_tampered_with_or_belongs_to_another_query_is_Invalid()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        for (var number = 0; number < 6; number++)
        {
            await LayAsync(store, number, TestContent.OnDay("date", "2024-01-01"), new TokenRow("code", Loinc, "x"));
        }
        var query = (Ask.For("Observation", Ask.Token("Observation", "code", null, "x")) with { Count = 2 }).SortedBy("date");
        var cursor = (await store.QueryAsync(query)).Next!;

        var forgeries = new List<string> { "x", "null", "AAAA", "' OR 1=1", cursor + cursor, cursor[..^4], cursor[4..], new string('A', cursor.Length), "😀", new('9', 10_000) };
        for (var at = 0; at < cursor.Length * 3 / 4; at++)
        {
            forgeries.Add(string.Concat(cursor.AsSpan(0, at), cursor[at] == 'A' ? "B" : "A", cursor.AsSpan(at + 1)));
        }
        foreach (var forgery in forgeries)
        {
            Assert.That(await KindAsync(query with { Cursor = forgery }), Is.EqualTo(ProblemKind.Invalid), forgery);
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await KindAsync(query with { Cursor = cursor }), Is.Null);
            Assert.That(await KindAsync(Ask.For("Observation") with { Count = 2, Cursor = cursor }), Is.EqualTo(ProblemKind.Invalid), "no criteria, no order");
            Assert.That(await KindAsync(query with { Cursor = cursor, Criteria = [] }), Is.EqualTo(ProblemKind.Invalid), "other criteria");
            Assert.That(await KindAsync(query with { Cursor = cursor, ResourceType = "Patient" }), Is.EqualTo(ProblemKind.Invalid), "another type");
            Assert.That(
                await KindAsync((query with { Cursor = cursor, Sort = [] }).SortedBy("date", descending: true)), Is.EqualTo(ProblemKind.Invalid), "another order");
        }

        async Task<ProblemKind?> KindAsync(SearchQuery asked) => (await store.Resources.QueryAsync(asked, Visibility.Everything, default)).Problem?.Kind;
    }

    [Test]
    public async Task A_cursor_goes_on_after_a_reopening()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        for (var number = 0; number < 5; number++)
        {
            await LayAsync(store, number, TestContent.OnDay("date", $"2024-01-0{number + 1}"));
        }
        var query = (Ask.For("Observation") with { Count = 2 }).SortedBy("date");
        var cursor = (await store.QueryAsync(query)).Next;
        await store.ReopenAsync();
        Assert.That((await store.QueryAllAsync(query with { Cursor = cursor })).Ids(), Is.EqualTo(new[] { "o2", "o3", "o4" }));
    }

    [TestCase("date", false)]
    [TestCase("date", true)]
    [TestCase("_id", false)]
    [TestCase(null, false)]
    public async Task Paging_neither_skips_nor_repeats_while_others_are_inserted_and_updated(string? sort, bool descending)
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        var still = new List<string>();
        for (var number = 0; number < 60; number++)
        {
            // A third has no date, the others share few: the cursor must get through equal keys and through none.
            await LayAsync(store, number, number % 3 == 0 ? [] : [TestContent.OnDay("date", $"2024-01-0{1 + (number % 5)}")]);
            still.Add(Observation(number).Id);
        }
        var query = Ask.For("Observation") with { Count = 7 };
        query = sort is null ? query : query.SortedBy(sort, sort == "_id" ? SearchKind.Token : SearchKind.Date, descending);
        var quiet = sort is null ? null : (await store.QueryAllAsync(query)).Ids().ToList();

        var writing = Task.Run(async () =>
        {
            for (var number = 0; number < 300; number++)
            {
                // Inserted between the others, and half of them put elsewhere in the order afterwards.
                var key = new ResourceKey("Observation", $"o{number % 60}x{number / 2}");
                await store.PutAsync(Anna, key, TestContent.Saying($"{number}", TestContent.OnDay("date", $"2024-01-0{1 + (number % 7)}")));
            }
        });
        do
        {
            var walked = (await store.QueryAllAsync(query)).Ids().Where(still.Contains).ToList();
            Assert.That(walked, Is.Unique.And.EquivalentTo(still));
            Assert.That(walked, Is.EqualTo(quiet ?? walked));
        }
        while (!writing.IsCompleted);
        await writing;
    }
}

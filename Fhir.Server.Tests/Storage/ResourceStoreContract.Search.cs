using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>What a search finds. See https://hl7.org/fhir/R4/search.html; the property in ResourceStoreContract.SearchModel.cs goes further.</summary>
public abstract partial class ResourceStoreContract
{
    private const string Loinc = "http://loinc.org";

    [Test]
    public async Task Tokens_match_by_system_and_code_exactly()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await LayAsync(store, 1, new TokenRow("code", Loinc, "A"));
        await LayAsync(store, 2, new TokenRow("code", Loinc, "a"));
        await LayAsync(store, 3, new TokenRow("code", null, "A"));
        await LayAsync(store, 4, new TokenRow("code", "urn:other", "A"), new TokenRow("code", Loinc, "B"));
        await LayAsync(store, 5);
        await LayAsync(store, 6, new TokenRow("category", Loinc, "A"));

        await FindsAsync(store, [1, 3, 4], Ask.Token("Observation", "code", null, "A"));
        await FindsAsync(store, [1], Ask.Token("Observation", "code", Loinc, "A"));
        await FindsAsync(store, [1, 2, 4], Ask.Token("Observation", "code", Loinc, null));
        await FindsAsync(store, [3], Ask.Token("Observation", "code", null, "A") with { Values = [new TokenValue(null, true, "A")] });
        await FindsAsync(store, [2, 5, 6], Ask.Token("Observation", "code", null, "A", Modifier.Not));
        await FindsAsync(store, [5, 6], Ask.Missing("Observation", "code", SearchKind.Token, true));
        await FindsAsync(store, [1, 2, 3, 4], Ask.Missing("Observation", "code", SearchKind.Token, false));
        await FindsAsync(store, [1, 2, 3, 4], Ask.Token("Observation", "code", null, "A").Or(Ask.Token("Observation", "code", null, "a")));
        await FindsAsync(store, [5, 6], Ask.Token("Observation", "code", null, "A", Modifier.Not).Or(Ask.Token("Observation", "code", null, "a")));
    }

    [Test]
    public async Task Criteria_are_and_and_may_be_answered_by_different_rows()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await LayAsync(store, 1, new TokenRow("code", Loinc, "A"), new TokenRow("code", Loinc, "B"), TestContent.OnDay("date", "2024-01-01"));
        await LayAsync(store, 2, new TokenRow("code", Loinc, "A"), TestContent.OnDay("date", "2024-01-01"));
        await LayAsync(store, 3, new TokenRow("code", Loinc, "B"), TestContent.OnDay("date", "2024-02-01"));

        await FindsAsync(store, [1], Ask.Token("Observation", "code", null, "A"), Ask.Token("Observation", "code", null, "B"));
        await FindsAsync(store, [1, 2], Ask.Token("Observation", "code", null, "A"), Ask.Day("Observation", "date", Comparison.Lt, "2024-02-01"));
        await FindsAsync(store, [], Ask.Token("Observation", "code", null, "A"), Ask.Day("Observation", "date", Comparison.Ge, "2024-02-01"));
        await FindsAsync(store, [2], Ask.Token("Observation", "code", null, "A"), Ask.Token("Observation", "code", null, "B", Modifier.Not));
        await FindsAsync(store, [1, 2, 3]);
    }

    [Test]
    public async Task Strings_match_by_their_beginning_their_inside_or_exactly()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await LayAsync(store, 1, new StringRow("name", "muller", "Müller"));
        await LayAsync(store, 2, new StringRow("name", "mullerson", "Mullerson"));
        await LayAsync(store, 3, new StringRow("name", "de muller", "de Muller"));
        await LayAsync(store, 4, new StringRow("name", "50% of_all [x] * ?", "50% of_all [x] * ?"));
        await LayAsync(store, 5, new StringRow("name", "50 of all", "50 of all"));

        await FindsAsync(store, [1, 2], Ask.Words("Observation", "name", "muller"));
        await FindsAsync(store, [1, 2, 3], Ask.Words("Observation", "name", "muller", Modifier.Contains));
        await FindsAsync(store, [1], Ask.Words("Observation", "name", "Müller", Modifier.Exact));
        await FindsAsync(store, [], Ask.Words("Observation", "name", "müller", Modifier.Exact));
        await FindsAsync(store, [4], Ask.Words("Observation", "name", "50%"));
        foreach (var wild in (string[])["% of_", "_", "%", "[x]", "*", "?"])
        {
            await FindsAsync(store, [4], Ask.Words("Observation", "name", wild, Modifier.Contains));
        }
    }

    [Test]
    public async Task Dates_are_compared_as_stretches_of_time()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await LayAsync(store, 1, TestContent.OnDay("date", "2024-01-15"));
        await LayAsync(store, 2, new DateRow("date", TestContent.Day("2024-01-01"), TestContent.Day("2024-02-01")));
        await LayAsync(store, 3, new DateRow("date", TestContent.Day("2024-01-20"), long.MaxValue));
        await LayAsync(store, 4, new DateRow("date", long.MinValue, TestContent.Day("2024-01-10")));
        await LayAsync(store, 5, TestContent.OnDay("date", "1955-06-30"));
        await LayAsync(store, 6);

        Criterion January(Comparison comparison) => Ask.Date("Observation", "date", comparison, TestContent.Day("2024-01-01"), TestContent.Day("2024-02-01"));
        await FindsAsync(store, [1, 2], January(Comparison.Eq));
        await FindsAsync(store, [3, 4, 5], January(Comparison.Ne));
        await FindsAsync(store, [3], January(Comparison.Gt));
        await FindsAsync(store, [4, 5], January(Comparison.Lt));
        await FindsAsync(store, [1, 2, 3], January(Comparison.Ge));
        await FindsAsync(store, [1, 2, 4, 5], January(Comparison.Le));
        await FindsAsync(store, [], January(Comparison.Sa));
        await FindsAsync(store, [5], January(Comparison.Eb));
        await FindsAsync(store, [1, 2, 3, 4], January(Comparison.Ap));
        await FindsAsync(store, [3], Ask.Day("Observation", "date", Comparison.Sa, "2024-01-19"));
        await FindsAsync(store, [6], Ask.Missing("Observation", "date", SearchKind.Date, true));
    }

    [Test]
    public async Task References_match_by_id_with_or_without_type_and_by_identifier()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await LayAsync(store, 1, new ReferenceRow("subject", "Patient", "anna"));
        await LayAsync(store, 2, new ReferenceRow("subject", "Group", "anna"));
        await LayAsync(store, 3, new ReferenceRow("subject", null, "http://elsewhere.org/Patient/anna"));
        await LayAsync(store, 4, new TokenRow("subject:identifier", "urn:hospital", "4711"));

        await FindsAsync(store, [1, 2], Ask.Reference("Observation", "subject", null, "anna"));
        await FindsAsync(store, [1], Ask.Reference("Observation", "subject", "Patient", "anna"));
        await FindsAsync(store, [3], Ask.Reference("Observation", "subject", null, "http://elsewhere.org/Patient/anna"));
        await FindsAsync(store, [4], Ask.Reference("Observation", "subject", null, "") with
        {
            Modifier = Modifier.Identifier,
            Values = [new TokenValue("urn:hospital", false, "4711")],
        });
    }

    [Test]
    public async Task Uris_match_themselves_what_is_below_and_what_is_above()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await LayAsync(store, 1, new UriRow("url", "http://a.org/x"));
        await LayAsync(store, 2, new UriRow("url", "http://a.org/x/y"));
        await LayAsync(store, 3, new UriRow("url", "http://a.org/xy"));
        await LayAsync(store, 4, new UriRow("url", "http://a.org/X"));
        await LayAsync(store, 5, new UriRow("url", "http://a.org/"));

        await FindsAsync(store, [1], Ask.Uri("Observation", "url", "http://a.org/x"));
        await FindsAsync(store, [1, 2], Ask.Uri("Observation", "url", "http://a.org/x", Modifier.Below));
        await FindsAsync(store, [1, 2, 5], Ask.Uri("Observation", "url", "http://a.org/x/y", Modifier.Above));
        await FindsAsync(store, [1, 2, 3, 4, 5], Ask.Uri("Observation", "url", "http://a.org/", Modifier.Below));
    }

    [Test]
    public async Task Only_the_current_rows_count_and_those_of_a_deleted_resource_do_not()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await LayAsync(store, 1, new TokenRow("code", Loinc, "old"));
        await LayAsync(store, 2, new TokenRow("code", Loinc, "old"));
        await store.PutAsync(Anna, Observation(1), TestContent.Saying("updated", new TokenRow("code", Loinc, "new")));
        await store.DeleteAsync(Anna, Observation(2));

        await FindsAsync(store, [], Ask.Token("Observation", "code", null, "old"));
        await FindsAsync(store, [1], Ask.Token("Observation", "code", null, "new"));
        await FindsAsync(store, [1], Ask.Token("Observation", "code", null, "old", Modifier.Not));
        await FindsAsync(store, [1]);
        await LayAsync(store, 2, new TokenRow("code", Loinc, "old"));
        await FindsAsync(store, [2], Ask.Token("Observation", "code", null, "old"));
    }

    [Test]
    public async Task Id_and_lastUpdated_are_known_without_rows()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await LayAsync(store, 1);
        store.Clock.Advance(TimeSpan.FromHours(1));
        var between = Microseconds(store.Clock.GetUtcNow());
        store.Clock.Advance(TimeSpan.FromHours(1));
        await LayAsync(store, 2);

        await FindsAsync(store, [2], Ask.Token("Observation", "_id", null, Observation(2).Id));
        await FindsAsync(store, [1, 2], Ask.Token("Observation", "_id", null, Observation(2).Id).Or(Ask.Token("Observation", "_id", null, Observation(1).Id)));
        await FindsAsync(store, [], Ask.Token("Observation", "_id", null, "anna"));
        await FindsAsync(store, [1], Ask.Date("Observation", "_lastUpdated", Comparison.Lt, between, between + 1));
        await FindsAsync(store, [2], Ask.Date("Observation", "_lastUpdated", Comparison.Ge, between, between + 1));
        await LayAsync(store, 1, new TokenRow("code", Loinc, "new"));
        await FindsAsync(store, [1, 2], Ask.Date("Observation", "_lastUpdated", Comparison.Ge, between, between + 1));
    }

    [Test]
    public async Task Sorting_by_a_date_puts_what_has_none_last_in_both_directions()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await LayAsync(store, 1, TestContent.OnDay("date", "2024-01-02"));
        await LayAsync(store, 2);
        await LayAsync(store, 3, TestContent.OnDay("date", "1955-06-30"));
        await LayAsync(store, 4, TestContent.OnDay("date", "2024-01-03"));

        foreach (var count in (int[])[1, 2, 3, 10])
        {
            var query = Ask.For("Observation") with { Count = count };
            Assert.That((await store.QueryAllAsync(query.SortedBy("date"))).Ids(), Is.EqualTo(new[] { "o3", "o1", "o4", "o2" }));
            Assert.That((await store.QueryAllAsync(query.SortedBy("date", descending: true))).Ids(), Is.EqualTo(new[] { "o4", "o1", "o3", "o2" }));
        }
    }

    [Test]
    public async Task Sorting_goes_by_the_first_key_and_then_by_the_next()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await LayAsync(store, 1, TestContent.OnDay("date", "2024-01-02"), new StringRow("name", "b", "B"));
        await LayAsync(store, 2, TestContent.OnDay("date", "2024-01-02"), new StringRow("name", "a", "a"));
        await LayAsync(store, 3, TestContent.OnDay("date", "2024-01-01"), new StringRow("name", "c", "c"));
        await LayAsync(store, 4, new StringRow("name", "d", "d"));
        await LayAsync(store, 5, TestContent.OnDay("date", "2024-01-02"));

        foreach (var count in (int[])[1, 2, 10])
        {
            var query = (Ask.For("Observation") with { Count = count }).SortedBy("date", descending: true);
            Assert.That((await store.QueryAllAsync(query.SortedBy("name", SearchKind.String))).Ids(), Is.EqualTo(new[] { "o2", "o1", "o5", "o3", "o4" }));
            Assert.That(
                (await store.QueryAllAsync(query.SortedBy("name", SearchKind.String, descending: true))).Ids(),
                Is.EqualTo(new[] { "o1", "o2", "o5", "o3", "o4" }));
        }
    }

    [Test]
    public async Task Sorting_goes_by_id_and_by_lastUpdated()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        foreach (var number in (int[])[2, 3, 1])
        {
            await LayAsync(store, number);
            store.Clock.Advance(TimeSpan.FromMinutes(1));
        }
        var query = Ask.For("Observation") with { Count = 2 };
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await store.QueryAllAsync(query.SortedBy("_id", SearchKind.Token))).Ids(), Is.EqualTo(new[] { "o1", "o2", "o3" }));
            Assert.That((await store.QueryAllAsync(query.SortedBy("_lastUpdated"))).Ids(), Is.EqualTo(new[] { "o2", "o3", "o1" }));
            Assert.That((await store.QueryAllAsync(query.SortedBy("_lastUpdated", descending: true))).Ids(), Is.EqualTo(new[] { "o1", "o3", "o2" }));
        }
    }

    [Test]
    public async Task Includes_bring_each_target_once_and_only_those_asked_for()
    {
        await using var store = await OpenAsync();
        var patient = await store.AdmitAsync(Anna);
        await store.PutAsync(RecordId.Shared, new("Organization", "north"), "north");
        await store.PutAsync(Anna, new("Group", "gone"), "soon gone");
        await store.DeleteAsync(Anna, new("Group", "gone"));
        await LayAsync(store, 1, new ReferenceRow("subject", "Patient", "anna"), new ReferenceRow("performer", "Organization", "north"));
        await LayAsync(store, 2, new ReferenceRow("subject", "Patient", "anna"), new ReferenceRow("subject", "Organization", "north"));
        await LayAsync(store, 3, new ReferenceRow("subject", "Group", "gone"), new ReferenceRow("subject", "Patient", "never"), new ReferenceRow("subject", null, "http://elsewhere.org/Patient/anna"));

        var all = await store.QueryAsync(Ask.For("Observation").Including("subject"));
        var patients = await store.QueryAsync(Ask.For("Observation").Including("subject", "Patient"));
        var both = await store.QueryAsync(Ask.For("Observation", Ask.Token("Observation", "_id", null, "o1")).Including("subject").Including("performer"));
        var none = await store.QueryAsync(Ask.For("Observation"));
        var last = await store.QueryAsync((Ask.For("Observation").Including("subject") with { Count = 2 }).SortedBy("_id", SearchKind.Token, descending: true));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(all.Matches, Has.Count.EqualTo(3));
            Assert.That(all.Included.Select(one => one.Key), Is.EquivalentTo(new[] { patient, new("Organization", "north") }));
            Assert.That(patients.Included.Select(one => one.Key), Is.EqualTo(new[] { patient }));
            Assert.That(both.Included.Select(one => one.Key), Is.EquivalentTo(new[] { patient, new("Organization", "north") }));
            Assert.That(none.Included, Is.Empty);
            Assert.That(last.Matches.Ids(), Is.EqualTo(new[] { "o3", "o2" }));
            Assert.That(all.Included[0].Text(), Does.StartWith("{\"resourceType\":"));
        }
    }

    private static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / 10;

    /// <summary>Puts an Observation with these rows into Anna's record.</summary>
    private static Task<CommittedResource> LayAsync(StoreUnderTest store, int number, params IReadOnlyList<IndexRow> rows) =>
        store.PutAsync(Anna, Observation(number), TestContent.Saying("text", rows));

    private static async Task FindsAsync(StoreUnderTest store, IReadOnlyList<int> numbers, params IReadOnlyList<Criterion> criteria)
    {
        var page = await store.QueryAsync(Ask.For("Observation", criteria).Counted());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(page.Matches.Ids(), Is.EquivalentTo(numbers.Select(one => Observation(one).Id)), string.Join(" & ", criteria));
            Assert.That(page.Total, Is.EqualTo(numbers.Count));
            Assert.That(page.Next, Is.Null);
        }
    }
}

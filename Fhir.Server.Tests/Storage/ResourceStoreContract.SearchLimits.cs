using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>What a search may cost, and what is said where that is not enough.</summary>
public abstract partial class ResourceStoreContract
{
    private static SearchQuery Asking(string type, SearchOptions limits, params (string Name, string Value)[] query) =>
        new SearchParser(limits, null).Parse(type, query.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)), strict: true).OrFail();

    [TestCase("code", "x")]
    [TestCase("status", "x")]
    [TestCase("status:not", "y")]
    public async Task A_total_over_many_records_is_counted_to_a_limit_and_estimated_beyond(string name, string value)
    {
        await using var store = await OpenAsync();
        const int Records = 6, Each = 10;
        for (var record = 0; record < Records; record++)
        {
            await store.CommitAsync(new RecordCommit(new($"p{record}"))
            {
                Resources = [.. Enumerable.Range(0, Each).Select(number => new ResourceChange(
                    new("Observation", $"p{record}-{number}"),
                    TestContent.Saying("x", new TokenRow("code", null, "x"), new TokenRow("status", null, number % 2 == 0 ? "x" : "y"), new ReferenceRow("patient", "Patient", $"p{record}")), "PUT"))],
            });
        }
        var there = name == "code" ? Records * Each : Records * Each / 2;
        var query = Asking("Observation", new SearchOptions { ExactTotal = 12 }, (name, value), ("_total", "accurate"), ("_count", "5"));
        var beyond = await store.QueryAsync(query);
        var exact = await store.QueryAsync(query with { Limits = new SearchOptions { ExactTotal = there } });
        var one = await store.QueryAsync(query, Visibility.Of(RecordView.Whole(new("p1"))));
        var oneNamed = await store.QueryAsync(Asking("Observation", new SearchOptions { ExactTotal = 3 }, ("patient", "p1"), ("_total", "accurate")));
        Assert.Multiple(() =>
        {
            Assert.That((beyond.IsEstimate, beyond.Matches.Count), Is.EqualTo((true, 5)));
            Assert.That(beyond.Total, Is.InRange(13, there * 2));
            Assert.That((exact.Total, exact.IsEstimate), Is.EqualTo(((long?)there, false)));
            Assert.That((one.Total, one.IsEstimate), Is.EqualTo(((long?)there / Records, false)), "One record is counted to the end.");
            Assert.That((oneNamed.Total, oneNamed.IsEstimate), Is.EqualTo(((long?)Each, false)));
        });
    }

    [Test]
    public async Task What_goes_beyond_the_limits_of_includes_is_left_out_and_said()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        for (var number = 0; number < 6; number++)
        {
            await LayAsync(store, number, new ReferenceRow("patient", "Patient", Anna.Value), new ReferenceRow("has-member", "Observation", Observation(number + 1).Id));
        }
        async Task<(int Included, bool IsCut)> BroughtAsync(string type, SearchOptions limits, string id, string name, string value)
        {
            var page = await store.QueryAsync(Asking(type, limits, ("_id", id), (name, value)));
            return (page.Included.Count, page.IsCut);
        }
        Assert.That(await BroughtAsync("Patient", new SearchOptions { MaxIncluded = 4 }, Anna.Value, "_revinclude", "Observation:patient"), Is.EqualTo((4, true)));
        Assert.That(await BroughtAsync("Patient", new SearchOptions { MaxIncluded = 6 }, Anna.Value, "_revinclude", "Observation:patient"), Is.EqualTo((6, false)));
        Assert.That(await BroughtAsync("Observation", new SearchOptions { MaxIncludeRounds = 2 }, Observation(0).Id, "_include:iterate", "Observation:has-member"), Is.EqualTo((3, true)));
        Assert.That(await BroughtAsync("Observation", new SearchOptions(), Observation(0).Id, "_include:iterate", "Observation:has-member"), Is.EqualTo((5, false)));
    }

    [Test]
    public async Task A_search_that_takes_too_long_is_too_costly_and_the_next_one_is_answered()
    {
        await using var store = await OpenAsync();
        await store.CommitAsync(new RecordCommit(Anna)
        {
            Resources = [.. Enumerable.Range(0, 500).Select(number => new ResourceChange(new("Observation", $"o{number}"), TestContent.Saying("x", new TokenRow("code", null, $"{number}")), "PUT"))],
        });
        var query = Asking("Observation", new SearchOptions { Within = TimeSpan.FromMilliseconds(-1) }, ("code:not", "7"), ("_sort", "code"));
        Assert.That((await store.Resources.QueryAsync(query, Visibility.Everything, default)).Problem?.Kind, Is.EqualTo(ProblemKind.TooCostly));
        Assert.That((await store.QueryAsync(query with { Limits = new SearchOptions() })).Matches, Has.Count.EqualTo(20));
    }

    [Test]
    public async Task Pages_over_a_chain_in_the_order_of_several_keys_neither_skip_nor_repeat_while_a_thousand_are_inserted()
    {
        await using var store = await OpenAsync();
        await store.PutAsync(Anna, new("Patient", Anna.Value), TestContent.Saying("x", new StringRow("name", "anna", "Anna")));
        ResourceChange Change(string id, int number) => new(
            new("ImagingStudy", id),
            TestContent.Saying("x", new ReferenceRow("patient", "Patient", Anna.Value), new TokenRow("status", null, $"s{number % 3}"), TestContent.OnDay("started", $"2024-01-0{1 + (number % 5)}")), "PUT");
        await store.CommitAsync(new RecordCommit(Anna) { Resources = [.. Enumerable.Range(0, 90).Select(number => Change($"still-{number}", number))] });
        var query = Asking("ImagingStudy", new SearchOptions(), ("patient.name", "anna"), ("_sort", "status,-started,-patient.name"), ("_count", "11"));
        var quiet = (await store.QueryAllAsync(query)).Ids().ToList();
        var writing = Task.Run(async () =>
        {
            for (var commit = 0; commit < 200; commit++)
            {
                await store.CommitAsync(new RecordCommit(Anna) { Resources = [.. Enumerable.Range(0, 5).Select(number => Change($"new-{commit}-{number}", commit + number))] });
            }
        });
        do
        {
            var walked = (await store.QueryAllAsync(query)).Ids().ToList();
            Assert.That(walked, Is.Unique);
            Assert.That(walked.Where(id => id.StartsWith("still", StringComparison.Ordinal)), Is.EqualTo(quiet));
        }
        while (!writing.IsCompleted);
        await writing;
        Assert.That((await store.QueryAllAsync(query)).Count, Is.EqualTo(1090));
    }
}

using Fhir.Server.Search;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Durability;
using SQLitePCL;

namespace Fhir.Server.Tests.Storage;

/// <summary>What a search costs is counted, in statements and steps of SQLite's machine, which no busy computer can change.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SearchCostTests
{
    private const int StudiesEach = 5;

    [Test]
    public async Task A_patients_studies_cost_the_same_however_many_others_there_are()
    {
        var few = await CostAsync(10, Query("patient", "p7", count: 20), Visibility.Everything);
        var many = await CostAsync(600, Query("patient", "p7", count: 20), Visibility.Everything);
        Assert.Multiple(() =>
        {
            Assert.That(few.Found, Is.EqualTo(StudiesEach));
            Assert.That(many.Found, Is.EqualTo(StudiesEach));
            Assert.That(many.Steps, Is.EqualTo(few.Steps), "Steps in a store of 3,000 studies and of 50.");
            Assert.That(many.Statements, Is.EqualTo(few.Statements));
        });
    }

    [Test]
    public async Task A_page_is_fetched_by_as_many_statements_whatever_is_on_it()
    {
        using var folder = EmbeddedFolder.MakeInMemory();
        using var store = folder.Open();
        await FillAsync(store, patients: 3);
        var one = Cost(folder, Query("patient", "p1", count: 1), Visibility.Everything);
        var all = Cost(folder, Query("patient", "p1", count: 20), Visibility.Everything);
        Assert.That((all.Found, all.Statements), Is.EqualTo((StudiesEach, one.Statements)));
    }

    [TestCase("patient", "p7")]
    [TestCase("status", "available")]
    public async Task Who_sees_one_record_pays_nothing_for_the_others(string parameter, string value)
    {
        var mine = Visibility.Of([RecordView.Whole(new("p7"))]);
        var few = await CostAsync(10, Query(parameter, value, count: 20), mine);
        var many = await CostAsync(600, Query(parameter, value, count: 20), mine);
        Assert.That(few.Found, Is.EqualTo(StudiesEach));
        Assert.That(many, Is.EqualTo(few));
    }

    private static async Task<(int Found, long Steps, long Statements)> CostAsync(int patients, SearchQuery query, Visibility visibility)
    {
        using var folder = EmbeddedFolder.MakeInMemory();
        using var store = folder.Open();
        await FillAsync(store, patients);
        return Cost(folder, query, visibility);
    }

    /// <summary>Runs the search as the store does, on a connection whose steps are counted.</summary>
    private static (int Found, long Steps, long Statements) Cost(EmbeddedFolder folder, SearchQuery query, Visibility visibility)
    {
        using var database = new SqliteDatabase(folder.Database);
        // Searching only reads: neither writer nor publisher is asked.
        var store = new SqliteResourceStore(database, null!, null!, folder.Projection, null!);
        return database.Read(session =>
        {
            session.Visibility = visibility;
            var steps = 0L;
            raw.sqlite3_progress_handler(session.Connection.Handle, 1, _ => (int)(steps++ * 0), null);
            var before = session.StatementsRun;
            var found = store.Search(session, query, visibility, null).Value;
            raw.sqlite3_progress_handler(session.Connection.Handle, 0, null, null);
            return (found.Matches.Count, steps, session.StatementsRun - before);
        });
    }

    private static SearchQuery Query(string parameter, string value, int count) => new SearchParser(new SearchOptions(), null).Parse(
        "ImagingStudy", [new(parameter, value), new("_sort", "-started"), new("_count", $"{count}")], strict: true).Value;

    private static async Task FillAsync(EmbeddedStore store, int patients)
    {
        for (var patient = 0; patient < patients; patient++)
        {
            var record = new RecordId($"p{patient}");
            var commit = new RecordCommit(record)
            {
                Resources = [.. Enumerable.Range(0, StudiesEach).Select(study => new ResourceChange(
                    new("ImagingStudy", $"{record}-{study}"),
                    TestContent.Saying("study", new ReferenceRow("patient", "Patient", record.Value), new TokenRow("status", "", "available"), TestContent.OnDay("started", $"2024-02-{study + 10:00}")),
                    "PUT"))],
            };
            Assert.That((await store.Resources.CommitAsync(commit, default)).IsSuccess);
        }
    }
}

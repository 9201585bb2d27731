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
        var few = await CostAsync(patients: 10);
        var many = await CostAsync(patients: 600);
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
        var one = Cost(folder, Query("p1", count: 1));
        var all = Cost(folder, Query("p1", count: 20));
        Assert.That((all.Found, all.Statements), Is.EqualTo((StudiesEach, one.Statements)));
    }

    private static async Task<(int Found, long Steps, long Statements)> CostAsync(int patients)
    {
        using var folder = EmbeddedFolder.MakeInMemory();
        using var store = folder.Open();
        await FillAsync(store, patients);
        return Cost(folder, Query("p7", count: 20));
    }

    /// <summary>Runs the search as the store does, on a connection whose steps are counted.</summary>
    private static (int Found, long Steps, long Statements) Cost(EmbeddedFolder folder, SearchQuery query)
    {
        using var database = new SqliteDatabase(folder.Database);
        // Searching only reads: neither writer nor publisher is asked.
        var store = new SqliteResourceStore(database, null!, null!, folder.Projection, null!);
        return database.Read(session =>
        {
            var steps = 0L;
            raw.sqlite3_progress_handler(session.Connection.Handle, 1, _ => (int)(steps++ * 0), null);
            var before = session.StatementsRun;
            var found = store.Search(session, query, Visibility.Everything, null).Value;
            raw.sqlite3_progress_handler(session.Connection.Handle, 0, null, null);
            return (found.Matches.Count, steps, session.StatementsRun - before);
        });
    }

    private static SearchQuery Query(string patient, int count) => new SearchParser(new SearchOptions(), null).Parse(
        "ImagingStudy", [new("patient", patient), new("_sort", "-started"), new("_count", $"{count}")], strict: true).Value;

    private static async Task FillAsync(EmbeddedStore store, int patients)
    {
        for (var patient = 0; patient < patients; patient++)
        {
            var record = new RecordId($"p{patient}");
            var commit = new RecordCommit(record)
            {
                Resources = [.. Enumerable.Range(0, StudiesEach).Select(study => new ResourceChange(
                    new("ImagingStudy", $"{record}-{study}"),
                    TestContent.Saying("study", new ReferenceRow("patient", "Patient", record.Value), TestContent.OnDay("started", $"2024-02-{study + 10:00}")),
                    "PUT"))],
            };
            Assert.That((await store.Resources.CommitAsync(commit, default)).IsSuccess);
        }
    }
}

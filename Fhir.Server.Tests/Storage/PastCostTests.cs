using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Durability;
using SQLitePCL;

namespace Fhir.Server.Tests.Storage;

/// <summary>What a page of history costs is counted in steps of SQLite's machine: it must not grow with the store.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PastCostTests
{
    private static IEnumerable<TestCaseData<PastQuery, bool>> Queries =>
        from type in new[] { "Observation", null }
        from restricted in new[] { false, true }
        from at in new (long, long)?[] { null, (TestContent.Day("2099-01-01"), TestContent.Day("2099-01-02")) }
        select new TestCaseData<PastQuery, bool>(new PastQuery(type, 10, At: at), restricted);

    [TestCaseSource(nameof(Queries))]
    public async Task A_page_costs_the_same_however_much_there_is(PastQuery query, bool restricted)
    {
        var few = await CostAsync(20, query, restricted);
        var many = await CostAsync(400, query, restricted);
        Assert.That((few.Found, many.Found), Is.EqualTo((few.Expected, many.Expected)));
        Assert.That(many.Steps, Is.LessThan(few.Steps * 1.25), $"{few.Steps} steps among 20 records, {many.Steps} among 400");
    }

    private static async Task<(int Found, int Expected, long Steps)> CostAsync(int records, PastQuery query, bool restricted)
    {
        using var folder = EmbeddedFolder.MakeInMemory();
        using var store = folder.Open();
        for (var version = 1; version <= 3; version++)
        {
            for (var record = 0; record < records; record++)
            {
                var commit = new RecordCommit(new($"r{record}"))
                {
                    Resources = [.. Enumerable.Range(0, 4).Select(one => new ResourceChange(new("Observation", $"o{record}-{one}"), TestContent.Saying($"{version}"), "PUT"))],
                };
                folder.Clock.Advance(TimeSpan.FromMilliseconds(1));
                Assert.That((await store.Resources.CommitAsync(commit, default)).IsSuccess);
            }
        }
        var visibility = restricted ? Visibility.Of(RecordView.Whole(new("r7"))) : Visibility.Everything;
        using var database = new SqliteDatabase(folder.Database);
        var reader = new SqliteResourceStore(database, null!, null!, folder.Projection, null!);
        return database.Read(session =>
        {
            session.Visibility = visibility;
            var steps = 0L;
            raw.sqlite3_progress_handler(session.Connection.Handle, 1, _ => (int)(steps++ * 0), null);
            var page = reader.Past(session, query, visibility, null);
            raw.sqlite3_progress_handler(session.Connection.Handle, 0, null, null);
            // At a moment to come only the current ones are.
            return (page.Versions.Count, restricted && query.At is not null ? 4 : 10, steps);
        });
    }
}

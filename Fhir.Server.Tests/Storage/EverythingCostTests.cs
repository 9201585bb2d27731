using Fhir.Server.Search;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Durability;
using SQLitePCL;

namespace Fhir.Server.Tests.Storage;

/// <summary>What all of a record costs is counted in steps of SQLite's machine: it must not grow with the records of others.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class EverythingCostTests
{
    [Test]
    public async Task A_whole_record_costs_the_same_however_many_others_there_are([Values] bool restricted, [Values(100, 2)] int count, [Values("", "Observation")] string type)
    {
        var query = new EverythingQuery(type.Length == 0 ? [] : [type], null, count, null);
        var few = await CostAsync(20, query, restricted);
        var many = await CostAsync(400, query, restricted);
        Assert.That(few.Found, Is.EqualTo(Math.Min(count, restricted || type.Length > 0 ? 4 : 5)));
        Assert.That(many.Found, Is.EqualTo(few.Found));
        Assert.That(many.Steps, Is.LessThan(few.Steps * 1.25), $"{few.Steps} steps among 20 records, {many.Steps} among 400");
    }

    /// <summary>Records of four Observations, all of which lead to the same shared Organization, and as many other shared ones as there are records.</summary>
    private static async Task<(int Found, long Steps)> CostAsync(int records, EverythingQuery query, bool restricted)
    {
        using var folder = EmbeddedFolder.MakeInMemory();
        using var store = folder.Open();
        async Task PutAsync(string record, params IEnumerable<ResourceChange> changes) =>
            Assert.That((await store.Resources.CommitAsync(new RecordCommit(new(record)) { Resources = [.. changes] }, default)).IsSuccess);
        await PutAsync(RecordId.Shared.Value, Enumerable.Range(0, records).Select(one => new ResourceChange(new("Organization", $"s{one}"), TestContent.Saying("x"), "PUT")));
        for (var record = 0; record < records; record++)
        {
            await PutAsync($"r{record}", Enumerable.Range(0, 4).Select(one => new ResourceChange(
                new("Observation", $"o{record}-{one}"), TestContent.Saying("x", new ReferenceRow("performer", "Organization", "s3")), "PUT")));
        }
        var visibility = restricted ? Visibility.Of(RecordView.Whole(new("r7"))) : Visibility.Everything;
        using var database = new SqliteDatabase(folder.Database);
        var reader = new SqliteResourceStore(database, null!, null!, folder.Projection, null!);
        return database.Read(session =>
        {
            session.Visibility = visibility;
            var steps = 0L;
            raw.sqlite3_progress_handler(session.Connection.Handle, 1, _ => (int)(steps++ * 0), null);
            var page = reader.Everything(session, new("r7"), query, visibility, null);
            raw.sqlite3_progress_handler(session.Connection.Handle, 0, null, null);
            return (page.Matches.Count + page.Included.Count, steps);
        });
    }
}

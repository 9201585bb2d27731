using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Durability;

namespace Fhir.Server.Tests.Storage;

/// <summary>Whether a study was deleted takes who may not know of it no other work than whether it ever was.</summary>
[TestFixture]
public sealed class DeletedStudyCostTests
{
    private static readonly RecordId Anna = new("anna"), Ben = new("ben");

    [Test]
    public async Task An_unknown_a_hidden_and_a_deleted_study_take_the_same_statements()
    {
        using var folder = EmbeddedFolder.MakeInMemory();
        using var store = folder.Open();
        foreach (var record in new[] { Anna, Ben })
        {
            await store.Resources.CommitAsync(StoreTalk.Put(record, new("Patient", record.Value), TestContent.Saying("somebody")), default);
        }
        foreach (var study in new[] { "1.1", "1.2" })
        {
            var given = await EmbeddedFolder.GivingAsync(store, Anna, new TestInstance(study, study + ".1", study + ".1.1"), new TestInstance(study, study + ".2", study + ".2.1"));
            Assert.That((await store.Resources.CommitAsync(given, default)).IsSuccess);
        }
        await store.Resources.CommitAsync(new RecordCommit(Anna) { DeletedStudies = ["1.1"] }, default);
        using var database = new SqliteDatabase(folder.Database);
        // Looking only reads: neither writer nor publisher is asked.
        var reading = new SqliteResourceStore(database, null!, null!, folder.Projection, null!);
        async Task<(Sight Sight, long Statements)> LookAsync(string study, Visibility visibility)
        {
            long Run() => database.Read(session => session.StatementsRun);
            var before = Run();
            return (await reading.SightOfDeletedStudyAsync(Anna, study, visibility, default), Run() - before);
        }
        var stranger = Visibility.Of([RecordView.Whole(Ben)]);
        var deleted = await LookAsync("1.1", stranger);
        Assert.That(deleted.Sight, Is.EqualTo(Sight.Hidden));
        Assert.That(await LookAsync("1.2", stranger), Is.EqualTo(deleted), "one that lives");
        Assert.That(await LookAsync("1.3", stranger), Is.EqualTo(deleted), "one that never was");
        Assert.That((await LookAsync("1.1", Visibility.Of([RecordView.Whole(Anna)]))).Sight, Is.EqualTo(Sight.Whole), "deleted before anybody read it");
    }
}

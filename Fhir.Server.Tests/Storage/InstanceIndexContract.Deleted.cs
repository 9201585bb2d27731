using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>A study's deletion hides all below it at once; sending it again revives it.</summary>
public abstract partial class InstanceIndexContract
{
    private static readonly RecordCommit Deletion = new(Anna) { DeletedStudies = ["1.1"] };

    [Test]
    public async Task A_deleted_study_is_gone_from_every_read_at_once()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, new TestInstance("1.1", "1.1.2", "1.1.2.1"), new TestInstance("1.2", "1.2.1", "1.2.1.1"));
        var study = (await store.ImagingStudyAsync("1.1"))!;

        var receipt = await store.CommitAsync(Deletion);

        await IsDeletedAsync(store, study.Key);
        Assert.That((await store.ChangesAsync(Anna)).Single(one => one.Number == receipt.Number).Things, Does.Contain(new ChangedThing("study-deleted", "1.1", 0)));
        await store.ReopenAsync();
        await IsDeletedAsync(store, study.Key);
        Assert.That((await store.FindVersionAsync(study.Key, 1))!.Text(), Is.EqualTo(study.Text()), "Old versions stay.");
        Assert.That((await store.HistoryAsync(study.Key))!.Versions.Select(one => one.IsDeleted), Is.EqualTo(new[] { true, false }));
        Assert.That((await store.StudiesAsync(StoreTalk.In(Anna))).Single().StudyInstanceUid, Is.EqualTo("1.2"), "The other study stays.");
    }

    [Test]
    public async Task A_study_deleted_before_anybody_read_it_is_not_found_by_anybody()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        await store.CommitAsync(Deletion);
        Assert.That(await store.ImagingStudyAsync("1.1"), Is.Null);
        Assert.That(await store.InstancesAsync(StoreTalk.In(Anna)), Is.Empty);
    }

    [Test]
    public async Task A_study_sent_again_is_revived_under_its_id_with_the_next_version_and_nothing_old()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, new TestInstance("1.1", "1.1.2", "1.1.2.1"));
        await store.AddAsync(Anna, Givers.Site, Different);
        var key = (await store.ImagingStudyAsync("1.1"))!.Key;
        await store.CommitAsync(Deletion);
        var tombstone = (await store.FindAsync(key))!;

        var verdicts = await store.AddAsync(Anna, Givers.Person, First with { Pixels = "another than before" });

        var revived = (await store.ImagingStudyAsync("1.1"))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(verdicts, Is.EqualTo(new[] { InstanceVerdict.Stored }), "The rules of the same UID do not reach over a deletion.");
            Assert.That((revived.Key, revived.Version), Is.EqualTo((key, tombstone.Version + 1)));
            Assert.That(StudyShape.Read(revived.Json).SopUids, Is.EqualTo(new[] { "1.1.1.1" }));
            Assert.That(await store.ContributionsAsync(Anna, "1.1", "1.1.1.1"), Has.Count.EqualTo(1));
            Assert.That(await store.ContributionsAsync(Anna, "1.1", "1.1.2.1"), Is.Empty);
        }
        await AgreesAsync(store, Anna, "1.1");
        await store.CommitAsync(Deletion);
        await IsDeletedAsync(store, key);
    }

    [Test]
    public async Task What_hides_after_a_deletion_stays_hidden_when_the_work_behind_it_is_done()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        await store.ImagingStudyAsync("1.1");
        await store.CommitAsync(Deletion);
        await store.AddAsync(Anna, Givers.Person, Different);
        var blob = (await store.InstancesAsync(StoreTalk.In(Anna))).Single().Blob;

        for (var hour = 0; hour < 50; hour++)
        {
            store.Clock.Advance(TimeSpan.FromHours(1));
            await Task.Delay(5);
        }
        await store.SweepAsync();

        Assert.That((await store.InstancesAsync(StoreTalk.In(Anna))).Single().Blob, Is.EqualTo(blob), "The job removes closed generations only.");
        Assert.That(store.Blobs.Exists(blob), Is.True);
        await AgreesAsync(store, Anna, "1.1");
    }

    [Test]
    public async Task A_deleted_study_has_no_instances_for_a_precondition()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        await store.CommitAsync(Deletion);
        Assert.That(await store.TryAsync(new RecordCommit(Anna) { Preconditions = [new Precondition.StudyHasNoInstances("1.1")] }), Is.Null);
    }

    [Test]
    public async Task Whoever_could_see_a_study_is_told_of_its_deletion_and_nobody_else()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, new TestInstance("1.1", "1.1.2", "1.1.2.1"));
        var key = (await store.ImagingStudyAsync("1.1"))!.Key;
        await store.CommitAsync(Deletion);
        foreach (var (lens, told) in ((Lens, bool)[])
            [
                (Lens.Of(Anna), true), (Lens.Of(Anna, "1.1"), true), (Lens.Of(Anna, "1.1", "1.1.2"), true),
                (Lens.Of(Anna, "1.2"), false), (Lens.Of(Anna, "1.1", "1.1.3"), false), (Lens.Of(Ben), false), (Lens.Of(Ben, "1.1"), false),
            ])
        {
            var found = await store.FindAsync(key, lens.ToVisibility());
            Assert.That(found?.IsDeleted, Is.EqualTo(told ? true : (bool?)null), lens.Name);
            Assert.That(await store.SightAsync(Anna, "1.1", lens.ToVisibility()), Is.EqualTo(Sight.Hidden), lens.Name);
        }
    }

    private static async Task IsDeletedAsync(StoreUnderTest store, ResourceKey key)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await store.FindAsync(key))!.IsDeleted, Is.True);
            Assert.That(await store.ImagingStudyAsync("1.1"), Is.Null);
            Assert.That(await store.StudiesAsync(StoreTalk.In(null, "1.1")), Is.Empty);
            Assert.That(await store.SeriesAsync(StoreTalk.In(null, "1.1")), Is.Empty);
            Assert.That(await store.SeriesAsync(StoreTalk.In(null, null, "1.1.1")), Is.Empty);
            Assert.That(await store.InstancesAsync(StoreTalk.In(null, "1.1")), Is.Empty);
            Assert.That(await store.SightAsync(Anna, "1.1", Visibility.Everything), Is.EqualTo(Sight.Hidden));
            Assert.That(await store.ContributionsAsync(Anna, "1.1", "1.1.1.1"), Is.Empty);
        }
    }
}

using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>A study goes from one record to another: a claim, a wrong patient, a merge.</summary>
public abstract partial class ResourceStoreContract
{
    private static readonly Visibility AnnaOnly = Visibility.Of(RecordView.Whole(Anna));
    private static readonly Visibility BenOnly = Visibility.Of(RecordView.Whole(Ben));

    [Test]
    public async Task A_moved_study_is_in_the_target_under_the_same_id_and_a_tombstone_in_the_source()
    {
        await using var store = await OpenAsync();
        var key = await PrepareMoveAsync(store);
        var blobs = (await store.InstancesAsync(StoreTalk.In(Anna, "1.1"))).Select(one => one.Blob).ToList();

        await MoveAsync(store, "1.1", Anna, Ben);

        await IsInAsync(store, key, Ben, BenOnly, AnnaOnly);
        await store.ReopenAsync();
        await IsInAsync(store, key, Ben, BenOnly, AnnaOnly);
        store.Clock.Advance(TimeSpan.FromHours(25));
        await store.SweepAsync();
        Assert.That((await store.InstancesAsync(StoreTalk.In(Ben, "1.1"))).Select(one => one.Blob), Is.EquivalentTo(blobs));
        Assert.That(blobs.Select(store.Blobs.Exists), Is.All.True);
    }

    [Test]
    public async Task Old_versions_stay_readable_from_the_source_and_are_not_seen_from_the_target()
    {
        await using var store = await OpenAsync();
        var key = await PrepareMoveAsync(store);
        var first = (await store.FindVersionAsync(key, 1, AnnaOnly))!;

        await MoveAsync(store, "1.1", Anna, Ben);

        var moved = (await store.FindAsync(key, BenOnly))!;
        var left = (await store.HistoryAsync(key, AnnaOnly))!.Versions;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await store.FindVersionAsync(key, 1, AnnaOnly))!.Text(), Is.EqualTo(first.Text()));
            Assert.That(await store.FindVersionAsync(key, 1, BenOnly), Is.Null);
            Assert.That(left.Select(one => one.IsDeleted), Is.EqualTo(new[] { true, false, false }));
            Assert.That(left.Select(one => one.Record), Is.All.EqualTo(Anna));
            Assert.That((await store.HistoryAsync(key, BenOnly))!.Versions.Select(one => (one.Version, one.Record, one.IsDeleted)), Is.EqualTo(new[] { (moved.Version, Ben, false) }));
            Assert.That(moved.Version, Is.GreaterThan(2));
            Assert.That(await store.FindVersionAsync(key, moved.Version, AnnaOnly), Is.Null.Or.Property(nameof(StoredResource.IsDeleted)).True, "The source sees its tombstone at most.");
        }
    }

    [Test]
    public async Task Index_rows_metadata_and_contributions_go_with_the_study_and_links_stay()
    {
        await using var store = await OpenAsync();
        await PrepareMoveAsync(store);
        await store.CommitAsync(new RecordCommit(Anna) { Links = [new VerifiedLink("urn:hospital", "4711", Anna, "claim", "anna")] });

        await MoveAsync(store, "1.1", Anna, Ben);

        var bens = await store.InstancesAsync(StoreTalk.In(Ben, "1.1"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await store.QueryAsync(Ask.For("ImagingStudy", Ask.Reference("ImagingStudy", "patient", "Patient", "ben")))).Matches, Has.Count.EqualTo(1));
            Assert.That((await store.QueryAsync(Ask.For("ImagingStudy", Ask.Reference("ImagingStudy", "patient", "Patient", "anna")))).Matches, Is.Empty);
            Assert.That(await store.Instances.MetadataAsync(bens, default), Has.Count.EqualTo(3).And.All.Property("IsEmpty").False);
            Assert.That((await store.ContributionsAsync(Ben, "1.1", "1.1.1.1")).Select(one => (one.Contributor, one.IsServed)), Is.EqualTo(new[] { (Givers.Site, true), (Givers.Person, false) }));
            Assert.That(await store.ContributionsAsync(Anna, "1.1", "1.1.1.1"), Is.Empty);
            Assert.That((await store.FindLinkAsync("urn:hospital", "4711"))!.Record, Is.EqualTo(Anna));
        }
    }

    [Test]
    public async Task A_study_nobody_had_read_is_derived_in_the_target_after_its_move()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AddAsync(RecordId.UnclaimedLocal, Givers.Site, new TestInstance("1.1", "1.1.1", "1.1.1.1"), new TestInstance("1.1", "1.1.2", "1.1.2.1"));

        await MoveAsync(store, "1.1", RecordId.UnclaimedLocal, Anna);

        var study = StudyShape.Read((await store.ImagingStudyAsync("1.1", AnnaOnly))!.Json);
        Assert.That((study.Patient, study.Series.Count, study.NumberOfInstances), Is.EqualTo(("anna", 2, 2)));
        Assert.That(await store.ImagingStudyAsync("1.1", Visibility.Of(RecordView.Whole(RecordId.UnclaimedLocal))), Is.Null);
    }

    [Test]
    public async Task A_move_is_told_in_both_records_and_audited_in_the_chain_the_entry_names()
    {
        await using var store = await OpenAsync();
        await PrepareMoveAsync(store);
        var (anna, ben) = ((await store.ChangesAsync(Anna))[^1].Number, (await store.ChangesAsync(Ben))[^1].Number);

        await MoveAsync(store, "1.1", Anna, Ben);

        var moved = new ChangedThing("study-moved", "1.1", 0);
        var hers = await store.AuditAsync(Anna);
        var his = await store.AuditAsync(Ben);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await store.ChangesAsync(Anna, anna)).SelectMany(one => one.Things), Does.Contain(moved));
            Assert.That((await store.ChangesAsync(Ben, ben)).SelectMany(one => one.Things), Does.Contain(moved));
            Assert.That(hers.Count(one => one.Entry.Action == "move"), Is.EqualTo(1));
            Assert.That(his.Count(one => one.Entry.Action == "move"), Is.LessThanOrEqualTo(1), "The other record may be told too, once.");
            Assert.That(store.Seal.Verifies(hers) && store.Seal.Verifies(his), Is.True);
        }
    }

    [Test]
    public async Task A_move_into_a_record_that_has_the_study_joins_them_under_the_targets_id()
    {
        await using var store = await OpenAsync();
        var hers = await PrepareMoveAsync(store);
        // 1.1.1.1: the site's copy comes along and wins over Ben's own; 1.1.1.2 is the same on both sides; 1.1.3.1 only Ben has.
        await store.AddAsync(Ben, Givers.OtherPerson,
            new TestInstance("1.1", "1.1.1", "1.1.1.1") { Pixels = "Ben's" }, new TestInstance("1.1", "1.1.1", "1.1.1.2"), new TestInstance("1.1", "1.1.3", "1.1.3.1"));
        var his = (await store.ImagingStudyAsync("1.1", BenOnly))!.Key;
        Assert.That(his, Is.Not.EqualTo(hers));

        await MoveAsync(store, "1.1", Anna, Ben);

        var joined = (await store.ImagingStudyAsync("1.1"))!;
        var shape = StudyShape.Read(joined.Json);
        var given = await store.ContributionsAsync(Ben, "1.1", "1.1.1.1");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((joined.Key, joined.Record), Is.EqualTo((his, Ben)));
            Assert.That(shape.SopUids, Is.EquivalentTo(new[] { "1.1.1.1", "1.1.1.2", "1.1.2.1", "1.1.3.1" }));
            Assert.That((await store.StudiesAsync(StoreTalk.In(null, "1.1"))).Select(one => (one.Record, one.NumberOfSeries, one.NumberOfInstances)), Is.EqualTo(new[] { (Ben, 3, 4) }));
            Assert.That((await store.FindAsync(hers, AnnaOnly))?.IsDeleted, Is.True);
            Assert.That((await store.FindAsync(hers))?.IsDeleted, Is.True);
            Assert.That(given[0].Contributor, Is.EqualTo(Givers.Site), "The more trusted one is served.");
            Assert.That(given.Skip(1).Select(one => one.Contributor), Is.EquivalentTo(new[] { Givers.OtherPerson, Givers.Person }));
        }
    }

    [Test]
    public async Task A_move_that_cannot_be_leaves_everything_as_it_was()
    {
        await using var store = await OpenAsync();
        await PrepareMoveAsync(store);
        await store.AddAsync(Anna, Givers.Person, new TestInstance("1.7", "1.7.1", "1.7.1.1"));
        await store.CommitAsync(new RecordCommit(Anna) { DeletedStudies = ["1.7"] });
        await Witness(store).SeesNoTraceOfAsync(async () =>
        {
            Assert.That((await store.Resources.MoveAsync("1.8", Anna, Ben, store.Audit(Anna, "move"), default)).IsSuccess, Is.False, "never was");
            Assert.That((await store.Resources.MoveAsync("1.7", Anna, Ben, store.Audit(Anna, "move"), default)).IsSuccess, Is.False, "deleted");
            Assert.That((await store.Resources.MoveAsync("1.1", Ben, Anna, store.Audit(Ben, "move"), default)).IsSuccess, Is.False, "not in that record");
            Assert.That((await store.Resources.MoveAsync("1.1", Anna, new("never-was"), store.Audit(Anna, "move"), default)).IsSuccess, Is.False, "no such target");
        });
        Assert.That(await store.Resources.RecordExistsAsync(new("never-was"), Visibility.Everything, default), Is.False);
    }

    [Test]
    public async Task A_study_moved_to_and_fro_is_seen_in_exactly_one_record_at_any_time_and_keeps_its_id()
    {
        await using var store = await OpenAsync();
        var key = await PrepareMoveAsync(store);
        var moving = Task.Run(async () =>
        {
            for (var turn = 0; turn < 5; turn++)
            {
                await MoveAsync(store, "1.1", Anna, Ben);
                await MoveAsync(store, "1.1", Ben, Anna);
            }
        });
        while (!moving.IsCompleted)
        {
            Assert.That(await store.StudiesAsync(StoreTalk.In(null, "1.1")), Has.Count.EqualTo(1));
            Assert.That(await store.InstancesAsync(StoreTalk.In(null, "1.1")), Has.Count.EqualTo(3));
            Assert.That((await store.QueryAsync(Ask.For("ImagingStudy", Ask.Identifier("1.1")).Counted())).Matches.Select(one => one.Key), Is.EqualTo(new[] { key }));
        }
        await moving;
        await IsInAsync(store, key, Anna, AnnaOnly, BenOnly);
    }

    /// <summary>Anna's study 1.1 of two series and three instances, read twice so that it has two versions, and an empty Ben.</summary>
    private static async Task<ResourceKey> PrepareMoveAsync(StoreUnderTest store)
    {
        await store.AdmitAsync(Anna);
        await store.AdmitAsync(Ben);
        await store.AddAsync(Anna, Givers.Person, new TestInstance("1.1", "1.1.1", "1.1.1.1"), new TestInstance("1.1", "1.1.1", "1.1.1.2"));
        var first = (await store.ImagingStudyAsync("1.1"))!;
        await store.AddAsync(Anna, Givers.Site, new TestInstance("1.1", "1.1.1", "1.1.1.1") { Pixels = "the site's" }, new TestInstance("1.1", "1.1.2", "1.1.2.1"));
        var second = (await store.ImagingStudyAsync("1.1"))!;
        Assert.That((first.Version, second.Version, first.Key == second.Key), Is.EqualTo((1L, 2L, true)));
        return first.Key;
    }

    private static async Task MoveAsync(StoreUnderTest store, string study, RecordId from, RecordId to) =>
        (await store.Resources.MoveAsync(study, from, to, store.Audit(from, "move"), default)).OrFail();

    /// <summary>Study 1.1 is whole in one record, and a tombstone and nothing else in the other.</summary>
    private static async Task IsInAsync(StoreUnderTest store, ResourceKey key, RecordId where, Visibility there, Visibility elsewhere)
    {
        var study = await store.FindAsync(key, there);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((study!.IsDeleted, study.Record), Is.EqualTo((false, where)));
            Assert.That(StudyShape.Read(study.Json).Patient, Is.EqualTo(where.Value));
            Assert.That(StudyShape.Read(study.Json).SopUids, Is.EquivalentTo(new[] { "1.1.1.1", "1.1.1.2", "1.1.2.1" }));
            Assert.That((await store.FindAsync(key))!.Text(), Is.EqualTo(study.Text()), "Who sees both sees the living one.");
            Assert.That((await store.FindAsync(key, elsewhere))?.IsDeleted, Is.True);
            Assert.That((await store.ImagingStudyAsync("1.1", there))?.Key, Is.EqualTo(key));
            Assert.That(await store.ImagingStudyAsync("1.1", elsewhere), Is.Null);
            Assert.That((await store.StudiesAsync(StoreTalk.In(null), there)).Select(one => (one.Record, one.NumberOfSeries, one.NumberOfInstances)), Is.EqualTo(new[] { (where, 2, 3) }));
            Assert.That(await store.StudiesAsync(StoreTalk.In(null), elsewhere), Is.Empty);
            Assert.That((await store.InstancesAsync(StoreTalk.In(null), there)).Select(one => one.Record), Is.EqualTo(new[] { where, where, where }));
            Assert.That(await store.InstancesAsync(StoreTalk.In(null), elsewhere), Is.Empty);
            Assert.That(await store.SightAsync(where, "1.1", there), Is.EqualTo(Sight.Whole));
        }
    }
}

using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>The deletion of series and instances: gone at once from everything, and no other contributor's copy lost by it unless asked for.</summary>
public abstract partial class InstanceIndexContract
{
    private static RecordCommit Deleting(params IReadOnlyList<InstanceDeletion> deletions) => new(Anna) { DeletedInstances = deletions };

    [Test]
    public async Task A_deleted_series_is_gone_from_every_read_and_the_study_tells_of_the_others()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, new TestInstance("1.1", "1.1.2", "1.1.2.1") { Modality = "MR" }, First with { Sop = "1.1.1.2" });
        var before = (await store.ImagingStudyAsync("1.1"))!;

        var receipt = await store.CommitAsync(Deleting(new InstanceDeletion("1.1", "1.1.1")));

        Assert.That((await store.ChangesAsync(Anna)).Single(one => one.Number == receipt.Number).Things, Does.Contain(new ChangedThing("instances-deleted", "1.1", 0)));
        for (var round = 0; round < 2; round++)
        {
            var study = (await store.StudiesAsync(StoreTalk.In(Anna))).Single();
            Assert.That((study.NumberOfSeries, study.NumberOfInstances, string.Join(',', study.Modalities)), Is.EqualTo((1, 1, "MR")));
            Assert.That((await store.SeriesAsync(StoreTalk.In(Anna))).Select(one => one.SeriesInstanceUid), Is.EqualTo(new[] { "1.1.2" }));
            Assert.That((await store.InstancesAsync(StoreTalk.In(Anna))).Select(one => one.SopInstanceUid), Is.EqualTo(new[] { "1.1.2.1" }));
            Assert.That(await store.ContributionsAsync(Anna, "1.1", "1.1.1.1"), Is.Empty);
            var after = (await store.ImagingStudyAsync("1.1"))!;
            Assert.That((after.Key, after.Version), Is.EqualTo((before.Key, before.Version + 1)));
            Assert.That(StudyShape.Read(after.Json).SopUids, Is.EqualTo(new[] { "1.1.2.1" }));
            await AgreesAsync(store, Anna, "1.1");
            await store.ReopenAsync();
        }
    }

    [Test]
    public async Task A_deleted_instance_leaves_the_others_and_what_they_say([Values("1.1.1.1", "1.1.1.2", "1.1.1.3")] string sop)
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person,
            First with { StudyDescription = "oldest" }, First with { Sop = "1.1.1.2", StudyDescription = "second" },
            First with { Sop = "1.1.1.3" }, new TestInstance("1.1", "1.1.2", "1.1.2.1") { Modality = "MR" });
        await store.ImagingStudyAsync("1.1");

        await store.CommitAsync(Deleting(new InstanceDeletion("1.1", "1.1.1", sop)));

        Assert.That((await store.InstancesAsync(StoreTalk.In(Anna))).Select(one => one.SopInstanceUid), Is.EquivalentTo(new[] { "1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.2.1" }.Except([sop])));
        Assert.That((await store.SeriesAsync(StoreTalk.In(Anna))).Select(one => one.NumberOfInstances), Is.EqualTo(new[] { 2, 1 }));
        var oldest = sop == "1.1.1.1" ? "second" : "oldest";
        Assert.That(await store.StudiesAsync(StoreTalk.In(Anna, null, null, new AttributeMatch("StudyDescription", MatchKind.AnyOf, [oldest]))), Has.Count.EqualTo(1), "The oldest that is left describes the study.");
        await AgreesAsync(store, Anna, "1.1");
    }

    [Test]
    public async Task With_its_last_instance_a_study_is_deleted_as_a_whole([Values] bool bySeries)
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        var key = (await store.ImagingStudyAsync("1.1"))!.Key;
        await store.CommitAsync(Deleting(new InstanceDeletion("1.1", "1.1.1", bySeries ? null : "1.1.1.1")));
        await IsDeletedAsync(store, key);
    }

    [Test]
    public async Task Both_instances_of_a_study_may_go_in_one_commit()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, First with { Sop = "1.1.1.2" });
        var key = (await store.ImagingStudyAsync("1.1"))!.Key;
        await store.CommitAsync(Deleting(new InstanceDeletion("1.1", "1.1.1", "1.1.1.1"), new InstanceDeletion("1.1", "1.1.1", "1.1.1.2")));
        await IsDeletedAsync(store, key);
    }

    [Test]
    public async Task What_was_deleted_and_is_sent_again_is_new_and_may_be_deleted_again()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, First with { Sop = "1.1.1.2" });
        for (var round = 0; round < 3; round++)
        {
            await store.CommitAsync(Deleting(new InstanceDeletion("1.1", "1.1.1", "1.1.1.1")));
            Assert.That(await store.AddAsync(Anna, Givers.Person, First with { Pixels = $"round {round}" }), Is.EqualTo(new[] { InstanceVerdict.Stored }));
            Assert.That(await store.ContributionsAsync(Anna, "1.1", "1.1.1.1"), Has.Count.EqualTo(1));
            await AgreesAsync(store, Anna, "1.1");
        }
    }

    [Test]
    public async Task Everybodys_copies_go_with_a_deletion_and_only_ones_own_with_one_that_names_the_contributor()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, First with { Sop = "1.1.1.2" });
        await store.AddAsync(Anna, Givers.Site, Different);
        await store.CommitAsync(Deleting(new InstanceDeletion("1.1", "1.1.1", "1.1.1.1", Givers.Site.Key)));
        var left = (await store.ContributionsAsync(Anna, "1.1", "1.1.1.1")).Single();
        Assert.That((left.Contributor, left.IsServed), Is.EqualTo((Givers.Person, true)), "The copy that was kept beside is served again.");
        Assert.That((await store.InstancesAsync(StoreTalk.In(Anna))).Single(one => one.SopInstanceUid == "1.1.1.1").DataSetHash.ToArray(), Is.EqualTo(First.Hash));
        await AgreesAsync(store, Anna, "1.1");

        await store.AddAsync(Anna, Givers.Site, Different);
        await store.CommitAsync(Deleting(new InstanceDeletion("1.1", "1.1.1", "1.1.1.1", Givers.Person.Key)));
        Assert.That((await store.ContributionsAsync(Anna, "1.1", "1.1.1.1")).Single().Contributor, Is.EqualTo(Givers.Site), "A superseded one goes alone.");

        await store.AddAsync(Anna, Givers.Person, First);
        await store.CommitAsync(Deleting(new InstanceDeletion("1.1", "1.1.1", "1.1.1.1")));
        Assert.That(await store.ContributionsAsync(Anna, "1.1", "1.1.1.1"), Is.Empty);
        await AgreesAsync(store, Anna, "1.1");
    }

    [Test]
    public async Task Bytes_of_what_was_deleted_are_swept_and_no_others()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, First with { Sop = "1.1.1.2" });
        var blobs = (await store.InstancesAsync(StoreTalk.In(Anna))).ToDictionary(one => one.SopInstanceUid, one => one.Blob);
        await store.CommitAsync(Deleting(new InstanceDeletion("1.1", "1.1.1", "1.1.1.1")));
        await store.SweepAsync();
        Assert.That((store.Blobs.Exists(blobs["1.1.1.1"]), store.Blobs.Exists(blobs["1.1.1.2"])), Is.EqualTo((false, true)));
        await AgreesAsync(store, Anna, "1.1");
    }

    [TestCase("1.2", "1.1.1", null)]
    [TestCase("1.1", "1.1.2", null)]
    [TestCase("1.1", "1.1.1", "1.1.1.9")]
    [TestCase("1.1", "1.1.2", "1.1.1.1")]
    public async Task A_deletion_of_what_is_not_there_changes_nothing(string study, string series, string? sop)
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        var last = (await store.ChangesAsync(Anna))[^1].Number;
        var receipt = await store.CommitAsync(Deleting(new InstanceDeletion(study, series, sop)));
        Assert.That(receipt.Number, Is.EqualTo(last));
        Assert.That(await store.InstancesAsync(StoreTalk.In(Anna)), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_would_pass_the_quota_is_refused_and_what_was_deleted_makes_room_once_it_is_swept()
    {
        await using var store = await OpenWithAnnaAsync();
        var length = First.File.Length;
        var two = await Task.WhenAll(store.ReceiveAsync(First), store.ReceiveAsync(First with { Sop = "1.1.1.2" }));
        async Task<IReadOnlyList<InstanceVerdict>> Add(RecordQuota quota, params NewInstance[] instances) =>
            (await store.CommitAsync(new RecordCommit(Anna) { Instances = instances, Quota = quota })).Instances;

        Assert.That(await Add(new(length, 100), two), Is.EqualTo(new[] { InstanceVerdict.Stored, InstanceVerdict.OverQuota }));
        Assert.That(await Add(new(long.MaxValue, 1), two[1]), Is.EqualTo(new[] { InstanceVerdict.OverQuota }));
        Assert.That(await Add(new(0, 0), two[0]), Is.EqualTo(new[] { InstanceVerdict.AlreadyThere }), "What is there takes no room.");
        Assert.That(await store.InstancesAsync(StoreTalk.In(Anna)), Has.Count.EqualTo(1));
        await store.CommitAsync(Deleting(new InstanceDeletion("1.1", "1.1.1")));
        Assert.That(await Add(new(length, 1), two[1]), Is.EqualTo(new[] { InstanceVerdict.OverQuota }));
        await store.SweepAsync();
        Assert.That(await Add(new(length, 1), await store.ReceiveAsync(First with { Sop = "1.1.1.2" })), Is.EqualTo(new[] { InstanceVerdict.Stored }));
        await AgreesAsync(store, Anna, "1.1");
    }
}

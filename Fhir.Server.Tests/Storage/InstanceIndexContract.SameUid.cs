using CsCheck;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>What happens when a SOP Instance UID comes again.</summary>
public abstract partial class InstanceIndexContract
{
    private static readonly TestInstance First = new("1.1", "1.1.1", "1.1.1.1");
    private static readonly TestInstance Different = First with { Pixels = "different" };

    [TestCase(false)]
    [TestCase(true)]
    public async Task The_same_data_set_is_AlreadyThere_and_takes_no_number(bool fromAnother)
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        var study = await store.ImagingStudyAsync("1.1");
        var last = (await store.ChangesAsync(Anna))[^1].Number;
        var again = await store.ReceiveAsync(First, fromAnother ? Givers.Site : Givers.Person);
        CommitReceipt? receipt = null;

        await new StoreWitness(store, [Anna], ["Patient", "ImagingStudy"]).SeesNoTraceOfAsync(async () =>
            receipt = await store.CommitAsync(new RecordCommit(Anna) { Instances = [again] }));

        Assert.That(receipt!.Instances, Is.EqualTo(new[] { InstanceVerdict.AlreadyThere }));
        Assert.That(receipt.Number, Is.EqualTo(last));
        Assert.That((await store.FindAsync(study!.Key))!.Version, Is.EqualTo(1));
    }

    [Test]
    public async Task Another_data_set_of_the_same_contributor_is_Refused_and_nothing_changes()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Site, First);
        await new StoreWitness(store, [Anna], ["Patient", "ImagingStudy"]).SeesNoTraceOfAsync(async () =>
            Assert.That(await store.AddAsync(Anna, Givers.Site, Different), Is.EqualTo(new[] { InstanceVerdict.Refused })));
    }

    [Test]
    public async Task A_refused_instance_does_not_keep_the_others_of_its_commit_out()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        var verdicts = await store.AddAsync(
            Anna, Givers.Person, Different, First with { Sop = "1.1.1.2" }, First, First with { Sop = "1.1.1.2" }, First with { Sop = "1.1.1.2", Pixels = "different" });
        Assert.That(verdicts, Is.EqualTo(new[]
        {
            InstanceVerdict.Refused, InstanceVerdict.Stored, InstanceVerdict.AlreadyThere, InstanceVerdict.AlreadyThere, InstanceVerdict.Refused,
        }));
        Assert.That((await store.StudiesAsync(StoreTalk.In(Anna))).Single().NumberOfInstances, Is.EqualTo(2));
    }

    [Test]
    public async Task A_more_trusted_one_is_served_and_the_other_kept()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        Assert.That(await store.AddAsync(Anna, Givers.Site, Different), Is.EqualTo(new[] { InstanceVerdict.Superseding }));
        await ServesAsync(store, Different, Givers.Site, Givers.Person);

        Assert.That(await store.AddAsync(Anna, Givers.Owner, First with { Pixels = "the owner's" }), Is.EqualTo(new[] { InstanceVerdict.Superseding }));
        await ServesAsync(store, First with { Pixels = "the owner's" }, Givers.Owner, Givers.Site, Givers.Person);
    }

    [Test]
    public async Task An_equally_or_less_trusted_one_is_kept_beside_once_for_each_contributor()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Site, First);
        Assert.That(await store.AddAsync(Anna, Givers.OtherSite, Different), Is.EqualTo(new[] { InstanceVerdict.KeptBeside }));
        Assert.That(await store.AddAsync(Anna, Givers.Person, First with { Pixels = "the CD's" }), Is.EqualTo(new[] { InstanceVerdict.KeptBeside }));
        Assert.That(await store.AddAsync(Anna, Givers.Person, First with { Pixels = "another CD's" }), Is.EqualTo(new[] { InstanceVerdict.Refused }));
        Assert.That(await store.AddAsync(Anna, Givers.Person, First with { Pixels = "the CD's" }), Is.EqualTo(new[] { InstanceVerdict.AlreadyThere }));
        Assert.That(await store.AddAsync(Anna, Givers.OtherPerson, First with { Pixels = "another CD's" }), Is.EqualTo(new[] { InstanceVerdict.KeptBeside }));
        await ServesAsync(store, First, Givers.Site, Givers.OtherSite, Givers.Person, Givers.OtherPerson);
    }

    [Test]
    public async Task What_was_superseded_is_still_known_when_it_comes_again()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        await store.AddAsync(Anna, Givers.Site, Different);
        Assert.That(await store.AddAsync(Anna, Givers.Person, First), Is.EqualTo(new[] { InstanceVerdict.AlreadyThere }));
        Assert.That(await store.AddAsync(Anna, Givers.Person, First with { Pixels = "third" }), Is.EqualTo(new[] { InstanceVerdict.Refused }));
        await ServesAsync(store, Different, Givers.Site, Givers.Person);
    }

    [Test]
    public async Task A_superseding_one_that_lies_in_another_series_moves_the_counts()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, First with { Sop = "1.1.1.2" });
        await store.ImagingStudyAsync("1.1");
        await store.AddAsync(Anna, Givers.Site, First with { Series = "1.1.2", Modality = "MR" });

        var study = (await store.StudiesAsync(StoreTalk.In(Anna))).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((study.NumberOfSeries, study.NumberOfInstances), Is.EqualTo((2, 2)));
            Assert.That(study.Modalities, Is.EqualTo(new[] { "CT", "MR" }));
            Assert.That((await store.InstancesAsync(StoreTalk.In(Anna, "1.1", "1.1.1"))).Select(one => one.SopInstanceUid), Is.EqualTo(new[] { "1.1.1.2" }));
            Assert.That((await store.InstancesAsync(StoreTalk.In(Anna, "1.1", "1.1.2"))).Select(one => one.SopInstanceUid), Is.EqualTo(new[] { "1.1.1.1" }));
        }
        await AgreesAsync(store, Anna, "1.1");
        await store.AddAsync(Anna, Givers.Site, First with { Series = "1.1.2", Sop = "1.1.1.2", Modality = "MR" });
        study = (await store.StudiesAsync(StoreTalk.In(Anna))).Single();
        Assert.That((study.NumberOfSeries, study.NumberOfInstances), Is.EqualTo((1, 2)), "A series nothing of which is served is not shown.");
        Assert.That(study.Modalities, Is.EqualTo(new[] { "MR" }));
        await AgreesAsync(store, Anna, "1.1");
    }

    [Test]
    public async Task Of_many_that_send_one_UID_at_once_exactly_one_is_stored()
    {
        await using var store = await OpenWithAnnaAsync();
        var received = new List<NewInstance>();
        for (var sender = 0; sender < 10; sender++)
        {
            received.Add(await store.ReceiveAsync(First with { Pixels = $"{sender}" }, Givers.Site with { Organization = $"Organization/{sender}" }));
        }
        var verdicts = await Task.WhenAll(received.Select(one => Task.Run(async () =>
            (await store.CommitAsync(new RecordCommit(Anna) { Instances = [one] })).Instances.Single())));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(verdicts.Count(one => one == InstanceVerdict.Stored), Is.EqualTo(1));
            Assert.That(verdicts.Count(one => one == InstanceVerdict.KeptBeside), Is.EqualTo(9));
            Assert.That((await store.ContributionsAsync(Anna, "1.1", "1.1.1.1")).Count(one => one.IsServed), Is.EqualTo(1));
        }
        await AgreesAsync(store, Anna, "1.1");
    }

    [Test]
    public async Task Whatever_is_sent_by_whomever_in_whatever_order_verdicts_and_counts_follow_the_rules()
    {
        var step = Gen.Select(Gen.Int[0, 11], Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 2], Gen.OneOf([.. Givers.All]));
        await step.List[1, 25].SampleAsync(
            async steps =>
            {
                await using var store = await OpenWithAnnaAsync();
                var model = new ContributionModel();
                foreach (var (what, sop, series, pixels, giver) in steps)
                {
                    var instance = new TestInstance("1.1", $"1.1.{series}", $"1.1.{series}.{sop}")
                    {
                        Modality = series == 0 ? "CT" : null,
                        Pixels = pixels == 0 ? "common" : $"{pixels} of {giver.Key}",
                    };
                    switch (what)
                    {
                        case 0:
                            await store.CommitAsync(new RecordCommit(Anna) { DeletedStudies = ["1.1"] });
                            model.Forget();
                            break;
                        case 1 or 2:
                            await AgreesAsync(store, Anna, "1.1");
                            break;
                        case 3:
                            await store.ReopenAsync();
                            break;
                        default:
                            if (model.Judge(instance, giver) is { } verdict)
                            {
                                Equal(verdict, (await store.AddAsync(Anna, giver, instance)).Single());
                            }
                            break;
                    }
                    await model.HoldsAsync(store, Anna, "1.1");
                }
                await AgreesAsync(store, Anna, "1.1");
            },
            iter: 30, threads: 1);
    }

    /// <summary>First's UID is served from this data set of the first contributor; the others are kept.</summary>
    private static async Task ServesAsync(StoreUnderTest store, TestInstance served, params Contributor[] givers)
    {
        var given = await store.ContributionsAsync(Anna, "1.1", "1.1.1.1");
        var row = (await store.InstancesAsync(StoreTalk.In(Anna, "1.1"))).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(row.DataSetHash.ToArray(), Is.EqualTo(served.Hash));
            Assert.That(Text((await store.Instances.MetadataAsync([row], default)).Single()), Does.EndWith($" {served.Pixels}"));
            Assert.That(given[0].Contributor, Is.EqualTo(givers[0]));
            Assert.That(given[0].DataSetHash.ToArray(), Is.EqualTo(served.Hash));
            Assert.That(given.Select(one => one.Contributor), Is.EquivalentTo(givers));
            Assert.That(given.Select(one => one.IsServed), Is.EqualTo(givers.Select((_, at) => at == 0)));
            Assert.That((await store.StudiesAsync(StoreTalk.In(Anna))).Single().NumberOfInstances, Is.EqualTo(1));
        }
        await AgreesAsync(store, Anna, "1.1");
    }

    /// <summary>The ImagingStudy says what the index says; without instances there is none.</summary>
    private static async Task AgreesAsync(StoreUnderTest store, RecordId record, string study)
    {
        var found = await store.ImagingStudyAsync(study, Visibility.Of(RecordView.Whole(record)));
        var rows = await store.InstancesAsync(StoreTalk.In(record, study));
        Equal(rows.Count > 0, found is not null);
        if (found is not null)
        {
            var shape = StudyShape.Read(found.Json);
            Equal(string.Join(' ', rows.Select(one => one.SopInstanceUid).Order()), string.Join(' ', shape.SopUids.Order()));
            Equal(rows.Count, shape.NumberOfInstances);
            var series = (await store.SeriesAsync(StoreTalk.In(record, study))).Select(one => (one.SeriesInstanceUid, one.Modality, one.NumberOfInstances)).Order();
            Equal(string.Join(' ', series), string.Join(' ', shape.Series.Select(one => (one.Uid, one.Modality, one.Count)).Order()));
        }
    }

    /// <summary>Throws, so that a property can shrink what breaks it.</summary>
    private static void Equal<T>(T expected, T found)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
        {
            throw new InvalidOperationException($"Expected {expected} and found {found}.");
        }
    }

    /// <summary>The rules, written down once more.</summary>
    private sealed class ContributionModel
    {
        private readonly Dictionary<string, List<(TestInstance Instance, Contributor Giver)>> given = [];

        public void Forget() => given.Clear();

        /// <summary>The verdict; null where the rules leave it open: a data set equal to what somebody else gave and is not served.</summary>
        public InstanceVerdict? Judge(TestInstance instance, Contributor giver)
        {
            var list = given.TryGetValue(instance.Sop, out var known) ? known : given[instance.Sop] = [];
            if (list.Count == 0)
            {
                list.Add((instance, giver));
                return InstanceVerdict.Stored;
            }
            if (list[0].Instance == instance || list.Contains((instance, giver)))
            {
                return InstanceVerdict.AlreadyThere;
            }
            if (list.Exists(one => one.Instance == instance))
            {
                return null;
            }
            if (list.Exists(one => one.Giver == giver))
            {
                return InstanceVerdict.Refused;
            }
            var wins = giver.Trust > list[0].Giver.Trust;
            list.Insert(wins ? 0 : list.Count, (instance, giver));
            return wins ? InstanceVerdict.Superseding : InstanceVerdict.KeptBeside;
        }

        public async Task HoldsAsync(StoreUnderTest store, RecordId record, string study)
        {
            var rows = await store.InstancesAsync(StoreTalk.In(record, study));
            Equal(Lines(given.Values.Select(one => (one[0].Instance.Sop, one[0].Instance.Hash))), Lines(rows.Select(one => (one.SopInstanceUid, one.DataSetHash.ToArray()))));
            var shown = (await store.StudiesAsync(StoreTalk.In(record, study))).SingleOrDefault();
            Equal(given.Count, shown?.NumberOfInstances ?? 0);
            Equal(given.Values.Select(one => one[0].Instance.Series).Distinct().Count(), shown?.NumberOfSeries ?? 0);
            foreach (var (sop, list) in given)
            {
                var contributions = await store.ContributionsAsync(record, study, sop);
                Equal(list[0].Giver, contributions[0].Contributor);
                Equal(1, contributions.Count(one => one.IsServed));
                Equal(Lines(list.Select(one => (one.Giver.Key, one.Instance.Hash))), Lines(contributions.Select(one => (one.Contributor.Key, one.DataSetHash.ToArray()))));
            }
        }

        private static string Lines(IEnumerable<(string Name, byte[] Hash)> things) =>
            string.Join('\n', things.Select(one => $"{one.Name} {Convert.ToHexString(one.Hash)}").Order(StringComparer.Ordinal));
    }
}

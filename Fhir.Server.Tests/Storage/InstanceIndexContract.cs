using System.Text;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>What every index of instances promises. A new one earns its place by inheriting this.</summary>
public abstract partial class InstanceIndexContract
{
    private static readonly RecordId Anna = new("anna");
    private static readonly RecordId Ben = new("ben");

    /// <summary>A new, empty store.</summary>
    protected abstract ValueTask<StoreUnderTest> OpenAsync();

    /// <summary>A new store with the record of Anna.</summary>
    private async Task<StoreUnderTest> OpenWithAnnaAsync()
    {
        var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        return store;
    }

    [Test]
    public async Task A_stored_instance_comes_back_as_it_was_described()
    {
        await using var store = await OpenWithAnnaAsync();
        var instance = new TestInstance("1.1", "1.1.1", "1.1.1.1") { Modality = "MR", Number = 7 };
        var received = await store.ReceiveAsync(instance, Givers.Site);
        var now = store.Clock.GetUtcNow();
        await store.CommitAsync(new RecordCommit(Anna) { Instances = [received] });
        await store.ReopenAsync();

        var row = (await store.InstancesAsync(StoreTalk.In(Anna))).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((row.Record, row.StudyInstanceUid, row.SeriesInstanceUid, row.SopInstanceUid), Is.EqualTo((Anna, "1.1", "1.1.1", "1.1.1.1")));
            Assert.That((row.SopClassUid, row.TransferSyntaxUid), Is.EqualTo((received.Description.SopClassUid, received.Description.TransferSyntaxUid)));
            Assert.That((row.Modality, row.InstanceNumber, row.Rows, row.Columns, row.Frames), Is.EqualTo(("MR", 7, 512, 256, 3)));
            Assert.That((row.Blob, row.Length, row.PixelOffset, row.PixelLength), Is.EqualTo((received.Blob, received.Length, 7L, 5L)));
            Assert.That((await store.Instances.FrameTableAsync(row, default)).ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
            Assert.That(row.DataSetHash.ToArray(), Is.EqualTo(instance.Hash));
            Assert.That(row.ContentTag, Has.Length.EqualTo(32));
            Assert.That(Text(row.Attributes), Is.EqualTo(Text(received.Description.InstanceAttributes)));
            Assert.That(Text(row.SeriesAttributes), Is.EqualTo(Text(received.Description.SeriesAttributes)));
            Assert.That(Text(row.StudyAttributes), Is.EqualTo(Text(received.Description.StudyAttributes)));
            Assert.That(row.Received, Is.EqualTo(now).Within(TimeSpan.FromMilliseconds(1)));
        }
        var given = (await store.ContributionsAsync(Anna, "1.1", "1.1.1.1")).Single();
        Assert.That((given.SopInstanceUid, given.Contributor, given.Source, given.IsServed), Is.EqualTo(("1.1.1.1", Givers.Site, InstanceSource.Import, true)));
    }

    [Test]
    public async Task Instances_come_in_the_order_of_series_and_instance_number()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person,
            new TestInstance("1.1", "1.1.9", "1.1.9.1") { SeriesNumber = 2, Number = 2 },
            new TestInstance("1.1", "1.1.5", "1.1.5.3") { SeriesNumber = 10, Number = 1 },
            new TestInstance("1.1", "1.1.9", "1.1.9.2") { SeriesNumber = 2, Number = 10 },
            new TestInstance("1.1", "1.1.9", "1.1.9.3") { SeriesNumber = 2, Number = 1 });
        var sops = (await store.InstancesAsync(StoreTalk.In(Anna, "1.1"))).Select(one => one.SopInstanceUid);
        Assert.That(sops, Is.EqualTo(new[] { "1.1.9.3", "1.1.9.1", "1.1.9.2", "1.1.5.3" }), "By number, not by the letters of it.");
    }

    [Test]
    public async Task Metadata_pieces_come_in_the_order_asked()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, Enumerable.Range(1, 5).Select(one => new TestInstance("1.1", "1.1.1", $"1.1.1.{one}") { Number = one }).ToArray());
        var rows = await store.InstancesAsync(StoreTalk.In(Anna));
        InstanceRow[] asked = [rows[3], rows[0], rows[4], rows[0]];
        Assert.That(
            (await store.Instances.MetadataAsync(asked, default)).Select(Text), Is.EqualTo(asked.Select(one => $"metadata of {one.SopInstanceUid} ")));
        Assert.That(await store.Instances.MetadataAsync([], default), Is.Empty);
        var places = asked.Select(one => one.Metadata).ToList();
        Assert.That((await store.Instances.MetadataAsync(places, 1 << 20, default)).Select(Text), Is.EqualTo(asked.Select(one => $"metadata of {one.SopInstanceUid} ")));
        Assert.That(await store.Instances.MetadataAsync(places, 1, default), Has.Count.EqualTo(1), "A piece longer than is asked for comes by itself.");
        Assert.That(await store.Instances.MetadataAsync([places[0], places[1] with { Blob = places[0].Blob }], 1 << 20, default), Has.Count.EqualTo(2).And.One.Property("IsEmpty").True);
    }

    [Test]
    public async Task Counts_add_up_with_every_commit()
    {
        await using var store = await OpenWithAnnaAsync();
        var sent = 0;
        foreach (var (series, modality, count) in ((string, string, int)[])[("1.1.1", "MR", 1), ("1.1.2", "CT", 3), ("1.1.1", "MR", 2), ("1.1.3", "CT", 1)])
        {
            await store.AddAsync(Anna, Givers.Person, Enumerable.Range(0, count).Select(_ => new TestInstance("1.1", series, $"{series}.{++sent}") { Modality = modality }).ToArray());
            var rows = await store.InstancesAsync(StoreTalk.In(Anna, "1.1"));
            var study = (await store.StudiesAsync(StoreTalk.In(Anna))).Single();
            Assert.That(rows, Has.Count.EqualTo(sent));
            Assert.That((study.NumberOfInstances, study.NumberOfSeries), Is.EqualTo((sent, rows.Select(one => one.SeriesInstanceUid).Distinct().Count())));
            Assert.That(study.Modalities, Is.EqualTo(rows.Select(one => one.Modality).Distinct().Order(StringComparer.Ordinal)));
            foreach (var one in await store.SeriesAsync(StoreTalk.In(Anna, "1.1")))
            {
                Assert.That(one.NumberOfInstances, Is.EqualTo(rows.Count(row => row.SeriesInstanceUid == one.SeriesInstanceUid)));
            }
        }
    }

    [Test]
    public async Task The_same_study_may_lie_in_two_records_and_each_is_its_own()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AdmitAsync(Ben);
        await store.AddAsync(Anna, Givers.Person, new TestInstance("1.1", "1.1.1", "1.1.1.1"));
        var bens = await store.AddAsync(Ben, Givers.Person, new TestInstance("1.1", "1.1.1", "1.1.1.1") { Pixels = "other" }, new TestInstance("1.1", "1.1.1", "1.1.1.2"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bens, Is.All.EqualTo(InstanceVerdict.Stored));
            Assert.That((await store.StudiesAsync(StoreTalk.In(null, "1.1"))).Select(one => (one.Record, one.NumberOfInstances)), Is.EquivalentTo(new[] { (Anna, 1), (Ben, 2) }));
            Assert.That((await store.QueryAsync(Ask.For("ImagingStudy", Ask.Identifier("1.1")))).Matches.Select(one => one.Key).Distinct().Count(), Is.EqualTo(2));
        }
        await store.CommitAsync(new RecordCommit(Ben) { DeletedStudies = ["1.1"] });
        Assert.That((await store.InstancesAsync(StoreTalk.In(null, "1.1"))).Select(one => one.Record), Is.EqualTo(new[] { Anna }));
    }

    [Test]
    public async Task A_mention_of_a_missing_blob_is_a_Conflict_and_nothing_is_written()
    {
        await using var store = await OpenWithAnnaAsync();
        var good = await store.ReceiveAsync(new TestInstance("1.1", "1.1.1", "1.1.1.1"));
        var abandoned = good with { Blob = await AbandonedAsync(store) };
        await new StoreWitness(store, [Anna], ["Patient", "ImagingStudy"]).SeesNoTraceOfAsync(async () =>
        {
            foreach (var blob in (BlobName[])[new("20260214/0930/00000000000000000000000000000000"), abandoned.Blob])
            {
                var bad = good with { Description = new TestInstance("1.1", "1.1.1", "1.1.1.2").Describe(), Blob = blob };
                Assert.That((await store.TryAsync(new RecordCommit(Anna) { Instances = [good, bad] }))?.Kind, Is.EqualTo(ProblemKind.Conflict));
            }
        });
    }

    [Test]
    public async Task A_blob_is_mentioned_by_served_and_superseded_instances_and_by_no_others()
    {
        await using var store = await OpenWithAnnaAsync();
        var instance = new TestInstance("1.1", "1.1.1", "1.1.1.1");
        var served = await store.ReceiveAsync(instance, Givers.Site);
        var beside = await store.ReceiveAsync(instance with { Pixels = "beside" });
        var again = await store.ReceiveAsync(instance, Givers.Site);
        var refused = await store.ReceiveAsync(instance with { Pixels = "refused" }, Givers.Site);
        var receipt = await store.CommitAsync(new RecordCommit(Anna) { Instances = [served, beside, again, refused] });
        Assert.That(receipt.Instances, Is.EqualTo(new[] { InstanceVerdict.Stored, InstanceVerdict.KeptBeside, InstanceVerdict.AlreadyThere, InstanceVerdict.Refused }));

        store.Clock.Advance(TimeSpan.FromHours(23));
        await store.SweepAsync();
        Assert.That(new[] { served, beside, again, refused }.Select(one => store.Blobs.Exists(one.Blob)), Is.All.True, "Not before a day is over.");
        store.Clock.Advance(TimeSpan.FromHours(2));
        await store.SweepAsync();

        Assert.That(new[] { served, beside, again, refused }.Select(one => store.Blobs.Exists(one.Blob)), Is.EqualTo(new[] { true, true, false, false }));
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static async Task<BlobName> AbandonedAsync(StoreUnderTest store)
    {
        await using var upload = await store.Blobs.BeginAsync(default);
        await upload.WriteAsync(new byte[] { 1, 2, 3 }, default);
        return upload.Name;
    }
}

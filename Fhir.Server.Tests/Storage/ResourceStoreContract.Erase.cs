using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>An erased record leaves nothing but its audit rows.</summary>
public abstract partial class ResourceStoreContract
{
    [Test]
    public async Task Nothing_of_an_erased_record_is_found_in_any_read()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        var code = new TokenRow("code", Loinc, "x");
        await store.PutAsync(Anna, Note, TestContent.Saying("text", code, new ReferenceRow("subject", "Patient", "anna")));
        await store.PutAsync(Ben, Observation(1), TestContent.Saying("text", code, new ReferenceRow("subject", "Patient", "anna")));
        var study = (await store.ImagingStudyAsync("1.1"))!.Key;

        await store.Resources.EraseAsync(Anna, store.Audit(Anna, "erase"), default);

        await IsErasedAsync(store, study);
        await store.ReopenAsync();
        await IsErasedAsync(store, study);
        var query = Ask.For("Observation", Ask.Token("Observation", "code", null, "x")).Including("subject").Counted();
        var found = await store.QueryAsync(query);
        Assert.That((found.Matches.Ids().Single(), found.Total, found.Included.Count), Is.EqualTo(("o1", 1L, 0)), "Ben's note points to nobody now.");
    }

    [Test]
    public async Task An_erasure_leaves_the_audit_rows_and_adds_its_own()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        var before = await store.AuditAsync(Anna);

        await store.Resources.EraseAsync(Anna, store.Audit(Anna, "erase"), default);

        var after = await store.AuditAsync(Anna);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(after.Take(before.Count).Select(one => one.Entry), Is.EqualTo(before.Select(one => one.Entry)));
            Assert.That(after.Skip(before.Count).Select(one => one.Entry.Action), Is.EqualTo(new[] { "erase" }));
            Assert.That(store.Seal.Verifies(after), Is.True);
        }
        await store.Resources.AppendAuditAsync([store.Audit(Anna)], default);
        Assert.That(store.Seal.Verifies(await store.AuditAsync(Anna)), Is.True, "The chain goes on.");
    }

    [Test]
    public async Task An_erasure_is_told_under_the_next_number_of_the_record()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        await FollowAsync(store, "consumer", 1000);
        var last = (await store.ChangesAsync(Anna))[^1].Number;

        await store.Resources.EraseAsync(Anna, store.Audit(Anna, "erase"), default);

        var told = (await FollowAsync(store, "consumer", 1000)).Where(one => one.Record == Anna).ToList();
        Assert.That(told[^1].Number, Is.GreaterThan(last));
        Assert.That(told[^1].Things, Is.EqualTo(new[] { new ChangedThing("record-erased", "", 0) }));
        Assert.That((await store.ChangesAsync(Anna, last))[^1].Number, Is.EqualTo(told[^1].Number));
    }

    [Test]
    public async Task A_record_begun_anew_after_its_erasure_goes_on_with_its_numbers()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        await store.Resources.EraseAsync(Anna, store.Audit(Anna, "erase"), default);
        var last = (await store.ChangesAsync(Anna))[^1].Number;

        var receipt = await store.CommitAsync(StoreTalk.Put(Anna, Note, TestContent.Saying("new")));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(receipt.Number, Is.GreaterThan(last));
            Assert.That((await store.FindAsync(Note))!.Text(), Does.Contain("new"));
            Assert.That(await store.FindAsync(Live), Is.Null, "Nothing old comes back.");
            Assert.That(await store.InstancesAsync(StoreTalk.In(Anna)), Is.Empty);
        }
    }

    [Test]
    public async Task Erasing_leaves_other_records_as_they_were_and_may_be_done_twice_or_to_nobody()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        await store.AddAsync(Ben, Givers.Person, new TestInstance("1.1", "1.1.1", "1.1.1.1"));
        var ben = new StoreWitness(store, [Ben], []).With(Bens, new("Patient", "ben"), FakeProjection.EndpointOf(Ben)).With("urn:hospital", "2");
        var study = (await store.QueryAsync(Ask.For("ImagingStudy", Ask.Identifier("1.1")), Visibility.Of(RecordView.Whole(Ben)))).Matches.Single();
        await FollowAsync(store, "witness", 1000);
        var before = await ben.With(study.Key).LookAsync();

        await store.Resources.EraseAsync(Anna, store.Audit(Anna, "erase"), default);
        await store.Resources.EraseAsync(Anna, store.Audit(Anna, "erase"), default);
        await store.Resources.EraseAsync(new("never-was"), store.Audit(new("never-was"), "erase"), default);

        await FollowAsync(store, "witness", 1000);
        Assert.That(await ben.LookAsync(), Is.EqualTo(before));
        Assert.That(store.Seal.Verifies(await store.AuditAsync(Anna)), Is.True);
    }

    [Test]
    public async Task The_blobs_of_an_erased_record_go_with_the_next_sweep_and_no_others()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        var hers = (await store.InstancesAsync(StoreTalk.In(Anna))).Single().Blob;
        var his = (await store.InstancesAsync(StoreTalk.In(Ben))).Single().Blob;

        await store.Resources.EraseAsync(Anna, store.Audit(Anna, "erase"), default);
        await store.SweepAsync();

        Assert.That((store.Blobs.Exists(hers), store.Blobs.Exists(his)), Is.EqualTo((false, true)));
    }

    private static async Task IsErasedAsync(StoreUnderTest store, ResourceKey study)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (var key in (ResourceKey[])[new("Patient", "anna"), Live, Dead, Note, study, FakeProjection.EndpointOf(Anna)])
            {
                Assert.That(await store.FindAsync(key), Is.Null, $"{key}");
                Assert.That(await store.FindVersionAsync(key, 1), Is.Null, $"{key}");
                Assert.That(await store.FindVersionAsync(key, 2), Is.Null, $"{key}");
                Assert.That(await store.HistoryAsync(key), Is.Null, $"{key}");
                var query = Ask.For(key.Type).Counted();
                Assert.That((await store.QueryAsync(query)).Matches.Select(one => one.Record), Is.All.EqualTo(Ben));
                Assert.That((await store.QueryAsync(query, Visibility.Of(RecordView.Whole(Anna)))).Total, Is.Zero);
            }
            Assert.That(await store.Resources.RecordExistsAsync(Anna, Visibility.Everything, default), Is.False);
            Assert.That(await store.FindLinkAsync("urn:hospital", "1"), Is.Null);
            Assert.That(await store.StudiesAsync(StoreTalk.In(Anna)), Is.Empty);
            Assert.That(await store.SeriesAsync(StoreTalk.In(Anna)), Is.Empty);
            Assert.That(await store.InstancesAsync(StoreTalk.In(null, "1.1")), Is.Empty);
            Assert.That(await store.SightAsync(Anna, "1.1", Visibility.Everything), Is.EqualTo(Sight.Hidden));
            Assert.That(await store.ContributionsAsync(Anna, "1.1", "1.1.1.1"), Is.Empty);
            var must = new RecordCommit(Anna) { Preconditions = [new Precondition.RecordExists()] };
            Assert.That((await store.TryAsync(must))?.Kind, Is.EqualTo(ProblemKind.NotFound));
        }
    }
}

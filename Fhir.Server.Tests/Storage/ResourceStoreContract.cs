using System.Globalization;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>What every resource store promises. A new store earns its place by inheriting this.</summary>
public abstract partial class ResourceStoreContract
{
    private static readonly RecordId Anna = new("anna");
    private static readonly RecordId Ben = new("ben");
    private static readonly ResourceKey Note = new("Observation", "note");

    /// <summary>A new, empty store.</summary>
    protected abstract ValueTask<StoreUnderTest> OpenAsync();

    private static StoreWitness Witness(StoreUnderTest store) =>
        new(store, [Anna, Ben], ["Patient", "Observation", "ImagingStudy", "Endpoint", "Organization"]);

    private static ResourceKey Observation(object number) => new("Observation", string.Create(CultureInfo.InvariantCulture, $"o{number}"));

    [Test]
    public async Task A_key_never_used_finds_nothing()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await store.FindAsync(Note), Is.Null);
            Assert.That(await store.FindAsync(new("Observation", "anna")), Is.Null, "An id is unique within its type only.");
            Assert.That(await store.FindVersionAsync(Note, 1), Is.Null);
            Assert.That(await store.HistoryAsync(Note), Is.Null);
            Assert.That((await store.QueryAsync(Ask.For("Observation").Counted())).Total, Is.Zero);
        }
    }

    [Test]
    public async Task A_resource_is_served_as_the_tail_with_its_version_in_front()
    {
        await using var store = await OpenAsync();
        var now = store.Clock.GetUtcNow();
        var content = TestContent.Saying("ä\"😀");
        var put = await store.PutAsync(Anna, new("Patient", "anna"), content);
        var expected = TestContent.Whole(
            new("Patient", "anna"), "1", put.Resource.LastUpdated.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture), content.Tail);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(put.Resource.Text(), Is.EqualTo(expected));
            Assert.That(put.Resource.LastUpdated, Is.InRange(now, now.AddMilliseconds(1)), "The writer's clock gives the time.");
            Assert.That(put.Resource.LastUpdated.Ticks % 10, Is.Zero, "Microseconds, no finer.");
            Assert.That((await store.FindAsync(new("Patient", "anna")))!.Text(), Is.EqualTo(expected));
            Assert.That((await store.FindVersionAsync(new("Patient", "anna"), 1))!.Text(), Is.EqualTo(expected));
        }
    }

    [Test]
    public async Task Create_update_delete_and_revive_count_versions_from_1()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);

        var created = (await store.CommitAsync(new RecordCommit(Anna) { Resources = [new(Note, TestContent.Saying("one"), "POST")] })).Resources.Single();
        var updated = await store.PutAsync(Anna, Note, "two");
        var deleted = (await store.DeleteAsync(Anna, Note)).Resources.Single();
        var tombstone = await store.FindAsync(Note);
        var revived = await store.PutAsync(Anna, Note, "two");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((created.Created, created.Changed, created.Resource.Version, created.Resource.Method), Is.EqualTo((true, true, 1L, "POST")));
            Assert.That((updated.Created, updated.Changed, updated.Resource.Version, updated.Resource.Method), Is.EqualTo((false, true, 2L, "PUT")));
            Assert.That((deleted.Created, deleted.Changed, deleted.Resource.Version, deleted.Resource.IsDeleted), Is.EqualTo((false, true, 3L, true)));
            Assert.That((tombstone!.Version, tombstone.IsDeleted, tombstone.Json.Length, tombstone.Record), Is.EqualTo((3L, true, 0, Anna)));
            Assert.That((revived.Created, revived.Changed, revived.Resource.Version, revived.Resource.IsDeleted), Is.EqualTo((true, true, 4L, false)));
            Assert.That((await store.FindAsync(Note))!.Text(), Is.EqualTo(revived.Resource.Text()).And.Contains("\"versionId\":\"4\""));
            Assert.That((await store.FindAsync(Note))!.ETag, Is.EqualTo("W/\"4\""));
        }
    }

    [Test]
    public async Task The_same_content_makes_no_version_and_takes_no_number()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        var first = await store.CommitAsync(StoreTalk.Put(Anna, Note, TestContent.Saying("same")));
        store.Clock.Advance(TimeSpan.FromMinutes(1));

        var again = await store.CommitAsync(StoreTalk.Put(Anna, Note, TestContent.Saying("same")));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(again.Resources.Single(), Is.EqualTo(first.Resources.Single() with { Created = false, Changed = false }).Using<CommittedResource>(Same));
            Assert.That(again.Number, Is.EqualTo(first.Number));
            Assert.That((await store.HistoryAsync(Note))!.Versions, Has.Count.EqualTo(1));
            Assert.That((await store.ChangesAsync(Anna))[^1].Number, Is.EqualTo(first.Number));
        }
    }

    [Test]
    public async Task One_commit_may_hold_changed_and_unchanged_resources_and_answers_in_their_order()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.PutAsync(Anna, Observation(1), "one");
        await store.PutAsync(Anna, Observation(2), "two");

        var receipt = await store.CommitAsync(new RecordCommit(Anna)
        {
            Resources =
            [
                new(Observation(2), TestContent.Saying("two"), "PUT"),
                new(Observation(3), TestContent.Saying("three"), "POST"),
                new(Observation(1), null, "DELETE"),
            ],
        });

        Assert.That(
            receipt.Resources.Select(one => (one.Resource.Key, one.Resource.Version, one.Created, one.Changed)),
            Is.EqualTo(new[] { (Observation(2), 1L, false, false), (Observation(3), 1L, true, true), (Observation(1), 2L, false, true) }));
    }

    [Test]
    public async Task Deleting_what_is_not_there_changes_nothing()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.PutAsync(Anna, Note, "one");
        await store.DeleteAsync(Anna, Note);
        await Witness(store).With(Note, Observation("never")).SeesNoTraceOfAsync(async () =>
        {
            await store.DeleteAsync(Anna, Observation("never"));
            await store.DeleteAsync(Anna, Note);
        });
        Assert.That(await store.FindAsync(Observation("never")), Is.Null);
    }

    [Test]
    public async Task History_is_newest_first_and_pages_through_every_version_with_its_tombstone()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.PutAsync(Anna, Note, "one");
        await store.PutAsync(Anna, Note, "two");
        await store.DeleteAsync(Anna, Note);
        await store.PutAsync(Anna, Note, "four");

        var all = (await store.HistoryAsync(Note))!;
        Assert.That(all.Versions.Select(one => (one.Version, one.Method)), Is.EqualTo(new[] { (4L, "PUT"), (3L, "DELETE"), (2L, "PUT"), (1L, "PUT") }));
        Assert.That(all.Before, Is.Null);
        Assert.That(all.Versions[1].Json.IsEmpty, Is.True);

        foreach (var count in (int[])[1, 2, 3, 4])
        {
            var paged = new List<long>();
            long? before = null;
            do
            {
                var page = (await store.HistoryAsync(Note, before: before, count: count))!;
                Assert.That(page.Versions, Has.Count.InRange(1, count), "No page is empty, and the last one says that it is the last.");
                paged.AddRange(page.Versions.Select(one => one.Version));
                before = page.Before;
            }
            while (before is not null);
            Assert.That(paged, Is.EqualTo(new[] { 4L, 3, 2, 1 }), $"by {count}");
        }
    }

    [Test]
    public async Task Every_version_stays_readable_as_it_was()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        var one = (await store.PutAsync(Anna, Note, "one")).Resource;
        await store.PutAsync(Anna, Note, new string('x', 100_000));
        await store.DeleteAsync(Anna, Note);

        await store.ReopenAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await store.FindVersionAsync(Note, 1), Is.EqualTo(one).Using<StoredResource>(Same));
            Assert.That((await store.FindVersionAsync(Note, 2))!.Text(), Has.Length.GreaterThan(100_000));
            Assert.That((await store.FindVersionAsync(Note, 3))!.IsDeleted, Is.True);
            Assert.That(await store.FindVersionAsync(Note, 4), Is.Null);
            Assert.That(await store.FindVersionAsync(Note, 0), Is.Null);
            Assert.That(await store.FindVersionAsync(Note, -1), Is.Null);
            Assert.That(await store.FindVersionAsync(Note, long.MaxValue), Is.Null);
        }
    }

    [Test]
    public async Task LastUpdated_and_commit_numbers_rise_even_when_the_clock_stands_goes_back_or_the_store_is_reopened()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        var seen = new List<(DateTimeOffset Time, long Number)>();
        for (var turn = 0; turn < 12; turn++)
        {
            if (turn == 4)
            {
                store.Clock.AdjustTime(store.Clock.GetUtcNow().AddHours(-1));
            }
            if (turn == 8)
            {
                await store.ReopenAsync();
            }
            var receipt = await store.CommitAsync(turn % 3 == 2
                ? StoreTalk.Delete(Anna, Observation(turn - 1))
                : StoreTalk.Put(Anna, Observation(turn), TestContent.Saying("text")));
            seen.Add((receipt.Resources.Single().Resource.LastUpdated, receipt.Number));
        }
        Assert.That(seen.Select(one => one.Time), Is.Ordered.And.Unique);
        Assert.That(seen.Select(one => one.Number), Is.Ordered.And.Unique);
    }

    [Test]
    public async Task A_record_is_there_from_its_first_commit_on_with_its_Endpoints()
    {
        await using var store = await OpenAsync();
        var everything = Visibility.Everything;
        Assert.That(await store.Resources.RecordExistsAsync(Anna, everything, default), Is.False);

        await store.AdmitAsync(Anna);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await store.Resources.RecordExistsAsync(Anna, everything, default), Is.True);
            Assert.That(await store.Resources.RecordExistsAsync(Ben, everything, default), Is.False);
            Assert.That(await store.Resources.RecordExistsAsync(RecordId.Nobody, everything, default), Is.False);
            Assert.That((await store.FindAsync(FakeProjection.EndpointOf(Anna)))?.Record, Is.EqualTo(Anna));
            Assert.That(await store.FindAsync(FakeProjection.EndpointOf(Ben)), Is.Null);
        }
    }

    [Test]
    public async Task A_reopened_store_has_everything()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.CommitAsync(new RecordCommit(Anna)
        {
            Resources = [new(Note, TestContent.Saying("text"), "PUT"), new(Observation(1), TestContent.Saying("gone"), "PUT")],
            Instances = [await store.ReceiveAsync(new TestInstance("1.1", "1.1.1", "1.1.1.1"))],
            Links = [new VerifiedLink("urn:hospital", "4711", Anna, "claim", "anna")],
            Audit = [store.Audit(Anna)],
        });
        await store.DeleteAsync(Anna, Observation(1));
        var witness = Witness(store).With(Note, Observation(1)).With("urn:hospital", "4711");

        await witness.SeesNoTraceOfAsync(store.ReopenAsync);

        var study = await store.ImagingStudyAsync("1.1");
        Assert.That(StudyShape.Read(study!.Json).NumberOfInstances, Is.EqualTo(1));
    }

    [Test]
    public async Task A_study_not_yet_derived_when_the_store_closed_is_derived_after_it_opens()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AddAsync(Anna, Givers.Person, new TestInstance("1.1", "1.1.1", "1.1.1.1"));
        await store.ReopenAsync();
        Assert.That(StudyShape.Read((await store.ImagingStudyAsync("1.1"))!.Json).SopUids, Is.EqualTo(new[] { "1.1.1.1" }));
    }

    [Test]
    public async Task What_an_older_projection_described_is_described_anew_after_the_start()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.PutAsync(Anna, Note, "text");
        var rebuilt = Ask.For("Observation", Ask.Token("Observation", "rebuilt", null, "yes"));
        Assert.That((await store.QueryAsync(rebuilt)).Matches, Is.Empty);

        store.Projection.Version = "2";
        store.Projection.Extra = new Fhir.Server.Search.TokenRow("rebuilt", null, "yes");
        await store.ReopenAsync();

        for (var wait = 0; wait < 200 && (await store.QueryAsync(rebuilt)).Matches.Count == 0; wait++)
        {
            store.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(50);
        }
        Assert.That((await store.QueryAsync(rebuilt)).Matches.Ids(), Is.EqualTo(new[] { Note.Id }));
        Assert.That((await store.FindAsync(Note))!.Version, Is.EqualTo(1), "Describing is no change.");
    }

    private static bool Same(StoredResource one, StoredResource other) =>
        one.Text() == other.Text() && one with { Json = default } == other with { Json = default };

    private static bool Same(CommittedResource one, CommittedResource other) =>
        Same(one.Resource, other.Resource) && (one.Created, one.Changed) == (other.Created, other.Changed);
}

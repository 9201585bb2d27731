using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>ImagingStudy is derived from the instances: never stale, and no version more than reading asks for.</summary>
public abstract partial class InstanceIndexContract
{
    [Test]
    public async Task The_first_search_after_instances_were_added_finds_the_study()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, First with { Sop = "1.1.1.2" });

        var study = (await store.ImagingStudyAsync("1.1"))!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That((study.Record, study.Version, study.Key.Type, RecordId.IsWellFormed(study.Key.Id)), Is.EqualTo((Anna, 1L, "ImagingStudy", true)));
            Assert.That(study.Text(), Does.StartWith($"{{\"resourceType\":\"ImagingStudy\",\"id\":\"{study.Key.Id}\",\"meta\":{{\"versionId\":\"1\","));
            Assert.That((await store.FindAsync(study.Key))!.Text(), Is.EqualTo(study.Text()));
            Assert.That((await store.QueryAsync(Ask.For("ImagingStudy", Ask.Modality("CT")))).Matches.Single().Key, Is.EqualTo(study.Key));
        }
        await AgreesAsync(store, Anna, "1.1");
    }

    [Test]
    public async Task Every_read_after_a_change_shows_it()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        var key = (await store.ImagingStudyAsync("1.1"))!.Key;
        var reads = new (string Name, Func<Task<StoredResource?>> ReadAsync)[]
        {
            ("read", () => store.FindAsync(key)),
            ("history", async () => (await store.HistoryAsync(key))!.Versions[0]),
            ("search by id", async () => (await store.QueryAsync(Ask.For("ImagingStudy", Ask.Token("ImagingStudy", "_id", null, key.Id)))).Matches.Single()),
            ("search for all", async () => (await store.QueryAsync(Ask.For("ImagingStudy"))).Matches.Single()),
            ("version", async () => await store.FindVersionAsync(key, 6) ?? (await store.FindAsync(key))),
        };
        for (var at = 0; at < reads.Length; at++)
        {
            await store.AddAsync(Anna, Givers.Person, First with { Sop = $"1.1.1.{at + 2}" });
            var found = (await reads[at].ReadAsync())!;
            Assert.That(StudyShape.Read(found.Json).NumberOfInstances, Is.EqualTo(at + 2), reads[at].Name);
            Assert.That(found.Version, Is.EqualTo(at + 2), reads[at].Name);
        }
    }

    [Test]
    public async Task A_search_finds_a_study_by_what_came_last()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        await store.ImagingStudyAsync("1.1");
        await store.AddAsync(Anna, Givers.Person, new TestInstance("1.1", "1.1.2", "1.1.2.1") { Modality = "MR" });
        var found = await store.QueryAsync(Ask.For("ImagingStudy", Ask.Modality("MR")).Counted());
        Assert.That((found.Total, found.Matches.Count), Is.EqualTo((1L, 1)));
        Assert.That(StudyShape.Read(found.Matches[0].Json).NumberOfInstances, Is.EqualTo(2));
        await store.AddAsync(Anna, Givers.Person, new TestInstance("1.1", "1.1.3", "1.1.3.1") { Modality = "US" });
        Assert.That((await store.QueryAsync(Ask.For("ImagingStudy", Ask.Modality("US")).Counted(0))).Total, Is.EqualTo(1), "A count is no staler than a page.");
    }

    [Test]
    public async Task One_who_may_see_only_what_came_last_finds_it_at_once()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        var key = (await store.ImagingStudyAsync("1.1"))!.Key;
        foreach (var series in (string[])["1.1.2", "1.1.3"])
        {
            await store.AddAsync(Anna, Givers.Person, new TestInstance("1.1", series, $"{series}.1"));
            var visibility = Visibility.Of(RecordView.Series(Anna, "1.1", series));
            var found = series == "1.1.2" ? await store.FindAsync(key, visibility) : await store.ImagingStudyAsync("1.1", visibility);
            Assert.That(StudyShape.Read(found!.Json).SopUids, Is.EqualTo(new[] { $"{series}.1" }));
        }
    }

    [Test]
    public async Task Reading_twice_without_a_change_makes_no_version()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        var first = (await store.ImagingStudyAsync("1.1"))!;
        var number = (await store.ChangesAsync(Anna))[^1].Number;
        await store.ReopenAsync();
        store.Clock.Advance(TimeSpan.FromMinutes(1));

        await store.ImagingStudyAsync("1.1");
        await store.StudiesAsync(StoreTalk.In(Anna));
        var again = (await store.FindAsync(first.Key))!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(again.Text(), Is.EqualTo(first.Text()));
            Assert.That((await store.HistoryAsync(first.Key))!.Versions, Has.Count.EqualTo(1));
            Assert.That((await store.ChangesAsync(Anna))[^1].Number, Is.EqualTo(number));
        }
    }

    [Test]
    public async Task What_is_kept_beside_changes_no_ImagingStudy()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Site, First);
        var before = (await store.ImagingStudyAsync("1.1"))!;
        await store.AddAsync(Anna, Givers.Person, Different);
        Assert.That((await store.ImagingStudyAsync("1.1"))!.Text(), Is.EqualTo(before.Text()));
    }

    [Test]
    public async Task Many_who_read_first_at_once_make_one_version()
    {
        await using var store = await OpenWithAnnaAsync();
        for (var version = 1; version <= 5; version++)
        {
            await store.AddAsync(Anna, Givers.Person, First with { Sop = $"1.1.1.{version}" });
            var found = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => store.ImagingStudyAsync("1.1"))));
            Assert.That(found.Select(one => one!.Version), Is.All.EqualTo(version));
            Assert.That(found.Select(one => one!.Key), Is.All.EqualTo(found[0]!.Key));
        }
    }

    [Test]
    public async Task A_version_made_by_reading_is_a_commit_like_any_other()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        var study = (await store.ImagingStudyAsync("1.1"))!;
        var changes = await store.ChangesAsync(Anna);
        Assert.That(changes[^1].Things, Does.Contain(new ChangedThing("resource", study.Key.ToString(), 1)));
        Assert.That(changes.Select(one => one.Number), Is.Ordered.And.Unique);
        Assert.That((await store.PutAsync(Anna, new("Observation", "after"), "text")).Resource.LastUpdated, Is.GreaterThan(study.LastUpdated));
    }

    [Test]
    public async Task A_study_nobody_reads_is_published_by_itself()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        async Task<bool> IsPublished() => (await store.ChangesAsync(Anna)).SelectMany(one => one.Things).Any(one => one.Name.StartsWith("ImagingStudy/", StringComparison.Ordinal));
        for (var wait = 0; wait < 100 && !await IsPublished(); wait++)
        {
            store.Clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(20);
        }
        Assert.That(await IsPublished(), Is.True);
        Assert.That((await store.ImagingStudyAsync("1.1"))!.Version, Is.EqualTo(1));
    }

    [Test]
    public async Task The_first_instance_adopts_an_ImagingStudy_a_client_made()
    {
        await using var store = await OpenWithAnnaAsync();
        var key = new ResourceKey("ImagingStudy", "made-by-hand");
        await store.PutAsync(Anna, key, (StudyShape.Made("1.1", "anna", ("1.1.7", "XA")) with { Note = "keep me" }).ToContent());

        await store.AddAsync(Anna, Givers.Person, First);

        var study = (await store.ImagingStudyAsync("1.1"))!;
        var shape = StudyShape.Read(study.Json);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((study.Key, study.Version), Is.EqualTo((key, 2L)));
            Assert.That(shape.Note, Is.EqualTo("keep me"));
            Assert.That(shape.Series.Select(one => one.Uid), Is.EqualTo(new[] { "1.1.1" }));
            Assert.That((await store.QueryAsync(Ask.For("ImagingStudy"))).Matches, Has.Count.EqualTo(1));
            Assert.That((await store.FindVersionAsync(key, 1))!.Text(), Does.Contain("1.1.7"));
        }
        await store.AddAsync(Anna, Givers.Person, First with { Sop = "1.1.1.2" });
        Assert.That((await store.FindAsync(key))!.Version, Is.EqualTo(3));
        await AgreesAsync(store, Anna, "1.1");
    }

    [Test]
    public async Task An_ImagingStudy_of_another_record_is_not_adopted()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AdmitAsync(Ben);
        var bens = (await store.PutAsync(Ben, new("ImagingStudy", "bens"), StudyShape.Made("1.1", "ben").ToContent())).Resource;
        await store.AddAsync(Anna, Givers.Person, First);
        var annas = (await store.ImagingStudyAsync("1.1", Visibility.Of(RecordView.Whole(Anna))))!;
        Assert.That(annas.Key, Is.Not.EqualTo(bens.Key));
        Assert.That((await store.FindAsync(bens.Key))!.Text(), Is.EqualTo(bens.Text()));
    }

    [Test]
    public async Task What_a_person_wrote_into_a_derived_study_stays_when_instances_come()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First);
        var study = (await store.ImagingStudyAsync("1.1"))!;
        await store.PutAsync(Anna, study.Key, (StudyShape.Read(study.Json) with { Note = "mine" }).ToContent());
        await store.AddAsync(Anna, Givers.Person, First with { Sop = "1.1.1.2" });
        var after = (await store.FindAsync(study.Key))!;
        Assert.That((after.Version, StudyShape.Read(after.Json).Note), Is.EqualTo((3L, "mine")));
        await AgreesAsync(store, Anna, "1.1");
    }

    [Test]
    public async Task Studies_of_one_commit_are_derived_each_for_itself()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, new TestInstance("1.2", "1.2.1", "1.2.1.1"), First with { Sop = "1.1.1.2" });
        Assert.That((await store.QueryAsync(Ask.For("ImagingStudy").Counted())).Total, Is.EqualTo(2));
        await AgreesAsync(store, Anna, "1.1");
        await AgreesAsync(store, Anna, "1.2");
    }
}

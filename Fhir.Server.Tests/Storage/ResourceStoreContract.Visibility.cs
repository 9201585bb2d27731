using System.Text;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>
/// Callers who may see a part see exactly that part on every way in. What that part is, is reckoned from <see cref="Population"/>
/// and <see cref="Lens"/>, not from what the store or <see cref="Visibility"/> says.
/// </summary>
public abstract partial class ResourceStoreContract
{
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Reads_versions_and_histories_show_exactly_what_may_be_seen(int seed)
    {
        await using var store = await OpenAsync();
        var population = await Population.FillAsync(store, seed);
        foreach (var lens in population.Lenses(seed).Reverse())
        {
            var visibility = lens.ToVisibility();
            foreach (var record in population.Records)
            {
                Assert.That(await store.Resources.RecordExistsAsync(record, visibility, default), Is.EqualTo(lens.SeesAnythingIn(record)), $"{lens}: {record}");
            }
            Assert.That(await store.Resources.RecordExistsAsync(RecordId.Nobody, visibility, default), Is.False);
            foreach (var (record, key) in population.Others)
            {
                var seen = lens.SightOf(record, key) == Sight.Whole;
                Assert.That(await store.FindAsync(key, visibility), seen ? Is.Not.Null : Is.Null, $"{lens}: {key}");
                Assert.That(await store.FindVersionAsync(key, 1, visibility), seen ? Is.Not.Null : Is.Null, $"{lens}: {key}");
                Assert.That(await store.HistoryAsync(key, visibility), seen ? Is.Not.Null : Is.Null, $"{lens}: {key}");
            }
            foreach (var study in population.Studies)
            {
                await ShowsVersionsAsync(store, lens, study);
            }
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Searches_find_count_sort_and_page_exactly_what_may_be_seen(int seed)
    {
        await using var store = await OpenAsync();
        var population = await Population.FillAsync(store, seed);
        var series = population.Studies.SelectMany(one => one.SeriesUids).Distinct().Order(StringComparer.Ordinal).ToList();
        (Criterion Asked, Func<IReadOnlyList<IndexRow>, bool> Expected)[] criteria =
        [
            (Ask.Modality("CT"), rows => CodesOf(rows, "modality").Contains("CT")),
            (Ask.Modality("PT"), rows => CodesOf(rows, "modality").Contains("PT")),
            (Ask.Modality("CT", Modifier.Not), rows => !CodesOf(rows, "modality").Contains("CT")),
            (Ask.Missing("ImagingStudy", "modality", SearchKind.Token, true), rows => !CodesOf(rows, "modality").Any()),
            (Ask.Missing("ImagingStudy", "modality", SearchKind.Token, false), rows => CodesOf(rows, "modality").Any()),
            (Ask.Identifier("1.3"), rows => CodesOf(rows, "identifier").Contains("1.3")),
            (Ask.Reference("ImagingStudy", "patient", "Patient", "ben"), rows => rows.OfType<ReferenceRow>().Any(row => row is { Parameter: "patient", TargetId: "ben" })),
            (Ask.Missing("ImagingStudy", "started", SearchKind.Date, true), rows => !rows.OfType<DateRow>().Any()),
            .. series.Select(uid => (
                Ask.Token("ImagingStudy", "series", null, uid), (Func<IReadOnlyList<IndexRow>, bool>)(rows => CodesOf(rows, "series").Contains(uid)))),
        ];
        foreach (var lens in population.Lenses(seed))
        {
            var seen = population.Studies.Where(one => !one.IsDeleted && lens.SightOf(one.Record, one.Uid, one.SeriesUids) != Sight.Hidden).ToList();
            await ShowsStudiesAsync(store, lens, Ask.For("ImagingStudy"), seen);
            foreach (var (asked, expected) in criteria)
            {
                await ShowsStudiesAsync(store, lens, Ask.For("ImagingStudy", asked), [.. seen.Where(one => expected(SeenRows(lens, one)))]);
            }
            await IncludesWhatIsSeenAsync(store, population, lens);
            var observations = population.Others.Where(one => one.Key.Type == "Observation" && !one.Key.Id.EndsWith('2') && lens.SightOf(one.Record, one.Key) == Sight.Whole);
            var found = await store.QueryAllAsync(Ask.For("Observation") with { Count = 1 }, lens.ToVisibility());
            Assert.That(found.Select(one => one.Key), Is.EquivalentTo(observations.Select(one => one.Key)), $"{lens}");
        }
    }

    [Test]
    public async Task A_partly_visible_study_comes_back_redacted_everywhere_under_an_ETag_of_its_own()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AddAsync(Anna, Givers.Person,
            new TestInstance("1.1", "1.1.1", "1.1.1.1"), new TestInstance("1.1", "1.1.2", "1.1.2.1") { Modality = "MR" }, new TestInstance("1.1", "1.1.3", "1.1.3.1"));
        var whole = (await store.ImagingStudyAsync("1.1"))!;
        Visibility Series(params string[] uids) => Visibility.Of(RecordView.Series(Anna, "1.1", uids));

        var one = (await store.FindAsync(whole.Key, Series("1.1.1")))!;
        var other = (await store.FindAsync(whole.Key, Series("1.1.2")))!;
        var two = (await store.FindAsync(whole.Key, Series("1.1.1", "1.1.2")))!;
        var all = (await store.FindAsync(whole.Key, Series("1.1.1", "1.1.2", "1.1.3")))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(one.Text(), Is.EqualTo(Rendered(whole, uid => uid == "1.1.1")));
            Assert.That(one.Text(), Does.Contain("SUBSETTED").And.Contains("\"numberOfSeries\":1").And.Not.Contains("\"1.1.2").And.Not.Contains("MR"));
            Assert.That(new[] { whole.ETag, one.ETag, other.ETag, two.ETag }, Is.Unique, "Another rendering, another ETag.");
            Assert.That((await store.FindAsync(whole.Key, Series("1.1.1")))!.ETag, Is.EqualTo(one.ETag));
            Assert.That(all, Is.EqualTo(whole).Using<StoredResource>(Same), "Whoever sees every series sees the study.");
            Assert.That((await store.FindVersionAsync(whole.Key, 1, Series("1.1.1")))!.Text(), Is.EqualTo(one.Text()));
            Assert.That((await store.HistoryAsync(whole.Key, Series("1.1.1")))!.Versions.Single().ETag, Is.EqualTo(one.ETag));
            Assert.That((await store.ImagingStudyAsync("1.1", Series("1.1.1")))!.Text(), Is.EqualTo(one.Text()));
            Assert.That(await store.FindAsync(whole.Key, Series()), Is.Null);
            Assert.That(await store.FindAsync(whole.Key, Series("1.1.9")), Is.Null);
        }
    }

    [Test]
    public async Task Hidden_and_unknown_give_equal_answers()
    {
        await using var store = await OpenAsync();
        await FillAsync(store);
        var study = (await store.ImagingStudyAsync("1.1"))!.Key;
        foreach (var visibility in (Visibility[])[Visibility.Nothing, BenOnly, Visibility.Of(RecordView.Study(Ben, "1.2")), Visibility.Of(RecordView.Series(Anna, "1.1", "1.1.9"))])
        {
            var unknown = await AnswersAsync(store, visibility, Never, new("unheard-of"), "1.99", "1.99.1", "1.99.1.1");
            foreach (var key in (ResourceKey[])[Live, Dead, study, new("Patient", "anna")])
            {
                var hidden = await AnswersAsync(store, visibility, key, Anna, "1.1", "1.1.1", "1.1.1.1");
                Assert.That(hidden, Is.EqualTo(unknown), $"{key}");
            }
        }
    }

    [Test]
    public async Task A_hidden_series_does_not_move_a_study_in_the_order()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await PutStudyAsync(store, "1.1", ("1.1.1", "2024-01-01"), ("1.1.2", "2024-01-09"));
        await PutStudyAsync(store, "1.2", ("1.2.1", "2024-01-05"));
        await PutStudyAsync(store, "1.3", ("1.3.1", null), ("1.3.2", "2024-01-03"));
        var visibility = Visibility.Of(RecordView.Series(Anna, "1.1", "1.1.1"), RecordView.Study(Anna, "1.2"), RecordView.Series(Anna, "1.3", "1.3.1"));
        foreach (var count in (int[])[1, 10])
        {
            var query = Ask.For("ImagingStudy") with { Count = count };
            Assert.That((await store.QueryAllAsync(query.SortedBy("started", descending: true), visibility)).Ids(), Is.EqualTo(new[] { "s1.2", "s1.1", "s1.3" }));
            Assert.That((await store.QueryAllAsync(query.SortedBy("started"), visibility)).Ids(), Is.EqualTo(new[] { "s1.1", "s1.2", "s1.3" }));
        }
    }

    [Test]
    public async Task A_hidden_series_includes_nothing()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.PutAsync(RecordId.Shared, new("Organization", "north"), "north");
        var content = StudyShape.Made("1.1", "anna", ("1.1.1", "CT"), ("1.1.2", "MR")).ToContent();
        await store.PutAsync(Anna, new("ImagingStudy", "s"), content with { Index = [.. content.Index, new ReferenceRow("performer", "Organization", "north", "1.1.2")] });
        async Task<int> Included(string series) => (await store.QueryAsync(
            Ask.For("ImagingStudy").Including("performer"), Visibility.Of(RecordView.Whole(RecordId.Shared), RecordView.Series(Anna, "1.1", series)))).Included.Count;
        Assert.That((await Included("1.1.1"), await Included("1.1.2")), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task A_cursor_shows_nobody_what_they_may_not_see()
    {
        await using var store = await OpenAsync();
        await store.AdmitAsync(Anna);
        await store.AdmitAsync(Ben);
        for (var number = 0; number < 6; number++)
        {
            await store.PutAsync(number % 2 == 0 ? Anna : Ben, Observation(number), TestContent.Saying("x", TestContent.OnDay("date", $"2024-01-0{number + 1}")));
        }
        var query = (Ask.For("Observation") with { Count = 1 }).SortedBy("date");
        var cursor = (await store.QueryAsync(query)).Next;

        var outcome = await store.Resources.QueryAsync(query with { Cursor = cursor, Count = 10 }, BenOnly, default);

        if (outcome.TryGet(out var page, out var problem))
        {
            Assert.That(page.Matches.Select(one => one.Record), Is.All.EqualTo(Ben));
        }
        else
        {
            Assert.That(problem.Kind, Is.EqualTo(ProblemKind.Invalid));
        }
    }

    private static Task<CommittedResource> PutStudyAsync(StoreUnderTest store, string uid, params (string Uid, string? Started)[] series) =>
        store.PutAsync(Anna, new("ImagingStudy", $"s{uid}"), new StudyShape(uid, "anna", null, null, [.. series.Select(one => new SeriesShape(one.Uid, "CT", 0, [], one.Started))]).ToContent());

    private static string Rendered(StoredResource whole, Func<string, bool> sees) =>
        Encoding.UTF8.GetString(FakeProjection.Subset(whole.Json, fact => sees(fact.SeriesInstanceUid)).Span);

    private static IEnumerable<string> CodesOf(IEnumerable<IndexRow> rows, string parameter) =>
        rows.OfType<TokenRow>().Where(row => row.Parameter == parameter).Select(row => row.Code);

    private static IReadOnlyList<IndexRow> SeenRows(Lens lens, PopulationStudy study)
    {
        var shape = new StudyShape(
            study.Uid, study.Record.Value, study.Instances[0].StudyDate, null,
            [.. study.Instances.GroupBy(one => one.Series).Select(one => new SeriesShape(one.Key, one.First().Modality, one.Count(), []))]);
        return [.. shape.Rows().Where(row => row.SeriesUid is null || lens.SeesSeries(study.Record, study.Uid, row.SeriesUid))];
    }

    private static async Task ShowsVersionsAsync(StoreUnderTest store, Lens lens, PopulationStudy study)
    {
        var visibility = lens.ToVisibility();
        var expected = study.Versions.Where(one => lens.SightOf(study.Record, study.Uid, one.Series) != Sight.Hidden).Select(one => one.Version).Reverse().ToList();
        var current = await store.FindAsync(study.Key, visibility);
        var currentSight = lens.SightOf(study.Record, study.Uid, study.Versions[^1].Series);
        Assert.That(current?.Version, Is.EqualTo(currentSight == Sight.Hidden ? (long?)null : study.Versions[^1].Version), $"{lens}: {study.Key}");
        await store.FindAsync(study.Key);
        var history = await store.HistoryAsync(study.Key, visibility);
        Assert.That(history?.Versions.Select(one => one.Version), Is.EqualTo(expected.Count == 0 ? null : expected), $"{lens}: history of {study.Key}");
        if (expected.Count > 1)
        {
            var page = (await store.HistoryAsync(study.Key, visibility, count: 1))!;
            Assert.That((page.Versions.Single().Version, page.Before is null), Is.EqualTo((expected[0], false)), $"{lens}: a page is filled with what may be seen.");
        }
        foreach (var (number, series) in study.Versions)
        {
            var sight = lens.SightOf(study.Record, study.Uid, series);
            var version = await store.FindVersionAsync(study.Key, number, visibility);
            var whole = (await store.FindVersionAsync(study.Key, number))!;
            var text = sight switch
            {
                Sight.Hidden => null,
                Sight.Part when !whole.IsDeleted => Rendered(whole, uid => lens.SeesSeries(study.Record, study.Uid, uid)),
                _ => whole.Text(),
            };
            Assert.That(version?.Text(), Is.EqualTo(text), $"{lens}: {study.Key} version {number}");
            Assert.That(version is null || whole.IsDeleted || (version.ETag != whole.ETag) == (sight == Sight.Part), Is.True, $"{lens}: {study.Key} version {number}");
            Assert.That(history?.Versions.SingleOrDefault(one => one.Version == number)?.Text(), Is.EqualTo(text));
        }
    }

    private static async Task ShowsStudiesAsync(StoreUnderTest store, Lens lens, SearchQuery query, List<PopulationStudy> expected)
    {
        var visibility = lens.ToVisibility();
        var about = $"{lens}: {string.Join(" & ", query.Criteria)}";
        Assert.That((await store.QueryAsync(query.Counted(0), visibility)).Total, Is.EqualTo(expected.Count), about);
        var found = await store.QueryAllAsync((query with { Count = 2 }).SortedBy("started", descending: true), visibility);
        Assert.That(found.Select(one => one.Key), Is.EquivalentTo(expected.Select(one => one.Key)), about);
        var dates = found.Select(one => StudyShape.Read(one.Json).Started).ToList();
        Assert.That(dates, Is.EqualTo(dates.OrderByDescending(one => one, StringComparer.Ordinal)), about);
        foreach (var one in found)
        {
            var study = expected.Single(other => other.Key == one.Key);
            var seen = study.Instances.Where(instance => lens.SeesSeries(study.Record, study.Uid, instance.Series)).ToList();
            Assert.That(StudyShape.Read(one.Json).SopUids, Is.EquivalentTo(seen.Select(instance => instance.Sop)), about);
            Assert.That(one.Redaction is null, Is.EqualTo(seen.Count == study.Instances.Count), about);
        }
    }

    private static async Task IncludesWhatIsSeenAsync(StoreUnderTest store, Population population, Lens lens)
    {
        var page = await store.QueryAsync(Ask.For("ImagingStudy").Including("endpoint").Including("patient"), lens.ToVisibility());
        var records = page.Matches.Select(one => one.Record).Distinct().ToList();
        var expected = population.Others
            .Where(one => records.Contains(one.Record) && (one.Key.Type is "Endpoint" or "Patient") && lens.SightOf(one.Record, one.Key) == Sight.Whole);
        Assert.That(page.Included.Select(one => one.Key), Is.EquivalentTo(expected.Select(one => one.Key)), $"{lens}");
    }

    /// <summary>Everything the store answers about one thing, but for its names.</summary>
    private static async Task<string> AnswersAsync(
        StoreUnderTest store, Visibility visibility, ResourceKey key, RecordId record, string study, string series, string sop)
    {
        var query = Ask.For(key.Type, Ask.Token(key.Type, "_id", null, key.Id)).Including("subject").Counted();
        var page = await store.QueryAsync(query, visibility);
        var studies = await store.Instances.FindStudiesAsync(StoreTalk.In(record, study), visibility, default);
        var all = await store.Instances.FindSeriesAsync(StoreTalk.In(record, study, series), visibility, default);
        var instances = await store.Instances.FindInstancesAsync(StoreTalk.In(record, study, series), visibility, default);
        return string.Join(
            ' ',
            await store.FindAsync(key, visibility), await store.FindVersionAsync(key, 1, visibility), await store.HistoryAsync(key, visibility),
            page.Matches.Count, page.Included.Count, page.Total, page.Next,
            studies.Rows.Count, studies.More, all.Rows.Count, all.More, instances.Rows.Count, instances.More,
            await store.SightAsync(record, study, visibility),
            (await store.ContributionsAsync(record, study, sop, visibility)).Count);
    }
}

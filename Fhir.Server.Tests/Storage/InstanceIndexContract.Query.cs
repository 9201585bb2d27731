using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>QIDO: what matches, what may be seen of it, and pages. See PS3.4 §C.2.2.2 and PS3.18 §10.6.</summary>
public abstract partial class InstanceIndexContract
{
    [Test]
    public async Task Studies_match_by_value_by_wildcard_and_by_range()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person,
            Of("1.1") with { PatientId = "A1", PatientName = "Doe^Jane", StudyDate = "20240101", AccessionNumber = "X_1", StudyDescription = "Head" },
            Of("1.2") with { PatientId = "a1", PatientName = "DOE^John", StudyDate = "20240215", AccessionNumber = "XA1", StudyDescription = "head [2]" },
            Of("1.3") with { PatientId = "B%", PatientName = "Adoe^Jim", StudyDate = null, AccessionNumber = null });

        await MatchesAsync(store, ["1.1"], Any("PatientID", "A1"));
        await MatchesAsync(store, ["1.1", "1.3"], Any("PatientID", "A1", "B%", "C"));
        await MatchesAsync(store, ["1.2"], Any("StudyInstanceUID", "1.2"));
        await MatchesAsync(store, ["1.1"], Any("AccessionNumber", "X_1"));
        await MatchesAsync(store, ["1.1", "1.2"], Like("PatientName", "doe^*"));
        await MatchesAsync(store, ["1.1", "1.2", "1.3"], Like("PatientName", "*DOE^J*"));
        await MatchesAsync(store, ["1.1"], Like("PatientName", "doe^jan?"));
        await MatchesAsync(store, [], Like("PatientName", "doe^jane?"));
        await MatchesAsync(store, ["1.1"], Like("AccessionNumber", "X_?"));
        await MatchesAsync(store, ["1.3"], Like("PatientID", "B%*"));
        await MatchesAsync(store, [], Like("PatientID", "%*"));
        await MatchesAsync(store, ["1.2"], Like("StudyDescription", "*[2]"));
        await MatchesAsync(store, ["1.1", "1.2"], Between("StudyDate", "20240101", "20240215"));
        await MatchesAsync(store, ["1.1"], Between("StudyDate", "20240101", "20240101"));
        await MatchesAsync(store, ["1.2"], Between("StudyDate", "20240102", ""));
        await MatchesAsync(store, ["1.1"], Between("StudyDate", "", "20240214"));
        await MatchesAsync(store, ["1.2"], Like("PatientName", "doe*"), Between("StudyDate", "20240201", "20240301"));
        await MatchesAsync(store, ["1.1", "1.2", "1.3"]);
    }

    [Test]
    public async Task Series_and_instances_match_within_their_study_and_series()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person,
            new TestInstance("1.1", "1.1.1", "1.1.1.1") { Number = 1 }, new TestInstance("1.1", "1.1.1", "1.1.1.2") { Number = 2 },
            new TestInstance("1.1", "1.1.2", "1.1.2.1") { Modality = "MR", SeriesNumber = 4 }, new TestInstance("1.2", "1.2.1", "1.2.1.1"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await store.SeriesAsync(StoreTalk.In(Anna, "1.1"))).Select(one => one.SeriesInstanceUid), Is.EquivalentTo(new[] { "1.1.1", "1.1.2" }));
            Assert.That((await store.SeriesAsync(StoreTalk.In(Anna, "1.1", null, Any("Modality", "CT")))).Select(one => one.SeriesInstanceUid), Is.EqualTo(new[] { "1.1.1" }));
            Assert.That((await store.SeriesAsync(StoreTalk.In(null, null, null, Any("Modality", "CT")))).Select(one => one.SeriesInstanceUid), Is.EquivalentTo(new[] { "1.1.1", "1.2.1" }));
            Assert.That((await store.SeriesAsync(StoreTalk.In(Anna, null, null, Any("SeriesInstanceUID", "1.1.2")))).Single().Modality, Is.EqualTo("MR"));
            Assert.That((await store.InstancesAsync(StoreTalk.In(Anna, "1.1", "1.1.1"))).Select(one => one.SopInstanceUid), Is.EqualTo(new[] { "1.1.1.1", "1.1.1.2" }));
            Assert.That((await store.InstancesAsync(StoreTalk.In(Anna, "1.1", null, Any("SOPInstanceUID", "1.1.1.2", "1.1.2.1", "1.2.1.1")))).Select(one => one.SopInstanceUid), Is.EquivalentTo(new[] { "1.1.1.2", "1.1.2.1" }));
            Assert.That((await store.InstancesAsync(StoreTalk.In(Anna, "1.1", null, Any("InstanceNumber", "2")))).Select(one => one.SopInstanceUid), Is.EqualTo(new[] { "1.1.1.2" }));
            Assert.That(await store.InstancesAsync(StoreTalk.In(Anna, "1.2", "1.1.1")), Is.Empty, "A series belongs to its study.");
            Assert.That(await store.InstancesAsync(StoreTalk.In(Ben, "1.1")), Is.Empty);
        }
    }

    [Test]
    public async Task A_study_is_found_by_the_modality_of_a_series_that_may_be_seen_and_by_no_other()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AddAsync(Anna, Givers.Person, First, new TestInstance("1.1", "1.1.2", "1.1.2.1") { Modality = "MR" });
        var visibility = Visibility.Of(RecordView.Series(Anna, "1.1", "1.1.1"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await store.StudiesAsync(StoreTalk.In(Anna, null, null, Any("ModalitiesInStudy", "MR"))), Has.Count.EqualTo(1));
            Assert.That(await store.StudiesAsync(StoreTalk.In(Anna, null, null, Any("ModalitiesInStudy", "MR")), visibility), Is.Empty);
            Assert.That(await store.StudiesAsync(StoreTalk.In(Anna, null, null, Any("ModalitiesInStudy", "CT")), visibility), Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task Pages_by_offset_and_limit_hold_everything_once()
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AdmitAsync(Ben);
        for (var number = 1; number <= 7; number++)
        {
            // Every second one is not for the caller: a page must be filled with the others.
            await store.AddAsync(number % 2 == 1 ? Anna : Ben, Givers.Person, Of($"1.{number}") with { StudyDate = "20240101" });
        }
        var visibility = Visibility.Of(RecordView.Whole(Anna));
        foreach (var limit in (int[])[1, 2, 3, 4, 5])
        {
            await PagesAsync(limit, query => store.Instances.FindStudiesAsync(query, visibility, default), one => one.StudyInstanceUid);
            await PagesAsync(limit, query => store.Instances.FindSeriesAsync(query, visibility, default), one => one.StudyInstanceUid);
            await PagesAsync(limit, query => store.Instances.FindInstancesAsync(query, visibility, default), one => one.StudyInstanceUid);
        }

        static async Task PagesAsync<T>(int limit, Func<InstanceQuery, ValueTask<IndexPage<T>>> askAsync, Func<T, string> name)
        {
            var seen = new List<string>();
            for (var offset = 0; ; offset += limit)
            {
                var page = await askAsync(StoreTalk.In(null) with { Offset = offset, Limit = limit });
                seen.AddRange(page.Rows.Select(name));
                Assert.That(page.Rows, Has.Count.EqualTo(Math.Min(limit, 4 - offset)));
                Assert.That(page.More, Is.EqualTo(offset + limit < 4), $"{typeof(T).Name} {offset}+{limit}");
                if (!page.More)
                {
                    break;
                }
            }
            Assert.That(seen, Is.EquivalentTo(new[] { "1.1", "1.3", "1.5", "1.7" }));
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Every_way_into_the_index_shows_exactly_what_may_be_seen(int seed)
    {
        await using var store = await OpenAsync();
        var population = await Population.FillAsync(store, seed);
        foreach (var lens in population.Lenses(seed))
        {
            var visibility = lens.ToVisibility();
            var seen = population.Studies.Where(one => !one.IsDeleted)
                .Select(one => (Study: one, Instances: one.Instances.Where(instance => lens.SeesSeries(one.Record, one.Uid, instance.Series)).ToList()))
                .Where(one => one.Instances.Count > 0).ToList();

            foreach (var record in population.Records.Select(one => (RecordId?)one).Append(null))
            {
                var here = seen.Where(one => record is null || one.Study.Record == record).ToList();
                var studies = await store.StudiesAsync(StoreTalk.In(record), visibility);
                Assert.That(
                    studies.Select(one => $"{one.Record} {one.StudyInstanceUid} {one.NumberOfSeries} {one.NumberOfInstances} {string.Join('\\', one.Modalities)} {one.Sight}"),
                    Is.EquivalentTo(here.Select(one => $"{one.Study.Record} {one.Study.Uid} {one.Instances.DistinctBy(instance => instance.Series).Count()} {one.Instances.Count} "
                        + $"{string.Join('\\', one.Instances.Select(instance => instance.Modality).OfType<string>().Distinct().Order(StringComparer.Ordinal))} "
                        + $"{lens.SightOf(one.Study.Record, one.Study.Uid, one.Study.SeriesUids)}")),
                    $"{lens} in {record}");
                Assert.That(
                    (await store.SeriesAsync(StoreTalk.In(record), visibility)).Select(one => (one.Record, one.SeriesInstanceUid, one.Modality, one.NumberOfInstances)),
                    Is.EquivalentTo(here.SelectMany(one => one.Instances.GroupBy(instance => instance.Series).Select(series => (one.Study.Record, series.Key, series.First().Modality, series.Count())))),
                    $"{lens} in {record}");
                Assert.That(
                    (await store.InstancesAsync(StoreTalk.In(record), visibility)).Select(one => (one.Record, one.SopInstanceUid)),
                    Is.EquivalentTo(here.SelectMany(one => one.Instances.Select(instance => (one.Study.Record, instance.Sop)))), $"{lens} in {record}");
            }
            foreach (var study in population.Studies)
            {
                var sight = study.IsDeleted ? Sight.Hidden : lens.SightOf(study.Record, study.Uid, study.SeriesUids);
                Assert.That(await store.SightAsync(study.Record, study.Uid, visibility), Is.EqualTo(sight), $"{lens}: {study.Record} {study.Uid}");
                foreach (var instance in study.Instances)
                {
                    var shown = !study.IsDeleted && lens.SeesSeries(study.Record, study.Uid, instance.Series);
                    Assert.That(await store.ContributionsAsync(study.Record, study.Uid, instance.Sop, visibility), Has.Count.EqualTo(shown ? 1 : 0), $"{lens}: {instance.Sop}");
                    Assert.That(await store.InstancesAsync(StoreTalk.In(study.Record, study.Uid, instance.Series), visibility), shown ? Is.Not.Empty : Is.Empty, $"{lens}: {instance.Series}");
                }
            }
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    public async Task Random_queries_find_what_a_simple_reading_of_the_standard_finds(int seed)
    {
        await using var store = await OpenWithAnnaAsync();
        await store.AdmitAsync(Ben);
        var random = new Random(seed);
        var instances = new List<(RecordId Record, TestInstance Instance)>();
        for (var study = 1; study <= 40; study++)
        {
            var record = random.Next(2) == 0 ? Anna : Ben;
            var made = QueryOracle.Study($"1.{study}", random);
            await store.AddAsync(record, Givers.Person, made);
            instances.AddRange(made.Select(one => (record, one)));
        }
        var bens = instances.Where(one => one.Record == Ben).Select(one => one.Instance).ToList();
        var some = bens[0];
        var lasts = bens.GroupBy(one => one.Study).Select(study => Lens.Of(Ben, study.Key, study.Last().Series)).Aggregate((one, other) => one.And(other));
        foreach (var lens in new[] { new Lens("everything", true), Lens.Of(Anna), Lens.Of(Ben, some.Study, some.Series), Lens.Of(Anna).And(Lens.Of(Ben, some.Study, some.Series)), lasts, Lens.Of(Anna).And(lasts) })
        {
            var (visibility, seen) = (lens.ToVisibility(), instances.Where(one => lens.SeesSeries(one.Record, one.Instance.Study, one.Instance.Series)).ToList());
            for (var number = 0; number < 150; number++)
            {
                var keys = QueryOracle.Keys(random);
                var query = StoreTalk.In(null, null, null, [.. keys.Select(key => key.Match)]);
                var said = $"{lens}: {string.Join(" & ", keys.Select(key => $"{key.Match.Keyword} {key.Match.Kind} {string.Join('|', key.Match.Values)}"))}";
                var expected = QueryOracle.Find(seen, keys);
                Assert.That((await store.StudiesAsync(query, visibility)).Select(one => one.StudyInstanceUid), Is.EquivalentTo(expected.Studies), said);
                Assert.That((await store.SeriesAsync(query, visibility)).Select(one => one.SeriesInstanceUid), Is.EquivalentTo(expected.Series), said);
                Assert.That((await store.InstancesAsync(query, visibility)).Select(one => one.SopInstanceUid), Is.EquivalentTo(expected.Instances), said);
            }
        }
    }

    private static TestInstance Of(string study) => new(study, $"{study}.1", $"{study}.1.1");

    private static AttributeMatch Any(string keyword, params string[] values) => new(keyword, MatchKind.AnyOf, values);

    private static AttributeMatch Like(string keyword, string pattern) => new(keyword, MatchKind.Wildcard, [pattern]);

    private static AttributeMatch Between(string keyword, string from, string until) => new(keyword, MatchKind.Range, [from, until]);

    private static async Task MatchesAsync(StoreUnderTest store, string[] studies, params AttributeMatch[] matches)
    {
        var found = await store.StudiesAsync(StoreTalk.In(Anna, null, null, matches));
        Assert.That(found.Select(one => one.StudyInstanceUid), Is.EquivalentTo(studies), string.Join(" & ", matches.Select(one => $"{one.Keyword} {string.Join('\\', one.Values)}")));
    }
}

using CsCheck;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>Random rows under random criteria: the store must find what <see cref="SearchMatcher"/> finds, neither more nor less.</summary>
public abstract partial class ResourceStoreContract
{
    private static readonly Gen<string?> Systems = Gen.OneOf<string?>(null, "s1", "s2");
    private static readonly Gen<string> Codes = Gen.OneOf("a", "A", "ab", "b", "%", "ä", "1.2.3");
    private static readonly Gen<string> Texts = Gen.OneOf(
        "a", "ab", "abc", "b", "ba", "a%", "a_", "a*", "a?", "a[b]", "a\\", "a'b", "a\"", "aß", "a😀", "a\uffff", "A", " a", "z", "\u0001");

    private static readonly Gen<(long From, long Until)> Stretches =
        Gen.Select(Gen.Long[-3, 6], Gen.Long[1, 4], (from, length) => (from, from + length));

    private static readonly Gen<(long From, long Until)> RowStretches = Gen.OneOf(
        Stretches, Stretches.Select(one => (long.MinValue, one.Until)), Stretches.Select(one => (one.From, long.MaxValue)));

    private static readonly Gen<string?> Types = Gen.OneOf<string?>(null, "Patient", "Group");
    private static readonly Gen<string> Ids = Gen.OneOf("a", "A", "b", "http://x.org/Patient/a");
    private static readonly Gen<string> Uris = Gen.OneOf(
        "http://a", "http://a/", "http://a/b", "http://a/b/", "http://a/bc", "http://a/b/c", "http://a/B", "http://ab", "http://a/%", "http://a/_", "urn:a");

    private static readonly Gen<IndexRow> RandomRow = Gen.OneOf(
        Gen.Select(Systems, Gen.OneOf(Codes, Gen.Const("")), (system, code) => (IndexRow)new TokenRow("tok", system, system is null && code == "" ? "a" : code)),
        Gen.Select(Systems, Codes, (system, code) => (IndexRow)new TokenRow("ref:identifier", system, code)),
        Texts.Select(text => (IndexRow)new StringRow("str", text.ToLowerInvariant(), text)),
        RowStretches.Select(one => (IndexRow)new DateRow("dat", one.From, one.Until)),
        Gen.Select(Types, Ids, (type, id) => (IndexRow)new ReferenceRow("ref", type, id)),
        Uris.Select(uri => (IndexRow)new UriRow("uri", uri)));

    private static readonly Gen<SearchValue> TokenValues = Gen.Select(Systems, Codes, Gen.Int[0, 3], (system, code, form) => (SearchValue)(form switch
    {
        0 => new TokenValue(null, true, code),
        1 => new TokenValue(system ?? "s1", false, null),
        _ => new TokenValue(system, false, code),
    }));

    private static readonly Gen<Criterion> RandomCriterion = Gen.OneOf(
        Among("tok", SearchKind.Token, TokenValues, Modifier.None, Modifier.Not),
        Among("ref", SearchKind.Reference, TokenValues, Modifier.Identifier),
        Among("str", SearchKind.String, Texts.Select(one => (SearchValue)new StringValue(one.ToLowerInvariant(), one)), Modifier.None, Modifier.Exact, Modifier.Contains),
        Among("dat", SearchKind.Date, Gen.Select(Stretches, Gen.Enum<Comparison>(), (one, how) => (SearchValue)new DateValue(how, one.From, one.Until)), Modifier.None),
        Among("ref", SearchKind.Reference, Gen.Select(Types, Ids, (type, id) => (SearchValue)new ReferenceValue(type, id)), Modifier.None),
        Among("uri", SearchKind.Uri, Uris.Select(one => (SearchValue)new UriValue(one)), Modifier.None, Modifier.Below, Modifier.Above),
        Gen.Select(
            Gen.OneOf(("tok", SearchKind.Token), ("str", SearchKind.String), ("dat", SearchKind.Date), ("ref", SearchKind.Reference), ("uri", SearchKind.Uri)),
            Gen.Bool, (one, missing) => Ask.Missing("Observation", one.Item1, one.Item2, missing)));

    [Test]
    public async Task A_search_finds_exactly_what_the_matcher_finds()
    {
        await using var store = await OpenAsync();
        var sample = 0;
        await Gen.Select(RandomRow.List[0, 5].List[1, 8], RandomCriterion.List[1, 3].List[1, 6], Gen.Int[1, 4]).SampleAsync(
            async (resources, queries, count) =>
            {
                // A record of its own for each sample; the others are hidden, and in the way of a careless statement.
                var record = new RecordId($"sample-{Interlocked.Increment(ref sample)}");
                string Id(int number) => $"{record}-{number}";
                await store.CommitAsync(new RecordCommit(record)
                {
                    Resources = [.. resources.Select((rows, number) => new ResourceChange(new("Observation", Id(number)), TestContent.Saying("x", rows), "PUT"))],
                });
                foreach (var criteria in queries)
                {
                    var expected = resources.Index().Where(one => SearchMatcher.Matches(one.Item, criteria)).Select(one => Id(one.Index)).ToList();
                    await MatchesAsync(store, Ask.For("Observation", criteria) with { Count = count }, RecordView.Whole(record), expected);
                }
            },
            iter: 150, threads: 1);
    }

    [Test]
    public async Task A_search_of_one_who_sees_only_some_series_finds_what_the_matcher_finds_in_what_is_seen()
    {
        await using var store = await OpenAsync();
        var series = new[] { "1.1", "1.2", "1.3" };
        var rows = Gen.Select(RandomRow, Gen.OneOf<string?>(null, "1.1", "1.2", "1.3"), (row, uid) => row with { SeriesUid = uid });
        var sample = 0;
        await Gen.Select(rows.List[0, 8].List[1, 6], RandomCriterion.List[1, 2].List[1, 6], Gen.Int[1, 3], Gen.Int[1, 6]).SampleAsync(
            async (studies, queries, count, shown) =>
            {
                var record = new RecordId($"sample-{Interlocked.Increment(ref sample)}");
                var seen = series.Where((_, at) => (shown & (1 << at)) != 0).ToHashSet();
                string Study(int number) => $"{record}.{number}";
                await store.CommitAsync(new RecordCommit(record)
                {
                    Resources = [.. studies.Select((index, number) => new ResourceChange(
                        new("ImagingStudy", Study(number)),
                        StudyShape.Made(Study(number), record.Value, ("1.1", "CT"), ("1.2", "MR"), ("1.3", null)).ToContent() with { Index = index }, "PUT"))],
                });
                // Every second study is not shown at all.
                var view = studies.Index().Where(one => one.Index % 2 == 0).Select(one => RecordView.Series(record, Study(one.Index), seen)).ToArray();
                foreach (var criteria in queries)
                {
                    var asked = criteria.Select(one => one with { Parameter = one.Parameter with { ResourceType = "ImagingStudy" } }).ToList();
                    var expected = studies.Index()
                        .Where(one => one.Index % 2 == 0
                            && SearchMatcher.Matches([.. one.Item.Where(row => row.SeriesUid is null || seen.Contains(row.SeriesUid))], asked))
                        .Select(one => Study(one.Index)).ToList();
                    await MatchesAsync(store, Ask.For("ImagingStudy", asked) with { Count = count }, Visibility.Of(view), expected);
                }
            },
            iter: 100, threads: 1);
    }

    private static Task MatchesAsync(StoreUnderTest store, SearchQuery query, RecordView view, IReadOnlyList<string> expected) =>
        MatchesAsync(store, query, Visibility.Of(view), expected);

    private static async Task MatchesAsync(StoreUnderTest store, SearchQuery query, Visibility visibility, IReadOnlyList<string> expected)
    {
        foreach (var asked in (SearchQuery[])[query, query.SortedBy("dat"), query.SortedBy("dat", descending: true)])
        {
            var found = (await store.QueryAllAsync(asked, visibility)).Ids().ToList();
            if (!found.Order().SequenceEqual(expected.Order()))
            {
                throw new InvalidOperationException($"Found {string.Join(' ', found)} instead of {string.Join(' ', expected)} by {string.Join(" & ", query.Criteria)}.");
            }
        }
        var total = (await store.QueryAsync(query.Counted(0), visibility)).Total;
        if (total != expected.Count)
        {
            throw new InvalidOperationException($"Counted {total} instead of {expected.Count}.");
        }
    }

    private static Gen<Criterion> Among(string code, SearchKind kind, Gen<SearchValue> values, params Modifier[] modifiers) =>
        Gen.Select(values.List[1, 3], Gen.OneOf(modifiers), (some, modifier) => new Criterion(Ask.Parameter("Observation", code, kind), modifier, some, false));
}

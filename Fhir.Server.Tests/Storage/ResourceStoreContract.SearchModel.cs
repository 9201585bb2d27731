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

    private static readonly Gen<double> Doubles = Gen.OneOf(-1.5, -1, -0.5, 0, 0.25, 0.5, 1, 1.5, 2, 1e40);

    private static readonly Gen<(double Low, double High)> NumberStretches = Gen.OneOf(
        Doubles.Select(one => (one, one)), Gen.Select(Doubles, Doubles, (one, two) => (Math.Min(one, two), Math.Max(one, two))),
        Doubles.Select(one => (double.MinValue, one)), Doubles.Select(one => (one, double.MaxValue)));

    private static readonly Gen<string?> UnitSystems = Gen.OneOf<string?>(null, "s1", QuantityRow.Canonical);

    private static readonly Gen<QuantityRow> QuantityRows = Gen.Select(
        UnitSystems, Gen.OneOf("g", "mg", ""), NumberStretches, (system, code, one) => new QuantityRow("qty", system, code, one.Low, one.High));

    private static readonly Gen<(double X, double Y, double Z)> Points = Gen.OneOf((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.6, 0.8, 0.0), (0.8, 0.6, 0.0), (0.0, 0.6, -0.8));

    private static readonly Gen<IndexRow> RandomRow = Gen.OneOf(
        Gen.Select(Systems, Gen.OneOf(Codes, Gen.Const("")), (system, code) => (IndexRow)new TokenRow("tok", system, system is null && code == "" ? "a" : code)),
        Gen.Select(Systems, Codes, (system, code) => (IndexRow)new TokenRow("ref:identifier", system, code)),
        Texts.Select(text => (IndexRow)new StringRow("str", text.ToLowerInvariant(), text)),
        RowStretches.Select(one => (IndexRow)new DateRow("dat", one.From, one.Until)),
        Gen.Select(Types, Ids, (type, id) => (IndexRow)new ReferenceRow("ref", type, id)),
        Uris.Select(uri => (IndexRow)new UriRow("uri", uri)),
        Gen.OneOf("tok:missing", "qty:missing").Select(code => (IndexRow)new TokenRow(code, null, "false")),
        Gen.Select(Systems, Codes, (system, code) => (IndexRow)new TokenRow("tok:of-type", system, code)),
        Gen.OneOf("chest pain", "acute chest pain", "painless", "a b").Select(text => (IndexRow)new StringRow("tok:text", text, text)),
        NumberStretches.Select(one => (IndexRow)new NumberRow("num", one.Low, one.High)),
        QuantityRows.Select(row => (IndexRow)row),
        Points.Select(one => (IndexRow)new PositionRow("pos", one.X, one.Y, one.Z)),
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 1], Systems, Codes, QuantityRows, (element, component, system, code, quantity) => (IndexRow)new CompositeRow(
            "cmp", element, component, component == 0 ? new TokenRow("", system, code) : quantity with { Parameter = "" })));

    private static readonly Gen<SearchValue> TokenValues = Gen.Select(Systems, Codes, Gen.Int[0, 3], (system, code, form) => (SearchValue)(form switch
    {
        0 => new TokenValue(null, true, code),
        1 => new TokenValue(system ?? "s1", false, null),
        _ => new TokenValue(system, false, code),
    }));

    private static readonly Gen<NumberValue> NumberValues = Gen.Select(
        Doubles, Gen.OneOf(0.25, 0.5, 1), Gen.Enum<Comparison>(), (one, width, how) => new NumberValue(how, one, one - width, one + width));

    private static readonly Gen<SearchValue> QuantityValues = Gen.Select(
        NumberValues, UnitSystems, Gen.OneOf<string?>("g", "mg", null), (number, system, code) => (SearchValue)new QuantityValue(number, system, code));

    private static readonly Gen<Criterion> RandomCriterion = Gen.OneOf(
        Among("tok", SearchKind.Token, TokenValues, Modifier.None, Modifier.Not),
        Among("ref", SearchKind.Reference, TokenValues, Modifier.Identifier),
        Among("str", SearchKind.String, Texts.Select(one => (SearchValue)new StringValue(one.ToLowerInvariant(), one)), Modifier.None, Modifier.Exact, Modifier.Contains),
        Among("dat", SearchKind.Date, Gen.Select(Stretches, Gen.Enum<Comparison>(), (one, how) => (SearchValue)new DateValue(how, one.From, one.Until)), Modifier.None),
        Among("ref", SearchKind.Reference, Gen.Select(Types, Ids, (type, id) => (SearchValue)new ReferenceValue(type, id)), Modifier.None),
        Among("tok", SearchKind.Token, TokenValues, Modifier.OfType),
        Among("tok", SearchKind.Token, Gen.OneOf("chest", "pain", "ain", "chest pain", "a").Select(one => (SearchValue)new StringValue(one, one)), Modifier.Text),
        Among("num", SearchKind.Number, NumberValues.Select(one => (SearchValue)one), Modifier.None),
        Among("qty", SearchKind.Quantity, QuantityValues, Modifier.None),
        Among("pos", SearchKind.Special, Gen.Select(Points, Gen.OneOf(0.0, 0.1, 0.9, 1.5, 2.0), (one, chord) => (SearchValue)new PositionValue(one.X, one.Y, one.Z, chord)), Modifier.None),
        Among("cmp", SearchKind.Composite, Gen.Select(TokenValues, QuantityValues, (one, two) => (SearchValue)new CompositeValue([one, two])), Modifier.None),
        Among("uri", SearchKind.Uri, Uris.Select(one => (SearchValue)new UriValue(one)), Modifier.None, Modifier.Below, Modifier.Above),
        Gen.Select(
            Gen.OneOf(("tok", SearchKind.Token), ("str", SearchKind.String), ("dat", SearchKind.Date), ("ref", SearchKind.Reference), ("uri", SearchKind.Uri),
                ("num", SearchKind.Number), ("qty", SearchKind.Quantity), ("pos", SearchKind.Special)),
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

    /// <summary>Each kind that has an order can be sorted by, page after page; what has no value comes last either way.</summary>
    [TestCase(SearchKind.Number)]
    [TestCase(SearchKind.Quantity)]
    public async Task Numbers_and_quantities_give_an_order(SearchKind kind)
    {
        await using var store = await OpenAsync();
        IndexRow Row(double value) => kind == SearchKind.Number
            ? new NumberRow("n", value, value) : new QuantityRow("n", QuantityRow.Canonical, "g", value, value);
        double?[] values = [2, 0.001, null, -1e30, 10];
        await store.CommitAsync(new RecordCommit(new("p"))
        {
            Resources = [.. values.Select((value, number) => new ResourceChange(new("Observation", $"o{number}"), TestContent.Saying("x", value is null ? [] : [Row(value.Value)]), "PUT"))],
        });
        var up = (await store.QueryAllAsync(Ask.For("Observation").SortedBy("n", kind) with { Count = 2 })).Ids();
        var down = (await store.QueryAllAsync(Ask.For("Observation").SortedBy("n", kind, descending: true) with { Count = 2 })).Ids();
        Assert.That(up, Is.EqualTo(["o3", "o1", "o0", "o4", "o2"]));
        Assert.That(down, Is.EqualTo(["o4", "o0", "o1", "o3", "o2"]));
    }
}

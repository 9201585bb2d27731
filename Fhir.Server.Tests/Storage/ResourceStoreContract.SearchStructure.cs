using System.Globalization;
using System.Text;
using CsCheck;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>
/// Random resources that point to one another, and random questions over these references, as text: what the store answers, page by page,
/// in order, counted and with what is included, is what a walk over the model finds, which knows nothing of <c>Fhir.Server.Search</c>.
/// </summary>
public abstract partial class ResourceStoreContract
{
    /// <summary>A resource of the model.</summary>
    /// <param name="Values">Parameter and value; a value may stand in one series alone.</param>
    /// <param name="References">Parameter and what it points to.</param>
    private sealed record Thing(
        string Type, string Id, string Record, List<(string Code, string Value, string? Series)> Values, List<(string Code, string Type, string Id, string? Series)> References)
    {
        public ResourceKey Key => new(Type, Id);
    }

    /// <summary>What a caller of the model sees: records whole, and one series of the studies of a record.</summary>
    private sealed record Eyes(IReadOnlySet<string>? Whole, string? Part)
    {
        public bool See(Thing thing) => Whole is null || Whole.Contains(thing.Record)
            || (thing.Record == Part && (thing.Type == "Endpoint" || (thing.Type == "ImagingStudy" && thing.Id.EndsWith('0'))));

        public bool See(Thing thing, string? series) => Whole is null || Whole.Contains(thing.Record) || series is null or "1.1";

        public Visibility Of() => Whole is null ? Visibility.Everything : Visibility.Of(
            Whole.Select(one => RecordView.Whole(new(one)))
                .Concat(Part is null ? [] : [RecordView.Series(new(Part), $"{Part}-s0", "1.1")]));
    }

    private abstract record Question
    {
        public abstract string Name { get; }

        public abstract string Value { get; }

        public abstract bool Holds(Thing thing, IReadOnlyList<Thing> all, Eyes eyes);
    }

    private sealed record Plain(string Code, string Asked, bool Not) : Question
    {
        public override string Name => Not ? Code + ":not" : Code;

        public override string Value => Asked;

        public override bool Holds(Thing thing, IReadOnlyList<Thing> all, Eyes eyes) =>
            Not != thing.Values.Exists(one => one.Code == Code && eyes.See(thing, one.Series)
                && (Code is "name" or "family" ? one.Value.StartsWith(Asked, StringComparison.Ordinal) : one.Value == Asked));
    }

    private sealed record Chained(string Code, string Target, bool Named, Question Next) : Question
    {
        public override string Name => $"{Code}{(Named ? ":" + Target : "")}.{Next.Name}";

        public override string Value => Next.Value;

        public override bool Holds(Thing thing, IReadOnlyList<Thing> all, Eyes eyes) => thing.References.Exists(one =>
            one.Code == Code && one.Type == Target && eyes.See(thing, one.Series)
            && all.Any(to => to.Type == one.Type && to.Id == one.Id && eyes.See(to) && Next.Holds(to, all, eyes)));
    }

    private sealed record Having(string Source, string Code, Question Next) : Question
    {
        public override string Name => $"_has:{Source}:{Code}:{Next.Name}";

        public override string Value => Next.Value;

        public override bool Holds(Thing thing, IReadOnlyList<Thing> all, Eyes eyes) => all.Any(from => from.Type == Source && eyes.See(from)
            && from.References.Exists(one => one.Code == Code && one.Type == thing.Type && one.Id == thing.Id && eyes.See(from, one.Series))
            && Next.Holds(from, all, eyes));
    }

    /// <summary>Where the references of each type lead in the model, and whether the type must be said.</summary>
    private static readonly (string Type, string Code, string Target, bool Named)[] Roads =
    [
        ("Patient", "organization", "Organization", false), ("Organization", "partof", "Organization", false),
        ("ImagingStudy", "patient", "Patient", false), ("ImagingStudy", "subject", "Patient", true), ("ImagingStudy", "endpoint", "Endpoint", false),
        ("Observation", "subject", "Patient", true), ("Observation", "has-member", "Observation", true),
        ("Endpoint", "organization", "Organization", false), ("DiagnosticReport", "result", "Observation", false),
        ("Observation", "part-of", "ImagingStudy", true), ("DiagnosticReport", "patient", "Patient", false),
    ];

    private static readonly Dictionary<string, string[]> AskedOf = new()
    {
        ["Patient"] = ["gender", "family"], ["Organization"] = ["name", "active"], ["ImagingStudy"] = ["modality", "status"],
        ["Observation"] = ["code"], ["Endpoint"] = ["status"], ["DiagnosticReport"] = ["code", "status"],
    };

    private static readonly string[] Letters = ["a", "b", "ab"];

    [Test]
    public async Task Chains_has_sorts_pages_and_includes_give_what_a_walk_over_everything_gives()
    {
        await using var store = await OpenAsync();
        var sample = 0;
        await Gen.Int[0, int.MaxValue].SampleAsync(
            async seed =>
            {
                var random = new Random(seed);
                var all = RandomThings(random, Interlocked.Increment(ref sample));
                foreach (var record in all.GroupBy(thing => thing.Record))
                {
                    await store.CommitAsync(new RecordCommit(new(record.Key)) { Resources = [.. record.Select(Change)] });
                }
                for (var question = 0; question < 12; question++)
                {
                    await AskAsync(store, random, all);
                }
            },
            iter: 60, threads: 1);
    }

    private static async Task AskAsync(StoreUnderTest store, Random random, List<Thing> all)
    {
        // Endpoints are asked over others: a store makes some of its own.
        var type = Pick(random, AskedOf.Keys.Where(one => one != "Endpoint").ToArray());
        var records = all.Select(thing => thing.Record).Distinct().ToArray();
        var eyes = new Eyes(records.Where(_ => random.Next(3) > 0).Append("none").ToHashSet(), Pick(random, [.. records, null]));
        var questions = Enumerable.Range(0, random.Next(1, 4)).Select(_ => RandomQuestion(random, type, 0)).ToList();
        var (first, second) = (Pick(random, AskedOf[type]), Pick(random, [.. AskedOf[type], "_id"]));
        var (firstDown, secondDown) = (random.Next(2) == 0, random.Next(2) == 0);
        var (include, back) = (Pick(random, Roads.Where(road => road.Type == type).ToArray()), Pick(random, Roads.Where(road => road.Target == type).ToArray()));
        var iterate = random.Next(2) == 0;
        var text = questions.Select(one => KeyValuePair.Create(one.Name, one.Value))
            .Append(new("_sort", $"{(firstDown ? "-" : "")}{first},{(secondDown ? "-" : "")}{second}")).Append(new("_count", $"{random.Next(1, 5)}")).Append(new("_total", "accurate"))
            .Concat(include.Type is null ? [] : [KeyValuePair.Create(iterate ? "_include:iterate" : "_include", $"{include.Type}:{include.Code}")])
            .Concat(back.Type is null ? [] : [KeyValuePair.Create(iterate ? "_revinclude:iterate" : "_revinclude", $"{back.Type}:{back.Code}")]).ToList();
        var asked = string.Join('&', text.Select(pair => $"{pair.Key}={pair.Value}"));
        var parsed = new SearchParser(new SearchOptions(), null).Parse(type, text, strict: true);
        if (!parsed.IsSuccess)
        {
            throw new InvalidOperationException($"{type}?{asked} was refused: {parsed.Problem}");
        }

        // The store is shared by all samples: who sees everything is asked for those of this one, by a name they alone have.
        foreach (var look in (Eyes[])[eyes, new Eyes(records.ToHashSet(), null)])
        {
            var matches = all.Where(thing => thing.Type == type && look.See(thing) && questions.TrueForAll(one => one.Holds(thing, all, look))).ToList();
            var ordered = Sorted(Sorted(matches.OrderBy(thing => 0), thing => Least(thing, first, firstDown, look), firstDown), thing => Least(thing, second, secondDown, look), secondDown)
                .Select(thing => thing.Id).ToList();
            await CompareAsync(store, $"{type}?{asked}", parsed.Value, look, all, matches, ordered, (thing, code, down) => Least(thing, code, down, look), first, second);
        }
    }

    private static async Task CompareAsync(
        StoreUnderTest store, string asked, SearchQuery query, Eyes eyes, List<Thing> all, List<Thing> matches, List<string> ordered,
        Func<Thing, string, bool, string> least, string first, string second)
    {
        var found = new List<string>();
        for (var pages = 0; pages < 100; pages++)
        {
            var page = await store.QueryAsync(query, eyes.Of());
            var here = page.Matches.Select(one => all.Find(thing => thing.Key == one.Key)
                ?? throw new InvalidOperationException($"{asked}: found {one.Key} of {one.Record} for {string.Join(' ', all.Select(thing => thing.Key))}.")).ToList();
            found.AddRange(here.Select(thing => thing.Id));
            var included = Walk(query, here, all, eyes);
            if (page.Total != matches.Count || !page.Included.Select(one => one.Key.ToString()).Order().SequenceEqual(included.Select(one => one.Key.ToString()).Order()))
            {
                throw new InvalidOperationException(
                    $"{asked}: total {page.Total} for {matches.Count}; included {string.Join(' ', page.Included.Select(one => one.Key))} for {string.Join(' ', included.Select(one => one.Key))}.");
            }
            if (page.Next is null)
            {
                break;
            }
            query = query with { Cursor = page.Next };
        }
        // Ties are broken by age, which the model does not know.
        string Rank(string id) => matches.Find(thing => thing.Id == id) is { } thing
            ? least(thing, first, query.Sort[0].Descending) + "/" + (query.Sort.Count > 1 ? least(thing, second, query.Sort[1].Descending) : "")
            : "none";
        if (!found.Order().SequenceEqual(ordered.Order()) || !found.Select(Rank).SequenceEqual(ordered.Select(Rank)))
        {
            throw new InvalidOperationException($"{asked}: found {string.Join(' ', found)} for {string.Join(' ', ordered)}.");
        }
    }

    /// <summary>What is brought along by what was asked, walked in the model.</summary>
    private static List<Thing> Walk(SearchQuery query, List<Thing> matches, List<Thing> all, Eyes eyes)
    {
        var seen = matches.ToHashSet();
        var included = new List<Thing>();
        var from = matches;
        for (var round = 0; from.Count > 0; round++)
        {
            var next = new List<Thing>();
            foreach (var thing in all.Where(thing => !seen.Contains(thing) && eyes.See(thing)))
            {
                var isWanted = query.Includes.Where(one => round == 0 || one.Iterate).Any(include => from.Exists(source => source.Type == include.SourceType
                        && source.References.Exists(one => one.Code == include.Code && one.Type == thing.Type && one.Id == thing.Id && eyes.See(source, one.Series))))
                    || query.RevIncludes.Where(one => round == 0 || one.Iterate).Any(include => thing.Type == include.SourceType
                        && thing.References.Exists(one => one.Code == include.Code && eyes.See(thing, one.Series) && from.Exists(to => to.Type == one.Type && to.Id == one.Id)));
                if (isWanted)
                {
                    next.Add(thing);
                }
            }
            seen.UnionWith(next);
            included.AddRange(next);
            from = next;
        }
        return included;
    }

    private static IOrderedEnumerable<Thing> Sorted(IOrderedEnumerable<Thing> things, Func<Thing, string> by, bool down) =>
        down ? things.ThenByDescending(by, StringComparer.Ordinal) : things.ThenBy(by, StringComparer.Ordinal);

    private static string Least(Thing thing, string code, bool down, Eyes eyes)
    {
        var values = thing.Values.Where(one => one.Code == code && eyes.See(thing, one.Series)).Select(one => one.Value).Order(StringComparer.Ordinal).ToList();
        return code == "_id" ? thing.Id : values.Count == 0 ? (down ? "" : "~") : down ? values[^1] : values[0];
    }

    private static List<Thing> RandomThings(Random random, int sample)
    {
        var patients = Enumerable.Range(0, 3).Select(number => $"t{sample}-{number}").ToArray();
        var shared = $"t{sample}-shared";
        var all = new List<Thing>();
        Thing Add(string type, string id, string record)
        {
            var thing = new Thing(type, id, record, [], []);
            foreach (var code in AskedOf[type])
            {
                for (var count = random.Next(0, 3); count > 0; count--)
                {
                    var value = (code, Pick(random, Letters), type == "ImagingStudy" && code == "modality" ? Pick(random, new string?[] { null, "1.1", "1.2" }) : null);
                    if (!thing.Values.Contains(value))
                    {
                        thing.Values.Add(value);
                    }
                }
            }
            all.Add(thing);
            return thing;
        }
        for (var number = 0; number < 3; number++)
        {
            Add("Organization", $"t{sample}-o{number}", shared);
        }
        foreach (var patient in patients)
        {
            Add("Patient", patient, patient);
            Add("Endpoint", $"{patient}-e0", patient);
            for (var number = 0; number < 2; number++)
            {
                Add("ImagingStudy", $"{patient}-s{number}", patient);
                Add("Observation", $"{patient}-v{number}", patient);
            }
            Add("DiagnosticReport", $"{patient}-d0", patient);
        }
        foreach (var thing in all)
        {
            foreach (var road in Roads.Where(road => road.Type == thing.Type))
            {
                for (var count = random.Next(0, 3); count > 0; count--)
                {
                    // Now and then to a resource of somebody else, or to nothing.
                    var targets = all.Where(one => one.Type == road.Target && (random.Next(4) == 0 || one.Record == thing.Record || one.Record == shared)).Select(one => one.Id).Append("never-was").ToArray();
                    var reference = (road.Code, road.Target, Pick(random, targets), road.Code == "endpoint" ? Pick(random, new string?[] { null, "1.1", "1.2" }) : null);
                    if (!thing.References.Contains(reference))
                    {
                        thing.References.Add(reference);
                    }
                }
            }
        }
        return all;
    }

    private static Question RandomQuestion(Random random, string type, int depth)
    {
        var (on, back) = (Roads.Where(road => road.Type == type).ToArray(), Roads.Where(road => road.Target == type).ToArray());
        var way = depth < 3 ? random.Next(4) : 3;
        if (way < 2 && on.Length > 0)
        {
            var road = Pick(random, on);
            return new Chained(road.Code, road.Target, road.Named || random.Next(3) == 0, RandomQuestion(random, road.Target, depth + 1));
        }
        if (way < 3 && back.Length > 0)
        {
            var road = Pick(random, back);
            return new Having(road.Type, road.Code, RandomQuestion(random, road.Type, depth + 1));
        }
        var code = Pick(random, AskedOf[type]);
        return new Plain(code, Pick(random, Letters), code is not ("family" or "name") && random.Next(4) == 0);
    }

    private static T Pick<T>(Random random, IReadOnlyList<T> some) => some.Count == 0 ? default! : some[random.Next(some.Count)];

    private static ResourceChange Change(Thing thing)
    {
        List<IndexRow> rows =
        [
            .. thing.Values.Select(one => one.Code is "family" or "name"
                ? (IndexRow)new StringRow(one.Code, one.Value, one.Value, one.Series) : new TokenRow(one.Code, null, one.Value, one.Series)),
            .. thing.References.Select(one => new ReferenceRow(one.Code, one.Type, one.Id, one.Series)),
        ];
        var content = thing.Type == "ImagingStudy"
            ? StudyShape.Made(thing.Id, thing.Record, ("1.1", "CT"), ("1.2", "MR")).ToContent() with { Index = rows }
            : TestContent.Saying("x", rows);
        return new ResourceChange(thing.Key, content, "PUT");
    }
}

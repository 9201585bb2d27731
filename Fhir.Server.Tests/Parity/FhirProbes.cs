using System.Net;
using System.Text;
using System.Text.Json;
using Fhir.Server.Imaging;
using Fhir.Server.Search;
using Hl7.Fhir.Model;
using Task = System.Threading.Tasks.Task;

namespace Fhir.Server.Tests.Parity;

/// <summary>What each FHIR endpoint must show a restricted caller.</summary>
internal static partial class FhirProbes
{
    private const string Unknown = "never-was";

    public static IReadOnlyDictionary<string, Func<World, WorldCaller, Task>> All { get; } = new Dictionary<string, Func<World, WorldCaller, Task>>
    {
        ["read"] = (world, caller) => ReadAsync(world, caller, ""),
        ["vread"] = (world, caller) => ReadAsync(world, caller, "/_history/1"),
        ["history"] = HistoryAsync,
        ["search-type"] = (world, caller) => SearchAsync(world, caller, (client, type, query) => client.GetAsync($"/fhir/{type}?{query}")),
        ["search-type-post"] = (world, caller) => SearchAsync(world, caller, (client, type, query) => client.PostAsync(
            $"/fhir/{type}/_search", new StringContent(query, Encoding.UTF8, "application/x-www-form-urlencoded"))),
        ["create"] = CreateAsync,
        ["update"] = UpdateAsync,
        ["delete"] = DeleteAsync,
        ["history-type"] = TypeHistoryAsync,
        ["history-system"] = SystemHistoryAsync,
        ["patch"] = PatchAsync,
        ["conditional-update"] = ConditionalUpdateAsync,
        ["conditional-patch"] = ConditionalPatchAsync,
        ["conditional-delete"] = ConditionalDeleteAsync,
        ["read-binary"] = BinaryAsync,
        ["bundle"] = BundleProbes.BundleAsync,
        ["everything"] = EverythingAsync,
        ["everything-type"] = EverythingOfOwnAsync,
        ["validate"] = (world, caller) => SameAsReadAsync(world, caller, "/$validate"),
        ["meta"] = (world, caller) => SameAsReadAsync(world, caller, "/$meta"),
        ["match"] = MatchAsync,
        ["reindex"] = (world, caller) => ForbiddenAsync(world, caller, world.Resources.Values.Select(one => one.Path).Append($"Patient/{Unknown}").Select(path => $"{path}/$reindex")),
        ["reindex-type"] = (world, caller) => ForbiddenAsync(world, caller, ["Patient/$reindex", "ImagingStudy/$reindex"]),
        ["reindex-system"] = (world, caller) => ForbiddenAsync(world, caller, ["$reindex"]),
        ["job"] = (world, caller) => JobAsync(world, caller, HttpMethod.Get),
        ["job-cancel"] = (world, caller) => JobAsync(world, caller, HttpMethod.Delete),
        ["expand"] = (world, caller) => UnknownAsync(world, caller, "ValueSet/never-was/$expand"),
        ["validate-code"] = (world, caller) => UnknownAsync(world, caller, "ValueSet/never-was/$validate-code?code=x"),
        ["validate-code-system"] = (world, caller) => UnknownAsync(world, caller, "CodeSystem/never-was/$validate-code?code=x"),
        ["expand-type"] = (world, caller) => UnknownAsync(world, caller, "ValueSet/$expand?url=urn:x"),
        ["validate-code-type"] = (world, caller) => UnknownAsync(world, caller, "ValueSet/$validate-code?url=urn:x&code=x"),
        ["validate-code-system-type"] = (world, caller) => UnknownAsync(world, caller, "CodeSystem/$validate-code?url=urn:x&code=x"),
    };

    /// <summary>Work over the whole store is for who sees all of it; the refusal is the same for known and unknown.</summary>
    private static async Task ForbiddenAsync(World world, WorldCaller caller, IEnumerable<string> paths)
    {
        using var client = world.As(caller);
        var refusals = new HashSet<string>();
        foreach (var path in paths)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/fhir/{path}");
            request.Headers.Add("Prefer", "respond-async");
            using var answer = await client.SendAsync(request);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden), path);
            refusals.Add(await answer.Content.ReadAsStringAsync());
        }
        Assert.That(refusals, Has.Count.EqualTo(1));
    }

    /// <summary>Somebody else's job and an unknown one say the same.</summary>
    private static async Task JobAsync(World world, WorldCaller caller, HttpMethod method)
    {
        using var asked = new HttpRequestMessage(HttpMethod.Post, "/fhir/Questionnaire/$reindex");
        asked.Headers.Add("Prefer", "respond-async");
        using var accepted = await world.Server.Client.SendAsync(asked);
        using var client = world.As(caller);
        using var others = await client.SendAsync(new HttpRequestMessage(method, accepted.Content.Headers.ContentLocation));
        using var unknown = await client.SendAsync(new HttpRequestMessage(method, $"/fhir/$jobs/{Unknown}"));
        Assert.That((others.StatusCode, unknown.StatusCode), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
        Assert.That(await others.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()));
    }

    private static async Task BinaryAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        foreach (var resource in world.Resources.Values.Where(one => one.Type == "Binary"))
        {
            foreach (var query in new[] { "", "?_format=json" })
            {
                using var answer = await client.GetAsync($"/fhir/{resource.Path}{query}");
                using var unknown = await client.GetAsync($"/fhir/Binary/{Unknown}{query}");
                Assert.That(answer.StatusCode, Is.EqualTo(World.Sees(caller, resource) ? HttpStatusCode.OK : HttpStatusCode.NotFound), resource.Path);
                if (!World.Sees(caller, resource))
                {
                    Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()), "Hidden and unknown say the same.");
                }
            }
        }
    }

    private static async Task ReadAsync(World world, WorldCaller caller, string suffix)
    {
        using var client = world.As(caller);
        // A Binary is read as what it is, which has a probe of its own.
        foreach (var resource in world.Resources.Values.Where(one => one.Type != "Binary" || suffix.Length > 0))
        {
            using var answer = await client.GetAsync($"/fhir/{resource.Path}{suffix}");
            using var unknown = await client.GetAsync($"/fhir/{resource.Type}/{Unknown}{suffix}");
            if (!World.Sees(caller, resource))
            {
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), resource.Path);
                Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()), "Hidden and unknown say the same.");
                continue;
            }
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), resource.Path);
            AssertRendering(caller, resource, await answer.Content.ReadAsStringAsync());
        }
    }

    private static async Task HistoryAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        foreach (var resource in world.Resources.Values)
        {
            using var answer = await client.GetAsync($"/fhir/{resource.Path}/_history");
            Assert.That(answer.StatusCode, Is.EqualTo(World.Sees(caller, resource) ? HttpStatusCode.OK : HttpStatusCode.NotFound), resource.Path);
            if (answer.StatusCode == HttpStatusCode.OK && resource.Type == "ImagingStudy")
            {
                using var bundle = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
                foreach (var entry in bundle.RootElement.GetProperty("entry").EnumerateArray().Where(entry => entry.TryGetProperty("resource", out _)))
                {
                    AssertRendering(caller, resource, entry.GetProperty("resource").GetRawText());
                }
            }
        }
    }

    /// <summary>Every parameter with every value there is: what is found, counted and included is what the model says.</summary>
    private static async Task SearchAsync(World world, WorldCaller caller, Func<HttpClient, string, string, Task<HttpResponseMessage>> ask)
    {
        using var client = world.As(caller);
        var extractor = new IndexExtractor(world.Server.Address + "/fhir");
        foreach (var type in ResourceContents.Types)
        {
            var all = world.Resources.Values.Where(resource => resource.Type == type && !resource.IsDeleted).ToList();
            var shown = all.Where(resource => World.Sees(caller, resource))
                .ToDictionary(resource => resource.Id, resource => extractor.Extract(Rendered(caller, resource)));
            var values = all.SelectMany(resource => extractor.Extract(FhirJson.ReadOwn<Resource>(Encoding.UTF8.GetBytes(resource.Json))))
                .Select(Asked).OfType<(string Code, string Value)>().Append((Code: "_id", Value: Unknown)).Concat(all.Select(one => (Code: "_id", Value: one.Id))).Distinct().ToList();
            values.AddRange(values.Select(one => one.Code.Split(':')[0]).Where(code => code[0] != '_').Distinct().Select(code => ($"{code}:missing", "true")).ToList());
            foreach (var (code, value) in values)
            {
                var query = $"{code}={Uri.EscapeDataString(value)}&_total=accurate&_count=1000";
                using var answer = await ask(client, type, query);
                var parsed = new SearchParser(new SearchOptions(), world.Server.Address + "/fhir")
                    .Parse(type, [KeyValuePair.Create(code, value)], strict: true).Value;
                if (NamesForeignPatient(parsed, caller))
                {
                    Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden), $"{type}?{query}");
                    continue;
                }
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), $"{type}?{query}");
                var expected = shown.Where(one => code == "_id" ? one.Key == value : SearchMatcher.Matches(one.Value, parsed.Criteria)).Select(one => one.Key);
                using var bundle = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
                AssertFound(bundle.RootElement, expected, $"{type}?{query}");
            }
            await AssertAllAsync(client, type, shown.Keys, ask);
        }
        await AssertIncludesAsync(world, caller, client, ask);
        await SearchProbes.OverReferencesAsync(world, caller, ask);
    }

    private static async Task AssertAllAsync(
        HttpClient client, string type, IEnumerable<string> expected, Func<HttpClient, string, string, Task<HttpResponseMessage>> ask)
    {
        foreach (var query in new[] { "_total=accurate&_count=1000", "_sort=-_lastUpdated&_total=accurate&_count=1000", "_count=1000&_sort=_id&_total=accurate" })
        {
            using var answer = await ask(client, type, query);
            using var bundle = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            AssertFound(bundle.RootElement, expected, $"{type}?{query}");
        }
        // Page by page: pages are full but the last, and hidden ones leave no gaps.
        var found = new List<string>();
        var next = "_count=1";
        while (next is not null)
        {
            using var answer = next.StartsWith("http", StringComparison.Ordinal) ? await client.GetAsync(next) : await ask(client, type, next);
            using var bundle = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            var page = Ids(bundle.RootElement, "match").ToList();
            found.AddRange(page);
            next = bundle.RootElement.GetProperty("link").EnumerateArray().Where(link => link.GetProperty("relation").GetString() == "next")
                .Select(link => link.GetProperty("url").GetString()).FirstOrDefault();
            Assert.That(page, Has.Count.EqualTo(next is null ? Math.Min(1, expected.Count()) : 1));
        }
        Assert.That(found, Is.EquivalentTo(expected));
    }

    private static async Task AssertIncludesAsync(
        World world, WorldCaller caller, HttpClient client, Func<HttpClient, string, string, Task<HttpResponseMessage>> ask)
    {
        using var answer = await ask(client, "ImagingStudy", "_include=ImagingStudy:endpoint&_include=ImagingStudy:patient&_count=1000");
        using var bundle = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var studies = world.Resources.Values.Where(one => one.Type == "ImagingStudy" && !one.IsDeleted && World.Sees(caller, one)).ToList();
        var targets = studies.Where(one => one.Study is not null && World.Studies.Any(study => study.Record == one.Record && study.Uid == one.Study))
            .Select(one => $"Endpoint/wado-{one.Record}")
            .Concat(studies.Select(one => $"Patient/{one.Record}")).Distinct()
            .Where(path => world.Resources.TryGetValue(path, out var target) && World.Sees(caller, target));
        Assert.That(Entries(bundle.RootElement, "include").Select(one => $"{one.GetProperty("resourceType").GetString()}/{one.GetProperty("id").GetString()}"), Is.EquivalentTo(targets));
    }

    /// <summary>Every version of what is seen, as it is seen, and no other; page by page the same.</summary>
    private static Task SystemHistoryAsync(World world, WorldCaller caller) => PastAsync(world, caller, "_history", null);

    private static async Task TypeHistoryAsync(World world, WorldCaller caller)
    {
        foreach (var type in ResourceContents.Types)
        {
            await PastAsync(world, caller, $"{type}/_history", type);
        }
    }

    private static async Task PastAsync(World world, WorldCaller caller, string path, string? type)
    {
        using var client = world.As(caller);
        foreach (var query in new[] { "_count=1000", "_count=3", "_count=1000&_at=2999", "_count=2&_since=2020-01-01" })
        {
            var found = new List<string>();
            var next = $"/fhir/{path}?{query}";
            while (next is not null)
            {
                using var answer = await client.GetAsync(next);
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), next);
                using var bundle = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
                foreach (var entry in bundle.RootElement.TryGetProperty("entry", out var entries) ? entries.EnumerateArray() : default)
                {
                    var key = entry.GetProperty("fullUrl").GetString()!.Split("/fhir/")[1];
                    found.Add(key);
                    if (world.Resources.TryGetValue(key, out var resource) && entry.TryGetProperty("resource", out var shown))
                    {
                        AssertRendering(caller, resource, shown.GetRawText());
                    }
                }
                next = bundle.RootElement.GetProperty("link").EnumerateArray().Where(link => link.GetProperty("relation").GetString() == "next")
                    .Select(link => link.GetProperty("url").GetString()).FirstOrDefault();
            }
            // What other probes made and deleted again is in histories too, for those who could see it.
            var expected = world.Resources.Values.Where(one => (type is null || one.Type == type) && World.Sees(caller, one) && !(one.IsDeleted && query.Contains("_at", StringComparison.Ordinal)))
                .Select(one => one.Path).ToList();
            Assert.That(found.Distinct().Where(world.Resources.ContainsKey), Is.EquivalentTo(expected), $"{path}?{query}");
            Assert.That(found.Where(one => !world.Resources.ContainsKey(one)).All(_ => World.Records.Any(caller.SeesWhole)), Is.True, $"{path}?{query}");
        }
    }

    /// <summary>The resource as the model says the caller sees it.</summary>
    private static Resource Rendered(WorldCaller caller, WorldResource resource)
    {
        var parsed = FhirJson.ReadOwn<Resource>(Encoding.UTF8.GetBytes(resource.Json));
        if (parsed is ImagingStudy study && World.SeesPart(caller, resource))
        {
            var seen = World.SeriesSeen(caller, resource).Select(series => series.Uid).ToList();
            study.Series = study.Series.FindAll(series => seen.Contains(series.Uid!));
        }
        return parsed;
    }

    private static void AssertRendering(WorldCaller caller, WorldResource resource, string json)
    {
        if (!World.SeesPart(caller, resource))
        {
            Assert.That(json, Is.EqualTo(resource.Json), resource.Path);
            return;
        }
        var study = FhirJson.ReadOwn<ImagingStudy>(Encoding.UTF8.GetBytes(json));
        var seen = World.SeriesSeen(caller, resource).ToList();
        Assert.That(study.Series.Select(series => series.Uid), Is.EqualTo(seen.Select(series => series.Uid)));
        Assert.That(study.NumberOfSeries, Is.EqualTo(seen.Count));
        Assert.That(study.NumberOfInstances, Is.EqualTo(seen.Sum(series => series.Instances.Count)));
        Assert.That(study.Modality.Select(modality => modality.Code), Is.EqualTo(seen.Select(series => series.Modality).Distinct()));
        Assert.That(study.Meta!.Tag.Select(tag => tag.Code), Does.Contain("SUBSETTED"));
        Assert.That(World.Studies.SelectMany(one => one.Series).Where(series => !seen.Contains(series) && study.Series.TrueForAll(one => one.Uid != series.Uid)).Any(series => json.Contains($"\"{series.Uid}\"")), Is.False);
    }

    private static bool NamesForeignPatient(SearchQuery query, WorldCaller caller) => query.Criteria.SelectMany(criterion => criterion.Values)
        .OfType<ReferenceValue>().Any(value => value.TargetType == "Patient" && !caller.SeesAnyOf(value.TargetId, World.Studies));

    private static (string Code, string Value)? Asked(IndexRow row) => row switch
    {
        _ when row.Parameter is "_id" or "_lastUpdated" => null,
        TokenRow { Code: { Length: > 0 } code } typed when typed.Parameter.EndsWith(IndexRow.OfType, StringComparison.Ordinal) =>
            (row.Parameter, $"{SearchSyntax.Escape(typed.System ?? "")}|{SearchSyntax.Split(code, '|')[0]}|{SearchSyntax.Escape(string.Join('|', SearchSyntax.Split(code, '|').Skip(1)))}"),
        TokenRow { Code: { Length: > 0 } code } token => (row.Parameter, SearchSyntax.Escape(code)),
        StringRow text => (row.Parameter, SearchSyntax.Escape(text.Exact)),
        DateRow date => (row.Parameter, "ge" + DateTimeOffset.UnixEpoch.AddMicroseconds(date.From).ToString("yyyy-MM-dd")),
        ReferenceRow reference => (row.Parameter, reference.TargetType is null ? reference.TargetId : $"{reference.TargetType}/{reference.TargetId}"),
        UriRow uri => (row.Parameter, uri.Value),
        NumberRow number => (row.Parameter, $"le{Decimal(number.High)}"),
        QuantityRow quantity when quantity.System != QuantityRow.Canonical =>
            (row.Parameter, $"{Decimal(quantity.Low)}|{SearchSyntax.Escape(quantity.System ?? "")}|{SearchSyntax.Escape(quantity.Code)}"),
        _ => null,
    };

    private static string Decimal(double number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void AssertFound(JsonElement bundle, IEnumerable<string> expected, string about)
    {
        Assert.That(Ids(bundle, "match"), Is.EquivalentTo(expected), about);
        Assert.That(bundle.GetProperty("total").GetInt64(), Is.EqualTo(expected.Count()), about);
    }

    private static IEnumerable<string> Ids(JsonElement bundle, string mode) => Entries(bundle, mode).Select(entry => entry.GetProperty("id").GetString()!);

    private static IEnumerable<JsonElement> Entries(JsonElement bundle, string mode) => bundle.TryGetProperty("entry", out var entries)
        ? entries.EnumerateArray().Where(entry => entry.GetProperty("search").GetProperty("mode").GetString() == mode).Select(entry => entry.GetProperty("resource"))
        : [];
}

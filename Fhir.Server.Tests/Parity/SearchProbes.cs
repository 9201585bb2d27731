using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fhir.Server.Imaging;

namespace Fhir.Server.Tests.Parity;

/// <summary>
/// What searches in the system and in compartments, chains, <c>_has</c> and reverse includes must show a restricted caller. The model
/// follows references in the JSON of the world itself.
/// </summary>
internal static class SearchProbes
{
    private static readonly string[] OfPatientCompartment = ["Consent", "DiagnosticReport", "DocumentReference", "ImagingStudy", "Observation", "Patient"];

    public static IReadOnlyDictionary<string, Func<World, WorldCaller, Task>> All { get; } = new Dictionary<string, Func<World, WorldCaller, Task>>
    {
        ["search-system"] = (world, caller) => SystemAsync(world, caller, (client, query) => client.GetAsync($"/fhir?{query}")),
        ["search-system-post"] = (world, caller) => SystemAsync(world, caller, (client, query) => client.PostAsync("/fhir/_search", Form(query))),
        ["search-compartment"] = (world, caller) => CompartmentAsync(world, caller, (client, path, query) => client.GetAsync($"/fhir/{path}?{query}")),
        ["search-compartment-post"] = (world, caller) => CompartmentAsync(world, caller, (client, path, query) => client.PostAsync($"/fhir/{path}/_search", Form(query))),
    };

    /// <summary>Chains, <c>_has</c>, reverse includes and orders over references, which the probes of type searches run as well.</summary>
    public static async Task OverReferencesAsync(World world, WorldCaller caller, Func<HttpClient, string, string, Task<HttpResponseMessage>> ask)
    {
        using var client = world.As(caller);
        var seen = Seen(world, caller).ToDictionary(one => one.Path);
        var pointing = seen.Values.SelectMany(from => Targets(caller, from).Select(to => (From: from, To: to))).ToList();
        foreach (var (type, code) in new[] { ("ImagingStudy", "patient"), ("Observation", "patient"), ("DiagnosticReport", "patient"), ("Consent", "patient") })
        {
            foreach (var patient in world.Resources.Values.Where(one => one.Type == "Patient"))
            {
                // A chain names nobody: it is filtered, not refused.
                var chained = seen.ContainsKey(patient.Path) ? pointing.Where(one => one.From.Type == type && one.To == patient.Path).Select(one => one.From.Id).Distinct() : [];
                await FindsAsync(ask(client, type, $"{code}._id={patient.Id}&_total=accurate&_count=1000&_sort={code}._id"), chained, "match");
            }
            foreach (var source in world.Resources.Values.Where(one => one.Type == type && !one.IsDeleted))
            {
                var having = seen.ContainsKey(source.Path) ? Targets(caller, source).Where(to => to.StartsWith("Patient/", StringComparison.Ordinal)).Distinct().Where(seen.ContainsKey) : [];
                await FindsAsync(ask(client, "Patient", $"_has:{type}:{code}:_id={source.Id}&_total=accurate&_count=1000"), having.Select(to => to.Split('/')[1]), "match");
            }
        }
        var back = pointing.Where(one => one.To.StartsWith("Patient/", StringComparison.Ordinal) && seen.ContainsKey(one.To) && one.From.Type != "Patient").Select(one => one.From.Id).Distinct();
        await FindsAsync(ask(client, "Patient", "_revinclude=*&_count=1000"), back, "include");
    }

    private static async Task SystemAsync(World world, WorldCaller caller, Func<HttpClient, string, Task<HttpResponseMessage>> ask)
    {
        using var client = world.As(caller);
        var seen = Seen(world, caller).ToList();
        await FindsAsync(ask(client, "_lastUpdated=ge2000&_total=accurate&_count=1000"), seen.Select(one => one.Id), "match");
        await FindsAsync(ask(client, $"_type={string.Join(',', ResourceContents.Types)}&_total=accurate&_count=1000&_sort=-_lastUpdated"), seen.Select(one => one.Id), "match");
        foreach (var resource in world.Resources.Values)
        {
            await FindsAsync(ask(client, $"_id={resource.Id}&_total=accurate&_type={resource.Type}"), seen.Where(one => one.Path == resource.Path).Select(one => one.Id), "match");
        }
    }

    private static async Task CompartmentAsync(World world, WorldCaller caller, Func<HttpClient, string, string, Task<HttpResponseMessage>> ask)
    {
        using var client = world.As(caller);
        foreach (var patient in new[] { World.Anna, World.Ben, "cara", "never-was" })
        {
            foreach (var type in OfPatientCompartment.Append("*"))
            {
                using var answer = await ask(client, $"Patient/{patient}/{type}", "_total=accurate&_count=1000");
                if (!caller.SeesAnyOf(patient, World.Studies))
                {
                    using var unknown = await ask(client, $"Patient/nobody-at-all/{type}", "_total=accurate&_count=1000");
                    Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden), patient);
                    Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()));
                    continue;
                }
                var expected = Seen(world, caller).Where(one => one.Record == patient && (type == "*" ? OfPatientCompartment.Contains(one.Type) : one.Type == type));
                await FindsAsync(Task.FromResult(answer), expected.Select(one => one.Id), "match");
            }
        }
    }

    private static IEnumerable<WorldResource> Seen(World world, WorldCaller caller) =>
        world.Resources.Values.Where(one => !one.IsDeleted && World.Sees(caller, one));

    /// <summary>What a resource refers to, as far as the caller sees the part of it that does.</summary>
    private static IEnumerable<string> Targets(WorldCaller caller, WorldResource resource)
    {
        var json = JsonNode.Parse(resource.Json)!.AsObject();
        if (World.SeesPart(caller, resource))
        {
            var seen = World.SeriesSeen(caller, resource).Select(series => series.Uid).ToList();
            foreach (var hidden in json["series"]!.AsArray().Where(series => !seen.Contains((string)series!["uid"]!)).ToList())
            {
                json["series"]!.AsArray().Remove(hidden);
            }
        }
        return References(json);
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonArray list => list.SelectMany(References),
        JsonObject one => one.SelectMany(member => member is { Key: "reference", Value: JsonValue value } ? [(string)value!] : References(member.Value)),
        _ => [],
    };

    private static async Task FindsAsync(Task<HttpResponseMessage> asking, IEnumerable<string> expected, string mode)
    {
        using var answer = await asking;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        using var bundle = JsonDocument.Parse(text);
        var entries = bundle.RootElement.TryGetProperty("entry", out var all) ? all.EnumerateArray().ToList() : [];
        var found = entries.Where(entry => entry.GetProperty("search").GetProperty("mode").GetString() == mode).Select(entry => entry.GetProperty("resource").GetProperty("id").GetString()!);
        var where = answer.RequestMessage!.RequestUri!.PathAndQuery;
        Assert.That(found, Is.EquivalentTo(expected), where);
        if (mode == "match")
        {
            Assert.That(bundle.RootElement.GetProperty("total").GetInt32(), Is.EqualTo(expected.Count()), where);
        }
    }

    private static StringContent Form(string query) => new(query, Encoding.UTF8, "application/x-www-form-urlencoded");
}

using System.Net;
using System.Text.Json;

namespace Fhir.Server.Tests.Parity;

/// <summary>What bundles must show a restricted caller: each entry what it would be shown alone.</summary>
internal static class BundleProbes
{
    private const string Unknown = "never-was";

    public static async Task BundleAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        var resources = world.Resources.Values.Where(one => one.Type != "Binary").ToList();
        foreach (var type in (string[])["batch", "transaction"])
        {
            var entries = await SendAsync(client, type, resources.ConvertAll(one => ("GET", one.Path, (string?)null)));
            foreach (var (resource, entry) in resources.Zip(entries))
            {
                var status = entry.GetProperty("response").GetProperty("status").GetString()![..3];
                Assert.That(status, Is.EqualTo(World.Sees(caller, resource) ? resource.IsDeleted ? "410" : "200" : "404"), $"{type} {resource.Path}");
                if (status == "200" && !World.SeesPart(caller, resource))
                {
                    Assert.That(entry.GetProperty("resource").GetRawText(), Is.EqualTo(resource.Json), resource.Path);
                }
            }
            var searched = await SendAsync(client, type, [("GET", "ImagingStudy?_count=1000", null)]);
            var shown = resources.Where(one => one.Type == "ImagingStudy" && !one.IsDeleted && World.Sees(caller, one)).Select(one => one.Id);
            var found = searched[0].GetProperty("resource").TryGetProperty("entry", out var list)
                ? list.EnumerateArray().Select(one => one.GetProperty("resource").GetProperty("id").GetString()!).ToList() : [];
            Assert.That(found, Is.EquivalentTo(shown), $"{type} of a search");
        }
        await WritesAsync(world, caller, client);
        await ConditionsAsync(world, caller, client);
    }

    /// <summary>What may not be written alone may not be written among others, and takes all of a transaction with it.</summary>
    private static async Task WritesAsync(World world, WorldCaller caller, HttpClient client)
    {
        foreach (var resource in world.Resources.Values.Where(one => !one.IsDeleted && one.Type != "Binary" && !World.Sees(caller, one) && one.Record != "unclaimed-local"))
        {
            var json = resource.Json;
            var unknown = json.Replace($"\"id\":\"{resource.Id}\"", $"\"id\":\"{Unknown}\"");
            var hidden = await PostAsync(client, "transaction", [("PUT", resource.Path, json)]);
            var never = await PostAsync(client, "transaction", [("PUT", $"{resource.Type}/{Unknown}", unknown)]);
            Assert.That(hidden, Is.EqualTo(never), $"Hidden and unknown say the same of {resource.Path}.");
            Assert.That(hidden.Status, Is.Not.EqualTo(HttpStatusCode.OK), resource.Path);
            var deleted = await PostAsync(client, "transaction", [("DELETE", resource.Path, null)]);
            Assert.That(deleted.Status, Is.EqualTo(HttpStatusCode.OK), "What is hidden is deleted like what never was: not at all.");
            Assert.That(await world.Server.Client.GetStringAsync($"/fhir/{resource.Path}"), Is.EqualTo(json), resource.Path);
        }
        foreach (var patient in (string[])[World.Anna, World.Ben, Unknown])
        {
            var study = $$$"""{"resourceType":"ImagingStudy","status":"registered","subject":{"reference":"Patient/{{{patient}}}"}}""";
            var answer = await PostAsync(client, "transaction", [("POST", "ImagingStudy", study)]);
            Assert.That(answer.Status, Is.EqualTo(caller.SeesWhole(patient) ? HttpStatusCode.OK : HttpStatusCode.Forbidden), patient);
            if (answer.Status == HttpStatusCode.OK)
            {
                using var made = JsonDocument.Parse(answer.Body);
                var location = made.RootElement.GetProperty("entry")[0].GetProperty("response").GetProperty("location").GetString()!;
                await world.Server.Client.DeleteAsync(location.Split("/_history")[0]);
            }
        }
    }

    /// <summary>Conditional references lead only to what the caller sees.</summary>
    private static async Task ConditionsAsync(World world, WorldCaller caller, HttpClient client)
    {
        if (!caller.SeesWhole(World.Anna))
        {
            return;
        }
        string Observation(string criteria) =>
            $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{World.Anna}}}"},"performer":[{"reference":"{{{criteria}}}"}]}""";
        var hidden = await PostAsync(client, "transaction", [("POST", "Observation", Observation("Organization?name=North"))]);
        var never = await PostAsync(client, "transaction", [("POST", "Observation", Observation("Organization?name=South"))]);
        Assert.That(hidden, Is.EqualTo(never));
        Assert.That(hidden.Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
    }

    private static async Task<List<JsonElement>> SendAsync(HttpClient client, string type, List<(string Method, string Url, string? Resource)> entries)
    {
        var (status, body) = await PostAsync(client, type, entries);
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), body);
        return [.. JsonSerializer.Deserialize<JsonElement>(body).GetProperty("entry").EnumerateArray()];
    }

    private static async Task<(HttpStatusCode Status, string Body)> PostAsync(
        HttpClient client, string type, IEnumerable<(string Method, string Url, string? Resource)> entries)
    {
        var list = entries.Select(one =>
            "{" + (one.Resource is null ? "" : $"\"resource\":{one.Resource},") + $$$""" "request":{"method":"{{{one.Method}}}","url":"{{{one.Url}}}"}}""");
        using var answer = await client.PostAsync("/fhir", PhrServer.FhirContent($$"""{"resourceType":"Bundle","type":"{{type}}","entry":[{{string.Join(',', list)}}]}"""));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}

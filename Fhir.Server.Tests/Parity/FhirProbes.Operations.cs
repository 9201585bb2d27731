using System.Net;
using System.Text;
using System.Text.Json;
using Fhir.Server.Imaging;
using Fhir.Server.Search;
using Hl7.Fhir.Model;
using Task = System.Threading.Tasks.Task;

namespace Fhir.Server.Tests.Parity;

/// <summary>Operations.</summary>
internal static partial class FhirProbes
{
    /// <summary>All that is visible of a record, nothing else, no matter how it is paged; a record out of reach is 403, known or not.</summary>
    private static async Task EverythingAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        using var unknown = await client.GetAsync($"/fhir/Patient/{Unknown}/$everything");
        var refusal = await unknown.Content.ReadAsStringAsync();
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        foreach (var patient in new[] { World.Anna, World.Ben, "cara", "unclaimed-local", "shared" })
        {
            if (!caller.SeesAnyOf(patient, World.Studies))
            {
                using var answer = await client.GetAsync($"/fhir/Patient/{patient}/$everything");
                Assert.That((answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.Forbidden, refusal)), patient);
                continue;
            }
            foreach (var count in new[] { "", "?_count=1", "?_count=3" })
            {
                await AssertEverythingAsync(world, caller, client, $"/fhir/Patient/{patient}/$everything{count}", patient);
            }
        }
    }

    private static async Task EverythingOfOwnAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        if ((caller.TokenOf ?? (caller.Reach.Records is [var only] ? only.Record : null)) is { } record)
        {
            await AssertEverythingAsync(world, caller, client, "/fhir/Patient/$everything?_count=2", record);
            return;
        }
        using var answer = await client.GetAsync("/fhir/Patient/$everything");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    private static async Task AssertEverythingAsync(World world, WorldCaller caller, HttpClient client, string address, string record)
    {
        var found = new List<string>();
        for (var next = address; next is not null;)
        {
            using var answer = await client.GetAsync(next);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), next);
            using var bundle = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Assert.That(Ids(bundle.RootElement, "include"), Is.Empty, "what is shared is not visible to these callers");
            foreach (var entry in Entries(bundle.RootElement, "match"))
            {
                var path = $"{entry.GetProperty("resourceType").GetString()}/{entry.GetProperty("id").GetString()}";
                found.Add(path);
                AssertRendering(caller, world.Resources[path], entry.GetRawText());
            }
            next = bundle.RootElement.GetProperty("link").EnumerateArray().Where(link => link.GetProperty("relation").GetString() == "next")
                .Select(link => link.GetProperty("url").GetString()).FirstOrDefault();
        }
        Assert.That(found, Is.EquivalentTo(world.Resources.Values.Where(one => one.Record == record && !one.IsDeleted && World.Sees(caller, one)).Select(one => one.Path)), address);
    }

    /// <summary>Seen or not like by a read; hidden and unknown say the same.</summary>
    private static async Task SameAsReadAsync(World world, WorldCaller caller, string suffix)
    {
        using var client = world.As(caller);
        foreach (var resource in world.Resources.Values)
        {
            using var answer = await client.GetAsync($"/fhir/{resource.Path}{suffix}");
            using var unknown = await client.GetAsync($"/fhir/{resource.Type}/{Unknown}{suffix}");
            Assert.That(answer.StatusCode, Is.EqualTo(World.Sees(caller, resource) ? HttpStatusCode.OK : HttpStatusCode.NotFound), resource.Path);
            if (!World.Sees(caller, resource))
            {
                Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()), "Hidden and unknown say the same.");
            }
        }
    }

    private static async Task MatchAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        foreach (var (id, patient) in new[]
        {
            (World.Anna, """{"resourceType":"Patient","name":[{"family":"Aal","given":["Anna"]}],"birthDate":"1971-02-03"}"""),
            (World.Ben, """{"resourceType":"Patient","name":[{"family":"Berg","given":["Ben"]}],"identifier":[{"system":"urn:x","value":"B1"}]}"""),
        })
        {
            using var answer = await client.PostAsync(
                "/fhir/Patient/$match", PhrServer.FhirContent($$"""{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{{patient}}}]}"""));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), id);
            using var bundle = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Assert.That(Ids(bundle.RootElement, "match"), Is.EqualTo(World.Sees(caller, world.Resources[$"Patient/{id}"]) ? new[] { id } : []));
            Assert.That(bundle.RootElement.GetProperty("total").GetInt32(), Is.EqualTo(Ids(bundle.RootElement, "match").Count()));
        }
    }

    /// <summary>What belongs to nobody and is not known answers 404 to everybody.</summary>
    private static async Task UnknownAsync(World world, WorldCaller caller, string path)
    {
        using var client = world.As(caller);
        using var answer = await client.GetAsync($"/fhir/{path}");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), path);
    }
}

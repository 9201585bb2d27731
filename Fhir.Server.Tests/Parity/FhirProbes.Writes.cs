using System.Net;
using System.Text;
using System.Text.Json;
using Fhir.Server.Imaging;
using Fhir.Server.Search;
using Hl7.Fhir.Model;
using Task = System.Threading.Tasks.Task;

namespace Fhir.Server.Tests.Parity;

/// <summary>What changes something.</summary>
internal static partial class FhirProbes
{
    private static async Task CreateAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        foreach (var patient in new[] { World.Anna, World.Ben, Unknown })
        {
            var study = $$$"""{"resourceType":"ImagingStudy","status":"registered","subject":{"reference":"Patient/{{{patient}}}"}}""";
            using var answer = await client.PostAsync("/fhir/ImagingStudy", PhrServer.FhirContent(study));
            Assert.That(answer.StatusCode, Is.EqualTo(caller.SeesWhole(patient) ? HttpStatusCode.Created : HttpStatusCode.Forbidden), patient);
            if (answer.Headers.Location is { } location)
            {
                await world.Server.Client.DeleteAsync(location.ToString().Split("/_history")[0]);
            }
        }
        await CreateIfNoneAsync(world, caller);
        using var newcomer = await client.PostAsync("/fhir/Patient", PhrServer.FhirContent("""{"resourceType":"Patient","active":true}"""));
        Assert.That(newcomer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        using var organization = await client.PostAsync("/fhir/Organization", PhrServer.FhirContent("""{"resourceType":"Organization","name":"X"}"""));
        Assert.That(organization.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    /// <summary>What is hidden does not keep anybody from creating, nor is it given.</summary>
    private static async Task CreateIfNoneAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        foreach (var study in world.Resources.Values.Where(one => one.Type == "ImagingStudy" && !one.IsDeleted && caller.SeesWhole(World.Anna)))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/fhir/ImagingStudy")
            {
                Content = PhrServer.FhirContent($$$"""{"resourceType":"ImagingStudy","status":"registered","subject":{"reference":"Patient/{{{World.Anna}}}"}}"""),
            };
            request.Headers.TryAddWithoutValidation("If-None-Exist", $"_id={study.Id}");
            using var answer = await client.SendAsync(request);
            Assert.That(answer.StatusCode, Is.EqualTo(World.Sees(caller, study) ? HttpStatusCode.OK : HttpStatusCode.Created), study.Path);
            if (answer.StatusCode == HttpStatusCode.Created)
            {
                await world.Server.Client.DeleteAsync(answer.Headers.Location!.ToString().Split("/_history")[0]);
            }
        }
    }

    private static async Task UpdateAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        foreach (var resource in world.Resources.Values.Where(one => !one.IsDeleted))
        {
            using var answer = await client.PutAsync($"/fhir/{resource.Path}", PhrServer.FhirContent(resource.Json));
            using var unknown = await client.PutAsync($"/fhir/{resource.Type}/{Unknown}", PhrServer.FhirContent(resource.Json.Replace($"\"id\":\"{resource.Id}\"", $"\"id\":\"{Unknown}\"")));
            if (!World.Sees(caller, resource))
            {
                // A body that belongs to no patient is refused for itself, before anything is looked up.
                Assert.That(answer.StatusCode, Is.EqualTo(resource.Record == "unclaimed-local" && resource.Type == "ImagingStudy" ? unknown.StatusCode : HttpStatusCode.MethodNotAllowed), resource.Path);
                Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()), "Hidden and unknown say the same.");
            }
            else if (World.SeesPart(caller, resource))
            {
                Assert.That(answer.StatusCode, Is.AnyOf(HttpStatusCode.UnprocessableEntity, HttpStatusCode.Forbidden), resource.Path);
            }
            else
            {
                // The same content is no change; what is derived, or seen but not in a record seen whole, may not be written.
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK).Or.EqualTo(HttpStatusCode.MethodNotAllowed).Or.EqualTo(HttpStatusCode.Forbidden), resource.Path);
                Assert.That(answer.StatusCode == HttpStatusCode.OK, Is.EqualTo(caller.SeesWhole(resource.Record) && resource.Type != "Endpoint" && resource.Series is null), resource.Path);
            }
        }
        await AssertUnchangedAsync(world);
    }

    private static async Task DeleteAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        foreach (var resource in world.Resources.Values.Where(one => !one.IsDeleted && !(caller.SeesWhole(one.Record) && one.Type != "Endpoint" && one.Type != "Patient" && one.Series is null)))
        {
            using var answer = await client.DeleteAsync($"/fhir/{resource.Path}");
            using var unknown = await client.DeleteAsync($"/fhir/{resource.Type}/{Unknown}");
            Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
            Assert.That(
                answer.StatusCode,
                World.Sees(caller, resource)
                    ? Is.EqualTo(HttpStatusCode.Forbidden).Or.EqualTo(HttpStatusCode.MethodNotAllowed).Or.EqualTo(HttpStatusCode.Conflict)
                    : Is.EqualTo(HttpStatusCode.NoContent), resource.Path);
        }
        await AssertUnchangedAsync(world);
    }

    private static async Task PatchAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        foreach (var resource in world.Resources.Values)
        {
            // Both would fail for what is seen: the test by itself, the other by naming what no resource has.
            foreach (var (patch, type) in Patches)
            {
                foreach (var ifMatch in new[] { null, "W/\"1\"", "W/\"99\"" })
                {
                    var (answer, text) = await SendPatchAsync(client, resource.Path, patch, type, ifMatch);
                    var unknown = await SendPatchAsync(client, $"{resource.Type}/{Unknown}", patch, type, ifMatch);
                    Assert.That(unknown.Status, Is.EqualTo(HttpStatusCode.NotFound));
                    if (!World.Sees(caller, resource))
                    {
                        Assert.That((answer, text), Is.EqualTo(unknown), resource.Path);
                    }
                    else
                    {
                        Assert.That(answer, Is.AnyOf(HttpStatusCode.Forbidden, HttpStatusCode.Gone, HttpStatusCode.UnprocessableEntity, HttpStatusCode.PreconditionFailed), resource.Path);
                        Assert.That(caller.SeesWhole(resource.Record) || answer == HttpStatusCode.Forbidden, Is.True, resource.Path);
                    }
                }
            }
        }
        await AssertUnchangedAsync(world);
    }

    /// <summary>By criteria a hidden resource is found no more than an unknown one, and nothing else is told of it.</summary>
    private static async Task ConditionalPatchAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        foreach (var resource in world.Resources.Values.Where(one => !World.Sees(caller, one)))
        {
            foreach (var (patch, type) in Patches)
            {
                var unknown = await SendPatchAsync(client, $"{resource.Type}?_id={Unknown}", patch, type, null);
                Assert.That(unknown.Status, Is.EqualTo(HttpStatusCode.NotFound));
                Assert.That(await SendPatchAsync(client, $"{resource.Type}?_id={resource.Id}", patch, type, null), Is.EqualTo(unknown), resource.Path);
                Assert.That(await SendPatchAsync(client, $"{resource.Type}?_id={resource.Id},{Unknown}", patch, type, "W/\"99\""), Is.EqualTo(unknown), resource.Path);
            }
        }
        await AssertUnchangedAsync(world);
    }

    private static async Task ConditionalDeleteAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        foreach (var resource in world.Resources.Values.Where(one => !World.Sees(caller, one)))
        {
            using var answer = await client.DeleteAsync($"/fhir/{resource.Type}?_id={resource.Id}");
            using var unknown = await client.DeleteAsync($"/fhir/{resource.Type}?_id={Unknown}");
            Assert.That((answer.StatusCode, answer.Headers.ETag), Is.EqualTo((HttpStatusCode.NoContent, unknown.Headers.ETag)), resource.Path);
            Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        }
        foreach (var record in World.Records.Where(record => !caller.SeesAnyOf(record, World.Studies)))
        {
            using var named = await client.DeleteAsync($"/fhir/ImagingStudy?patient={record}");
            using var unknown = await client.DeleteAsync($"/fhir/ImagingStudy?patient={Unknown}");
            Assert.That(named.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
            Assert.That(await named.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()));
        }
        await AssertUnchangedAsync(world);
    }

    private static async Task ConditionalUpdateAsync(World world, WorldCaller caller)
    {
        using var client = world.As(caller);
        foreach (var resource in world.Resources.Values.Where(one => !one.IsDeleted && one.Type != "Binary" && !World.Sees(caller, one)))
        {
            // Nothing found and an id: update-as-create, which such a caller may not; the same for hidden and unknown.
            using var answer = await client.PutAsync($"/fhir/{resource.Type}?_id={resource.Id}", PhrServer.FhirContent(resource.Json));
            using var unknown = await client.PutAsync(
                $"/fhir/{resource.Type}?_id={Unknown}", PhrServer.FhirContent(resource.Json.Replace($"\"id\":\"{resource.Id}\"", $"\"id\":\"{Unknown}\"")));
            Assert.That(answer.StatusCode, Is.AnyOf(HttpStatusCode.MethodNotAllowed, HttpStatusCode.UnprocessableEntity), resource.Path);
            Assert.That((answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((unknown.StatusCode, await unknown.Content.ReadAsStringAsync())), resource.Path);
        }
        await AssertUnchangedAsync(world);
    }

    private static IEnumerable<(string Patch, string Type)> Patches =>
    [
        ("""[{"op":"test","path":"/id","value":"of nobody"}]""", "application/json-patch+json"),
        ("""
         {"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"nonsense"},
         {"name":"name","valueString":"id"},{"name":"value","valueId":"x"}]}]}
         """, "application/fhir+json"),
    ];

    private static async Task<(HttpStatusCode Status, string Text)> SendPatchAsync(HttpClient client, string path, string patch, string type, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/fhir/{path}") { Content = new StringContent(patch, Encoding.UTF8, type) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task AssertUnchangedAsync(World world)
    {
        foreach (var resource in world.Resources.Values.Where(one => !one.IsDeleted && one.Type != "Binary"))
        {
            Assert.That(await world.Server.Client.GetStringAsync($"/fhir/{resource.Path}"), Is.EqualTo(resource.Json), resource.Path);
        }
    }
}

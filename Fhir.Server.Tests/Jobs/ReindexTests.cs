using System.Net;
using Fhir.Server.Storage.Embedded;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Jobs;

/// <summary>$reindex, at once and as a job. https://hl7.org/fhir/R4/async.html</summary>
[TestFixture]
public sealed class ReindexTests
{
    private PhrServer phr = null!;

    [SetUp]
    public async Task StartAsync()
    {
        phr = PhrServer.Start();
        foreach (var id in new[] { "a", "b" })
        {
            using var answer = await phr.PutAsync($"/fhir/Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}","name":[{"family":"Aal"}]}""");
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        }
    }

    [TearDown]
    public async Task StopAsync() => await phr.DisposeAsync();

    private async Task<HttpResponseMessage> PostAsync(string path, string? prefer = "respond-async")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/fhir/" + path);
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }
        return await phr.Client.SendAsync(request);
    }

    private async Task<string> KickOffAsync(string path)
    {
        using var answer = await PostAsync(path);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        return answer.Content.Headers.ContentLocation!.AbsolutePath;
    }

    private async Task<string> ResultAsync(string job)
    {
        for (var i = 0; i < 200; i++)
        {
            using var answer = await phr.Client.GetAsync(job);
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return text;
            }
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), text);
            Assert.That((answer.Headers.Contains("X-Progress"), answer.Headers.RetryAfter?.Delta), Is.EqualTo((true, TimeSpan.FromSeconds(1))));
            await Task.Delay(50);
        }
        throw new AssertionException("The job does not end.");
    }

    private async Task ForgetIndexAsync() =>
        Assert.That((await phr.Services.GetRequiredService<EmbeddedStore>().Rebuild.DeleteDerivedAsync(default)).Problem, Is.Null);

    private async Task<bool> FindsAsync(string id) =>
        (await phr.Client.GetStringAsync($"/fhir/Patient?family=aal&_id={id}")).Contains("fullUrl", StringComparison.Ordinal);

    [TestCase("$reindex")]
    [TestCase("Patient/$reindex")]
    public async Task What_the_index_had_lost_is_found_again(string path)
    {
        await ForgetIndexAsync();
        Assert.That(await FindsAsync("a"), Is.False);
        Assert.That(await ResultAsync(await KickOffAsync(path)), Does.Contain("Parameters").And.Contain("\"resources\""));
        Assert.That((await FindsAsync("a"), await FindsAsync("b")), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task Another_type_is_left_alone_and_one_resource_is_done_at_once()
    {
        await ForgetIndexAsync();
        await ResultAsync(await KickOffAsync("Organization/$reindex"));
        Assert.That(await FindsAsync("a"), Is.False);
        using var one = await PostAsync("Patient/a/$reindex", prefer: null);
        Assert.That(one.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await FindsAsync("a"), await FindsAsync("b")), Is.EqualTo((true, false)));
        using var unknown = await PostAsync("Patient/nobody/$reindex", prefer: null);
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("$reindex")]
    [TestCase("Patient/$reindex")]
    public async Task Who_would_wait_for_it_is_told_to_come_back(string path)
    {
        using var answer = await PostAsync(path, prefer: null);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("respond-async"));
    }

    [Test]
    public async Task A_job_survives_a_restart()
    {
        var job = await KickOffAsync("$reindex");
        await phr.RestartAsync();
        var result = await ResultAsync(job);
        await phr.RestartAsync();
        Assert.That(await ResultAsync(job), Is.EqualTo(result));
    }

    [Test]
    public async Task A_cancelled_job_is_known_no_more()
    {
        var job = await KickOffAsync("$reindex");
        using var cancelled = await phr.Client.DeleteAsync(job);
        Assert.That(cancelled.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        using var read = await phr.Client.GetAsync(job);
        using var again = await phr.Client.DeleteAsync(job);
        Assert.That((read.StatusCode, again.StatusCode), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Fhir.Server.Access;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#history of a type and of all there is, on a server of its own.</summary>
[TestFixture]
public sealed class TypeHistoryTests : RestTests
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Start() => server = PhrServer.Start();

    [OneTimeTearDown]
    public async Task StopAsync() => await server.DisposeAsync();

    private Task<Answer> AskAsync(string path, HttpClient? client = null) => SendAsync(client ?? server.Client, HttpMethod.Get, path, null);

    private async Task<string> PutAsync(string path, string further = "", HttpStatusCode status = HttpStatusCode.Created)
    {
        var (type, id) = (path.Split('/')[0], path.Split('/')[1]);
        var answer = await SendAsync(server.Client, HttpMethod.Put, path, Body($$"""{"resourceType":"{{type}}","id":"{{id}}"{{further}}}"""));
        Assert.That(answer.Status, Is.EqualTo(status), answer.Text);
        return answer["meta.lastUpdated"]!;
    }

    private static List<string> Versions(Answer history) => (history.Json!["entry"]?.AsArray() ?? [])
        .Select(entry => $"{Answer.At(entry, "fullUrl")!.Split("/fhir/")[1]}:{Answer.At(entry, "response.etag")!.Trim('W', '/', '"')}").ToList();

    private async Task<List<string>> AllAsync(string path, HttpClient? client = null, Func<Task>? between = null)
    {
        var found = new List<string>();
        for (var next = path; next is not null;)
        {
            var page = await AskAsync(next, client);
            Assert.That(page.Status, Is.EqualTo(HttpStatusCode.OK), page.Text);
            found.AddRange(Versions(page));
            next = page.Link("next");
            await (between?.Invoke() ?? Task.CompletedTask);
        }
        return found;
    }

    [Test]
    public async Task Newest_first_with_every_detail_of_each_version_and_only_of_the_type()
    {
        var begin = await PutAsync("Organization/h-begin");
        await PutAsync("Patient/h-a");
        await PutAsync("Organization/h-o");
        await PutAsync("Patient/h-a", ",\"gender\":\"male\"", HttpStatusCode.OK);
        await SendAsync(server.Client, HttpMethod.Delete, "Organization/h-o", null);
        await PutAsync("Organization/h-o", ",\"name\":\"again\"");
        var all = await AskAsync($"_history?_since={begin}");
        Assert.That(Versions(all).Where(one => !one.StartsWith("Endpoint", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            "Organization/h-o:3", "Organization/h-o:2", "Patient/h-a:2", "Organization/h-o:1", "Patient/h-a:1", "Organization/h-begin:1",
        }));
        Assert.That(Versions(all), Has.Some.EqualTo("Endpoint/wado-h-a:1"));
        Assert.That(Versions(await AskAsync($"Patient/_history?_since={begin}")), Is.EqualTo(new[] { "Patient/h-a:2", "Patient/h-a:1" }));
        var ofType = await AskAsync($"Organization/_history?_since={begin}");
        string? Of(int i, string path) => Answer.At(ofType.Json!["entry"]![i], path);
        Assert.Multiple(() =>
        {
            Assert.That((ofType["type"], ofType["total"]), Is.EqualTo(("history", (string?)null)));
            Assert.That(Enumerable.Range(0, 4).Select(i => Of(i, "request.method")), Is.EqualTo(new[] { "PUT", "DELETE", "PUT", "PUT" }));
            Assert.That(Enumerable.Range(0, 4).Select(i => Of(i, "request.url")![..^1]), Is.All.StartWith("Organization/h-"));
            Assert.That(Enumerable.Range(0, 4).Select(i => Of(i, "response.status")![..3]), Is.EqualTo(new[] { "201", "204", "201", "201" }));
            Assert.That(Enumerable.Range(0, 4).Select(i => Of(i, "response.lastModified")), Is.Ordered.Descending);
            Assert.That(Of(1, "resource"), Is.Null);
            Assert.That((Of(0, "resource.meta.versionId"), Of(2, "resource.meta.versionId")), Is.EqualTo(("3", "1")));
            Assert.That(ofType.Link("self"), Does.StartWith($"{server.Address}/fhir/Organization/_history?_count=20&_since="));
        });
    }

    [Test]
    public async Task Pages_follow_each_other_and_new_writes_do_not_disturb_them()
    {
        var begin = await PutAsync("Organization/p-begin");
        for (var i = 0; i < 12; i++)
        {
            await PutAsync($"Patient/p-{i % 5}", $",\"birthDate\":\"{1950 + i}\"", i < 5 ? HttpStatusCode.Created : HttpStatusCode.OK);
        }
        var expected = Enumerable.Range(0, 12).Reverse().Select(i => $"Patient/p-{i % 5}:{1 + (i / 5)}").ToList();
        var written = 0;
        foreach (var count in new[] { 1, 3, 5, 12, 13 })
        {
            var found = await AllAsync($"Patient/_history?_count={count}&_since={begin}", between: async () =>
            {
                written++;
                await PutAsync($"Patient/p-{written % 5}", $",\"birthDate\":\"{2000 + (written % 99)}-01-{1 + (written / 99):00}\"", HttpStatusCode.OK);
            });
            Assert.That(found.TakeLast(12), Is.EqualTo(expected), $"_count={count}");
            Assert.That(found, Is.Unique);
        }
        var system = await AllAsync($"_history?_count=2&_since={begin}");
        Assert.That(system, Is.EqualTo(await AllAsync($"_history?_count=1000&_since={begin}")));
        Assert.That(system.Where(one => one.StartsWith("Patient/p-", StringComparison.Ordinal)).TakeLast(12), Is.EqualTo(expected));
    }

    [Test]
    public async Task Since_holds_its_moment_and_at_tells_what_was_current_then()
    {
        var begin = await PutAsync("Organization/a-begin");
        var first = await PutAsync("Patient/a-1");
        var second = await PutAsync("Patient/a-1", ",\"gender\":\"male\"", HttpStatusCode.OK);
        await PutAsync("Patient/a-2");
        var third = await PutAsync("Patient/a-1", ",\"gender\":\"female\"", HttpStatusCode.OK);
        await SendAsync(server.Client, HttpMethod.Delete, "Patient/a-2", null);
        var last = await PutAsync("Patient/a-1", ",\"gender\":\"other\"", HttpStatusCode.OK);
        Task<List<string>> OfAsync(string query) => AllAsync($"Patient/_history?_since={begin}&{query}");
        Assert.Multiple(async () =>
        {
            Assert.That(await AllAsync($"Patient/_history?_since={third}"), Is.EqualTo(new[] { "Patient/a-1:4", "Patient/a-2:2", "Patient/a-1:3" }));
            Assert.That(await OfAsync($"_at={first}"), Is.EqualTo(new[] { "Patient/a-1:1" }));
            Assert.That(await OfAsync($"_at={second}"), Is.EqualTo(new[] { "Patient/a-1:2" }));
            Assert.That(await OfAsync($"_at={third}"), Is.EqualTo(new[] { "Patient/a-1:3", "Patient/a-2:1" }));
            Assert.That(await OfAsync($"_at={last}"), Is.EqualTo(new[] { "Patient/a-1:4" }), "what is deleted is not current");
            Assert.That(await OfAsync("_at=2999"), Is.EqualTo(new[] { "Patient/a-1:4" }));
            Assert.That(await OfAsync("_at=1999"), Is.Empty);
            Assert.That(await OfAsync($"_at={last[..4]}&_count=1"), Is.EqualTo(await OfAsync("_count=100")), "in a whole year all of it were");
            foreach (var (moment, version) in new[] { (first, "1"), (second, "2"), (third, "3"), (last, "4"), ("2999-01-01", "4") })
            {
                Assert.That(Versions(await AskAsync($"Patient/a-1/_history?_at={moment}")), Is.EqualTo(new[] { $"Patient/a-1:{version}" }), moment);
                Assert.That(await AllAsync($"Patient/a-1/_history?_at={moment}&_count=1"), Is.EqualTo(new[] { $"Patient/a-1:{version}" }), moment);
            }
            Assert.That(await AllAsync($"Patient/a-1/_history?_at={last[..4]}&_count=1"), Is.EqualTo(Enumerable.Range(1, 4).Reverse().Select(i => $"Patient/a-1:{i}")));
            Assert.That(Versions(await AskAsync($"Patient/a-2/_history?_at={last}")), Is.Empty);
        });
    }

    [Test]
    public async Task A_restricted_caller_gets_the_versions_of_what_is_visible_and_no_others_wherever_they_are()
    {
        await PutAsync("Patient/r-mine");
        await PutAsync("Patient/r-other");
        foreach (var owner in new[] { "r-mine", "r-other" })
        {
            await PutAsync($"ImagingStudy/s-{owner}", $$""","status":"registered","subject":{"reference":"Patient/{{owner}}"}""");
            await SendAsync(server.Client, HttpMethod.Delete, $"ImagingStudy/s-{owner}", null);
        }
        await PutAsync("Patient/r-other", ",\"gender\":\"male\"", HttpStatusCode.OK);
        using var client = server.As(Reach.Of(new ReachedRecord("r-mine")));
        var all = await AllAsync("_history?_count=2", client);
        Assert.That(all, Is.EquivalentTo(new[]
        {
            "ImagingStudy/s-r-mine:2", "ImagingStudy/s-r-mine:1", "Patient/r-mine:1", "Endpoint/wado-r-mine:1", "Endpoint/qido-r-mine:1", "Endpoint/stow-r-mine:1",
        }));
        Assert.That(await AllAsync("Patient/_history?_count=1", client), Is.EqualTo(new[] { "Patient/r-mine:1" }));
        Assert.That(await AllAsync("ImagingStudy/_history?_at=2999", client), Is.Empty);
        Assert.That(await AllAsync("Organization/_history", client), Is.Empty);
        using var nothing = server.As(Reach.Nothing);
        Assert.That(await AllAsync("_history", nothing), Is.Empty);
    }

    [Test]
    public async Task A_study_that_just_came_is_in_it_and_a_part_of_it_is_shown_as_a_part()
    {
        await PutAsync("Patient/i-1");
        var uid = NewUid();
        using var answer = await server.StowAsync("/dicomweb/patients/i-1", new TestDicom(uid, uid + ".1", uid + ".1.1").ToBytes(), new TestDicom(uid, uid + ".2", uid + ".2.1").ToBytes());
        using var client = server.As(Reach.Of(new ReachedRecord("i-1", [new ReachedStudy(uid, [uid + ".1"])])));
        var part = await AskAsync("ImagingStudy/_history", client);
        Assert.That((Versions(part).Count, part["entry.0.resource.numberOfSeries"]), Is.EqualTo((1, "1")));
        Assert.That(part.Text, Does.Not.Contain(uid + ".2"));
        var whole = await AskAsync("ImagingStudy/_history?_count=1");
        Assert.That((whole["entry.0.resource.id"], whole["entry.0.resource.numberOfSeries"]), Is.EqualTo((part["entry.0.resource.id"], "2")));
    }

    [TestCase("_history?_count=0")]
    [TestCase("_history?_count=x")]
    [TestCase("_history?_since=then")]
    [TestCase("_history?_at=then")]
    [TestCase("_history?_list=1")]
    [TestCase("_history?_sort=_lastUpdated")]
    [TestCase("_history?_cursor=nonsense")]
    [TestCase("_history?_cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [TestCase("Patient/_history?_count=1&_count=2")]
    public async Task What_it_cannot_answer_is_400(string path) => Assert.That((await AskAsync(path)).Status, Is.EqualTo(HttpStatusCode.BadRequest));

    [Test]
    public async Task A_cursor_is_good_for_its_own_history_alone()
    {
        await PutAsync("Patient/c-1");
        await PutAsync("Patient/c-1", ",\"gender\":\"male\"", HttpStatusCode.OK);
        var next = (await AskAsync("Patient/_history?_count=1")).Link("next")!;
        Assert.That((await AskAsync(next)).Status, Is.EqualTo(HttpStatusCode.OK));
        foreach (var changed in new[] { next.Replace("Patient/", "", StringComparison.Ordinal), next.Replace("Patient/", "Organization/", StringComparison.Ordinal), next + "&_since=2020-01-01", next[..^3] + "AAA" })
        {
            Assert.That((await AskAsync(changed)).Status, Is.EqualTo(HttpStatusCode.BadRequest), changed);
        }
    }

    [Test]
    public async Task A_type_that_is_not_kept_is_404() => Assert.That((await AskAsync("Nonsense/_history")).Status, Is.EqualTo(HttpStatusCode.NotFound));
}

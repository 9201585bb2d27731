using System.Globalization;
using System.Net;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#read, #vread, #history and #cread</summary>
[TestFixture]
public sealed class ReadTests : RestTests
{
    [Test]
    public async Task A_read_carries_the_version_as_ETag_and_the_time_as_Last_Modified()
    {
        var id = await NewPatientAsync();
        var answer = await GetAsync($"Patient/{id}");
        Assert.Multiple(() =>
        {
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(answer.ETag, Is.EqualTo("W/\"1\""));
            Assert.That(answer["meta.versionId"], Is.EqualTo("1"));
            var updated = DateTimeOffset.Parse(answer["meta.lastUpdated"]!, CultureInfo.InvariantCulture);
            Assert.That(updated - answer.ContentHeaders.LastModified, Is.GreaterThanOrEqualTo(TimeSpan.Zero).And.LessThan(TimeSpan.FromSeconds(1)));
        });
    }

    [TestCase("Patient/never-was", HttpStatusCode.NotFound)]
    [TestCase("Patient/never-was/_history/1", HttpStatusCode.NotFound)]
    [TestCase("Patient/never-was/_history", HttpStatusCode.NotFound)]
    [TestCase("Patient/not%20an%20id", HttpStatusCode.NotFound)]
    [TestCase("Patient/shared", HttpStatusCode.NotFound)]
    [TestCase("Patient/nobody", HttpStatusCode.NotFound)]
    [TestCase("Patient/unclaimed-local", HttpStatusCode.NotFound)]
    [TestCase("patient/never-was", HttpStatusCode.NotFound)]
    [TestCase("Observation/1", HttpStatusCode.NotFound)]
    [TestCase("Nonsense/1", HttpStatusCode.NotFound)]
    [TestCase("Nonsense", HttpStatusCode.NotFound)]
    [TestCase("Patient/p/_history/1/more", HttpStatusCode.NotFound)]
    public async Task What_never_was_is_404(string path, HttpStatusCode status) => Assert.That((await GetAsync(path)).Status, Is.EqualTo(status));

    [TestCase("POST", "Patient/x")]
    [TestCase("DELETE", "metadata")]
    [TestCase("POST", "Patient/x/_history")]
    [TestCase("DELETE", "Patient/x/_history")]
    [TestCase("POST", "Patient/_history")]
    [TestCase("POST", "_history")]
    [TestCase("PUT", "Patient/x/_history/1")]
    [TestCase("PATCH", "Patient/x/_history/1")]
    public async Task A_method_that_is_not_offered_is_405_and_says_which_are(string method, string path)
    {
        var answer = await SendAsync(new HttpMethod(method), path, method == "DELETE" ? null : PatientJson("x"));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(answer.ContentHeaders.Allow, Is.Not.Empty);
    }

    [TestCase("Patient/{0}")]
    [TestCase("Patient/{0}/_history/1")]
    [TestCase("Patient/{0}/_history")]
    [TestCase("Patient/_history?_count=1")]
    [TestCase("_history?_count=1")]
    [TestCase("Patient?_id={0}")]
    [TestCase("metadata")]
    public async Task HEAD_is_GET_without_the_body(string path)
    {
        path = string.Format(CultureInfo.InvariantCulture, path, await NewPatientAsync());
        var (head, get) = (await SendAsync(HttpMethod.Head, path, null), await GetAsync(path));
        Assert.Multiple(() =>
        {
            Assert.That(head.Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(head.Text, Is.Empty);
            Assert.That(head.ETag, Is.EqualTo(get.ETag));
            Assert.That(head.ContentHeaders.ContentType, Is.EqualTo(get.ContentHeaders.ContentType));
        });
    }

    [TestCase("W/\"1\"")]
    [TestCase("\"1\"")]
    [TestCase("*")]
    [TestCase("W/\"7\", W/\"1\"")]
    [TestCase("\"a,b\", W/\"1\"")]
    public async Task A_version_the_caller_has_already_is_304_with_its_ETag_and_no_body(string tag)
    {
        var id = await NewPatientAsync();
        foreach (var path in new[] { $"Patient/{id}", $"Patient/{id}/_history/1" })
        {
            var answer = await GetAsync(path, ("If-None-Match", tag));
            Assert.That((answer.Status, answer.Text, answer.ETag), Is.EqualTo((HttpStatusCode.NotModified, "", "W/\"1\"")));
        }
    }

    [TestCase("W/\"2\"")]
    [TestCase("nonsense")]
    [TestCase("W/\"11\"")]
    public async Task Another_version_is_200(string tag) =>
        Assert.That((await GetAsync($"Patient/{await NewPatientAsync()}", ("If-None-Match", tag))).Status, Is.EqualTo(HttpStatusCode.OK));

    [Test]
    public async Task What_was_never_there_or_is_gone_is_not_304()
    {
        var id = await NewPatientAsync();
        await DeleteAsync($"Patient/{id}");
        Assert.That((await GetAsync($"Patient/{id}", ("If-None-Match", "*"))).Status, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That((await GetAsync("Patient/never-was", ("If-None-Match", "*"))).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task If_Modified_Since_is_judged_by_the_second_and_only_without_If_None_Match()
    {
        var id = await NewPatientAsync();
        var at = (await GetAsync($"Patient/{id}")).ContentHeaders.LastModified!.Value;
        string When(int seconds) => at.AddSeconds(seconds).ToString("R", CultureInfo.InvariantCulture);
        async Task<HttpStatusCode> AskAsync(params (string, string)[] headers) => (await GetAsync($"Patient/{id}", headers)).Status;
        Assert.That(await AskAsync(("If-Modified-Since", When(0))), Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That(await AskAsync(("If-Modified-Since", When(3600))), Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That(await AskAsync(("If-Modified-Since", When(-1))), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await AskAsync(("If-Modified-Since", "yesterday")), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await AskAsync(("If-Modified-Since", When(0)), ("If-None-Match", "W/\"9\"")), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Old_versions_stay_readable_and_unknown_ones_are_404()
    {
        var id = await NewPatientAsync();
        await PutAsync($"Patient/{id}", PatientJson(id, ",\"gender\":\"female\""));
        var (first, second) = (await GetAsync($"Patient/{id}/_history/1"), await GetAsync($"Patient/{id}/_history/2"));
        Assert.Multiple(() =>
        {
            Assert.That((first["gender"], first.ETag), Is.EqualTo(((string?)null, "W/\"1\"")));
            Assert.That((second["gender"], second.ETag), Is.EqualTo(("female", "W/\"2\"")));
        });
        foreach (var version in new[] { "0", "3", "-1", "01", "+1", "1.0", "x", "99999999999999999999" })
        {
            Assert.That((await GetAsync($"Patient/{id}/_history/{version}")).Status, Is.EqualTo(HttpStatusCode.NotFound), version);
        }
    }

    [Test]
    public async Task Where_a_resource_was_deleted_stands_410_and_its_versions_tell_the_story()
    {
        var id = await NewPatientAsync();
        await DeleteAsync($"Patient/{id}");
        Assert.That((await GetAsync($"Patient/{id}")).Status, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That((await GetAsync($"Patient/{id}/_history/2")).Status, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That((await GetAsync($"Patient/{id}/_history/1")).Status, Is.EqualTo(HttpStatusCode.OK));
        await PutAsync($"Patient/{id}", PatientJson(id));

        var history = await GetAsync($"Patient/{id}/_history");
        string? Of(int entry, string path) => history[$"entry.{entry}.{path}"];
        Assert.Multiple(() =>
        {
            Assert.That(history["type"], Is.EqualTo("history"));
            Assert.That(Enumerable.Range(0, 3).Select(i => Of(i, "request.method")), Is.EqualTo(new[] { "PUT", "DELETE", "PUT" }));
            Assert.That(Enumerable.Range(0, 3).Select(i => Of(i, "request.url")), Is.All.EqualTo($"Patient/{id}"));
            Assert.That(Enumerable.Range(0, 3).Select(i => Of(i, "response.etag")), Is.EqualTo(new[] { "W/\"3\"", "W/\"2\"", "W/\"1\"" }));
            Assert.That(Enumerable.Range(0, 3).Select(i => Of(i, "response.status")![..3]), Is.EqualTo(new[] { "201", "204", "201" }));
            Assert.That(Enumerable.Range(0, 3).Select(i => Of(i, "response.lastModified")), Is.Ordered.Descending);
            Assert.That(Enumerable.Range(0, 3).Select(i => Of(i, "fullUrl")), Is.All.EqualTo($"{Phr.Address}/fhir/Patient/{id}"));
            Assert.That(Of(1, "resource"), Is.Null);
            Assert.That(Of(2, "resource.meta.versionId"), Is.EqualTo("1"));
        });
    }

    [Test]
    public async Task History_pages_follow_each_other_and_are_not_disturbed_by_new_versions()
    {
        var id = await NewPatientAsync();
        for (var year = 1901; year < 1907; year++)
        {
            await PutAsync($"Patient/{id}", PatientJson(id, $",\"birthDate\":\"{year}\""));
        }
        var (seen, next) = (new List<string?>(), $"Patient/{id}/_history?_count=3");
        while (next is not null)
        {
            var page = await GetAsync(next);
            Assert.That(page.Link("self"), Does.StartWith($"{Phr.Address}/fhir/Patient/{id}/_history?_count=3"));
            seen.AddRange(page.Json!["entry"]!.AsArray().Select(entry => Answer.At(entry, "response.etag")));
            await PutAsync($"Patient/{id}", PatientJson(id, $",\"birthDate\":\"{2000 + seen.Count}\""));
            next = page.Link("next");
        }
        Assert.That(seen, Is.EqualTo(Enumerable.Range(1, 7).Reverse().Select(version => $"W/\"{version}\"")));
    }

    [TestCase("_count=0")]
    [TestCase("_count=-1")]
    [TestCase("_count=x")]
    [TestCase("_count=99999999999999999999")]
    [TestCase("_cursor=x")]
    [TestCase("_at=then")]
    [TestCase("_at=2020&_at=2021")]
    [TestCase("_list=1")]
    [TestCase("_sort=_lastUpdated")]
    [TestCase("_since=yesterday")]
    public async Task What_history_cannot_answer_is_400(string query) =>
        Assert.That((await GetAsync($"Patient/{await NewPatientAsync()}/_history?{query}")).Status, Is.EqualTo(HttpStatusCode.BadRequest));

    [Test]
    public async Task History_since_a_moment_holds_that_moment_and_what_came_after()
    {
        var id = await NewPatientAsync();
        var second = await PutAsync($"Patient/{id}", PatientJson(id, ",\"birthDate\":\"1950\""));
        await PutAsync($"Patient/{id}", PatientJson(id, ",\"birthDate\":\"1951\""));
        async Task<IEnumerable<string?>> SinceAsync(string moment) => (await GetAsync($"Patient/{id}/_history?_since={Uri.EscapeDataString(moment)}"))
            .Json!["entry"]?.AsArray().Select(entry => Answer.At(entry, "response.etag")) ?? [];
        Assert.That(await SinceAsync(second["meta.lastUpdated"]!), Is.EqualTo(new[] { "W/\"3\"", "W/\"2\"" }));
        Assert.That(await SinceAsync("2999-01-01T00:00:00Z"), Is.Empty);
        Assert.That(await SinceAsync("1999-01-01T00:00:00+14:00"), Is.EqualTo(new[] { "W/\"3\"", "W/\"2\"", "W/\"1\"" }));
    }
}

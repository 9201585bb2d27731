using System.Net;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#cond-update</summary>
[TestFixture]
public sealed class ConditionalUpdateTests : RestTests
{
    private static string Named(string value, string? id = null, string further = "") =>
        $$"""{"resourceType":"Patient"{{(id is null ? "" : $",\"id\":\"{id}\"")}},"identifier":[{"system":"urn:u","value":"{{value}}"}]{{further}}}""";

    private static Task<Answer> UpdateAsync(string value, string json, params (string, string)[] headers) =>
        PutAsync($"Patient?identifier=urn:u|{value}", json, headers);

    [Test]
    public async Task Nothing_found_and_no_id_creates_and_then_one_found_is_updated()
    {
        var value = NewId();
        var created = await UpdateAsync(value, Named(value));
        var updated = await UpdateAsync(value, Named(value, further: ",\"gender\":\"male\""));
        var withId = await UpdateAsync(value, Named(value, created["id"], ",\"gender\":\"female\""));
        var same = await UpdateAsync(value, Named(value, created["id"], ",\"gender\":\"female\""));
        Assert.Multiple(() =>
        {
            Assert.That((created.Status, created.ETag), Is.EqualTo((HttpStatusCode.Created, "W/\"1\"")));
            Assert.That(created.Headers.Location?.ToString(), Is.EqualTo($"{Phr.Address}/fhir/Patient/{created["id"]}/_history/1"));
            Assert.That((updated.Status, updated["id"], updated["gender"]), Is.EqualTo((HttpStatusCode.OK, created["id"], "male")));
            Assert.That((withId.Status, withId.ETag, withId["gender"]), Is.EqualTo((HttpStatusCode.OK, "W/\"3\"", "female")));
            Assert.That((same.Status, same.ETag), Is.EqualTo((HttpStatusCode.OK, "W/\"3\"")), "no change, no version");
        });
    }

    [Test]
    public async Task Nothing_found_and_an_id_is_a_put_to_that_id()
    {
        var (value, id) = (NewId(), NewId());
        var created = await UpdateAsync(value, Named(value, id));
        Assert.That((created.Status, created["id"]), Is.EqualTo((HttpStatusCode.Created, id)));
        var other = NewId();
        var updated = await UpdateAsync(other, Named(other, id));
        Assert.That((updated.Status, updated["id"], updated.ETag), Is.EqualTo((HttpStatusCode.OK, id, "W/\"2\"")));
    }

    [Test]
    public async Task One_found_and_another_id_is_400_and_more_than_one_found_is_412()
    {
        var value = NewId();
        await UpdateAsync(value, Named(value));
        Assert.That((await UpdateAsync(value, Named(value, NewId()))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await UpdateAsync(value, Named(value, "not an id"))).Status, Is.AnyOf(HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity));
        await PostAsync("Patient", Named(value));
        Assert.That((await UpdateAsync(value, Named(value, further: ",\"gender\":\"male\""))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await GetAsync($"Patient?identifier=urn:u|{value}&gender=male")).Entries("match"), Is.Empty);
    }

    [TestCase("Patient")]
    [TestCase("Patient?")]
    [TestCase("Patient?typo=1")]
    [TestCase("Patient?_count=1")]
    [TestCase("Patient?identifier=")]
    public async Task Without_criteria_that_choose_nothing_is_written(string path)
    {
        var value = NewId();
        Assert.That((await PutAsync(path, Named(value))).Status, Is.AnyOf(HttpStatusCode.BadRequest, HttpStatusCode.PreconditionFailed));
        Assert.That((await GetAsync($"Patient?identifier=urn:u|{value}")).Entries("match"), Is.Empty);
    }

    [Test]
    public async Task If_Match_is_of_what_is_found()
    {
        var value = NewId();
        Assert.That((await UpdateAsync(value, Named(value), ("If-Match", "*"))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed), "nothing is there");
        await UpdateAsync(value, Named(value));
        Assert.That((await UpdateAsync(value, Named(value, further: ",\"gender\":\"male\""), ("If-Match", "W/\"7\""))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await UpdateAsync(value, Named(value, further: ",\"gender\":\"male\""), ("If-Match", "W/\"1\""))).ETag, Is.EqualTo("W/\"2\""));
        Assert.That((await UpdateAsync(value, Named(value), ("If-Match", "x"))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Many_at_the_same_time_make_one_resource_and_lose_no_version()
    {
        var value = NewId();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => UpdateAsync(value, Named(value, further: $",\"birthDate\":\"{1950 + i}\""))));
        Assert.Multiple(() =>
        {
            Assert.That(answers.Count(one => one.Status == HttpStatusCode.Created), Is.EqualTo(1));
            Assert.That(answers.Count(one => one.Status == HttpStatusCode.OK), Is.EqualTo(49));
            Assert.That(answers.Select(one => one["id"]).Distinct(), Has.Exactly(1).Items);
            Assert.That(answers.Select(one => one.ETag), Is.Unique);
        });
        Assert.That((await GetAsync($"Patient?identifier=urn:u|{value}")).Entries("match"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Of_two_that_name_the_same_version_exactly_one_is_written()
    {
        var id = await NewPatientAsync();
        for (var version = 1; version <= 10; version++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(who =>
                PutAsync($"Patient/{id}", PatientJson(id, $",\"birthDate\":\"{1900 + (2 * version) + who}\""), ("If-Match", $"W/\"{version}\""))));
            Assert.That(answers.Select(one => one.Status), Is.EquivalentTo(new[] { HttpStatusCode.OK, HttpStatusCode.PreconditionFailed }));
        }
    }

    [Test]
    public async Task A_study_with_instances_takes_its_human_part_by_criteria_too()
    {
        var (_, uid, id) = await NewStudyAsync();
        var body = (await GetAsync($"ImagingStudy/{id}")).Json!.AsObject();
        body["note"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["text"] = "by criteria" });
        var answer = await PutAsync($"ImagingStudy?identifier=urn:oid:{uid}", body.ToJsonString());
        Assert.That((answer.Status, answer["id"], answer["note.0.text"], answer["numberOfInstances"]), Is.EqualTo((HttpStatusCode.OK, id, "by criteria", "1")));
        body["numberOfInstances"] = 7;
        Assert.That((await PutAsync($"ImagingStudy?identifier=urn:oid:{uid}", body.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }
}

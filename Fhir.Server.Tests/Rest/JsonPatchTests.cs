using System.Net;
using System.Text.Json.Nodes;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#patch by application/json-patch+json; the operations themselves: JsonPatchRunTests.</summary>
[TestFixture]
public sealed class JsonPatchTests : RestTests
{
    private static Task<Answer> PatchAsync(string path, string patch, params (string, string)[] headers) =>
        SendAsync(Phr.Client, HttpMethod.Patch, path, Body(patch, "application/json-patch+json"), headers);

    [Test]
    public async Task A_patch_makes_the_next_version_and_history_calls_it_PATCH()
    {
        var id = await NewPatientAsync(",\"gender\":\"male\",\"name\":[{\"family\":\"Aal\",\"given\":[\"A\",\"B\"]}]");
        var answer = await PatchAsync($"Patient/{id}", """
            [{"op":"test","path":"/gender","value":"male"},{"op":"replace","path":"/gender","value":"female"},{"op":"add","path":"/birthDate","value":"1970-01-02"},
             {"op":"move","from":"/name/0/given/1","path":"/name/0/given/0"},{"op":"add","path":"/name/0/given/-","value":"C"},{"op":"copy","from":"/name/0","path":"/name/1"},
             {"op":"remove","path":"/name/1/given"}]
            """);
        Assert.Multiple(() =>
        {
            Assert.That((answer.Status, answer.ETag), Is.EqualTo((HttpStatusCode.OK, "W/\"2\"")));
            Assert.That(answer.ContentHeaders.LastModified, Is.Not.Null);
            Assert.That((answer["gender"], answer["birthDate"], answer["meta.versionId"]), Is.EqualTo(("female", "1970-01-02", "2")));
            Assert.That(answer["name"], Is.EqualTo("""[{"family":"Aal","given":["B","A","C"]},{"family":"Aal"}]"""));
        });
        var history = await GetAsync($"Patient/{id}/_history");
        Assert.That((history["entry.0.request.method"], history["entry.0.request.url"], history["entry.0.response.status"]), Is.EqualTo(("PATCH", $"Patient/{id}", "200 OK")));
        Assert.That((await GetAsync($"Patient?_id={id}&gender=female&birthdate=1970-01-02")).Ids(), Is.EqualTo(new[] { id }));
    }

    [TestCase("""[{"op":"test","path":"/gender","value":"female"}]""")]
    [TestCase("""[{"op":"replace","path":"/birthDate","value":"1970"}]""")]
    [TestCase("""[{"op":"add","path":"/identifier/-","value":{"value":"1"}}]""")]
    [TestCase("""[{"op":"replace","path":"/gender","value":"wrong"}]""")]
    [TestCase("""[{"op":"add","path":"/nonsense","value":1}]""")]
    [TestCase("""[{"op":"add","path":"/birthDate","value":null}]""")]
    [TestCase("""[{"op":"add","path":"/identifier","value":[]}]""")]
    [TestCase("""[{"op":"replace","path":"/id","value":"other"}]""")]
    [TestCase("""[{"op":"remove","path":"/id"}]""")]
    [TestCase("""[{"op":"replace","path":"/meta/versionId","value":"7"}]""")]
    [TestCase("""[{"op":"replace","path":"/resourceType","value":"Organization"}]""")]
    [TestCase("""[{"op":"remove","path":""}]""")]
    [TestCase("""[{"op":"copy","from":"","path":"/contained"}]""")]
    [TestCase("""[{"op":"replace","path":"","value":{"resourceType":"Patient"}}]""")]
    [TestCase("""[{"op":"replace","path":"","value":[]}]""")]
    [TestCase("""[{"op":"replace","path":"","value":null}]""")]
    [TestCase("""[{"op":"replace","path":"/gender","value":"female"},{"op":"test","path":"/gender","value":"male"}]""")]
    [TestCase("""[{"op":"add","path":"/meta/tag","value":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}]""")]
    public async Task What_cannot_be_done_or_leaves_no_correct_resource_is_422_and_changes_nothing(string patch)
    {
        var id = await NewPatientAsync(",\"gender\":\"male\"");
        Assert.That((await PatchAsync($"Patient/{id}", patch)).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        var after = await GetAsync($"Patient/{id}");
        Assert.That((after.ETag, after["gender"]), Is.EqualTo(("W/\"1\"", "male")));
    }

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("[1]")]
    [TestCase("[{}]")]
    [TestCase("""[{"op":"test","path":"/a"}""")]
    [TestCase("""[{"op":"TEST","path":"/a","value":1}]""")]
    [TestCase("""[{"op":"add","path":"/a"}]""")]
    [TestCase("""[{"op":"add","value":"a"}]""")]
    [TestCase("""[{"op":"add","path":"a","value":"a"}]""")]
    [TestCase("""[{"op":"add","path":"/a~2","value":"a"}]""")]
    [TestCase("""[{"op":"move","path":"/a"}]""")]
    [TestCase("""[{"op":"copy","path":"/a","from":1}]""")]
    [TestCase("""[{"op":"add","op":"test","path":"/a","value":1}]""")]
    [TestCase("""[{"op":"add","path":"/gender","value":"\ud800"}]""")]
    public async Task What_is_no_patch_is_400(string patch)
    {
        var id = await NewPatientAsync();
        Assert.That((await PatchAsync($"Patient/{id}", patch)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [TestCase("application/merge-patch+json")]
    [TestCase("text/plain")]
    [TestCase("application/json-patch+json; charset=latin1")]
    public async Task Another_type_of_body_is_415(string type)
    {
        var id = await NewPatientAsync();
        using var content = Bytes("[]"u8.ToArray(), type);
        Assert.That((await SendAsync(Phr.Client, HttpMethod.Patch, $"Patient/{id}", content)).Status, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [Test]
    public async Task A_patch_that_changes_nothing_makes_no_version()
    {
        var id = await NewPatientAsync(",\"gender\":\"male\"");
        foreach (var patch in new[] { "[]", """[{"op":"replace","path":"/gender","value":"male"}]""", """[{"op":"remove","path":"/meta"}]""" })
        {
            var answer = await PatchAsync($"Patient/{id}", patch);
            Assert.That((answer.Status, answer.ETag), Is.EqualTo((HttpStatusCode.OK, "W/\"1\"")), patch);
        }
    }

    [Test]
    public async Task The_last_of_a_list_takes_the_list_with_it()
    {
        var id = await NewPatientAsync(",\"name\":[{\"given\":[\"A\"]}],\"gender\":\"male\"");
        var answer = await PatchAsync($"Patient/{id}", """[{"op":"remove","path":"/name/0/given/0"}]""");
        Assert.That((answer.Status, answer["name"], answer["gender"]), Is.EqualTo((HttpStatusCode.OK, (string?)null, "male")));
    }

    [Test]
    public async Task Decimals_keep_their_digits()
    {
        var patient = await NewPatientAsync();
        var made = await PostAsync("Observation", $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"},"valueQuantity":{"value":1.50}}""");
        var answer = await PatchAsync($"Observation/{made["id"]}", """[{"op":"add","path":"/referenceRange","value":[{"low":{"value":0.100}}]},{"op":"test","path":"/valueQuantity/value","value":1.5}]""");
        Assert.That(answer.Text, Does.Contain("\"valueQuantity\":{\"value\":1.50}").And.Contain("\"low\":{\"value\":0.100}"));
    }

    [Test]
    public async Task Unknown_is_404_deleted_is_410_and_If_Match_decides_before_the_patch()
    {
        var patch = """[{"op":"test","path":"/gender","value":"nonsense"}]""";
        Assert.That((await PatchAsync("Patient/never-was", patch)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        var id = await NewPatientAsync();
        Assert.That((await PatchAsync($"Patient/{id}", patch, ("If-Match", "W/\"2\""))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await PatchAsync($"Patient/{id}", patch, ("If-Match", "nonsense"))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await PatchAsync($"Patient/{id}", """[{"op":"add","path":"/gender","value":"male"}]""", ("If-Match", "W/\"9\", W/\"1\""))).Status, Is.EqualTo(HttpStatusCode.OK));
        await DeleteAsync($"Patient/{id}");
        Assert.That((await PatchAsync($"Patient/{id}", patch)).Status, Is.EqualTo(HttpStatusCode.Gone));
    }

    [Test]
    public async Task Fifty_at_the_same_time_lose_nothing()
    {
        var id = await NewPatientAsync(",\"identifier\":[{\"system\":\"urn:p\",\"value\":\"first\"}]");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            PatchAsync($"Patient/{id}", $$$"""[{"op":"add","path":"/identifier/-","value":{"system":"urn:p","value":"{{{i}}}"}}]""")));
        Assert.That(answers.Select(one => one.Status), Is.All.EqualTo(HttpStatusCode.OK));
        Assert.That(answers.Select(one => one.ETag), Is.Unique);
        var values = (await GetAsync($"Patient/{id}")).Json!["identifier"]!.AsArray().Select(one => Answer.At(one, "value"));
        Assert.That(values, Is.EquivalentTo(Enumerable.Range(0, 50).Select(i => $"{i}").Append("first")));
    }

    [Test]
    public async Task Patches_and_updates_at_the_same_time_lose_no_patch_after_the_last_update()
    {
        var id = await NewPatientAsync(",\"identifier\":[{\"system\":\"urn:p\",\"value\":\"first\"}]");
        var patches = Enumerable.Range(0, 20).Select(i => PatchAsync($"Patient/{id}", $$$"""[{"op":"add","path":"/identifier/-","value":{"value":"{{{i}}}"}}]"""));
        var updates = Enumerable.Range(0, 10).Select(i => PutAsync($"Organization/{id}", $$"""{"resourceType":"Organization","id":"{{id}}","name":"{{i}}"}"""));
        var answers = await Task.WhenAll(patches.Concat(updates));
        Assert.That(answers.Select(one => (int)one.Status), Is.All.InRange(200, 201));
        Assert.That((await GetAsync($"Patient/{id}")).Json!["identifier"]!.AsArray(), Has.Count.EqualTo(21));
    }

    [Test]
    public async Task By_criteria_one_is_patched_none_is_404_and_many_are_412()
    {
        var value = NewId();
        var patch = """[{"op":"add","path":"/gender","value":"other"}]""";
        var path = $"Patient?identifier=urn:pc|{value}";
        Assert.That((await PatchAsync(path, patch)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        var id = await NewPatientAsync($$""","identifier":[{"system":"urn:pc","value":"{{value}}"}]""");
        var one = await PatchAsync(path, patch);
        Assert.That((one.Status, one["id"], one["gender"]), Is.EqualTo((HttpStatusCode.OK, id, "other")));
        Assert.That((await PatchAsync(path, patch, ("If-Match", "W/\"1\""))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        await NewPatientAsync($$""","identifier":[{"system":"urn:pc","value":"{{value}}"}]""");
        Assert.That((await PatchAsync(path, patch)).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await PatchAsync("Patient", patch)).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await PatchAsync("Patient?typo=1", patch)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task A_study_with_instances_keeps_what_is_the_server_s()
    {
        var (_, _, id) = await NewStudyAsync();
        var noted = await PatchAsync($"ImagingStudy/{id}", """[{"op":"add","path":"/note","value":[{"text":"patched"}]}]""");
        Assert.That((noted.Status, noted["note.0.text"], noted["status"]), Is.EqualTo((HttpStatusCode.OK, "patched", "available")));
        foreach (var patch in new[]
        {
            """[{"op":"replace","path":"/status","value":"cancelled"}]""", """[{"op":"replace","path":"/numberOfInstances","value":9}]""",
            """[{"op":"remove","path":"/series"}]""", """[{"op":"replace","path":"/subject/reference","value":"Patient/another"}]""",
        })
        {
            Assert.That((await PatchAsync($"ImagingStudy/{id}", patch)).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), patch);
        }
    }

    [Test]
    public async Task A_patch_cannot_move_a_resource_to_another_record_nor_change_what_the_server_makes()
    {
        var (patient, other) = (await NewPatientAsync(), await NewPatientAsync());
        var made = await PostAsync("ImagingStudy", StudyJson("x", patient));
        var moved = await PatchAsync($"ImagingStudy/{made["id"]}", $$"""[{"op":"replace","path":"/subject/reference","value":"Patient/{{other}}"}]""");
        Assert.That(moved.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        var endpoint = await PatchAsync($"Endpoint/wado-{patient}", """[{"op":"replace","path":"/address","value":"https://evil.example"}]""");
        Assert.That(endpoint.Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [Test]
    public async Task A_patch_that_would_grow_or_nest_without_bound_is_422()
    {
        var id = await NewPatientAsync(",\"identifier\":[{\"value\":\"0123456789012345678901234567890123456789\"}]");
        var doubling = new JsonArray([.. Enumerable.Range(0, 200).SelectMany(_ => new[]
        {
            new JsonObject { ["op"] = "copy", ["from"] = "/identifier", ["path"] = "/a" }, new JsonObject { ["op"] = "copy", ["from"] = "/a", ["path"] = "/identifier/-" },
        })]);
        Assert.That((await PatchAsync($"Patient/{id}", doubling.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        var nesting = new JsonArray([.. Enumerable.Range(0, 500).SelectMany(_ => new[]
        {
            new JsonObject { ["op"] = "add", ["path"] = "/b", ["value"] = new JsonObject() }, new JsonObject { ["op"] = "move", ["from"] = "/identifier", ["path"] = "/b/x" },
            new JsonObject { ["op"] = "move", ["from"] = "/b", ["path"] = "/identifier" },
        })]);
        Assert.That((await PatchAsync($"Patient/{id}", nesting.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }
}

using System.Net;
using System.Text.Json.Nodes;

namespace Fhir.Server.Tests.Rest;

/// <summary>An ImagingStudy whose instances are here: what DICOM says is the server's, what people say is theirs.</summary>
[TestFixture]
public sealed class StudyUpdateTests : RestTests
{
    private static async Task<JsonObject> ReadAsync(string id) => (await GetAsync($"ImagingStudy/{id}")).Json!.AsObject();

    private static JsonArray Note(string text) => [new JsonObject { ["text"] = text }];

    [Test]
    public async Task What_was_read_can_be_written_back_and_makes_no_version()
    {
        var (_, _, id) = await NewStudyAsync("1", "2");
        var read = await GetAsync($"ImagingStudy/{id}");
        foreach (var headers in new (string, string)[][] { [], [("If-Match", read.ETag!)], [("If-Match", "*")] })
        {
            var answer = await PutAsync($"ImagingStudy/{id}", read.Text, headers);
            Assert.That((answer.Status, answer.ETag, answer.Text), Is.EqualTo((HttpStatusCode.OK, "W/\"1\"", read.Text)));
        }
    }

    [TestCase("status", "\"cancelled\"")]
    [TestCase("status", "\"entered-in-error\"")]
    [TestCase("modality", "[{\"system\":\"http://dicom.nema.org/resources/ontology/DCM\",\"code\":\"MR\"}]")]
    [TestCase("modality", null)]
    [TestCase("started", "\"2020-01-01\"")]
    [TestCase("started", null)]
    [TestCase("numberOfSeries", "9")]
    [TestCase("numberOfInstances", "9")]
    [TestCase("numberOfInstances", null)]
    [TestCase("endpoint", "[{\"reference\":\"Endpoint/evil\"}]")]
    [TestCase("endpoint", null)]
    [TestCase("series", null)]
    [TestCase("series", "[{\"uid\":\"1.2\",\"modality\":{\"code\":\"CT\"}}]")]
    [TestCase("description", "\"Another\"")]
    [TestCase("identifier", null)]
    [TestCase("identifier", "[{\"system\":\"urn:dicom:uid\",\"value\":\"urn:oid:1.2.3\"}]")]
    [TestCase("basedOn", null)]
    [TestCase("subject", "{\"reference\":\"Patient/another\"}")]
    public async Task A_server_owned_element_cannot_be_changed_and_the_answer_names_it(string element, string? value)
    {
        var (_, _, id) = await NewStudyAsync();
        var body = await ReadAsync(id);
        body[element] = value is null ? null : JsonNode.Parse(value);
        if (value is null)
        {
            body.Remove(element);
        }
        foreach (var headers in new (string, string)[][] { [], [("If-Match", "W/\"1\"")] })
        {
            var answer = await PutAsync($"ImagingStudy/{id}", body.ToJsonString(), headers);
            Assert.That((answer.Status, answer["issue.0.expression.0"]), Is.EqualTo((HttpStatusCode.UnprocessableEntity, $"ImagingStudy.{element}")));
        }
        Assert.That((await GetAsync($"ImagingStudy/{id}")).ETag, Is.EqualTo("W/\"1\""));
    }

    [Test]
    public async Task The_accession_number_is_the_server_s_and_other_identifiers_are_people_s()
    {
        var (_, _, id) = await NewStudyAsync();
        var body = await ReadAsync(id);
        body["identifier"]!.AsArray().RemoveAt(1);
        var answer = await PutAsync($"ImagingStudy/{id}", body.ToJsonString());
        Assert.That((answer.Status, answer["issue.0.expression.0"]), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "ImagingStudy.identifier")));
        body = await ReadAsync(id);
        body["identifier"]!.AsArray().Add(new JsonObject { ["system"] = "urn:mine", ["value"] = "7" });
        Assert.That((await PutAsync($"ImagingStudy/{id}", body.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await GetAsync($"ImagingStudy?identifier=urn:mine|7&_id={id}")).Ids(), Is.EqualTo(new[] { id }));
    }

    [Test]
    public async Task What_people_say_is_kept_and_outlives_new_instances_deletion_aside()
    {
        var (patient, uid, id) = await NewStudyAsync();
        var body = await ReadAsync(id);
        body["note"] = Note("Compare with 2024");
        body["reasonCode"] = new JsonArray(new JsonObject { ["text"] = "Cough" });
        body["meta"] = new JsonObject { ["tag"] = new JsonArray(new JsonObject { ["system"] = "urn:t", ["code"] = "teaching" }) };
        body["basedOn"]!.AsArray().Add(new JsonObject { ["reference"] = "ServiceRequest/7" });
        var edited = await PutAsync($"ImagingStudy/{id}", body.ToJsonString(), ("If-Match", "W/\"1\""));
        Assert.That((edited.Status, edited.ETag), Is.EqualTo((HttpStatusCode.OK, "W/\"2\"")));
        await StowAsync(patient, new TestDicom(uid, uid + ".1", uid + ".1.2"));
        var after = await GetAsync($"ImagingStudy/{id}");
        Assert.Multiple(() =>
        {
            Assert.That(after["numberOfInstances"], Is.EqualTo("2"));
            Assert.That((after["note.0.text"], after["reasonCode.0.text"], after["meta.tag.0.code"]), Is.EqualTo(("Compare with 2024", "Cough", "teaching")));
            Assert.That(after["basedOn"], Does.Contain("ServiceRequest/7").And.Contain("ACSN"));
            Assert.That(after.Json!["basedOn"]!.AsArray(), Has.Count.EqualTo(2));
        });
    }

    [Test]
    public async Task A_body_of_an_older_version_is_applied_to_the_newer_one_unless_If_Match_forbids_it()
    {
        var (patient, uid, id) = await NewStudyAsync();
        var body = await ReadAsync(id);
        body["note"] = Note("Read before the second slice came");
        await StowAsync(patient, new TestDicom(uid, uid + ".1", uid + ".1.2"));
        Assert.That((await PutAsync($"ImagingStudy/{id}", body.ToJsonString(), ("If-Match", "W/\"1\""))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        var answer = await PutAsync($"ImagingStudy/{id}", body.ToJsonString());
        Assert.That((answer.Status, answer["numberOfInstances"], answer["note.0.text"]), Is.EqualTo((HttpStatusCode.OK, "2", "Read before the second slice came")));
        body["meta"]!.AsObject().Remove("versionId");
        Assert.That((await PutAsync($"ImagingStudy/{id}", body.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), "without a version it is judged by the current one");
    }

    [TestCase("W/\"7\"", HttpStatusCode.PreconditionFailed)]
    [TestCase("W/\"1\", W/\"7\"", HttpStatusCode.OK)]
    [TestCase("*", HttpStatusCode.OK)]
    [TestCase("1", HttpStatusCode.BadRequest)]
    public async Task If_Match_holds_for_studies_as_for_everything(string ifMatch, HttpStatusCode status)
    {
        var (_, _, id) = await NewStudyAsync();
        var body = await ReadAsync(id);
        body["note"] = Note("x");
        Assert.That((await PutAsync($"ImagingStudy/{id}", body.ToJsonString(), ("If-Match", ifMatch))).Status, Is.EqualTo(status));
    }

    [Test]
    public async Task Of_many_edits_of_one_version_exactly_one_wins()
    {
        var (_, _, id) = await NewStudyAsync();
        var body = await ReadAsync(id);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
        {
            var mine = body.DeepClone();
            mine["note"] = Note($"{i}");
            return PutAsync($"ImagingStudy/{id}", mine.ToJsonString(), ("If-Match", "W/\"1\""));
        }));
        Assert.That(answers.Count(answer => answer.Status == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(answers.Count(answer => answer.Status == HttpStatusCode.PreconditionFailed), Is.EqualTo(7));
    }

    [Test]
    public async Task Edits_get_through_while_instances_stream_in_and_no_instance_is_lost()
    {
        var (patient, uid, id) = await NewStudyAsync();
        var body = await ReadAsync(id);
        var streaming = Task.Run(async () =>
        {
            for (var i = 2; i <= 40; i++)
            {
                await StowAsync(patient, new TestDicom(uid, uid + ".1", $"{uid}.1.{i}") { InstanceNumber = i });
            }
        });
        var reading = Task.Run(async () =>
        {
            while (!streaming.IsCompleted)
            {
                await GetAsync($"ImagingStudy/{id}");
            }
        });
        for (var edit = 0; !streaming.IsCompleted; edit++)
        {
            body["note"] = Note($"edit {edit}");
            Assert.That((await PutAsync($"ImagingStudy/{id}", body.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.OK));
            body["note"] = Note($"edit {edit} by anybody");
            Assert.That((await PutAsync($"ImagingStudy/{id}", body.ToJsonString(), ("If-Match", "*"))).Status, Is.EqualTo(HttpStatusCode.OK));
        }
        await Task.WhenAll(streaming, reading);
        var after = await GetAsync($"ImagingStudy/{id}");
        Assert.That((after["numberOfInstances"], after.Json!["series"]![0]!["instance"]!.AsArray().Count), Is.EqualTo(("40", 40)));
        Assert.That(after["note.0.text"], Does.StartWith("edit "));
    }

    [Test]
    public async Task A_study_announced_without_instances_is_ordinary_and_adopted_by_the_first_instance()
    {
        var (patient, uid, id) = (await NewPatientAsync(), NewUid(), NewId());
        await PutAsync($"ImagingStudy/{id}", StudyJson(id, patient, uid, ",\"note\":[{\"text\":\"expected\"}],\"numberOfSeries\":5,\"description\":\"planned\""));
        Assert.That((await PutAsync($"ImagingStudy/{id}", StudyJson(id, patient, uid, ",\"note\":[{\"text\":\"expected\"}],\"numberOfSeries\":6"))).ETag, Is.EqualTo("W/\"2\""));
        await StowAsync(patient, new TestDicom(uid, uid + ".1", uid + ".1.1"));
        var adopted = await GetAsync($"ImagingStudy/{id}");
        Assert.Multiple(() =>
        {
            Assert.That((adopted["id"], adopted["status"], adopted["numberOfSeries"], adopted["note.0.text"]), Is.EqualTo((id, "available", "1", "expected")));
            Assert.That(adopted["meta.versionId"], Is.EqualTo("3"));
        });
        Assert.That((await GetAsync($"ImagingStudy?patient={patient}")).Ids(), Is.EqualTo(new[] { id }));
        Assert.That((await PutAsync($"ImagingStudy/{id}", StudyJson(id, patient, uid))).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    [Test]
    public async Task A_hand_made_body_never_stands_over_what_instances_say_however_close_the_race()
    {
        for (var round = 0; round < 20; round++)
        {
            var (patient, uid, id) = (await NewPatientAsync(), NewUid(), NewId());
            await PutAsync($"ImagingStudy/{id}", StudyJson(id, patient, uid));
            var edits = Enumerable.Range(0, 12).Select(i => PutAsync($"ImagingStudy/{id}", StudyJson(id, patient, uid, $",\"description\":\"edit {i}\"")));
            var reads = Enumerable.Range(0, 6).Select(_ => GetAsync($"ImagingStudy/{id}"));
            await Task.WhenAll([.. edits, StowAsync(patient, new TestDicom(uid, uid + ".1", uid + ".1.1")), .. reads]);
            var after = await GetAsync($"ImagingStudy/{id}");
            Assert.That((after["status"], after["numberOfInstances"], after["description"]), Is.EqualTo(("available", "1", "Study " + uid)));
        }
    }

    [Test]
    public async Task Notes_can_be_put_on_a_study_that_nobody_has_claimed()
    {
        var uid = NewUid();
        using (var stored = await Phr.StowAsync("/dicomweb", new TestDicom(uid, uid + ".1", uid + ".1.1") { PatientId = "" }.ToBytes()))
        {
            Assert.That(stored.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        var found = await GetAsync($"ImagingStudy?identifier=urn:oid:{uid}");
        var body = found.Entries("match").Single();
        body["note"] = Note("Whose is it?");
        Assert.That((await PutAsync($"ImagingStudy/{Answer.At(body, "id")}", body.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.OK));
    }
}

using System.Net;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#update and #concurrency</summary>
[TestFixture]
public sealed class UpdateTests : RestTests
{
    [Test]
    public async Task A_new_id_is_created_and_a_known_one_gets_its_next_version()
    {
        var id = NewId();
        var first = await PutAsync($"Patient/{id}", PatientJson(id, ""","meta":{"versionId":"9","lastUpdated":"1999-01-01T00:00:00Z"}"""));
        var second = await PutAsync($"Patient/{id}", PatientJson(id, ",\"gender\":\"male\""));
        Assert.Multiple(() =>
        {
            Assert.That((first.Status, first.ETag), Is.EqualTo((HttpStatusCode.Created, "W/\"1\"")));
            Assert.That(first.Headers.Location?.ToString(), Is.EqualTo($"{Phr.Address}/fhir/Patient/{id}/_history/1"));
            Assert.That((second.Status, second.ETag, second["meta.versionId"]), Is.EqualTo((HttpStatusCode.OK, "W/\"2\"", "2")));
            Assert.That(string.CompareOrdinal(second["meta.lastUpdated"], first["meta.lastUpdated"]), Is.Positive);
        });
    }

    [Test]
    public async Task The_same_content_makes_no_version_however_it_is_written()
    {
        var id = await NewPatientAsync(",\"gender\":\"male\",\"active\":true");
        var read = await GetAsync($"Patient/{id}");
        foreach (var body in new[]
        {
            read.Text, PatientJson(id, ",\"gender\":\"male\",\"active\":true"), PatientJson(id, " , \"active\" : true,\n\"g\\u0065nder\":\"m\\u0061le\""),
            PatientJson(id, ",\"active\":true,\"gender\":\"male\",\"meta\":{\"versionId\":\"44\"}"),
        })
        {
            var answer = await PutAsync($"Patient/{id}", body);
            Assert.That((answer.Status, answer.ETag, answer.Text), Is.EqualTo((HttpStatusCode.OK, "W/\"1\"", read.Text)));
        }
        Assert.That((await GetAsync($"Patient/{id}/_history")).Entries(), Has.Count.EqualTo(1));
    }

    [TestCase("{\"resourceType\":\"Patient\"}")]
    [TestCase("{\"resourceType\":\"Patient\",\"id\":\"another\"}")]
    [TestCase("{\"resourceType\":\"Patient\",\"id\":\"ID-IN-ADDRESS\"}")]
    public async Task The_id_of_the_body_must_be_that_of_the_address(string body)
    {
        var answer = await PutAsync("Patient/id-in-address", body);
        Assert.That((answer.Status, answer["issue.0.expression.0"]), Is.EqualTo((HttpStatusCode.BadRequest, "Patient.id")));
    }

    [TestCase("a_b")]
    [TestCase("a%20b")]
    [TestCase("a%2Fb")]
    [TestCase("%C3%A9")]
    [TestCase("12345678901234567890123456789012345678901234567890123456789012345")]
    [TestCase("$everything")]
    [TestCase("_search")]
    public async Task What_cannot_be_an_id_is_400(string id)
    {
        var answer = await PutAsync($"Organization/{id}", "{\"resourceType\":\"Organization\",\"name\":\"x\"}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [TestCase("shared")]
    [TestCase("nobody")]
    [TestCase("unclaimed-local")]
    [TestCase("unclaimed-")]
    [TestCase("unclaimed-org.7")]
    public async Task No_patient_gets_the_id_of_a_record_that_is_the_server_s_own(string id)
    {
        var answer = await PutAsync($"Patient/{id}", PatientJson(id));
        Assert.That((answer.Status, answer["issue.0.expression.0"]), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "Patient.id")));
        Assert.That((await GetAsync($"Patient/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("W/\"1\"", HttpStatusCode.OK)]
    [TestCase("\"1\"", HttpStatusCode.OK)]
    [TestCase("*", HttpStatusCode.OK)]
    [TestCase("W/\"5\", W/\"1\"", HttpStatusCode.OK)]
    [TestCase("W/\"5\",\"7\"", HttpStatusCode.PreconditionFailed)]
    [TestCase("W/\"2\"", HttpStatusCode.PreconditionFailed)]
    [TestCase("W/\"0\"", HttpStatusCode.PreconditionFailed)]
    [TestCase("W/\"-1\"", HttpStatusCode.PreconditionFailed)]
    [TestCase("W/\"01\"", HttpStatusCode.PreconditionFailed)]
    [TestCase("W/\"+1\"", HttpStatusCode.PreconditionFailed)]
    [TestCase("W/\" 1\"", HttpStatusCode.BadRequest)]
    [TestCase("W/\"abc\"", HttpStatusCode.PreconditionFailed)]
    [TestCase("W/\"99999999999999999999\"", HttpStatusCode.PreconditionFailed)]
    [TestCase("1", HttpStatusCode.BadRequest)]
    [TestCase("W/1", HttpStatusCode.BadRequest)]
    [TestCase("W/\"1", HttpStatusCode.BadRequest)]
    [TestCase("1\"", HttpStatusCode.BadRequest)]
    [TestCase("12\"", HttpStatusCode.BadRequest)]
    [TestCase("*, W/\"1\"", HttpStatusCode.BadRequest)]
    [TestCase("W/\"1\" W/\"2\"", HttpStatusCode.BadRequest)]
    [TestCase("", HttpStatusCode.BadRequest)]
    [TestCase(",", HttpStatusCode.BadRequest)]
    public async Task If_Match_lets_through_only_the_version_it_names(string ifMatch, HttpStatusCode status)
    {
        var id = await NewPatientAsync();
        var answer = await PutAsync($"Patient/{id}", PatientJson(id, ",\"gender\":\"male\""), ("If-Match", ifMatch));
        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That((await GetAsync($"Patient/{id}"))["meta.versionId"], Is.EqualTo(status == HttpStatusCode.OK ? "2" : "1"));
        var deleted = await DeleteAsync($"Patient/{id}", ("If-Match", ifMatch.Replace("\"1\"", status == HttpStatusCode.OK ? "\"2\"" : "\"1\"", StringComparison.Ordinal)));
        Assert.That(deleted.Status, Is.EqualTo(status == HttpStatusCode.OK ? HttpStatusCode.NoContent : status));
    }

    [TestCase("*")]
    [TestCase("W/\"1\"")]
    public async Task If_Match_on_what_is_not_there_is_412_and_makes_nothing(string ifMatch)
    {
        var id = NewId();
        Assert.That((await PutAsync($"Patient/{id}", PatientJson(id), ("If-Match", ifMatch))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await DeleteAsync($"Patient/{id}", ("If-Match", ifMatch))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await GetAsync($"Patient/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        await PutAsync($"Patient/{id}", PatientJson(id));
        await DeleteAsync($"Patient/{id}");
        Assert.That((await PutAsync($"Patient/{id}", PatientJson(id), ("If-Match", ifMatch))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
    }

    [Test]
    public async Task If_None_Match_on_an_update_is_not_passed_over()
    {
        var id = await NewPatientAsync();
        var answer = await PutAsync($"Patient/{id}", PatientJson(id, ",\"gender\":\"male\""), ("If-None-Match", "*"));
        Assert.That((int)answer.Status, Is.AnyOf(400, 412));
        Assert.That((await GetAsync($"Patient/{id}"))["meta.versionId"], Is.EqualTo("1"));
    }

    [Test]
    public async Task Of_many_updates_of_one_version_exactly_one_wins()
    {
        var id = await NewPatientAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i =>
            PutAsync($"Patient/{id}", PatientJson(id, $",\"birthDate\":\"19{10 + i}\""), ("If-Match", "W/\"1\""))));
        Assert.That(answers.Count(answer => answer.Status == HttpStatusCode.OK), Is.EqualTo(1));
        Assert.That(answers.Count(answer => answer.Status == HttpStatusCode.PreconditionFailed), Is.EqualTo(11));
        Assert.That((await GetAsync($"Patient/{id}")).ETag, Is.EqualTo("W/\"2\""));
    }

    [Test]
    public async Task Of_many_first_updates_exactly_one_creates()
    {
        var id = NewId();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => PutAsync($"Patient/{id}", PatientJson(id))));
        Assert.That(answers.Count(answer => answer.Status == HttpStatusCode.Created), Is.EqualTo(1));
        Assert.That(answers.Count(answer => answer.Status == HttpStatusCode.OK), Is.EqualTo(11));
        Assert.That(answers.Select(answer => answer.ETag), Is.All.EqualTo("W/\"1\""));
    }

    [Test]
    public async Task An_update_cannot_move_what_belongs_to_one_patient_to_another()
    {
        var (mine, other, consent, study) = (await NewPatientAsync(), await NewPatientAsync(), NewId(), NewId());
        await PutAsync($"Consent/{consent}", ConsentJson(consent, mine));
        await PutAsync($"ImagingStudy/{study}", StudyJson(study, mine));
        Assert.That((await PutAsync($"Consent/{consent}", ConsentJson(consent, other))).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That((await PutAsync($"ImagingStudy/{study}", StudyJson(study, other))).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That((await GetAsync($"Consent?patient={other}")).Entries(), Is.Empty);
    }

    [Test]
    public async Task An_Endpoint_and_an_Organization_of_ones_own_are_ordinary_resources()
    {
        var id = NewId();
        var endpoint = $$"""{"resourceType":"Endpoint","id":"{{id}}","status":"active","connectionType":{"system":"http://terminology.hl7.org/CodeSystem/endpoint-connection-type","code":"hl7-fhir-rest"},"payloadType":[{"text":"Any"}],"address":"https://elsewhere.example/fhir"}""";
        Assert.That((await PutAsync($"Endpoint/{id}", endpoint)).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await PutAsync($"Endpoint/{id}", endpoint.Replace("active", "off", StringComparison.Ordinal))).ETag, Is.EqualTo("W/\"2\""));
        Assert.That((await DeleteAsync($"Endpoint/{id}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        var organization = $$"""{"resourceType":"Organization","id":"{{id}}","name":"Clinic {{id}}"}""";
        Assert.That((await PutAsync($"Organization/{id}", organization)).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await GetAsync($"Organization?name=clinic {id}")).Ids(), Is.EqualTo(new[] { id }));
    }
}

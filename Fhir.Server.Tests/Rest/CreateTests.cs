using System.Net;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#create</summary>
[TestFixture]
public sealed class CreateTests : RestTests
{
    [Test]
    public async Task The_server_gives_id_version_and_time_whatever_the_client_says()
    {
        var mine = NewId();
        var answer = await PostAsync("Patient", PatientJson(
            mine, ""","_id":{"extension":[{"url":"urn:e","valueString":"x"}]},"meta":{"versionId":"77","_versionId":{"extension":[{"url":"urn:e","valueString":"x"}]},"lastUpdated":"1999-01-01T00:00:00Z"}"""));
        Assert.Multiple(() =>
        {
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created));
            Assert.That(answer["id"], Is.Not.EqualTo(mine).And.Match(@"\A[A-Za-z0-9\-\.]{1,64}\z"));
            Assert.That((answer["_id"], answer["meta._versionId"]), Is.EqualTo(((string?)null, (string?)null)));
            Assert.That((answer["meta.versionId"], answer.ETag), Is.EqualTo(("1", "W/\"1\"")));
            Assert.That(answer["meta.lastUpdated"], Does.Not.StartWith("1999"));
            Assert.That(answer.Headers.Location?.ToString(), Is.EqualTo($"{Phr.Address}/fhir/Patient/{answer["id"]}/_history/1"));
            Assert.That(answer.ContentHeaders.LastModified, Is.Not.Null);
        });
        var read = await GetAsync(answer.Headers.Location!.ToString());
        Assert.That(read.Text, Is.EqualTo(answer.Text));
        Assert.That((await GetAsync($"Patient/{mine}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await GetAsync($"Patient/{answer["id"]}/_history"))["entry.0.request.url"], Is.EqualTo("Patient"));
    }

    [TestCase("Parameters")]
    [TestCase("Nonsense")]
    [TestCase("patient")]
    public async Task A_type_that_is_not_kept_is_404(string type) =>
        Assert.That((await PostAsync(type, PatientJson("x"))).Status, Is.EqualTo(HttpStatusCode.NotFound));

    [TestCase("Patient/never-was")]
    [TestCase("Patient/shared")]
    [TestCase("Patient/nobody")]
    [TestCase("Patient/unclaimed-local")]
    [TestCase("Group/1")]
    [TestCase("http://elsewhere.example/fhir/Patient/1")]
    [TestCase("urn:uuid:0b0ea8b5-6cc5-4c3f-8b6f-3f3f3f3f3f3f")]
    [TestCase("#p")]
    [TestCase("Patient/")]
    [TestCase("Patient/a b")]
    [TestCase("Patient/never-was/more")]
    [TestCase("https://elsewhere.example/Patient/never-was")]
    public async Task What_belongs_to_a_patient_needs_a_known_one(string reference)
    {
        foreach (var (type, json) in new[] { ("ImagingStudy", StudyJson("x", "PATIENT")), ("Consent", ConsentJson("x", "PATIENT")) })
        {
            var answer = await PostAsync(type, json.Replace("Patient/PATIENT", reference, StringComparison.Ordinal));
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), type);
            var put = await PutAsync($"{type}/x", json.Replace("Patient/PATIENT", reference, StringComparison.Ordinal));
            Assert.That(put.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), type);
        }
    }

    [Test]
    public async Task A_patient_may_be_named_by_the_server_s_own_absolute_address()
    {
        var patient = await NewPatientAsync();
        var absolute = StudyJson("x", patient).Replace($"Patient/{patient}", $"{Phr.Address}/fhir/Patient/{patient}", StringComparison.Ordinal);
        var made = await PostAsync("ImagingStudy", absolute);
        Assert.That(made.Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await GetAsync($"ImagingStudy?patient={patient}")).Ids(), Is.EqualTo(new[] { made["id"] }));
    }

    [Test]
    public async Task A_deleted_patient_takes_nothing_new()
    {
        var patient = await NewPatientAsync();
        await DeleteAsync($"Patient/{patient}");
        Assert.That((await PostAsync("ImagingStudy", StudyJson("x", patient))).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    [Test]
    public async Task A_record_has_one_ImagingStudy_of_a_study_and_another_record_may_have_its_own()
    {
        var (patient, uid) = (await NewPatientAsync(), NewUid());
        Assert.That((await PostAsync("ImagingStudy", StudyJson("x", patient, uid))).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await PostAsync("ImagingStudy", StudyJson("x", patient, uid))).Status, Is.EqualTo(HttpStatusCode.Conflict));
        var second = NewId();
        Assert.That((await PutAsync($"ImagingStudy/{second}", StudyJson(second, patient, uid))).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await PostAsync("ImagingStudy", StudyJson("x", await NewPatientAsync(), uid))).Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task An_ImagingStudy_of_a_study_that_has_instances_cannot_be_made_by_hand_not_even_before_it_was_ever_read()
    {
        var (patient, uid) = (await NewPatientAsync(), NewUid());
        await StowAsync(patient, new TestDicom(uid, uid + ".1", uid + ".1.1"));
        Assert.That((await PostAsync("ImagingStudy", StudyJson("x", patient, uid))).Status, Is.EqualTo(HttpStatusCode.Conflict));
        var mine = NewId();
        Assert.That((await PutAsync($"ImagingStudy/{mine}", StudyJson(mine, patient, uid))).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await GetAsync($"ImagingStudy?patient={patient}")).Entries("match").ConvertAll(study => Answer.At(study, "status")), Is.EqualTo(new[] { "available" }));
    }
}

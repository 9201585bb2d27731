using System.Net;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#cdelete, one at most and always strict.</summary>
[TestFixture]
public sealed class ConditionalDeleteTests : RestTests
{
    private static async Task<string> NewAsync(string value) =>
        (await PostAsync("Patient", PatientJson("x", $$""","identifier":[{"system":"urn:d","value":"{{value}}"}]""")))["id"]!;

    [Test]
    public async Task One_match_is_deleted_and_no_match_is_204_too()
    {
        var value = NewId();
        var id = await NewAsync(value);
        var deleted = await DeleteAsync($"Patient?identifier=urn:d|{value}");
        Assert.That((deleted.Status, deleted.ETag), Is.EqualTo((HttpStatusCode.NoContent, "W/\"2\"")));
        Assert.That((await GetAsync($"Patient/{id}")).Status, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That((await DeleteAsync($"Patient?identifier=urn:d|{value}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
    }

    [Test]
    public async Task More_than_one_match_is_412_and_nothing_is_deleted()
    {
        var value = NewId();
        var (one, other) = (await NewAsync(value), await NewAsync(value));
        Assert.That((await DeleteAsync($"Patient?identifier=urn:d|{value}")).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await GetAsync($"Patient/{one}")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await GetAsync($"Patient/{other}")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("ImagingStudy", HttpStatusCode.PreconditionFailed)]
    [TestCase("ImagingStudy?", HttpStatusCode.PreconditionFailed)]
    [TestCase("ImagingStudy?_count=1", HttpStatusCode.PreconditionFailed)]
    [TestCase("ImagingStudy?typo=x", HttpStatusCode.BadRequest)]
    [TestCase("ImagingStudy?patient=", HttpStatusCode.BadRequest)]
    [TestCase("ImagingStudy?{0}&typo=x", HttpStatusCode.BadRequest)]
    [TestCase("ImagingStudy?{0}&identifier=", HttpStatusCode.BadRequest)]
    public async Task Without_criteria_that_are_understood_nothing_is_deleted(string path, HttpStatusCode status)
    {
        var (patient, _, id) = await NewStudyAsync();
        Assert.That((await DeleteAsync(path.Replace("{0}", $"patient={patient}", StringComparison.Ordinal))).Status, Is.EqualTo(status));
        Assert.That((await GetAsync($"ImagingStudy/{id}")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_study_goes_with_its_instances_and_a_Patient_only_from_an_empty_record()
    {
        var (patient, uid, id) = await NewStudyAsync();
        Assert.That((await DeleteAsync($"Patient?_id={patient}")).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await DeleteAsync($"ImagingStudy?patient={patient}&identifier=urn:oid:{uid}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await GetAsync($"ImagingStudy/{id}")).Status, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That(await Phr.Client.GetStringAsync($"/dicomweb/patients/{patient}/studies"), Is.EqualTo("[]"));
        Assert.That((await DeleteAsync($"Patient?_id={patient}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
    }

    [Test]
    public async Task If_Match_is_of_what_is_found()
    {
        var value = NewId();
        await NewAsync(value);
        Assert.That((await DeleteAsync($"Patient?identifier=urn:d|{value}", ("If-Match", "W/\"2\""))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await DeleteAsync($"Patient?identifier=urn:d|{value}", ("If-Match", "W/\"1\""))).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await DeleteAsync($"Patient?identifier=urn:d|{value}", ("If-Match", "*"))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
    }

    [Test]
    public async Task An_address_that_is_no_id_is_400() =>
        Assert.That((await DeleteAsync("Patient/_history")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
}

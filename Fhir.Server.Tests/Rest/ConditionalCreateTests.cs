using System.Net;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#ccreate</summary>
[TestFixture]
public sealed class ConditionalCreateTests : RestTests
{
    private static string Named(string value, string further = "") => PatientJson("x", $$""","identifier":[{"system":"urn:c","value":"{{value}}"}]{{further}}""");

    private static Task<Answer> CreateAsync(string value, string? criteria = null, string further = "") =>
        PostAsync("Patient", Named(value, further), ("If-None-Exist", criteria ?? $"identifier=urn:c|{value}"));

    [Test]
    public async Task What_is_not_there_is_created_and_what_is_there_is_given_and_left_as_it_is()
    {
        var value = NewId();
        var created = await CreateAsync(value);
        var again = await CreateAsync(value, further: ",\"gender\":\"male\"");
        Assert.Multiple(() =>
        {
            Assert.That((created.Status, created.ETag), Is.EqualTo((HttpStatusCode.Created, "W/\"1\"")));
            Assert.That((again.Status, again.ETag, again.Text), Is.EqualTo((HttpStatusCode.OK, "W/\"1\"", created.Text)));
            Assert.That(again.Headers.Location, Is.EqualTo(created.Headers.Location));
            Assert.That(again.ContentHeaders.LastModified, Is.EqualTo(created.ContentHeaders.LastModified));
        });
        Assert.That((await GetAsync($"Patient?identifier=urn:c|{value}")).Entries("match"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task More_than_one_match_is_412_and_nothing_is_written()
    {
        var value = NewId();
        await PostAsync("Patient", Named(value));
        await PostAsync("Patient", Named(value));
        Assert.That((await CreateAsync(value)).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((await GetAsync($"Patient?identifier=urn:c|{value}")).Entries("match"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Of_a_hundred_at_the_same_time_one_creates_and_ninety_nine_are_given_the_same()
    {
        var value = NewId();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => CreateAsync(value)));
        Assert.Multiple(() =>
        {
            Assert.That(answers.Count(one => one.Status == HttpStatusCode.Created), Is.EqualTo(1));
            Assert.That(answers.Count(one => one.Status == HttpStatusCode.OK), Is.EqualTo(99));
            Assert.That(answers.Select(one => one["id"]).Distinct(), Has.Exactly(1).Items);
        });
        Assert.That((await GetAsync($"Patient?identifier=urn:c|{value}")).Entries("match"), Has.Count.EqualTo(1));
    }

    [TestCase("typo=1", HttpStatusCode.BadRequest)]
    [TestCase("identifier=urn:c|1&typo=1", HttpStatusCode.BadRequest)]
    [TestCase("identifier=", HttpStatusCode.BadRequest)]
    [TestCase("identifier", HttpStatusCode.BadRequest)]
    [TestCase("birthdate=nonsense", HttpStatusCode.BadRequest)]
    [TestCase("", HttpStatusCode.PreconditionFailed)]
    [TestCase("?", HttpStatusCode.PreconditionFailed)]
    [TestCase("_count=1", HttpStatusCode.PreconditionFailed)]
    [TestCase("_sort=_id", HttpStatusCode.PreconditionFailed)]
    [TestCase("_format=json", HttpStatusCode.PreconditionFailed)]
    public async Task Criteria_that_are_not_understood_or_choose_nothing_never_match_everything(string criteria, HttpStatusCode status)
    {
        var value = NewId();
        Assert.That((await CreateAsync(value, criteria)).Status, Is.EqualTo(status));
        Assert.That((await GetAsync($"Patient?identifier=urn:c|{value}")).Entries("match"), Is.Empty);
    }

    [TestCase("?identifier=urn:c|{0}")]
    [TestCase("Patient?identifier=urn:c|{0}")]
    [TestCase("identifier=urn%3Ac%7C{0}&_format=json")]
    public async Task Criteria_are_understood_as_they_are_often_written(string criteria)
    {
        var value = NewId();
        await CreateAsync(value);
        Assert.That((await CreateAsync(value, criteria.Replace("{0}", value, StringComparison.Ordinal))).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task What_was_deleted_does_not_match()
    {
        var value = NewId();
        var first = await CreateAsync(value);
        await DeleteAsync($"Patient/{first["id"]}");
        var second = await CreateAsync(value);
        Assert.That((second.Status, second["id"]), Is.EqualTo((HttpStatusCode.Created, second["id"])).And.Not.EqualTo((HttpStatusCode.Created, first["id"])));
    }

    [Test]
    public async Task A_study_that_came_as_DICOM_is_found_even_before_anybody_has_read_it()
    {
        var (patient, uid) = (await NewPatientAsync(), NewUid());
        await StowAsync(patient, new TestDicom(uid, uid + ".1", uid + ".1.1"));
        var answer = await PostAsync("ImagingStudy", StudyJson("x", patient, uid), ("If-None-Exist", $"identifier=urn:dicom:uid|urn:oid:{uid}"));
        Assert.That((answer.Status, answer["status"]), Is.EqualTo((HttpStatusCode.OK, "available")));
    }

    [Test]
    public async Task A_body_that_is_wrong_is_refused_whatever_matches()
    {
        var value = NewId();
        await CreateAsync(value);
        var answer = await PostAsync("Patient", Named(value, ",\"gender\":\"wrong\""), ("If-None-Exist", $"identifier=urn:c|{value}"));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }
}

using System.Net;
using Fhir.Server.Access;

namespace Fhir.Server.Tests.Rest;

/// <summary>Searches in the system, in compartments and in lists. See https://hl7.org/fhir/R4/search.html#searchcontexts</summary>
[TestFixture]
public sealed class SearchScopeTests : RestTests
{
    private static async Task<(string Patient, string Study, string Observation, string Tag)> NewRecordAsync()
    {
        var tag = NewId("tag");
        var meta = $$""","meta":{"tag":[{"system":"urn:tag","code":"{{tag}}"}]}""";
        var patient = await NewPatientAsync(meta);
        var (study, observation) = (NewId("s"), NewId("v"));
        await PutAsync($"ImagingStudy/{study}", StudyJson(study, patient, null, meta));
        await PutAsync(
            $"Observation/{observation}",
            $$$"""{"resourceType":"Observation","id":"{{{observation}}}","status":"final","code":{"coding":[{"code":"c"}]},"subject":{"reference":"Patient/{{{patient}}}"}{{{meta}}}}""");
        return (patient, study, observation, tag);
    }

    [Test]
    public async Task The_system_is_searched_by_what_all_types_have()
    {
        var (patient, study, observation, tag) = await NewRecordAsync();
        Assert.That((await GetAsync($"?_tag=urn:tag|{tag}&_total=accurate"))["total"], Is.EqualTo("3"));
        Assert.That((await GetAsync($"?_tag={tag}")).Ids(), Is.EquivalentTo(new[] { patient, study, observation }));
        var answer = await GetAsync($"?_type=Patient,Observation&_tag={tag}&_sort=_id&_count=1&_include=Observation:subject");
        Assert.That(answer.Link("self"), Is.EqualTo($"{Phr.Address}/fhir?_type=Patient%2CObservation&_tag={tag}&_sort=_id&_count=1&_include=Observation%3Asubject"));
        Assert.That(answer.Ids().Concat((await GetAsync(answer.Link("next")!)).Ids()), Is.EquivalentTo(new[] { patient, observation }));
        Assert.That((await GetAsync($"?_type=Patient,Observation&_id={study}")).Ids(), Is.Empty);
        Assert.That((await GetAsync($"?_type=ImagingStudy,Observation&patient={patient}")).Ids(), Is.EquivalentTo(new[] { study, observation }), "what all the types named have");
        Assert.That((await GetAsync($"?_type=Patient,Observation&_lastUpdated=ge2020&_tag={tag}&code=c")).Entries("outcome"), Has.Count.EqualTo(1), "what not all of them have is ignored");
        Assert.That((await GetAsync($"?_type=Patient,Observation&code=c", ("Prefer", "handling=strict"))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        using var form = new FormUrlEncodedContent([new("_tag", tag), new("_type", "Patient")]);
        Assert.That((await SendAsync(Phr.Client, HttpMethod.Post, "_search", form)).Ids(), Is.EqualTo(new[] { patient }));
    }

    [Test]
    public async Task A_patient_s_compartment_is_their_record()
    {
        var (patient, study, observation, tag) = await NewRecordAsync();
        await NewRecordAsync();
        var answer = await GetAsync($"Patient/{patient}/Observation?_total=accurate&code=c");
        Assert.That((answer.Ids().Single(), answer["total"]), Is.EqualTo((observation, "1")));
        Assert.That(answer.Link("self"), Is.EqualTo($"{Phr.Address}/fhir/Patient/{patient}/Observation?_total=accurate&code=c"));
        Assert.That((await GetAsync($"Patient/{patient}/Observation?code=d")).Ids(), Is.Empty);
        Assert.That((await GetAsync($"Patient/{patient}/ImagingStudy?patient.birthdate:missing=true&_include=ImagingStudy:patient")).Ids("include"), Is.EqualTo(new[] { patient }));
        var all = await GetAsync($"Patient/{patient}/*?_count=2&_sort=-_lastUpdated&_tag={tag}");
        Assert.That(all.Ids().Concat((await GetAsync(all.Link("next")!)).Ids()), Is.EqualTo(new[] { observation, study, patient }));
        Assert.That((await GetAsync($"Patient/{patient}/*?_type=Observation,ImagingStudy")).Ids(), Is.EquivalentTo(new[] { observation, study }));
        using var form = new FormUrlEncodedContent([new("code", "c"), new("_count", "1")]);
        Assert.That((await SendAsync(Phr.Client, HttpMethod.Post, $"Patient/{patient}/Observation/_search", form)).Ids(), Is.EqualTo(new[] { observation }));
    }

    [TestCase("Patient/{0}/Organization", HttpStatusCode.NotFound)]
    [TestCase("Patient/{0}/Endpoint", HttpStatusCode.NotFound)]
    [TestCase("Patient/{0}/Practitioner", HttpStatusCode.NotFound)]
    [TestCase("Patient/{0}/Nonsense", HttpStatusCode.NotFound)]
    [TestCase("Patient/{0}/$nonsense", HttpStatusCode.NotFound)]
    [TestCase("Organization/{0}/Patient", HttpStatusCode.NotFound)]
    [TestCase("Patient/{0}/*?_type=Organization", HttpStatusCode.BadRequest)]
    [TestCase("Patient/{0}/Observation?nonsense:x=1", HttpStatusCode.OK)]
    [TestCase("Patient/{0}/Observation?status:nonsense=1", HttpStatusCode.BadRequest)]
    public async Task What_is_not_of_the_compartment_is_refused_and_never_everything(string path, HttpStatusCode status)
    {
        var (patient, _, _, _) = await NewRecordAsync();
        Assert.That((await GetAsync(path.Replace("{0}", patient, StringComparison.Ordinal))).Status, Is.EqualTo(status));
    }

    [Test]
    public async Task The_compartment_of_another_patient_is_403_whether_or_not_there_is_one()
    {
        var ((mine, study, _, _), (other, _, _, tag)) = (await NewRecordAsync(), await NewRecordAsync());
        using var client = Phr.As(Reach.Of(new ReachedRecord(mine)));
        foreach (var inner in new[] { "Observation", "*", "Observation?_count=0", "Consent?_total=accurate" })
        {
            var (there, never) = (await SendAsync(client, HttpMethod.Get, $"Patient/{other}/{inner}", null), await SendAsync(client, HttpMethod.Get, $"Patient/never-was/{inner}", null));
            Assert.That((there.Status, there.Text), Is.EqualTo((HttpStatusCode.Forbidden, never.Text)), inner);
        }
        Assert.That((await SendAsync(client, HttpMethod.Get, $"Patient/{mine}/ImagingStudy", null)).Ids(), Is.EqualTo(new[] { study }));
        Assert.That((await SendAsync(client, HttpMethod.Get, $"?_tag={tag}&_total=accurate", null))["total"], Is.EqualTo("0"));
        Assert.That((await SendAsync(client, HttpMethod.Get, "?_type=Patient,Organization", null)).Ids(), Is.EqualTo(new[] { mine }));
    }

    [Test]
    public async Task A_list_nobody_has_finds_nothing()
    {
        var (patient, _, _, _) = await NewRecordAsync();
        Assert.That((await GetAsync($"Patient?_list=never-was&_id={patient}")).Ids(), Is.Empty);
        Assert.That((await GetAsync("Patient?_list=$current-allergies")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Who_asks_is_told_how_the_search_was_answered()
    {
        var (patient, _, _, _) = await NewRecordAsync();
        var answer = await GetAsync($"ImagingStudy?patient={patient}&_explain=true");
        var told = answer.Entries("outcome").Single();
        Assert.That((Answer.At(told, "issue.0.severity"), Answer.At(told, "issue.0.code")), Is.EqualTo(("information", "informational")));
        Assert.That(Answer.At(told, "issue.0.diagnostics"), Does.Match(@"^Led by patient \(ix_reference\); SQLite took [1-9][0-9]* steps\.$"));
        using var client = Phr.As(Reach.Of(new ReachedRecord(patient)));
        var restricted = await SendAsync(client, HttpMethod.Get, "ImagingStudy?_explain=true", null);
        Assert.That(Answer.At(restricted.Entries("outcome").Single(), "issue.0.diagnostics"), Does.Not.Contain("steps"), "Steps would tell of what is hidden.");
    }

    [Test]
    public async Task A_next_link_serves_nobody_but_who_was_given_it()
    {
        var (patient, _, _, _) = await NewRecordAsync();
        await PutAsync($"Observation/{patient}x", $$$"""{"resourceType":"Observation","id":"{{{patient}}}x","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}""");
        using var client = Phr.As(Reach.Of(new ReachedRecord(patient)));
        var next = (await SendAsync(client, HttpMethod.Get, "Observation?_count=1", null)).Link("next")!;
        Assert.That((await SendAsync(client, HttpMethod.Get, next, null)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await GetAsync(next)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }
}

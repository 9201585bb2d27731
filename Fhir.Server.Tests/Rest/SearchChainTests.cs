using System.Net;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/search.html#chaining and https://hl7.org/fhir/R4/search.html#has</summary>
[TestFixture]
public sealed class SearchChainTests : RestTests
{
    private static async Task<(string Patient, string Organization, string Study, string Observation, string Family)> NewWebAsync()
    {
        var (organization, parent, family) = (NewId("o"), NewId("o"), NewId("Chain"));
        await PutAsync($"Organization/{parent}", $$"""{"resourceType":"Organization","id":"{{parent}}","name":"Parent of {{family}}"}""");
        await PutAsync(
            $"Organization/{organization}",
            $$$"""{"resourceType":"Organization","id":"{{{organization}}}","name":"House of {{{family}}}","partOf":{"reference":"Organization/{{{parent}}}"}}""");
        var patient = await NewPatientAsync(
            $$$""","name":[{"family":"{{{family}}}"}],"birthDate":"1960-05-06","managingOrganization":{"reference":"Organization/{{{organization}}}"}""");
        var (study, observation, child) = (NewId("s"), NewId("v"), NewId("w"));
        await PutAsync($"ImagingStudy/{study}", StudyJson(study, patient, null, ",\"started\":\"2026-03-04\""));
        await PutAsync($"Observation/{child}", ObservationJson(child, patient, "child", ""));
        await PutAsync($"Observation/{observation}", ObservationJson(
            observation, patient, "heart", $$$""","hasMember":[{"reference":"Observation/{{{child}}}"}],"partOf":[{"reference":"ImagingStudy/{{{study}}}"}]"""));
        return (patient, organization, study, observation, family);
    }

    private static string ObservationJson(string id, string patient, string code, string further) =>
        $$$"""{"resourceType":"Observation","id":"{{{id}}}","status":"final","code":{"coding":[{"system":"urn:code","code":"{{{code}}}"}]},"subject":{"reference":"Patient/{{{patient}}}"}{{{further}}}}""";

    [TestCase("patient.name={0}", true)]
    [TestCase("patient.family:exact={0}", true)]
    [TestCase("patient.name=nobody-{0}", false)]
    [TestCase("subject.name={0}", true)]
    [TestCase("subject:Patient.family={0}", true)]
    [TestCase("subject:Device.device-name={0}", false)]
    [TestCase("patient.organization.name=house of {0}", true)]
    [TestCase("patient.organization.partof.name=parent of {0}", true)]
    [TestCase("patient.organization.partof.name=house of {0}", false)]
    [TestCase("patient.family={0}&patient.birthdate=1960-05-06", true)]
    [TestCase("patient.family={0}&patient.birthdate=lt1960", false)]
    [TestCase("patient.family={0}&patient.gender:missing=true", true)]
    [TestCase("patient.family={0}&patient.gender:missing=false", false)]
    [TestCase("patient.family=nobody,{0}", true)]
    [TestCase("_has:Observation:part-of:code=urn:code|heart&patient.family={0}", true)]
    [TestCase("_has:Observation:part-of:code=child&patient.family={0}", false)]
    [TestCase("_has:Observation:part-of:has-member:Observation.code=child&patient.family={0}", true)]
    [TestCase("_has:Observation:part-of:subject:Patient.family={0}", true)]
    [TestCase("patient._has:Observation:patient:code=child&patient.family={0}", true)]
    [TestCase("patient._has:Observation:patient:code=nothing&patient.family={0}", false)]
    public async Task A_study_is_found_over_what_it_points_to_and_what_points_to_it(string query, bool isFound)
    {
        var web = await NewWebAsync();
        var answer = await GetAsync($"ImagingStudy?{query.Replace("{0}", web.Family, StringComparison.Ordinal)}&_total=accurate", ("Prefer", "handling=strict"));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That(answer.Ids(), Is.EqualTo(isFound ? new[] { web.Study } : []));
        Assert.That(answer["total"], Is.EqualTo(isFound ? "1" : "0"));
    }

    [Test]
    public async Task Has_may_stand_in_has()
    {
        var web = await NewWebAsync();
        var answer = await GetAsync($"Organization?_has:Patient:organization:_has:Observation:patient:code=heart&_has:Patient:organization:family={web.Family}");
        Assert.That(answer.Ids(), Is.EqualTo(new[] { web.Organization }));
        Assert.That((await GetAsync($"Patient?_has:Observation:patient:_has:Observation:has-member:code=heart&family={web.Family}")).Ids(), Is.EqualTo(new[] { web.Patient }));
    }

    [Test]
    public async Task A_chain_stands_in_the_self_link_as_it_was_asked()
    {
        var web = await NewWebAsync();
        var answer = await GetAsync($"ImagingStudy?subject:Patient.family={web.Family}&patient.nonsense:exact=&_count=1");
        Assert.That(answer.Link("self"), Is.EqualTo($"{Phr.Address}/fhir/ImagingStudy?subject%3APatient.family={web.Family}&_count=1"));
    }

    [TestCase("ImagingStudy?patient.organization.partof.partof.partof.partof.partof.partof.partof.name=x")]
    [TestCase("Patient?_has:Observation:patient:_has:Observation:has-member:_has:Observation:has-member:_has:Observation:has-member:_has:Observation:has-member:_has:Observation:has-member:_has:Observation:has-member:_has:Observation:has-member:_has:Observation:has-member:code=x")]
    [TestCase("Observation?focus._id=x")]
    [TestCase("Observation?focus.subject.focus.subject.identifier=x")]
    public async Task What_leads_too_far_or_over_too_many_types_is_too_costly(string query)
    {
        var answer = await GetAsync(query);
        Assert.That((answer.Status, answer["issue.0.code"]), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "too-costly")));
    }

    [Test]
    public async Task An_order_may_go_over_a_reference()
    {
        var prefix = NewId("Order");
        var studies = new List<string>();
        foreach (var name in new[] { "b", "a", "c" })
        {
            var patient = await NewPatientAsync($$""","name":[{"family":"{{prefix}}{{name}}"}]""");
            var study = NewId(name);
            await PutAsync($"ImagingStudy/{study}", StudyJson(study, patient));
            studies.Add(study);
        }
        Assert.That((await GetAsync($"ImagingStudy?patient.family={prefix}&_sort=patient.family")).Ids(), Is.EqualTo(new[] { studies[1], studies[0], studies[2] }));
        Assert.That((await GetAsync($"ImagingStudy?patient.family={prefix}&_sort=-patient.family,_id&_count=2")).Ids(), Is.EqualTo(new[] { studies[2], studies[0] }));
    }

    [TestCase("name", "a b c")]
    [TestCase("-name", "c b a")]
    [TestCase("gender,-name", "b c a")]
    [TestCase("-gender,name", "c b a")]
    [TestCase("gender,birthdate,_id", "b c a")]
    public async Task An_order_may_have_several_keys_of_any_kind(string sort, string expected)
    {
        var family = NewId("Sort");
        var names = new Dictionary<string, string>();
        foreach (var (name, further) in new[] { ("c", ",\"gender\":\"male\",\"birthDate\":\"1950\""), ("a", ""), ("b", ",\"gender\":\"female\",\"birthDate\":\"1940\"") })
        {
            names[await NewPatientAsync($$""","name":[{"family":"{{name}}{{family}}"}],"active":true,"identifier":[{"system":"urn:sort","value":"{{family}}"}]{{further}}""")] = name;
        }
        var answer = await GetAsync($"Patient?identifier=urn:sort|{family}&_sort={sort}");
        Assert.That(answer.Ids().ConvertAll(id => names[id!]), Is.EqualTo(expected.Split(' ')), "What has no value comes last either way.");
    }
}

using System.Net;
using Fhir.Server.Access;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/search.html#include</summary>
[TestFixture]
public sealed class SearchIncludeTests : RestTests
{
    private static async Task<(string Patient, string Organization, string Parent, string Study, string Observation)> NewWebAsync()
    {
        var (organization, parent, study, observation) = (NewId("o"), NewId("o"), NewId("s"), NewId("v"));
        await PutAsync($"Organization/{parent}", $$"""{"resourceType":"Organization","id":"{{parent}}","name":"P"}""");
        await PutAsync($"Organization/{organization}", $$$"""{"resourceType":"Organization","id":"{{{organization}}}","name":"O","partOf":{"reference":"Organization/{{{parent}}}"}}""");
        await PutAsync($"Organization/{parent}", $$$"""{"resourceType":"Organization","id":"{{{parent}}}","name":"P","partOf":{"reference":"Organization/{{{organization}}}"}}""");
        var patient = await NewPatientAsync($$$""","managingOrganization":{"reference":"Organization/{{{organization}}}"}""");
        await PutAsync($"ImagingStudy/{study}", StudyJson(study, patient));
        await PutAsync(
            $"Observation/{observation}",
            $$$"""{"resourceType":"Observation","id":"{{{observation}}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"},"partOf":[{"reference":"ImagingStudy/{{{study}}}"}]}""");
        return (patient, organization, parent, study, observation);
    }

    [TestCase("_include=ImagingStudy:patient", "patient")]
    [TestCase("_include=ImagingStudy:subject:Patient", "patient")]
    [TestCase("_include=ImagingStudy:subject:Device", "")]
    [TestCase("_include=ImagingStudy:patient&_include=ImagingStudy:subject", "patient")]
    [TestCase("_include=ImagingStudy:patient&_include=ImagingStudy:patient", "patient")]
    [TestCase("_include=*", "patient")]
    [TestCase("_include=ImagingStudy:*", "patient")]
    [TestCase("_include=ImagingStudy:patient&_include:iterate=Patient:organization", "patient organization")]
    [TestCase("_include=ImagingStudy:patient&_include:recurse=Patient:organization&_include:iterate=Organization:partof", "patient organization parent")]
    [TestCase("_include:iterate=*", "patient organization parent")]
    [TestCase("_include:iterate=Patient:organization", "")]
    [TestCase("_revinclude=Observation:part-of", "observation")]
    [TestCase("_revinclude=Observation:part-of:ImagingStudy", "observation")]
    [TestCase("_revinclude=Observation:*", "observation")]
    [TestCase("_revinclude=*", "observation")]
    [TestCase("_revinclude=Observation:part-of&_include:iterate=Observation:subject", "observation patient")]
    [TestCase("_include=ImagingStudy:patient&_revinclude:iterate=Observation:patient", "patient observation")]
    public async Task A_study_brings_along_what_is_asked_each_once(string query, string expected)
    {
        var web = await NewWebAsync();
        var names = new Dictionary<string, string>
        {
            [web.Patient] = "patient", [web.Organization] = "organization", [web.Parent] = "parent", [web.Study] = "study", [web.Observation] = "observation",
        };
        var answer = await GetAsync($"ImagingStudy?_id={web.Study}&_total=accurate&{query}", ("Prefer", "handling=strict"));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That(answer.Ids("include").ConvertAll(id => names[id!]), Is.EquivalentTo(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.That((answer.Ids().Single(), answer["total"]), Is.EqualTo((web.Study, "1")));
    }

    [Test]
    public async Task A_match_is_not_repeated_as_an_include()
    {
        var web = await NewWebAsync();
        var answer = await GetAsync($"Organization?_id={web.Organization},{web.Parent}&_include:iterate=Organization:partof&_revinclude:iterate=Organization:partof");
        Assert.That(answer.Ids(), Is.EquivalentTo(new[] { web.Organization, web.Parent }));
        Assert.That(answer.Ids("include"), Is.Empty);
    }

    [Test]
    public async Task Each_page_brings_its_own_and_its_links_keep_what_was_asked()
    {
        var (patient, _, first) = await NewStudyAsync();
        await PutAsync($"ImagingStudy/{first}x", StudyJson(first + "x", patient));
        const string Asked = "_sort=_id&_count=1&_include=ImagingStudy:patient&_revinclude=Observation:part-of&_elements=status&_total=accurate";
        var page = await GetAsync($"ImagingStudy?patient={patient}&{Asked}");
        Assert.That(page.Ids("include"), Is.EqualTo(new[] { patient }));
        var next = await GetAsync(page.Link("next")!);
        Assert.That((next.Ids("include").Single(), next["total"], next.Link("next")), Is.EqualTo((patient, "2", (string?)null)));
        Assert.That(Uri.UnescapeDataString(next.Link("self")!), Does.Contain(Asked));
        Assert.That(Uri.UnescapeDataString(next.Link("first")!), Does.EndWith(Asked));
        Assert.That((await GetAsync(next.Link("first")!)).Ids(), Is.EqualTo(page.Ids()));
    }

    [Test]
    public async Task Nothing_is_brought_along_that_the_caller_may_not_see()
    {
        var (mine, other) = (await NewWebAsync(), await NewWebAsync());
        await PutAsync(
            $"Observation/{other.Observation}",
            $$$"""{"resourceType":"Observation","id":"{{{other.Observation}}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{other.Patient}}}"},"partOf":[{"reference":"ImagingStudy/{{{mine.Study}}}"}],"hasMember":[{"reference":"Observation/{{{mine.Observation}}}"}]}""");
        await PutAsync(
            $"Observation/{mine.Observation}",
            $$$"""{"resourceType":"Observation","id":"{{{mine.Observation}}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{mine.Patient}}}"},"partOf":[{"reference":"ImagingStudy/{{{mine.Study}}}"}],"hasMember":[{"reference":"Observation/{{{other.Observation}}}"}]}""");
        using var client = Phr.As(Reach.Of(new ReachedRecord(mine.Patient)));
        var answer = await SendAsync(client, HttpMethod.Get, $"ImagingStudy?_id={mine.Study}&_include:iterate=*&_revinclude:iterate=*", null);
        Assert.That(answer.Ids("include"), Is.EquivalentTo(new[] { mine.Patient, mine.Observation }));
        foreach (var (query, count) in new[]
        {
            ("_has:Observation:part-of:_id=" + other.Observation, 0), ("_has:Observation:part-of:_id=" + mine.Observation, 1),
            ($"_has:Observation:part-of:has-member:Observation._id={other.Observation}", 0), ($"patient._id={other.Patient}", 0),
            ($"_has:Observation:part-of:_has:Observation:has-member:_id={other.Observation}", 0),
        })
        {
            var found = await SendAsync(client, HttpMethod.Get, $"ImagingStudy?{query}&_total=accurate", null);
            Assert.That((found.Status, found["total"], found.Ids().Count), Is.EqualTo((HttpStatusCode.OK, $"{count}", count)), query);
            Assert.That((await GetAsync($"ImagingStudy?{query}&_total=accurate"))["total"], Is.EqualTo("1"), "There is one for who sees it.");
        }
    }
}

using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/search.html#summary and #elements</summary>
[TestFixture]
public sealed class SubsetTests : RestTests
{
    private const string Narrative = ""","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}""";

    private static List<string> Members(JsonNode resource) => [.. resource.AsObject().Select(member => member.Key)];

    private static string? Tag(JsonNode resource) => Answer.At(resource, "meta.tag.0.code");

    private static async Task<string> NewAsync() => await NewPatientAsync(Narrative + """
        ,"active":true,"identifier":[{"system":"urn:x","value":"1","extension":[{"url":"urn:e","valueString":"x"}]}],"name":[{"family":"A","_given":[{"extension":[{"url":"urn:e","valueString":"x"}]}]}],
        "_birthDate":{"extension":[{"url":"urn:e","valueString":"x"}]},"photo":[{"title":"t","data":"AAAA"}],"maritalStatus":{"text":"m"},"deceasedBoolean":false,
        "contact":[{"name":{"family":"C"}}],"extension":[{"url":"urn:e","valueString":"x"}],"link":[{"other":{"reference":"Patient/x"},"type":"seealso"}]
        """);

    [Test]
    public async Task A_summary_is_what_is_marked_as_summary_in_its_datatypes_too()
    {
        var id = await NewAsync();
        foreach (var resource in new[]
        {
            (await GetAsync($"Patient/{id}?_summary=true")).Json!, (await GetAsync($"Patient/{id}/_history/1?_summary=true")).Json!,
            (await GetAsync($"Patient?_id={id}&_summary=true")).Entries().Single(), (await GetAsync($"Patient/{id}/_history?_summary=true")).Entries().Single(),
        })
        {
            Assert.That(Members(resource), Is.EquivalentTo(new[] { "resourceType", "id", "meta", "active", "identifier", "name", "_birthDate", "deceasedBoolean", "link" }));
            Assert.That(Tag(resource), Is.EqualTo("SUBSETTED"));
            Assert.That(Answer.At(resource, "identifier.0.value"), Is.EqualTo("1"));
            Assert.That(resource["identifier"]![0]!["extension"], Is.Null);
            Assert.That(resource["name"]![0]!["_given"], Is.Not.Null, "a name without its text is not another name");
            Assert.That(Answer.At(resource, "meta.versionId"), Is.EqualTo("1"));
        }
    }

    [TestCase("text", "resourceType,id,meta,text")]
    [TestCase("false", null)]
    public async Task Text_is_the_narrative_with_what_must_be_there(string summary, string? members)
    {
        var id = await NewAsync();
        var (whole, resource) = ((await GetAsync($"Patient/{id}")).Json!, (await GetAsync($"Patient/{id}?_summary={summary}")).Json!);
        Assert.That(Members(resource), Is.EquivalentTo(members?.Split(',') ?? [.. Members(whole)]));
        Assert.That(Tag(resource), Is.EqualTo(members is null ? null : "SUBSETTED"));
    }

    [Test]
    public async Task Data_is_everything_but_the_narrative()
    {
        var id = await NewAsync();
        var (whole, resource) = ((await GetAsync($"Patient/{id}")).Json!, (await GetAsync($"Patient/{id}?_summary=data")).Json!);
        Assert.That(Members(resource), Is.EquivalentTo(Members(whole).Where(member => member != "text")));
        Assert.That(resource["photo"]!.ToJsonString(), Is.EqualTo(whole["photo"]!.ToJsonString()));
    }

    [Test]
    public async Task Elements_are_those_named_with_mandatory_ones_and_choices_by_their_base_name()
    {
        var (patient, id) = (await NewPatientAsync(), NewId());
        await PutAsync($"Observation/{id}", $$$"""
            {"resourceType":"Observation","id":"{{{id}}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"},"issued":"2026-01-01T00:00:00Z",
            "valueQuantity":{"value":1.50},"note":[{"text":"n"}]}
            """);
        foreach (var (elements, more) in new[] { ("value", "valueQuantity"), ("Observation.value,Patient.note", "valueQuantity"), ("subject, note", "subject,note"), ("nonsense", "") })
        {
            string[] expected = ["resourceType", "id", "meta", "status", "code", .. more.Split(',', StringSplitOptions.RemoveEmptyEntries)];
            var read = await GetAsync($"Observation/{id}?_elements={elements}");
            Assert.That(Members(read.Json!), Is.EquivalentTo(expected), elements);
            Assert.That(read.Text.Contains("\"value\":1.50"), Is.EqualTo(more == "valueQuantity"));
            using var form = Bytes(Encoding.ASCII.GetBytes($"_id={id}&_elements={elements}&_include=Observation:subject"), "application/x-www-form-urlencoded");
            var found = await SendAsync(Phr.Client, HttpMethod.Post, "Observation/_search", form);
            Assert.That(Members(found.Entries("match").Single()), Is.EquivalentTo(expected), elements);
            Assert.That(Tag(found.Entries("include").Single()), Is.Null, "what is included is not what was asked for by elements");
        }
    }

    [Test]
    public async Task Links_of_a_search_keep_what_was_asked_for_and_the_outcome_stays_whole()
    {
        var identifier = NewId();
        for (var i = 0; i < 3; i++)
        {
            await NewPatientAsync($$""","identifier":[{"system":"urn:s","value":"{{identifier}}"}],"maritalStatus":{"text":"m"}""");
        }
        var page = await GetAsync($"Patient?identifier={identifier}&_count=2&_summary=true&what=ever");
        Assert.That(page.Entries("outcome").Single()["issue"], Is.Not.Null);
        var next = await GetAsync(page.Link("next")!);
        Assert.That((next.Entries("match").Count, Tag(next.Entries("match")[0]), next.Entries("match")[0]["maritalStatus"]), Is.EqualTo((1, "SUBSETTED", (JsonNode?)null)));
    }

    [Test]
    public async Task Links_of_a_history_keep_what_was_asked_for()
    {
        await NewPatientAsync();
        await NewPatientAsync();
        foreach (var asked in (string[])["_elements=active", "_summary=true"])
        {
            var answer = await GetAsync($"Patient/_history?_count=1&{asked}");
            Assert.That(answer.Link("self"), Does.Contain(asked));
            Assert.That(answer.Link("next"), Does.Contain(asked));
        }
    }

    [Test]
    public async Task Nested_mandatory_elements_stay_so_that_the_subset_is_valid()
    {
        // Answers are read strictly by the test itself.
        var (patient, _, id) = await NewStudyAsync("1", "2");
        var whole = await GetAsync($"ImagingStudy/{id}");
        var summary = await GetAsync($"ImagingStudy/{id}?_summary=true");
        Assert.That(summary["series.1.uid"], Is.EqualTo(whole["series.1.uid"]));
        foreach (var form in new[] { "_summary=text", "_summary=data", "_elements=started" })
        {
            Assert.That((await GetAsync($"ImagingStudy?patient={patient}&{form}")).Entries("match"), Has.Count.EqualTo(1));
        }
        Assert.That((await XmlAnswer.GetAsync($"ImagingStudy/{id}?_elements=started"))["meta/tag/code"], Is.EqualTo("SUBSETTED"));
    }

    [Test]
    public async Task A_subset_cannot_be_written_back()
    {
        var id = await NewAsync();
        var subset = await GetAsync($"Patient/{id}?_summary=true");
        Assert.That((await PutAsync($"Patient/{id}", subset.Text)).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That((await GetAsync($"Patient/{id}"))["meta.versionId"], Is.EqualTo("1"));
    }

    [TestCase("_summary=everything")]
    [TestCase("_summary=true&_summary=text")]
    [TestCase("_summary=true&_elements=name")]
    public async Task What_the_standard_does_not_know_is_400(string query)
    {
        Assert.That((await GetAsync($"Patient/{await NewPatientAsync()}?{query}")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await GetAsync($"Patient?{query}")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }
}

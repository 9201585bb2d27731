using System.Net;
using System.Text.Json.Nodes;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/valueset-operation-expand.html, https://hl7.org/fhir/R4/valueset-operation-validate-code.html</summary>
[TestFixture]
public sealed class TerminologyTests : RestTests
{
    private const string Genders = "http://hl7.org/fhir/ValueSet/administrative-gender";

    private static List<string?> Codes(Answer answer) => [.. (answer.Json!["expansion"]?["contains"]?.AsArray() ?? []).Select(one => Answer.At(one, "code"))];

    private static Task<Answer> ExpandAsync(string compose, string further = "") => PostAsync("ValueSet/$expand", $$$"""
        {"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":{"resourceType":"ValueSet","url":"urn:vs","status":"active","compose":{{{compose}}}}}{{{further}}}]}
        """);

    [Test]
    public async Task A_value_set_of_the_standard_is_listed_with_systems_and_displays()
    {
        var answer = await GetAsync($"ValueSet/$expand?url={Genders}");
        Assert.Multiple(() =>
        {
            Assert.That((answer.Status, answer["resourceType"], answer["url"], answer["expansion.total"]), Is.EqualTo((HttpStatusCode.OK, "ValueSet", Genders, "4")));
            Assert.That(Codes(answer), Is.EquivalentTo(new[] { "male", "female", "other", "unknown" }));
            Assert.That((answer["expansion.contains.0.system"], answer["expansion.contains.0.display"]), Is.EqualTo(("http://hl7.org/fhir/administrative-gender", "Male")));
        });
        Assert.That(Codes(await GetAsync($"ValueSet/$expand?url={Genders}|4.0.1&filter=MALE")), Is.EquivalentTo(new[] { "male", "female" }));
        var page = await GetAsync($"ValueSet/$expand?url={Genders}&offset=1&count=2");
        Assert.That((page["expansion.total"], page["expansion.offset"], Codes(page).Count), Is.EqualTo(("4", "1", 2)));
    }

    [TestCase("quantity-comparator", "<,<=,>=,>")]
    [TestCase("issue-severity", "fatal,error,warning,information")]
    [TestCase("filter-operator", "=,is-a,descendent-of,is-not-a,regex,in,not-in,generalizes,exists")]
    [TestCase("imagingstudy-status", "registered,available,cancelled,entered-in-error,unknown")]
    public async Task What_later_versions_of_FHIR_added_is_not_in_it(string name, string codes) =>
        Assert.That(Codes(await GetAsync($"ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/{name}")), Is.EquivalentTo(codes.Split(',')));

    [TestCase("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/FHIR-version", HttpStatusCode.NotFound)]
    [TestCase("ValueSet/$expand?url=urn:x", HttpStatusCode.NotFound)]
    [TestCase("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender|3.0", HttpStatusCode.NotFound)]
    [TestCase("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&context=x", HttpStatusCode.BadRequest)]
    [TestCase("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&count=x", HttpStatusCode.BadRequest)]
    [TestCase("ValueSet/$expand", HttpStatusCode.BadRequest)]
    [TestCase("ValueSet/x/$expand", HttpStatusCode.NotFound)]
    [TestCase("ValueSet/$validate-code?url=urn:x&code=y", HttpStatusCode.NotFound)]
    [TestCase("ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/administrative-gender", HttpStatusCode.BadRequest)]
    [TestCase("CodeSystem/$validate-code?url=http://snomed.info/sct&code=1", HttpStatusCode.NotFound)]
    [TestCase("CodeSystem/$validate-code?code=1", HttpStatusCode.BadRequest)]
    public async Task What_is_not_known_here_or_not_asked_rightly_is_said_so(string path, HttpStatusCode status) =>
        Assert.That((await GetAsync(path)).Status, Is.EqualTo(status));

    [Test]
    public async Task A_value_set_that_is_sent_is_composed()
    {
        Assert.That(Codes(await ExpandAsync("""{"include":[{"system":"urn:s","concept":[{"code":"a","display":"A"},{"code":"b"}]},{"valueSet":["http://hl7.org/fhir/ValueSet/name-use"]}],"exclude":[{"system":"http://hl7.org/fhir/name-use","concept":[{"code":"old"}]}]}""")),
            Is.EquivalentTo(new[] { "a", "b", "usual", "official", "temp", "nickname", "anonymous", "maiden" }));
        Assert.That(Codes(await ExpandAsync("""{"include":[{"system":"http://hl7.org/fhir/name-use"}]}""")), Has.Count.EqualTo(7));
        Assert.That(Codes(await ExpandAsync("""{"include":[{"system":"http://hl7.org/fhir/name-use","filter":[{"property":"code","op":"in","value":"old,temp"}]}]}""")), Is.EquivalentTo(new[] { "old", "temp" }));
        Assert.That(Codes(await ExpandAsync("""{"include":[{"system":"http://hl7.org/fhir/name-use","concept":[{"code":"old"},{"code":"nonsense"}],"valueSet":["http://hl7.org/fhir/ValueSet/name-use"]}]}""")), Is.EqualTo(new[] { "old" }));
        Assert.That((await ExpandAsync("""{"include":[{"system":"http://snomed.info/sct","filter":[{"property":"concept","op":"is-a","value":"1"}]}]}""")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await ExpandAsync("""{"include":[{"system":"http://hl7.org/fhir/name-use","filter":[{"property":"code","op":"regex","value":"a"}]}]}""")).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That((await ExpandAsync("""{"include":[{"system":"http://hl7.org/fhir/resource-types"}]}""")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await ExpandAsync("""{"include":[{"system":"http://hl7.org/fhir/request-intent","valueSet":["urn:nothing"]}]}""")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("code=male&system=http://hl7.org/fhir/administrative-gender", true)]
    [TestCase("code=male", true)]
    [TestCase("code=male&system=urn:other", false)]
    [TestCase("code=nonsense&system=http://hl7.org/fhir/administrative-gender", false)]
    [TestCase("code=male&display=male", true)]
    [TestCase("code=male&display=Female", false)]
    public async Task A_code_is_in_a_value_set_or_not(string query, bool result)
    {
        var answer = await GetAsync($"ValueSet/$validate-code?url={Genders}&{query}");
        Assert.That((answer["parameter.0.name"], answer["parameter.0.valueBoolean"]), Is.EqualTo(("result", result ? "true" : "false")));
        Assert.That(answer.Text.Contains("\"message\""), Is.EqualTo(!result));
    }

    [Test]
    public async Task A_concept_is_right_when_one_of_its_codings_is()
    {
        foreach (var (value, result) in new[]
        {
            ("""{"name":"coding","valueCoding":{"system":"http://hl7.org/fhir/administrative-gender","code":"other"}}""", "true"),
            ("""{"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"urn:x","code":"other"},{"system":"http://hl7.org/fhir/administrative-gender","code":"other"}]}}""", "true"),
            ("""{"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"urn:x","code":"other"}]}}""", "false"),
        })
        {
            var answer = await PostAsync("ValueSet/$validate-code", $$"""{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"{{Genders}}"},{{value}}]}""");
            Assert.That(answer["parameter.0.valueBoolean"], Is.EqualTo(result));
        }
    }

    [TestCase("url=http://hl7.org/fhir/administrative-gender&code=male", "true")]
    [TestCase("url=http://hl7.org/fhir/administrative-gender&code=nonsense", "false")]
    [TestCase("url=http://hl7.org/fhir/item-type&code=question", "true")]
    [TestCase("url=http://unitsofmeasure.org&code=min", "true")]
    [TestCase("url=http://unitsofmeasure.org&code=kg", null)]
    public async Task A_code_system_that_is_not_known_as_a_whole_never_says_no(string query, string? result) =>
        Assert.That((await GetAsync($"CodeSystem/$validate-code?{query}"))["parameter.0.valueBoolean"], Is.EqualTo(result));

    [Test]
    public async Task What_is_stored_here_is_known_by_its_address_and_by_its_id()
    {
        var types = (await GetAsync("metadata")).Json!["rest"]![0]!["resource"]!.AsArray().Select(type => Answer.At(type, "type"));
        Assume.That(types, Is.SupersetOf(new[] { "ValueSet", "CodeSystem" }));
        var (system, set) = (NewId(), NewId());
        await PutAsync($"CodeSystem/{system}", $$"""
            {"resourceType":"CodeSystem","id":"{{system}}","url":"urn:cs:{{system}}","status":"active","content":"complete","hierarchyMeaning":"is-a",
            "concept":[{"code":"a","concept":[{"code":"b","display":"Bee","concept":[{"code":"c"}]}]},{"code":"d"}]}
            """);
        await PutAsync($"ValueSet/{set}", $$$"""
            {"resourceType":"ValueSet","id":"{{{set}}}","url":"urn:vs:{{{set}}}","status":"active","compose":{"include":[{"system":"urn:cs:{{{system}}}","filter":[{"property":"concept","op":"is-a","value":"b"}]}]}}
            """);
        foreach (var path in new[] { $"ValueSet/$expand?url=urn:vs:{set}", $"ValueSet/{set}/$expand" })
        {
            Assert.That(Codes(await GetAsync(path)), Is.EqualTo(new[] { "b", "c" }), path);
        }
        foreach (var (path, result) in new[]
        {
            ($"ValueSet/{set}/$validate-code?code=c", "true"), ($"ValueSet/$validate-code?url=urn:vs:{set}&code=a&system=urn:cs:{system}", "false"),
            ($"CodeSystem/{system}/$validate-code?code=d", "true"), ($"CodeSystem/$validate-code?url=urn:cs:{system}&code=e", "false"), ($"CodeSystem/$validate-code?url=urn:cs:{system}&code=b&display=bee", "true"),
        })
        {
            Assert.That((await GetAsync(path))["parameter.0.valueBoolean"], Is.EqualTo(result), path);
        }
    }
}

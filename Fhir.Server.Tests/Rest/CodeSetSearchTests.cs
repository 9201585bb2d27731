using System.Net;

namespace Fhir.Server.Tests.Rest;

/// <summary>:in, :not-in, :above and :below of tokens. https://hl7.org/fhir/R4/search.html#token</summary>
[TestFixture]
public sealed class CodeSetSearchTests : RestTests
{
    private string system = "", vitals = "", empty = "", patient = "", weight = "", bmi = "", bare = "", none = "";

    [OneTimeSetUp]
    public async Task FillAsync()
    {
        system = $"urn:phr:test:{Guid.NewGuid():N}";
        (vitals, empty) = (NewId("vs"), NewId("vs"));
        await CreatedAsync($"CodeSystem/{NewId("cs")}", $$$"""
            {"resourceType":"CodeSystem","id":"?","url":"{{{system}}}","status":"active","content":"complete","concept":[
            {"code":"vital","concept":[{"code":"body","concept":[{"code":"weight"},{"code":"bmi"}]}]},{"code":"lab"}]}
            """);
        await CreatedAsync($"ValueSet/{vitals}", $$$"""
            {"resourceType":"ValueSet","id":"?","url":"{{{system}}}:vitals","status":"active","compose":{"include":[{"system":"{{{system}}}","concept":[{"code":"weight"},{"code":"lab"}]}]}}
            """);
        await CreatedAsync($"ValueSet/{empty}", $$$"""
            {"resourceType":"ValueSet","id":"?","url":"{{{system}}}:empty","status":"active",
            "compose":{"include":[{"system":"{{{system}}}","concept":[{"code":"lab"}]}],"exclude":[{"system":"{{{system}}}","concept":[{"code":"lab"}]}]}}
            """);
        patient = NewId("p");
        await CreatedAsync($"Patient/{patient}", """{"resourceType":"Patient","id":"?","gender":"female"}""");
        weight = await ObservedAsync($$$"""[{"system":"{{{system}}}","code":"weight"}]""");
        bmi = await ObservedAsync($$$"""[{"system":"{{{system}}}","code":"bmi"},{"system":"urn:other","code":"x"}]""");
        bare = await ObservedAsync("""[{"code":"weight"}]""");
        none = await ObservedAsync("");
    }

    [TestCase("code:in={system}:vitals", "weight")]
    [TestCase("code:in=ValueSet/{vitals}", "weight")]
    [TestCase("code:in={base}/ValueSet/{vitals}", "weight")]
    [TestCase("code:in={system}:empty,{system}:vitals", "weight")]
    [TestCase("code:in={system}:empty", "")]
    [TestCase("code:not-in={system}:vitals", "bmi bare none")]
    [TestCase("code:not-in={system}:empty", "weight bmi bare none")]
    [TestCase("code:below={system}|body", "weight bmi")]
    [TestCase("code:below={system}|weight", "weight")]
    [TestCase("code:below={system}|vital,urn:x", null)]
    [TestCase("code:above={system}|bmi", "bmi")]
    [TestCase("code:above={system}|body", "")]
    [TestCase("status:in=http://hl7.org/fhir/ValueSet/observation-status", "weight bmi bare none")]
    [TestCase("status:not-in=http://hl7.org/fhir/ValueSet/observation-status", "")]
    [TestCase("subject:Patient.gender:in=http://hl7.org/fhir/ValueSet/administrative-gender", "weight bmi bare none")]
    [TestCase("subject:Patient.gender:not-in=http://hl7.org/fhir/ValueSet/administrative-gender", "")]
    [TestCase("code:in=urn:unknown", null)]
    [TestCase("code:in=ValueSet/nobody", null)]
    [TestCase("code:below={system}|nothing", null)]
    [TestCase("code:below=body", null)]
    [TestCase("code:above=urn:unknown|x", null)]
    [TestCase("identifier:in={system}:vitals", null)]
    public async Task A_set_of_codes_is_asked_for(string query, string? found)
    {
        var filled = query.Replace("{system}", system, StringComparison.Ordinal).Replace("{vitals}", vitals, StringComparison.Ordinal)
            .Replace("{base}", Phr.Address + "/fhir", StringComparison.Ordinal);
        var answer = await GetAsync($"Observation?patient={patient}&{filled}");
        if (found is null)
        {
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
            return;
        }
        var ids = new Dictionary<string, string> { ["weight"] = weight, ["bmi"] = bmi, ["bare"] = bare, ["none"] = none };
        Assert.That(answer.Ids(), Is.EquivalentTo(found.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => ids[name])));
    }

    [Test]
    public async Task The_reverse_chain_takes_it_and_pages_keep_it()
    {
        Assert.That((await GetAsync($"Patient?_id={patient}&_has:Observation:patient:code:in={system}:vitals")).Ids(), Is.EqualTo(new[] { patient }));
        Assert.That((await GetAsync($"Patient?_id={patient}&_has:Observation:patient:code:in={system}:empty")).Ids(), Is.Empty);
        var first = await GetAsync($"Observation?patient={patient}&code:below={system}|vital&_count=1&_sort=_id");
        var second = await GetAsync(first.Link("next")!);
        Assert.That(first.Ids().Concat(second.Ids()), Is.EquivalentTo(new[] { weight, bmi }));
        Assert.That(second.Link("self"), Does.Contain("code:below").Or.Contain("code%3Abelow"));
    }

    [Test]
    public async Task A_set_too_large_for_one_condition_is_too_costly()
    {
        var codes = string.Join(',', Enumerable.Range(0, 501).Select(number => $$$"""{"code":"c{{{number}}}"}"""));
        await CreatedAsync($"ValueSet/{NewId("vs")}", $$$"""
            {"resourceType":"ValueSet","id":"?","url":"{{{system}}}:large","status":"active","compose":{"include":[{"system":"{{{system}}}","concept":[{{{codes}}}]}]}}
            """);
        Assert.That((await GetAsync($"Observation?code:in={system}:large")).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    private static async Task CreatedAsync(string path, string json) =>
        Assert.That((await PutAsync(path, json.Replace("\"?\"", $"\"{path.Split('/')[1]}\"", StringComparison.Ordinal))).Status, Is.EqualTo(HttpStatusCode.Created));

    private async Task<string> ObservedAsync(string coding)
    {
        var id = NewId("o");
        var code = coding.Length == 0 ? """{"text":"nothing"}""" : $$$"""{"coding":{{{coding}}}}""";
        await CreatedAsync($"Observation/{id}", $$$"""{"resourceType":"Observation","id":"?","status":"final","code":{{{code}}},"subject":{"reference":"Patient/{{{patient}}}"}}""");
        return id;
    }
}

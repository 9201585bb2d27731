using System.Net;
using System.Text.Json.Nodes;
using static Fhir.Server.Tests.Rest.Definitions;

namespace Fhir.Server.Tests.Rest;

/// <summary>SearchParameters that cannot be in force. https://hl7.org/fhir/R4/searchparameter.html</summary>
[TestFixture]
public sealed class CustomSearchParameterRefusalTests
{
    private PhrServer phr = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        phr = PhrServer.Start();
        var taken = await SendAsync(HttpMethod.Put, "SearchParameter/taken", Definition("taken", "Patient", "taken", "token", "Patient.communication.language").ToJsonString());
        Assert.That(taken.Status, Is.EqualTo(HttpStatusCode.Created), taken.Text);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await phr.DisposeAsync();

    private Task<Answer> SendAsync(HttpMethod method, string path, string? json = null) =>
        RestTests.SendAsync(phr.Client, method, path, json is null ? null : RestTests.Body(json));

    private static IEnumerable<TestCaseData> Refused()
    {
        static TestCaseData Case(string name, string expression, Action<JsonObject> change) => new TestCaseData(expression, change).SetName("{m}: " + name);
        yield return Case("no expression", "SearchParameter.expression", one => one.Remove("expression"));
        yield return Case("a code of R4", "SearchParameter.code", one => one["code"] = "gender");
        yield return Case("a code of every resource", "SearchParameter.code", one => one["code"] = "_tag");
        yield return Case("a code R4 has and this server does not answer", "SearchParameter.code", one => one["code"] = "_text");
        yield return Case("another's code", "SearchParameter.code", one => one["code"] = "taken");
        yield return Case("another's address", "SearchParameter.url", one => one["url"] = Url("taken"));
        yield return Case("a code with a dot", "SearchParameter.code", one => one["code"] = "a.b");
        yield return Case("a code with a colon", "SearchParameter.code", one => one["code"] = "a:b");
        yield return Case("the code of a patient", "SearchParameter.code", one => one["code"] = "patient");
        yield return Case("not FHIRPath", "SearchParameter.expression", one => one["expression"] = "Patient.maritalStatus.where(");
        yield return Case("an unknown function", "SearchParameter.expression", one => one["expression"] = "Patient.maritalStatus.frobnicate()");
        yield return Case("an unknown element", "SearchParameter.expression", one => one["expression"] = "Patient.marital");
        yield return Case("an expression of another type", "SearchParameter.expression", one => one["expression"] = "Observation.code");
        yield return Case("an element of another kind", "SearchParameter.expression", one => one["expression"] = "Patient.name");
        yield return Case("another resource", "SearchParameter.expression", one => one["expression"] = "Patient.generalPractitioner.resolve().identifier");
        yield return Case("everything", "SearchParameter.expression", one => one["expression"] = "Patient.descendants().ofType(Coding)");
        yield return Case("a variable", "SearchParameter.expression", one => one["expression"] = "Patient.maritalStatus.where(%resource.active)");
        yield return Case("special", "SearchParameter.type", one => one["type"] = "special");
        yield return Case("a composite of nothing", "SearchParameter.component", one => one["type"] = "composite");
        yield return Case("an unknown component", "SearchParameter.component[1].definition", one =>
        {
            (one["type"], one["expression"]) = ("composite", "Patient.contact");
            one["component"] = new JsonArray(
                new JsonObject { ["definition"] = "http://hl7.org/fhir/SearchParameter/individual-family", ["expression"] = "name.family" },
                new JsonObject { ["definition"] = "http://example.org/nothing", ["expression"] = "telecom" });
        });
        foreach (var expression in new[]
        {
            "ImagingStudy.where(series.exists()).description", "(ImagingStudy.series.description)", "ImagingStudy.series.first().description", "ImagingStudy.series[0].description",
            "ImagingStudy.descendants()", "ImagingStudy.children().description", "ImagingStudy.series.count()", "ImagingStudy.numberOfSeries.toString()",
            "ImagingStudy.modality", "ImagingStudy.Series.description", "ImagingStudy.contained.ofType(ImagingStudy).series.description", "ImagingStudy.iif(series.description = 'x', 'y')", "series.description", "ImagingStudy.series.where(%resource.series.description = 'x').description",
            "ImagingStudy.`series`.description", "ImagingStudy.series.uid | ImagingStudy.series.last().uid", "ImagingStudy.procedureCode.where(%context.series.exists())",
        })
        {
            yield return Case(expression, "SearchParameter.expression", one => (one["base"], one["expression"]) = (new JsonArray("ImagingStudy"), expression));
        }
        yield return Case("narrative of every resource", "SearchParameter.expression", one => (one["base"], one["type"], one["expression"]) = (new JsonArray("DomainResource"), "token", "DomainResource.text.status"));
    }

    [TestCaseSource(nameof(Refused))]
    public async Task What_cannot_be_in_force_is_refused(string expression, Action<JsonObject> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var definition = Definition("wrong", "Patient", "own-code", "token", "Patient.maritalStatus");
        change(definition);
        var answer = await SendAsync(HttpMethod.Put, "SearchParameter/wrong", definition.ToJsonString());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.Text);
        Assert.That(answer["issue.0.expression.0"], Is.EqualTo(expression), answer.Text);
        Assert.That((await SendAsync(HttpMethod.Get, "SearchParameter/wrong")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("code")]
    [TestCase("base")]
    [TestCase("type")]
    public async Task What_every_SearchParameter_must_have_is_missed(string element)
    {
        var definition = Definition("wrong", "Patient", "own-code", "token", "Patient.maritalStatus");
        definition.Remove(element);
        var answer = await SendAsync(HttpMethod.Put, "SearchParameter/wrong", definition.ToJsonString());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.Text);
    }

    [Test]
    public async Task A_base_or_target_that_is_no_type_is_refused()
    {
        var definition = Definition("wrong", "Nonsense", "own-code", "token", "Patient.maritalStatus");
        Assert.That((await SendAsync(HttpMethod.Put, "SearchParameter/wrong", definition.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        definition = Definition("wrong", "Patient", "own-code", "reference", "Patient.generalPractitioner");
        definition["target"] = new JsonArray("Nonsense");
        Assert.That((await SendAsync(HttpMethod.Put, "SearchParameter/wrong", definition.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }
}

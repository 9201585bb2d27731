using System.Net;
using System.Text.Json.Nodes;
using Fhir.Server.Search;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#capabilities: every line is tried.</summary>
[TestFixture]
public sealed class CapabilitiesTests : RestTests
{
    private static async Task<List<JsonNode>> TypesAsync() => [.. (await GetAsync("metadata")).Json!["rest"]![0]!["resource"]!.AsArray().Select(type => type!)];

    [Test]
    public async Task The_statement_says_what_it_is_about()
    {
        var answer = await GetAsync("metadata");
        Assert.Multiple(() =>
        {
            Assert.That((answer.Status, answer["resourceType"], answer["kind"], answer["fhirVersion"]), Is.EqualTo((HttpStatusCode.OK, "CapabilityStatement", "instance", "4.0.1")));
            Assert.That(answer["implementation.url"], Is.EqualTo($"{Phr.Address}/fhir"));
            Assert.That(answer["format"], Does.Contain("json").And.Not.Contain("xml"));
        });
        Assert.That((await TypesAsync()).ConvertAll(type => Answer.At(type, "type")), Is.EqualTo(new[]
        {
            "Binary", "Consent", "DiagnosticReport", "DocumentReference", "Endpoint", "ImagingStudy", "Observation", "Organization", "Patient",
        }));
    }

    [Test]
    public async Task Every_interaction_it_claims_is_answered()
    {
        foreach (var type in await TypesAsync())
        {
            var (name, id) = (Answer.At(type, "type")!, NewId());
            if (name == "Binary")
            {
                await IsReadAsync(type);
                continue;
            }
            var json = await ExampleAsync(name, id);
            foreach (var code in type["interaction"]!.AsArray().Select(interaction => Answer.At(interaction, "code")).Order(StringComparer.Ordinal))
            {
                var status = code switch
                {
                    "create" => (await PostAsync(name, json)).Status,
                    "update" or "delete" => (await PutAsync($"{name}/{id}", json)).Status is var put && code == "update" ? put : (await DeleteAsync($"{name}/{id}")).Status,
                    "read" => (await PutAsync($"{name}/{id}", json), await GetAsync($"{name}/{id}")).Item2.Status,
                    "vread" => (await GetAsync($"{name}/{id}/_history/1")).Status,
                    "history-instance" => (await GetAsync($"{name}/{id}/_history")).Status,
                    "search-type" => (await GetAsync(name)).Status,
                    _ => throw new AssertionException($"{name} claims {code}, which this test does not know."),
                };
                Assert.That((int)status, Is.InRange(200, 204), $"{code} {name}");
            }
        }
    }

    [Test]
    public async Task Every_search_parameter_and_every_include_it_claims_is_answered()
    {
        foreach (var type in await TypesAsync())
        {
            var name = Answer.At(type, "type")!;
            foreach (var parameter in type["searchParam"]!.AsArray())
            {
                var known = SearchParameters.Find(name, Answer.At(parameter, "name")!)!;
                var value = known.Kind == SearchKind.Composite
                    ? string.Join('$', known.Components.Select(component => ValueOf(component.Parameter.Kind.ToString().ToLowerInvariant())))
                    : ValueOf(Answer.At(parameter, "type"));
                var code = Answer.At(parameter, "name");
                Assert.That((await GetAsync($"{name}?{code}={value}", ("Prefer", "handling=strict"))).Status, Is.EqualTo(HttpStatusCode.OK), $"{name}?{code}");
                Assert.That((await GetAsync($"{name}?{code}:missing=true&_count=1")).Status, Is.EqualTo(HttpStatusCode.OK), $"{name}?{code}:missing");
            }
            foreach (var include in type["searchInclude"]?.AsArray() ?? [])
            {
                Assert.That((await GetAsync($"{name}?_include={include}&_count=1", ("Prefer", "handling=strict"))).Status, Is.EqualTo(HttpStatusCode.OK), $"{include}");
            }
        }
    }

    private static string ValueOf(string? kind) => kind switch
    {
        "date" => "2026-02-03",
        "reference" => "Patient/x",
        "uri" => "urn:x",
        "number" or "quantity" => "5",
        "special" => "1|2",
        _ => "x",
    };

    /// <summary>What is made of documents alone is read, and not written.</summary>
    private static async Task IsReadAsync(JsonNode type)
    {
        var (patient, uid) = (await NewPatientAsync(), NewUid());
        await StowAsync(patient, Documents.TestReport.Sr(uid, $"{uid}.1", $"{uid}.1.1", Documents.TestReport.Radiology));
        var path = $"Binary/{(await GetAsync($"DiagnosticReport?patient={patient}")).Ids().Single()}";
        Assert.That(type["interaction"]!.AsArray().Select(one => Answer.At(one, "code")), Is.EquivalentTo(new[] { "read", "vread", "history-instance", "search-type" }));
        foreach (var asked in new[] { path, $"{path}/_history/1", $"{path}/_history", path.Replace("/", "?_id=", StringComparison.Ordinal) })
        {
            Assert.That((await GetAsync(asked, ("Accept", "application/fhir+json"))).Status, Is.EqualTo(HttpStatusCode.OK), asked);
        }
    }

    private static async Task<string> ExampleAsync(string type, string id) => type switch
    {
        "Patient" => PatientJson(id),
        "Organization" => $$"""{"resourceType":"Organization","id":"{{id}}","name":"x"}""",
        "Consent" => ConsentJson(id, await NewPatientAsync()),
        "ImagingStudy" => StudyJson(id, await NewPatientAsync()),
        "DiagnosticReport" or "Observation" => $$$"""{"resourceType":"{{{type}}}","id":"{{{id}}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{await NewPatientAsync()}}}"}}""",
        "DocumentReference" => $$$"""{"resourceType":"DocumentReference","id":"{{{id}}}","status":"current","subject":{"reference":"Patient/{{{await NewPatientAsync()}}}"},"content":[{"attachment":{"title":"x"}}]}""",
        "Endpoint" => $$"""{"resourceType":"Endpoint","id":"{{id}}","status":"active","connectionType":{"code":"x"},"payloadType":[{"text":"Any"}],"address":"https://elsewhere.example"}""",
        _ => throw new AssertionException($"No example of {type}."),
    };
}

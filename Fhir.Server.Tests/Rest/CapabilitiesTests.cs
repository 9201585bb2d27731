using System.Net;
using System.Text.Json.Nodes;
using Fhir.Server.Search;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

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
            Assert.That(answer["format"], Does.Contain("\"json\"").And.Contain("\"xml\""));
        });
        Assert.That((await TypesAsync()).ConvertAll(type => Answer.At(type, "type")), Is.EquivalentTo(Fhir.Server.Imaging.ResourceContents.Types));
    }

    [Test]
    public async Task The_statement_is_the_same_bytes_until_something_changes()
    {
        var (first, second) = (await GetAsync("metadata"), await GetAsync("metadata"));
        Assert.That(second.Text, Is.EqualTo(first.Text));
        Assert.That((await XmlAnswer.GetAsync("metadata"))["fhirVersion"], Is.EqualTo("4.0.1"));
    }

    [Test]
    public async Task Every_operation_it_claims_is_answered_and_every_one_there_is_is_claimed()
    {
        var claimed = new HashSet<string>();
        foreach (var type in await TypesAsync())
        {
            var name = Answer.At(type, "type")!;
            foreach (var operation in type["operation"]?.AsArray() ?? [])
            {
                Assert.That(Answer.At(operation, "definition"), Does.StartWith("http://hl7.org/fhir/OperationDefinition/").Or.EqualTo("urn:phr:operation:reindex"));
                var code = Answer.At(operation, "name")!;
                claimed.Add(code);
                Assert.That((int)(await OperateAsync(name, code)).Status, Is.EqualTo(200), $"{name} ${code}");
            }
        }
        var routed = Phr.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints)
            .SelectMany(route => route.Metadata.GetOrderedMetadata<Fhir.Server.Rest.Operation>(), (route, operation) => (route, operation))
            .Where(one => one.route is not RouteEndpoint { RoutePattern.RawText: { } text } || Fhir.Server.Imaging.ResourceContents.Types.Any(type => text.StartsWith($"/fhir/{type}/", StringComparison.Ordinal)))
            .Select(one => one.operation.Name).Distinct();
        Assert.That(routed, Is.SubsetOf(claimed));
    }

    /// <summary>Tries an operation as the standard writes it.</summary>
    private static async Task<Answer> OperateAsync(string type, string code)
    {
        var id = type == "Binary" ? "" : NewId();
        if (id.Length > 0 && code is "meta" or "reindex" && await HasExampleAsync(type, id) is { } json)
        {
            await PutAsync($"{type}/{id}", json);
        }
        return (type, code) switch
        {
            ("Patient", "everything") => await GetAsync($"Patient/{await NewPatientAsync()}/$everything"),
            ("Patient", "match") => await PostAsync("Patient/$match", Parameters(PatientJson("x", ""","name":[{"family":"Aal","given":["A"]}],"birthDate":"1970-01-01" """))),
            ("ValueSet", "expand") => await GetAsync("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/name-use"),
            ("ValueSet", "validate-code") => await GetAsync("ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/name-use&code=usual"),
            ("CodeSystem", "validate-code") => await GetAsync("CodeSystem/$validate-code?url=http://hl7.org/fhir/name-use&code=usual"),
            (_, "validate") => await PostAsync($"{type}/$validate", $$"""{"resourceType":"{{type}}"}"""),
            ("Binary", "reindex") => await SendAsync(HttpMethod.Post, $"{await BinaryAsync()}/$reindex", null),
            (_, "reindex") => await SendAsync(HttpMethod.Post, $"{type}/{id}/$reindex", null),
            ("Binary", "meta") => await GetAsync($"{await BinaryAsync()}/$meta"),
            (_, "meta") => await GetAsync($"{type}/{id}/$meta"),
            _ => throw new AssertionException($"{type} claims ${code}, which this test does not know."),
        };
    }

    private static string Parameters(string resource) => $$"""{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{{resource}}}]}""";

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
                    "history-type" => (await GetAsync($"{name}/_history?_count=1")).Status,
                    "patch" => (await PutAsync($"{name}/{id}", json), await PatchAsync($"{name}/{id}")).Item2.Status,
                    _ => throw new AssertionException($"{name} claims {code}, which this test does not know."),
                };
                Assert.That((int)status, Is.InRange(200, 204), $"{code} {name}");
            }
        }
    }

    [Test]
    public async Task Every_interaction_of_the_system_it_claims_is_answered()
    {
        foreach (var code in (await GetAsync("metadata")).Json!["rest"]![0]!["interaction"]?.AsArray().Select(one => Answer.At(one, "code")) ?? [])
        {
            var status = code switch
            {
                "batch" or "transaction" => (await SendAsync(HttpMethod.Post, "/fhir", $$"""{"resourceType":"Bundle","type":"{{code}}"}""")).Status,
                "history-system" => (await GetAsync("_history?_count=1")).Status,
                "search-system" => (await GetAsync("/fhir?_type=Patient&_count=1")).Status,
                _ => throw new AssertionException($"The system claims {code}, which this test does not know."),
            };
            Assert.That(status, Is.EqualTo(HttpStatusCode.OK), code);
        }
    }

    [Test]
    public async Task Every_condition_it_claims_is_judged()
    {
        foreach (var type in (await TypesAsync()).Where(type => Answer.At(type, "type") is "Patient" or "Organization" or "Binary"))
        {
            var (name, id) = (Answer.At(type, "type")!, NewId());
            var condition = $"_id={id}";
            if (Answer.At(type, "conditionalCreate") == "true")
            {
                Assert.That((await PostAsync(name, await ExampleAsync(name, "x"), ("If-None-Exist", condition))).Status, Is.EqualTo(HttpStatusCode.Created));
            }
            if (Answer.At(type, "conditionalUpdate") == "true")
            {
                Assert.That((await PutAsync($"{name}?{condition}", await ExampleAsync(name, id))).Status, Is.EqualTo(HttpStatusCode.Created));
            }
            if (Answer.At(type, "conditionalDelete") == "single")
            {
                Assert.That((int)(await DeleteAsync($"{name}?{condition}")).Status, Is.InRange(200, 204));
            }
            Assert.That(Answer.At(type, "conditionalRead"), Is.EqualTo("full-support"));
        }
    }

    private static async Task<Answer> PatchAsync(string path)
    {
        using var content = Body("""[{"op":"add","path":"/language","value":"en"}]""", "application/json-patch+json");
        return await SendAsync(Phr.Client, HttpMethod.Patch, path, content);
    }

    [Test]
    public async Task Every_search_parameter_and_every_include_it_claims_is_answered()
    {
        foreach (var type in await TypesAsync())
        {
            var name = Answer.At(type, "type")!;
            foreach (var parameter in type["searchParam"]!.AsArray())
            {
                var known = Phr.Services.GetRequiredService<SearchRegistry>().Current.Find(name, Answer.At(parameter, "name")!)!;
                var value = known.Kind == SearchKind.Composite
                    ? string.Join('$', known.Components.Select(component => ValueOf(component.Parameter.Kind.ToString().ToLowerInvariant())))
                    : ValueOf(Answer.At(parameter, "type"));
                var code = Answer.At(parameter, "name");
                Assert.That((await GetAsync($"{name}?{code}={value}", ("Prefer", "handling=strict"))).Status, Is.EqualTo(HttpStatusCode.OK), $"{name}?{code}");
                Assert.That((await GetAsync($"{name}?{code}:missing=true&_count=1")).Status, Is.EqualTo(HttpStatusCode.OK), $"{name}?{code}:missing");
            }
            foreach (var (parameter, include) in new[] { ("_include", "searchInclude"), ("_revinclude", "searchRevInclude") }
                .SelectMany(one => type[one.Item2]?.AsArray().Select(include => (one.Item1, include!.ToString())) ?? []))
            {
                Assert.That((await GetAsync($"{name}?{parameter}={include}&_count=1", ("Prefer", "handling=strict"))).Status, Is.EqualTo(HttpStatusCode.OK), $"{name} {parameter} {include}");
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

    /// <summary>A Binary is read as what it is, unless its form is named.</summary>
    private static async Task IsReadAsync(JsonNode type)
    {
        var path = await BinaryAsync();
        Assert.That(type["interaction"]!.AsArray().Select(one => Answer.At(one, "code")), Is.SupersetOf(new[] { "read", "vread", "history-instance", "search-type" }));
        var written = await PostAsync("Binary", await ExampleAsync("Binary", "x"));
        Assert.That(written.Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await PutAsync($"Binary/{written["id"]}", await ExampleAsync("Binary", written["id"]!))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((int)(await DeleteAsync($"Binary/{written["id"]}")).Status, Is.InRange(200, 204));
        foreach (var asked in new[] { path, $"{path}/_history/1", $"{path}/_history", path.Replace("/", "?_id=", StringComparison.Ordinal) })
        {
            Assert.That((await GetAsync(asked, ("Accept", "application/fhir+json"))).Status, Is.EqualTo(HttpStatusCode.OK), asked);
            Assert.That((await XmlAnswer.GetAsync(asked)).Status, Is.EqualTo(HttpStatusCode.OK), asked);
        }
    }

    private static async Task<string> BinaryAsync()
    {
        var (patient, uid) = (await NewPatientAsync(), NewUid());
        await StowAsync(patient, Documents.TestReport.Sr(uid, $"{uid}.1", $"{uid}.1.1", Documents.TestReport.Radiology));
        return $"Binary/{(await GetAsync($"DiagnosticReport?patient={patient}")).Ids().Single()}";
    }

    private static async Task<string?> HasExampleAsync(string type, string id) => type == "Binary" ? null : await ExampleAsync(type, id);

    private static async Task<string> ExampleAsync(string type, string id) => type switch
    {
        "Patient" => PatientJson(id),
        "Organization" => $$"""{"resourceType":"Organization","id":"{{id}}","name":"x"}""",
        "Consent" => ConsentJson(id, await NewPatientAsync()),
        "ImagingStudy" => StudyJson(id, await NewPatientAsync()),
        "DiagnosticReport" or "Observation" => $$$"""{"resourceType":"{{{type}}}","id":"{{{id}}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{await NewPatientAsync()}}}"}}""",
        "DocumentReference" => $$$"""{"resourceType":"DocumentReference","id":"{{{id}}}","status":"current","subject":{"reference":"Patient/{{{await NewPatientAsync()}}}"},"content":[{"attachment":{"title":"x"}}]}""",
        "Endpoint" => $$"""{"resourceType":"Endpoint","id":"{{id}}","status":"active","connectionType":{"code":"x"},"payloadType":[{"text":"Any"}],"address":"https://elsewhere.example"}""",
        _ => MinimalResources.Make(type, id),
    };
}

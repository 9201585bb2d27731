using System.Net;
using System.Text.Json.Nodes;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#transaction</summary>
[TestFixture]
public sealed class BundleTests : RestTests
{
    private static string Bundle(string type, params string[] entries) => $$"""{"resourceType":"Bundle","type":"{{type}}","entry":[{{string.Join(',', entries)}}]}""";

    private static string Entry(string method, string url, string? resource = null, string? fullUrl = null, string further = "") =>
        $$"""
        { {{(fullUrl is null ? "" : $"\"fullUrl\":\"{fullUrl}\",")}} {{(resource is null ? "" : $"\"resource\":{resource},")}}
        "request":{"method":"{{method}}","url":"{{url}}"{{further}}} }
        """;

    private static string NewUrn() => $"urn:uuid:{Guid.NewGuid()}";

    private static Task<Answer> SendAsync(string bundle, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, "/fhir", bundle, headers);

    private static List<JsonNode> Responses(Answer answer) => [.. answer.Json!["entry"]!.AsArray().Select(entry => entry!)];

    private static string? Status(JsonNode entry) => Answer.At(entry, "response.status");

    private static string Id(JsonNode entry) => Answer.At(entry, "response.location")!.Split("/fhir/")[1].Split("/_history")[0];

    [Test]
    public async Task A_transaction_turns_what_its_entries_call_each_other_into_what_they_are_called_here_wherever_it_stands()
    {
        var (patient, observation, organization) = (NewUrn(), NewUrn(), NewUrn());
        var answer = await SendAsync(Bundle(
            "transaction",
            Entry("POST", "DiagnosticReport", $$$"""
                {"resourceType":"DiagnosticReport","status":"final","code":{"text":"x"},"subject":{"reference":"{{{patient}}}"},"result":[{"reference":"{{{observation}}}"}],
                "contained":[{"resourceType":"Specimen","id":"s","subject":{"reference":"{{{patient}}}"}}],"specimen":[{"reference":"#s"}],
                "extension":[{"url":"https://x.example/by","valueReference":{"reference":"{{{organization}}}"}},{"url":"https://x.example/uri","valueUri":"{{{organization}}}"},
                {"url":"https://x.example/canonical","valueCanonical":"{{{organization}}}"}],
                "text":{"status":"additional","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"{{{observation}}}\">{{{observation}}}</a></div>"}}
                """),
            Entry("POST", "Observation", $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"{{{patient}}}"}}""", observation),
            Entry("POST", "Patient", $$$"""{"resourceType":"Patient","managingOrganization":{"reference":"{{{organization}}}"}}""", patient),
            Entry("POST", "Organization", """{"resourceType":"Organization","name":"x"}""", organization)));
        Assert.That((answer.Status, answer["type"]), Is.EqualTo((HttpStatusCode.OK, "transaction-response")), answer.Text);
        var entries = Responses(answer);
        Assert.That(entries.ConvertAll(Status), Is.All.EqualTo("201 Created"));
        Assert.That(entries.ConvertAll(Id).ConvertAll(id => id.Split('/')[0]), Is.EqualTo(new[] { "DiagnosticReport", "Observation", "Patient", "Organization" }), "In the order they were sent.");
        var report = await GetAsync(Id(entries[0]));
        Assert.Multiple(() =>
        {
            Assert.That(report["subject.reference"], Is.EqualTo(Id(entries[2])));
            Assert.That(report["result.0.reference"], Is.EqualTo(Id(entries[1])));
            Assert.That(report["contained.0.subject.reference"], Is.EqualTo(Id(entries[2])));
            Assert.That(report["extension.0.valueReference.reference"], Is.EqualTo(Id(entries[3])));
            Assert.That(report["extension.1.valueUri"], Is.EqualTo(Id(entries[3])));
            Assert.That(report["extension.2.valueCanonical"], Is.EqualTo(organization), "A canonical is no link.");
            Assert.That(report["text.div"], Does.Contain($"<a href=\"{Id(entries[1])}\">{observation}</a>"), "The link, not the words.");
        });
        var patientId = Id(entries[2]).Split('/')[1];
        Assert.That((await GetAsync($"Observation?patient={patientId}")).Ids(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Relative_references_mean_the_entries_of_the_same_base()
    {
        const string Elsewhere = "https://elsewhere.example/fhir";
        var answer = await SendAsync(Bundle(
            "transaction",
            Entry("POST", "Patient", """{"resourceType":"Patient","id":"5"}""", $"{Elsewhere}/Patient/5"),
            Entry("POST", "Observation", """{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/5"}}""", $"{Elsewhere}/Observation/7")));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        var entries = Responses(answer);
        Assert.That((await GetAsync(Id(entries[1])))["subject.reference"], Is.EqualTo(Id(entries[0])));
    }

    [Test]
    public async Task One_fault_undoes_all_and_says_which_entry_is_at_fault()
    {
        var (patient, other) = (NewId("p"), NewId("p"));
        var answer = await SendAsync(Bundle(
            "transaction",
            Entry("PUT", $"Patient/{patient}", PatientJson(patient)),
            Entry("PUT", $"Patient/{other}", PatientJson(other, ",\"gender\":\"many\""))));
        Assert.Multiple(() =>
        {
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.Text);
            Assert.That(answer["issue.0.expression.0"], Does.StartWith("Bundle.entry[1].resource"));
        });
        Assert.That((await GetAsync($"Patient/{patient}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        // A fault only the store can tell: a stale version among good ones, in several records.
        var stale = await NewPatientAsync();
        answer = await SendAsync(Bundle(
            "transaction",
            Entry("PUT", $"Patient/{patient}", PatientJson(patient)),
            Entry("PUT", $"Patient/{stale}", PatientJson(stale, ",\"active\":true"), further: ",\"ifMatch\":\"W/\\\"7\\\"\"")));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.PreconditionFailed), answer.Text);
        Assert.That((await GetAsync($"Patient/{patient}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await GetAsync($"Patient/{stale}"))["meta.versionId"], Is.EqualTo("1"));
    }

    [Test]
    public async Task Deletions_come_first_and_reads_last_whatever_the_order()
    {
        var (kept, gone) = (await NewPatientAsync(), await NewPatientAsync());
        var answer = await SendAsync(Bundle(
            "transaction",
            Entry("GET", $"Patient/{kept}"),
            Entry("GET", $"Patient/{gone}"),
            Entry("PUT", $"Patient/{kept}", PatientJson(kept, ",\"active\":true")),
            Entry("DELETE", $"Patient/{gone}"),
            Entry("GET", $"Patient?_id={kept}&active=true")));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        var entries = Responses(answer);
        Assert.Multiple(() =>
        {
            Assert.That(entries.ConvertAll(Status), Is.EqualTo(new[] { "200 OK", "410 Gone", "200 OK", "204 No Content", "200 OK" }));
            Assert.That(Answer.At(entries[0], "resource.active"), Is.EqualTo("true"));
            Assert.That(Answer.At(entries[1], "response.outcome.resourceType"), Is.EqualTo("OperationOutcome"));
            Assert.That(Answer.At(entries[4], "resource.entry.0.resource.id"), Is.EqualTo(kept));
        });
    }

    [Test]
    public async Task The_same_resource_twice_or_the_same_fullUrl_twice_is_refused()
    {
        var patient = NewId("p");
        Assert.That((await SendAsync(Bundle("transaction", Entry("PUT", $"Patient/{patient}", PatientJson(patient)), Entry("DELETE", $"Patient/{patient}")))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        var urn = NewUrn();
        Assert.That(
            (await SendAsync(Bundle("transaction", Entry("POST", "Patient", """{"resourceType":"Patient"}""", urn), Entry("POST", "Patient", """{"resourceType":"Patient"}""", urn)))).Status,
            Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await GetAsync($"Patient/{patient}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_conditional_create_that_finds_one_makes_none_and_references_lead_to_that_one()
    {
        var number = NewId("n");
        var existing = await NewPatientAsync($$""","identifier":[{"system":"urn:n","value":"{{number}}"}]""");
        var urn = NewUrn();
        string Both(string identifier) => Bundle(
            "transaction",
            Entry("POST", "Patient", $$"""{"resourceType":"Patient","identifier":[{"system":"urn:n","value":"{{identifier}}"}]}""", urn, $",\"ifNoneExist\":\"identifier=urn:n|{identifier}\""),
            Entry("POST", "Observation", $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"{{{urn}}}"}}"""));
        var answer = await SendAsync(Both(number));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        var entries = Responses(answer);
        Assert.That((Status(entries[0]), Id(entries[0])), Is.EqualTo(("200 OK", $"Patient/{existing}")));
        Assert.That((await GetAsync(Id(entries[1])))["subject.reference"], Is.EqualTo($"Patient/{existing}"));
        // Thirty at once make one.
        var fresh = NewId("n");
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => SendAsync(Both(fresh))));
        Assert.That(answers.Select(one => one.Status), Is.All.EqualTo(HttpStatusCode.OK), string.Join('\n', answers.Select(one => one.Text).Distinct().Take(3)));
        Assert.That(answers.Count(one => Status(Responses(one)[0]) == "201 Created"), Is.EqualTo(1));
        var only = (await GetAsync($"Patient?identifier=urn:n|{fresh}")).Ids().Single();
        Assert.That((await GetAsync($"Observation?patient={only}&_count=100")).Ids(), Has.Count.EqualTo(30));
    }

    [Test]
    public async Task A_conditional_reference_leads_to_the_one_it_finds_and_fails_the_whole_when_it_finds_none_or_two()
    {
        var number = NewId("n");
        var patient = await NewPatientAsync($$""","identifier":[{"system":"urn:n","value":"{{number}}"}]""");
        string Observation(string identifier) => Bundle(
            "transaction",
            Entry("POST", "Observation", $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=urn:n|{{{identifier}}}"}}"""));
        var answer = await SendAsync(Observation(number));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That((await GetAsync(Id(Responses(answer)[0])))["subject.reference"], Is.EqualTo($"Patient/{patient}"));
        Assert.That((await SendAsync(Observation("never"))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        await NewPatientAsync($$""","identifier":[{"system":"urn:n","value":"{{number}}"}]""");
        Assert.That((await SendAsync(Observation(number))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
    }

    [Test]
    public async Task Conditional_updates_and_deletions_are_decided_by_what_is_found()
    {
        var (number, other) = (NewId("n"), NewId("n"));
        string Patient(string identifier, string further = "") => $$"""{"resourceType":"Patient","identifier":[{"system":"urn:n","value":"{{identifier}}"}]{{further}}}""";
        var there = await NewPatientAsync($$""","identifier":[{"system":"urn:n","value":"{{number}}"}]""");
        var answer = await SendAsync(Bundle(
            "transaction",
            Entry("PUT", $"Patient?identifier=urn:n|{number}", Patient(number, ",\"active\":true")),
            Entry("PUT", $"Patient?identifier=urn:n|{other}", Patient(other)),
            Entry("DELETE", "Patient?identifier=urn:n|never")));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        var entries = Responses(answer);
        Assert.That(entries.ConvertAll(Status), Is.EqualTo(new[] { "200 OK", "201 Created", "204 No Content" }));
        Assert.That(Id(entries[0]), Is.EqualTo($"Patient/{there}"));
        answer = await SendAsync(Bundle("transaction", Entry("DELETE", $"Patient?identifier=urn:n|{number}"), Entry("DELETE", $"Patient?identifier=urn:n|{other}")));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That((await GetAsync($"Patient/{there}")).Status, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That((await SendAsync(Bundle("transaction", Entry("DELETE", "Patient?_count=5")))).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed).Or.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task A_reference_to_a_urn_nobody_in_the_transaction_has_is_refused()
    {
        var answer = await SendAsync(Bundle(
            "transaction", Entry("POST", "Observation", $$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"hasMember":[{"reference":"{{NewUrn()}}"}]}""")));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.Text);
    }

    [Test]
    public async Task A_batch_is_always_200_and_a_failure_is_that_entrys_alone()
    {
        var (good, bad) = (NewId("p"), NewId("p"));
        var answer = await SendAsync(Bundle(
            "batch",
            Entry("PUT", $"Patient/{good}", PatientJson(good)),
            Entry("PUT", $"Patient/{bad}", PatientJson(bad, ",\"gender\":\"many\"")),
            Entry("GET", $"Patient/{good}"),
            Entry("GET", "Patient/never-was"),
            Entry("GET", $"Patient?_id={good}&_total=accurate"),
            Entry("DELETE", $"Patient/{good}"),
            Entry("GET", $"Patient/{good}/_history"),
            Entry("GET", "metadata"),
            Entry("POST", "", Bundle("batch")),
            Entry("FETCH", "Patient"),
            """{"resource":{"resourceType":"Patient"}}""",
            Entry("GET", "https://elsewhere.example/fhir/Patient/1"),
            Entry("GET", "../dicomweb/studies")));
        Assert.That((answer.Status, answer["type"]), Is.EqualTo((HttpStatusCode.OK, "batch-response")), answer.Text);
        var entries = Responses(answer);
        Assert.Multiple(() =>
        {
            Assert.That(entries.ConvertAll(entry => Status(entry)![..3]), Is.EqualTo(new[] { "201", "422", "200", "404", "200", "204", "200", "200", "400", "400", "400", "400", "400" }));
            Assert.That(Answer.At(entries[0], "response.etag"), Is.EqualTo("W/\"1\""));
            Assert.That(Answer.At(entries[0], "response.location"), Is.EqualTo($"{Phr.Address}/fhir/Patient/{good}/_history/1"));
            Assert.That(Answer.At(entries[0], "response.lastModified"), Is.Not.Null);
            Assert.That(entries[0]["resource"], Is.Null, "Nothing is given back unasked.");
            Assert.That(Answer.At(entries[1], "response.outcome.resourceType"), Is.EqualTo("OperationOutcome"));
            Assert.That(Answer.At(entries[4], "resource.total"), Is.EqualTo("1"));
            Assert.That(Answer.At(entries[6], "resource.type"), Is.EqualTo("history"));
        });
    }

    [Test]
    public async Task Entries_give_back_what_is_preferred_and_304_for_what_is_known()
    {
        var patient = await NewPatientAsync();
        var put = Entry("PUT", $"Patient/{patient}", PatientJson(patient, ",\"active\":true"));
        foreach (var type in (string[])["batch", "transaction"])
        {
            Assert.That(Answer.At(Responses(await SendAsync(Bundle(type, put), ("Prefer", "return=representation")))[0], "resource.active"), Is.EqualTo("true"));
            Assert.That(Answer.At(Responses(await SendAsync(Bundle(type, put), ("Prefer", "return=OperationOutcome")))[0], "response.outcome.resourceType"), Is.EqualTo("OperationOutcome"));
            Assert.That(Responses(await SendAsync(Bundle(type, put)))[0]["resource"], Is.Null);
            var known = Responses(await SendAsync(Bundle(type, Entry("GET", $"Patient/{patient}", further: ",\"ifNoneMatch\":\"W/\\\"2\\\"\""))))[0];
            Assert.That((Status(known), known["resource"]), Is.EqualTo(("304 Not Modified", (JsonNode?)null)));
        }
        Assert.That((await GetAsync($"Patient/{patient}"))["meta.versionId"], Is.EqualTo("2"), "The same again is no version.");
    }

    [TestCase("""{"resourceType":"Bundle","type":"collection"}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"resourceType":"Patient"}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"resourceType":"Bundle","type":"batch","entry":{}}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"resourceType":"Bundle","type":"transaction","entry":[7]}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"}}]}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST","url":"Patient"}}]}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST","url":"Nothing"},"resource":{"resourceType":"Nothing"}}]}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"resourceType":"Bundle","type":"transaction"}""", HttpStatusCode.OK)]
    [TestCase("""{"resourceType":"Bundle","type":"batch","entry":[]}""", HttpStatusCode.OK)]
    [TestCase("""{"resourceType":"Bundle" """, HttpStatusCode.BadRequest)]
    public async Task What_is_no_batch_and_no_transaction_is_told_so(string json, HttpStatusCode status) =>
        Assert.That((await SendAsync(json)).Status, Is.EqualTo(status));

    [Test]
    public async Task A_transaction_writes_the_human_part_of_a_study_and_nothing_of_the_servers()
    {
        var (_, _, id) = await NewStudyAsync();
        var study = (await GetAsync($"ImagingStudy/{id}")).Json!;
        study["note"] = new JsonArray(new JsonObject { ["text"] = "seen" });
        var answer = await SendAsync(Bundle("transaction", Entry("PUT", $"ImagingStudy/{id}", study.ToJsonString())));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That((await GetAsync($"ImagingStudy/{id}"))["note.0.text"], Is.EqualTo("seen"));
        study["numberOfInstances"] = 500;
        answer = await SendAsync(Bundle("transaction", Entry("PUT", $"ImagingStudy/{id}", study.ToJsonString())));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.Text);
        answer = await SendAsync(Bundle("transaction", Entry("DELETE", $"ImagingStudy/{id}")));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That((await GetAsync($"ImagingStudy/{id}")).Status, Is.EqualTo(HttpStatusCode.Gone));
    }

    [Test]
    public async Task Patches_of_both_kinds_are_made_in_a_transaction_and_in_a_batch()
    {
        var jsonPatch = Convert.ToBase64String("""[{"op":"add","path":"/active","value":true}]"""u8);
        var binary = $$"""{"resourceType":"Binary","contentType":"application/json-patch+json","data":"{{jsonPatch}}"}""";
        const string Parameters = """{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient"},{"name":"name","valueString":"gender"},{"name":"value","valueCode":"other"}]}]}""";
        foreach (var type in (string[])["batch", "transaction"])
        {
            var (one, other) = (await NewPatientAsync(), await NewPatientAsync());
            var answer = await SendAsync(Bundle(type, Entry("PATCH", $"Patient/{one}", binary), Entry("PATCH", $"Patient/{other}", Parameters)));
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
            Assert.That(Responses(answer).ConvertAll(Status), Is.All.EqualTo("200 OK"), answer.Text);
            Assert.That(((await GetAsync($"Patient/{one}"))["active"], (await GetAsync($"Patient/{other}"))["gender"]), Is.EqualTo(("true", "other")));
        }
        var stale = await NewPatientAsync();
        var refused = await SendAsync(Bundle("transaction", Entry("PATCH", $"Patient/{stale}", binary, further: ",\"ifMatch\":\"W/\\\"4\\\"\"")));
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.PreconditionFailed), refused.Text);
        Assert.That((await SendAsync(Bundle("transaction", Entry("PATCH", "Patient/never-was", binary)))).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Synthetic_patients_as_Synthea_writes_them_load_unchanged()
    {
        Corpus.RequireOrSkip();
        var folder = Path.Combine(Corpus.Folder!, "..", "synthea");
        if (!Directory.Exists(folder))
        {
            Assert.Ignore("There are no Synthea bundles beside the corpus.");
        }
        foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
        {
            var sent = JsonNode.Parse(await File.ReadAllTextAsync(file))!["entry"]!.AsArray().Select(entry => Answer.At(entry, "resource.resourceType")!).ToList();
            var answer = await SendAsync(await File.ReadAllTextAsync(file));
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), Path.GetFileName(file));
            var made = Responses(answer).ConvertAll(Id);
            Assert.That(made.ConvertAll(one => one.Split('/')[0]), Is.EqualTo(sent));
            var patient = made.Single(one => one.StartsWith("Patient/", StringComparison.Ordinal)).Split('/')[1];
            foreach (var type in (string[])["ImagingStudy", "Observation", "Encounter", "Claim"])
            {
                Assert.That((await GetAsync($"{type}?patient={patient}&_total=accurate&_count=1"))["total"], Is.EqualTo(sent.Count(one => one == type).ToString(System.Globalization.CultureInfo.InvariantCulture)), type);
            }
        }
    }

    [Test]
    public async Task A_bundle_in_XML_is_done_and_answered_in_XML()
    {
        var id = NewId("p");
        var xml = $"""
            <Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/><entry><resource><Patient><id value="{id}"/><active value="true"/></Patient></resource>
            <request><method value="PUT"/><url value="Patient/{id}"/></request></entry></Bundle>
            """;
        using var content = Body(xml, "application/fhir+xml");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/fhir") { Content = content };
        request.Headers.Add("Accept", "application/fhir+xml");
        using var answer = await Phr.Client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("<status value=\"201 Created\""));
        Assert.That((await GetAsync($"Patient/{id}"))["active"], Is.EqualTo("true"));
    }

    [Test]
    public async Task A_patient_is_deleted_together_with_all_there_is_of_it_and_nothing_is_made_for_a_patient_who_goes()
    {
        var patient = await NewPatientAsync();
        string Observation(string id) => $$$"""{"resourceType":"Observation","id":"{{{id}}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}""";
        var (one, other) = (NewId("o"), NewId("o"));
        await PutAsync($"Observation/{one}", Observation(one));
        var alone = await SendAsync(Bundle("transaction", Entry("DELETE", $"Patient/{patient}")));
        Assert.That(alone.Status, Is.EqualTo(HttpStatusCode.Conflict), alone.Text);
        var left = await SendAsync(Bundle("transaction", Entry("DELETE", $"Patient/{patient}"), Entry("DELETE", $"Observation/{one}"), Entry("PUT", $"Observation/{other}", Observation(other))));
        Assert.That(left.Status, Is.EqualTo(HttpStatusCode.Conflict), left.Text);
        Assert.That(((await GetAsync($"Observation/{one}")).Status, (await GetAsync($"Observation/{other}")).Status), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.NotFound)));
        var whole = await SendAsync(Bundle("transaction", Entry("DELETE", $"Patient/{patient}"), Entry("DELETE", $"Observation/{one}")));
        Assert.That(whole.Status, Is.EqualTo(HttpStatusCode.OK), whole.Text);
        Assert.That(((await GetAsync($"Patient/{patient}")).Status, (await GetAsync($"Observation/{one}")).Status), Is.EqualTo((HttpStatusCode.Gone, HttpStatusCode.Gone)));
    }

    [Test]
    public async Task An_entry_without_the_resource_it_needs_fails_alone()
    {
        var patient = await NewPatientAsync();
        var answer = await SendAsync(Bundle("batch", Entry("PATCH", $"Patient/{patient}"), Entry("PUT", $"Patient/{patient}"), Entry("POST", "Patient"), Entry("GET", $"Patient/{patient}")));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That(Responses(answer).ConvertAll(entry => Status(entry)![..1]), Is.EqualTo(new[] { "4", "4", "4", "2" }), answer.Text);
    }

    [Test]
    public async Task The_element_at_fault_is_one_of_the_bundle()
    {
        var answer = await SendAsync(Bundle("transaction", Entry("POST", "Patient", """{"resourceType":"Patient","name":[{"use":"nickel"}],"gender":"many"}""")));
        Assert.That(answer.Json!["issue"]!.AsArray().Select(issue => Answer.At(issue, "expression.0")), Is.EquivalentTo(new[] { "Bundle.entry[0].resource.name[0].use", "Bundle.entry[0].resource.gender" }));
    }

    [Test]
    public async Task Five_thousand_entries_are_one_transaction()
    {
        var patient = NewUrn();
        var entries = Enumerable.Range(0, 4999).Select(i => Entry(
            "POST", "Observation", $$$"""{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"{{{i}}}"}]},"subject":{"reference":"{{{patient}}}"},"valueQuantity":{"value":{{{i}}},"unit":"mm","system":"http://unitsofmeasure.org","code":"mm"}}"""));
        var answer = await SendAsync(Bundle("transaction", [Entry("POST", "Patient", """{"resourceType":"Patient"}""", patient), .. entries]));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK));
        var id = Id(Responses(answer)[0]).Split('/')[1];
        Assert.That((await GetAsync($"Observation?patient={id}&_total=accurate&_count=1"))["total"], Is.EqualTo("4999"));
    }

    [Test]
    public async Task An_address_with_a_null_in_it_is_that_entrys_fault_alone()
    {
        var answer = await SendAsync(Bundle("batch", Entry("GET", "Patient/%00"), Entry("GET", "metadata")));
        Assert.That(Responses(answer).ConvertAll(Status), Is.EqualTo(new[] { "400 Bad Request", "200 OK" }), answer.Text);
    }

    [Test]
    public async Task Two_conditional_creates_by_the_same_criteria_do_not_make_two()
    {
        var mark = Guid.NewGuid().ToString();
        var entry = Entry("POST", "Patient", $$"""{"resourceType":"Patient","identifier":[{"value":"{{mark}}"}]}""", further: $",\"ifNoneExist\":\"identifier={mark}\"");
        Assert.That((await SendAsync(Bundle("transaction", entry, entry))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await GetAsync($"Patient?identifier={mark}")).Ids(), Is.Empty);
    }

    [Test]
    public async Task What_a_batch_reads_is_answered_no_further_than_a_bundle_may_be_large()
    {
        // A text may have a million letters.
        var text = $"{{\"text\":\"{new string('x', 1_000_000)}\"}}";
        var id = await NewPatientAsync($",\"name\":[{string.Join(',', Enumerable.Repeat(text, 4))}]");
        var answer = await SendAsync(Bundle("batch", [.. Enumerable.Repeat(Entry("GET", $"Patient/{id}"), 40)]));
        var statuses = Responses(answer).ConvertAll(Status);
        Assert.That((statuses[0], statuses[^1]), Is.EqualTo(("200 OK", "422 Unprocessable Entity")).Or.EqualTo(("200 OK", "422 Unprocessable Content")));
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Fhir.Server.Access;

namespace Fhir.Server.Tests.Rest;

/// <summary>$everything, $validate, $match, $meta. https://hl7.org/fhir/R4/operations.html</summary>
[TestFixture]
public sealed class OperationTests : RestTests
{
    private static string Parameters(params string[] parameters) => parameters.Length == 0
        ? """{"resourceType":"Parameters"}"""
        : $$"""{"resourceType":"Parameters","parameter":[{{string.Join(',', parameters)}}]}""";

    private static string Resource(string json, string name = "resource") => $$"""{"name":"{{name}}","resource":{{json}}}""";

    private static List<string> Paths(Answer answer, string mode = "match") =>
        answer.Entries(mode).ConvertAll(one => $"{Answer.At(one, "resourceType")}/{Answer.At(one, "id")}");

    private static async Task<List<string>> PagedAsync(string path)
    {
        var all = new List<string>();
        for (var next = path; next is not null;)
        {
            var page = await GetAsync(next);
            Assert.That(page.Status, Is.EqualTo(HttpStatusCode.OK), next);
            all.AddRange(Paths(page));
            all.AddRange(Paths(page, "include"));
            next = page.Link("next");
        }
        return all;
    }

    /// <summary>A patient with a study from a hospital that belongs to another, referred by the first.</summary>
    private static async Task<(string Patient, string[] Own, string[] Shared)> RecordAsync()
    {
        var (patient, _, study) = await NewStudyAsync();
        var (chain, clinic, consent) = (NewId(), NewId(), NewId());
        await PutAsync($"Organization/{chain}", $$"""{"resourceType":"Organization","id":"{{chain}}","name":"chain"}""");
        await PutAsync($"Organization/{clinic}", $$$"""{"resourceType":"Organization","id":"{{{clinic}}}","name":"clinic","partOf":{"reference":"Organization/{{{chain}}}"}}""");
        await PutAsync($"Organization/{NewId()}", """{"resourceType":"Organization","name":"nobody's"}""");
        await PutAsync($"Patient/{patient}", PatientJson(patient, $$$""","managingOrganization":{"reference":"Organization/{{{clinic}}}"}"""));
        await PutAsync($"Consent/{consent}", ConsentJson(consent, patient));
        var own = await GetAsync($"Endpoint?_id=wado-{patient},qido-{patient},stow-{patient}");
        return (patient, [$"Patient/{patient}", $"ImagingStudy/{study}", $"Consent/{consent}", .. Paths(own)], [$"Organization/{clinic}", $"Organization/{chain}"]);
    }

    [Test]
    public async Task Everything_is_the_record_the_patient_first_with_the_shared_things_it_leads_to()
    {
        var (patient, own, shared) = await RecordAsync();
        var answer = await GetAsync($"Patient/{patient}/$everything");
        Assert.Multiple(() =>
        {
            Assert.That((answer["type"], Paths(answer)[0]), Is.EqualTo(("searchset", $"Patient/{patient}")));
            Assert.That(Paths(answer), Is.EquivalentTo(own));
            Assert.That(Paths(answer, "include"), Is.EquivalentTo(shared));
            Assert.That(answer.Link("next"), Is.Null);
            Assert.That(answer.Link("self"), Does.StartWith($"{Phr.Address}/fhir/Patient/{patient}/$everything"));
        });
        Assert.That(answer.Entries()[0].ToJsonString(), Is.EqualTo((await GetAsync($"Patient/{patient}")).Json!.ToJsonString()));
        using var body = Body(Parameters("""{"name":"_count","valueInteger":2}"""));
        var posted = await SendAsync(Phr.Client, HttpMethod.Post, $"Patient/{patient}/$everything", body);
        Assert.That((Paths(posted).Count, posted.Link("next")), Is.EqualTo((2, (await GetAsync($"Patient/{patient}/$everything?_count=2")).Link("next"))));
    }

    [Test]
    public async Task Pages_of_everything_neither_skip_nor_repeat_whatever_their_size_and_whatever_is_written_meanwhile()
    {
        var (patient, own, shared) = await RecordAsync();
        for (var count = 1; count <= own.Length + shared.Length + 1; count++)
        {
            Assert.That(await PagedAsync($"Patient/{patient}/$everything?_count={count}"), Is.EquivalentTo(own.Concat(shared)), $"{count}");
        }
        var first = await GetAsync($"Patient/{patient}/$everything?_count=3");
        await PutAsync($"Patient/{patient}", PatientJson(patient, ",\"active\":true"));
        await PutAsync($"Consent/zzz-{patient}", ConsentJson($"zzz-{patient}", patient));
        var rest = await PagedAsync(first.Link("next")!);
        Assert.That(Paths(first).Concat(rest), Is.Unique.And.SupersetOf(own));
    }

    [Test]
    public async Task Everything_takes_types_and_a_moment()
    {
        var (patient, own, shared) = await RecordAsync();
        Assert.That(await PagedAsync($"Patient/{patient}/$everything?_type=Patient,Organization&_count=1"), Is.EquivalentTo(shared.Append($"Patient/{patient}")));
        Assert.That(await PagedAsync($"Patient/{patient}/$everything?_type=Patient&_type=Consent"), Is.EquivalentTo(own.Where(one => one.StartsWith("Patient") || one.StartsWith("Consent"))));
        var consent = own.Single(one => one.StartsWith("Consent"));
        var moment = (await GetAsync(consent))["meta.lastUpdated"]!;
        Assert.That(await PagedAsync($"Patient/{patient}/$everything?_since={Uri.EscapeDataString(moment)}&_count=1"), Does.Contain(consent).And.Not.Contain($"Patient/{patient}"));
        foreach (var bad in new[] { "_type=Nothing", "_since=yesterday", "_count=0", "_count=x", "_cursor=x", "start=2020-01-01" })
        {
            Assert.That((await GetAsync($"Patient/{patient}/$everything?{bad}")).Status, Is.EqualTo(HttpStatusCode.BadRequest), bad);
        }
    }

    [Test]
    public async Task Everything_of_nobody_is_404_of_somebody_deleted_410_and_of_all_at_once_refused()
    {
        Assert.That((await GetAsync("Patient/never-was/$everything")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        var patient = await NewPatientAsync();
        await DeleteAsync($"Patient/{patient}");
        Assert.That((await GetAsync($"Patient/{patient}/$everything")).Status, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That((await GetAsync("Patient/$everything")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Everything_of_a_subset_is_tagged_so()
    {
        var (patient, _, _) = await RecordAsync();
        var answer = await GetAsync($"Patient/{patient}/$everything?_elements=id");
        Assert.That(answer.Entries("match").ConvertAll(one => Answer.At(one, "meta.tag.0.code")), Is.All.EqualTo("SUBSETTED"));
    }

    [TestCase("""{"resourceType":"Patient","gender":"female"}""", "information", null)]
    [TestCase("""{"resourceType":"Patient","gender":"SECRET","birthDate":"SECRET","unknown":1}""", "error", "Patient.gender")]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"Patient/x"}}""", "error", "Patient.managingOrganization")]
    [TestCase("""{"resourceType":"Patient","generalPractitioner":[{"reference":"Organization/x"},{"reference":"Nothing/x"}]}""", "error", "Patient.generalPractitioner[1]")]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"#gone"}}""", "error", "Patient.managingOrganization")]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"#o"},"contained":[{"resourceType":"Organization","id":"o","name":"x"}]}""", "information", null)]
    [TestCase("""{"resourceType":"Patient","managingOrganization":{"reference":"urn:uuid:6f9c2f4e-0000-4000-8000-000000000001"}}""", "information", null)]
    public async Task Validate_tells_all_issues_with_200_by_itself_and_in_Parameters(string json, string severity, string? expression)
    {
        foreach (var body in new[] { json, Parameters(Resource(json)), Parameters(Resource(json), """{"name":"mode","valueCode":"create"}""") })
        {
            var answer = await PostAsync("Patient/$validate", body);
            Assert.That((answer.Status, answer["resourceType"], answer["issue.0.severity"], answer["issue.0.expression.0"]), Is.EqualTo((HttpStatusCode.OK, "OperationOutcome", severity, expression)), answer.Text);
            Assert.That(answer.Text, Does.Not.Contain("SECRET"));
        }
        Assert.That((await GetAsync("Patient?_lastUpdated=gt2999-01-01&_total=accurate"))["total"], Is.EqualTo("0"));
    }

    [Test]
    public async Task Validate_tells_more_than_one_issue_stores_nothing_and_reads_XML()
    {
        var answer = await PostAsync("Patient/$validate", """{"resourceType":"Patient","id":"of-validate","gender":"x","birthDate":"y","managingOrganization":{"reference":"nonsense"}}""");
        Assert.That(answer.Json!["issue"]!.AsArray(), Has.Count.EqualTo(3));
        Assert.That((await PostAsync("Patient/$validate", """{"resourceType":"Patient","id":"of-validate"}"""))["issue.0.severity"], Is.EqualTo("information"));
        Assert.That((await GetAsync("Patient/of-validate")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        const string Patient = """<Patient xmlns="http://hl7.org/fhir"><gender value="x"/></Patient>""";
        foreach (var xml in new[] { Patient, $"""<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="resource"/><resource>{Patient}</resource></parameter></Parameters>""" })
        {
            var told = await XmlAnswer.SendAsync(HttpMethod.Post, "Patient/$validate", xml);
            Assert.That((told.Status, told["issue/severity"], told["issue/expression"]), Is.EqualTo((HttpStatusCode.OK, "error", "Patient.gender")));
        }
    }

    [Test]
    public async Task Validate_judges_what_is_to_be_done_with_it()
    {
        var id = await NewPatientAsync();
        async Task<string?> TellAsync(string path, string body) => (await PostAsync(path, body))["issue.0.severity"];
        Assert.Multiple(async () =>
        {
            Assert.That(await TellAsync($"Patient/{id}/$validate?mode=update", PatientJson(id)), Is.EqualTo("information"));
            Assert.That(await TellAsync($"Patient/{id}/$validate?mode=update", PatientJson("other")), Is.EqualTo("error"));
            Assert.That(await TellAsync("Patient/$validate?mode=update", """{"resourceType":"Patient"}"""), Is.EqualTo("error"));
            Assert.That(await TellAsync("ImagingStudy/$validate?mode=create", """{"resourceType":"ImagingStudy","status":"registered","subject":{"display":"somebody"}}"""), Is.EqualTo("error"));
            Assert.That(await TellAsync("Patient/$validate?profile=urn:p", PatientJson("x")), Is.EqualTo("warning"));
            Assert.That((await GetAsync($"Patient/{id}/$validate"))["issue.0.severity"], Is.EqualTo("information"));
            Assert.That((await GetAsync($"Patient/{id}/$validate?mode=delete")).Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((await GetAsync("Patient/never-was/$validate?mode=delete")).Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That((await PostAsync("Patient/$validate?mode=nonsense", PatientJson("x"))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That((await PostAsync("Patient/$validate", "{")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That((await PostAsync("Patient/$validate", """{"resourceType":"Organization","name":"x"}""")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That((await PostAsync("Patient/$validate", Parameters())).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        });
    }

    [Test]
    public async Task Meta_is_that_of_the_resource()
    {
        var id = await NewPatientAsync(""","meta":{"tag":[{"system":"urn:t","code":"x"}]}""");
        var answer = await GetAsync($"Patient/{id}/$meta");
        Assert.That((answer["parameter.0.name"], answer["parameter.0.valueMeta.versionId"], answer["parameter.0.valueMeta.tag.0.code"]), Is.EqualTo(("return", "1", "x")));
    }

    private static async Task<(string Name, string Born, string[] Ids)> PeopleAsync()
    {
        var name = "Zz" + Guid.NewGuid().ToString("N")[..8];
        var born = new DateOnly(1920, 1, 1).AddDays(Random.Shared.Next(25_000)).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var numbered = await NewPatientAsync($$""","identifier":[{"system":"urn:mrn","value":"{{name}}"}],"name":[{"family":"{{name}}","given":["Ann"]}],"birthDate":"{{born}}","gender":"female" """);
        var alike = await NewPatientAsync($$""","name":[{"family":"{{name.ToUpperInvariant()}}","given":["Ann","B"]}],"birthDate":"{{born}}","gender":"female" """);
        var sibling = await NewPatientAsync($$""","name":[{"family":"{{name}}","given":["Bert"]}],"birthDate":"{{born}}","gender":"male" """);
        var younger = await NewPatientAsync($$""","name":[{"family":"{{name}}","given":["Ann"]}],"birthDate":"2001-01-01","gender":"female" """);
        await NewPatientAsync($$""","name":[{"family":"Other","given":["Carl"]}],"birthDate":"{{born}}" """);
        return (name, born, [numbered, alike, sibling, younger]);
    }

    private static Task<Answer> MatchAsync(string further, params string[] parameters) =>
        PostAsync("Patient/$match", Parameters([Resource($$"""{"resourceType":"Patient"{{further}}}"""), .. parameters]));

    private static List<(string?, string?)> Graded(Answer answer) => [.. (answer.Json!["entry"]?.AsArray() ?? [])
        .Select(entry => (Answer.At(entry, "resource.id"), Answer.At(entry, "search.extension.0.valueCode")))];

    [Test]
    public async Task Match_grades_by_identifier_name_birth_date_and_sex()
    {
        var (name, born, ids) = await PeopleAsync();
        var described = $$""","identifier":[{"system":"urn:mrn","value":"{{name}}"}],"name":[{"family":"{{name}}","given":["Ann"]}],"birthDate":"{{born}}","gender":"female" """;
        var answer = await MatchAsync(described);
        Assert.That(Graded(answer), Is.EqualTo(new[] { (ids[0], "certain"), (ids[1], "probable"), (ids[2], "possible"), (ids[3], "possible") }).Using<(string?, string?)>((x, y) => x == y));
        var scores = answer.Json!["entry"]!.AsArray().Select(entry => (decimal)entry!["search"]!["score"]!).ToList();
        Assert.That(scores, Is.Ordered.Descending.And.All.InRange(0m, 1m));
        Assert.That((scores[0], answer.Text), Is.EqualTo((1m, (await MatchAsync(described)).Text)));
        Assert.That(Graded(await MatchAsync(described, """{"name":"onlyCertainMatches","valueBoolean":true}""")), Is.EqualTo(new[] { ((string?)ids[0], (string?)"certain") }));
        Assert.That(Graded(await MatchAsync(described, """{"name":"count","valueInteger":2}""")), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Match_of_somebody_whose_identifier_says_one_thing_and_whose_facts_another_is_not_certain()
    {
        var (name, _, ids) = await PeopleAsync();
        var answer = await MatchAsync($$""","identifier":[{"system":"urn:mrn","value":"{{name}}"}],"name":[{"family":"{{name}}"}],"birthDate":"1999-09-09" """);
        Assert.That(Graded(answer).Single(one => one.Item1 == ids[0]).Item2, Is.Not.EqualTo("certain"));
        Assert.That(Graded(await MatchAsync($$""","name":[{"family":"Qq{{name}}","given":["Zed"]}],"birthDate":"1901-01-01" """)), Is.Empty);
    }

    [Test]
    public async Task Match_does_not_find_whom_the_caller_may_not_see()
    {
        var (name, born, ids) = await PeopleAsync();
        using var client = Phr.As(Reach.Of(new ReachedRecord(ids[1])));
        using var body = Body(Parameters(Resource($$"""{"resourceType":"Patient","name":[{"family":"{{name}}","given":["Ann"]}],"birthDate":"{{born}}"}""")));
        Assert.That(Graded(await SendAsync(client, HttpMethod.Post, "Patient/$match", body)).ConvertAll(one => one.Item1), Is.EqualTo(new[] { ids[1] }));
    }

    [Test]
    public async Task Match_of_nothing_is_422_and_of_no_patient_400()
    {
        Assert.That((await MatchAsync(",\"active\":true")).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That((await PostAsync("Patient/$match", Parameters())).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await PostAsync("Patient/$match", PatientJson("x"))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [TestCase("Patient/x/$nothing", HttpStatusCode.NotFound)]
    [TestCase("Patient/$nothing", HttpStatusCode.NotFound)]
    [TestCase("$nothing", HttpStatusCode.NotFound)]
    public async Task An_operation_that_there_is_not_is_an_outcome(string path, HttpStatusCode status) =>
        Assert.That((await GetAsync(path)).Status, Is.EqualTo(status));
}

namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §7: what was allowed, and nothing else. https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html</summary>
[TestFixture]
public sealed class LimitedScopesTests : SmartTests
{
    private const string Added = "1.2.276.61.1";

    private static string Study => $"/fhir/ImagingStudy/{World.StudyIds[SmartWorld.CtMr]}";

    private static string Search => $"/fhir/ImagingStudy?patient={Ada.Record}";

    [Test]
    public async Task A_person_allows_less_than_was_asked_for()
    {
        var app = await World.AppAsync("Asks for much");
        var token = await app.SignInAsync(Ada, "launch/patient patient/Patient.r patient/ImagingStudy.rs patient/DiagnosticReport.rs", Choice.Without("patient/DiagnosticReport.rs"));
        Assert.That(token.Scopes, Does.Contain("patient/ImagingStudy.rs").And.Not.Contain("patient/DiagnosticReport.rs"));
        Assert.That(await StatusAsync(token.AccessToken, Search), Is.EqualTo(200));
        Assert.That(await StatusAsync(token.AccessToken, $"/fhir/DiagnosticReport?patient={Ada.Record}"), Is.EqualTo(403));
        Assert.That(await StatusAsync(token.AccessToken, $"/fhir/DiagnosticReport/of-{Ada.Record}"), Is.EqualTo(403));
    }

    [Test]
    public async Task Scopes_of_two_contexts_do_not_add_up()
    {
        var both = await TokenAsync("launch/patient patient/Patient.rs user/ImagingStudy.rs");
        Assert.That(await StatusAsync(both, $"/fhir/Patient/{Ben.Record}"), Is.EqualTo(404));
        Assert.That(await StatusAsync(both, "/fhir/ImagingStudy?patient=" + Ben.Record), Is.EqualTo(403));
        Assert.That(await StatusAsync(both, $"{SmartWorld.WebOf(Ben)}/studies", DicomJson), Is.EqualTo(404));
    }

    [Test]
    public async Task A_scope_nobody_asked_for_is_not_gained_by_a_forged_form()
    {
        var app = await World.AppAsync("Asks for little");
        var request = app.Request("launch/patient patient/Patient.r");
        var answer = await app.AuthorizeAsync(request, Ada, new Choice { Added = "patient/ImagingStudy.rs" });
        if (answer.Code is not null)
        {
            Assert.That((await app.ExchangeAsync(answer.Code, request.Pkce.Verifier)).Good().Scopes, Does.Not.Contain("patient/ImagingStudy.rs"));
        }
    }

    [TestCase("patient/ImagingStudy.r", 200, 403)]
    [TestCase("patient/ImagingStudy.s", 403, 200)]
    [TestCase("patient/ImagingStudy.rs", 200, 200)]
    [TestCase("patient/ImagingStudy.read", 200, 200)]
    [TestCase("patient/ImagingStudy.cud", 403, 403)]
    [TestCase("patient/ImagingStudy.write", 403, 403)]
    [TestCase("patient/ImagingStudy.*", 200, 200)]
    [TestCase("patient/*.r", 200, 403)]
    [TestCase("patient/*.read", 200, 200)]
    [TestCase("patient/Patient.rs", 403, 403)]
    [TestCase("user/ImagingStudy.rs", 200, 200)]
    public async Task Letters_say_which_interactions(string scope, int read, int search)
    {
        var token = await TokenAsync("launch/patient " + scope);
        Assert.That((await StatusAsync(token, Study), await StatusAsync(token, Search)), Is.EqualTo((read, search)));
    }

    [TestCase("patient/ImagingStudy.r", 200, 403)]
    [TestCase("patient/ImagingStudy.s", 403, 200)]
    [TestCase("patient/ImagingStudy.read", 200, 200)]
    [TestCase("patient/*.rs", 200, 200)]
    [TestCase("patient/ImagingStudy.cud", 403, 403)]
    [TestCase("patient/DiagnosticReport.rs", 403, 403)]
    public async Task Letters_hold_for_the_pictures_too(string scope, int retrieve, int search)
    {
        var token = await TokenAsync("launch/patient " + scope);
        Assert.That((await StatusAsync(token, $"{Web}/studies/{SmartWorld.OnlyMr}", Part10), await StatusAsync(token, $"{Web}/studies", DicomJson)), Is.EqualTo((retrieve, search)));
    }

    [Test]
    public async Task History_is_read_with_r_and_that_of_a_type_with_s()
    {
        var (read, search) = (await TokenAsync("launch/patient patient/ImagingStudy.r"), await TokenAsync("launch/patient patient/ImagingStudy.s"));
        Assert.That((await StatusAsync(read, Study + "/_history"), await StatusAsync(search, Study + "/_history")), Is.EqualTo((200, 403)));
        Assert.That((await StatusAsync(read, "/fhir/ImagingStudy/_history"), await StatusAsync(search, "/fhir/ImagingStudy/_history")), Is.EqualTo((403, 200)));
    }

    [Test]
    public async Task Too_little_is_told_as_too_little()
    {
        var token = await TokenAsync("launch/patient patient/Patient.rs");
        foreach (var path in new[] { Study, Search, $"{Web}/studies", $"{Web}/studies/{SmartWorld.CtMr}/metadata" })
        {
            var reply = await GetAsync(token, path, path.Contains("dicomweb", StringComparison.Ordinal) ? DicomJson : null);
            Assert.That(reply.Status, Is.EqualTo(403), path);
            Assert.That(reply.Challenge, Does.StartWith("Bearer").And.Contain("error=\"insufficient_scope\""), path);
        }
    }

    [Test]
    public async Task Scopes_add_up()
    {
        var token = await TokenAsync("launch/patient patient/ImagingStudy.r patient/ImagingStudy.s patient/Patient.r");
        Assert.That((await StatusAsync(token, Study), await StatusAsync(token, Search)), Is.EqualTo((200, 200)));
    }

    [Test]
    public async Task Nothing_is_written_without_its_letter()
    {
        var token = await TokenAsync("launch/patient patient/*.rs");
        var json = $$$"""{"resourceType":"DiagnosticReport","status":"final","code":{"text":"New"},"subject":{"reference":"Patient/{{{Ada.Record}}}"}}""";
        Assert.That((await SendAsync(HttpMethod.Post, token, "/fhir/DiagnosticReport", PhrServer.FhirContent(json))).Status, Is.EqualTo(403));
        Assert.That((await SendAsync(HttpMethod.Delete, token, $"/fhir/DiagnosticReport/of-{Ada.Record}", null)).Status, Is.EqualTo(403));
        var update = json.Replace("\"status\"", $"\"id\":\"of-{Ada.Record}\",\"status\"", StringComparison.Ordinal);
        Assert.That((await SendAsync(HttpMethod.Put, token, $"/fhir/DiagnosticReport/of-{Ada.Record}", PhrServer.FhirContent(update))).Status, Is.EqualTo(403));
    }

    [Test]
    public async Task Entries_of_a_batch_are_judged_one_by_one()
    {
        var token = await TokenAsync("launch/patient patient/ImagingStudy.rs");
        var batch = $$$"""
            {"resourceType":"Bundle","type":"batch","entry":[
             {"request":{"method":"GET","url":"ImagingStudy?patient={{{Ada.Record}}}"}},
             {"request":{"method":"GET","url":"DiagnosticReport?patient={{{Ada.Record}}}"}},
             {"request":{"method":"GET","url":"ImagingStudy?patient={{{Ben.Record}}}"}},
             {"request":{"method":"GET","url":"ImagingStudy/{{{World.StudyIds[SmartWorld.OfBen]}}}"}}]}
            """;
        var reply = await SendAsync(HttpMethod.Post, token, "/fhir", PhrServer.FhirContent(batch));
        var statuses = reply.Json.GetProperty("entry").EnumerateArray().Select(one => one.GetProperty("response").GetProperty("status").GetString()![..3]);
        Assert.That(statuses, Is.EqualTo(new[] { "200", "403", "403", "404" }), reply.Text);
    }

    [TestCase("patient/ImagingStudy.read patient/Patient.read")]
    [TestCase("patient/*.read")]
    [TestCase("patient/ImagingStudy.rs patient/Patient.r")]
    public async Task The_answer_speaks_as_the_question_did(string scopes)
    {
        var token = await World.Public.SignInAsync(Ada, "launch/patient " + scopes);
        Assert.That(token.Scopes.Where(one => one.StartsWith("patient/", StringComparison.Ordinal)), Is.EquivalentTo(scopes.Split(' ')));
    }

    [Test]
    public async Task Letters_out_of_order_are_never_guessed()
    {
        var request = World.Public.Request("launch/patient patient/Patient.r patient/DiagnosticReport.dus");
        var answer = await World.Public.AuthorizeAsync(request, Ada);
        if (answer.Code is null)
        {
            Assert.That(answer.Error, Is.EqualTo("invalid_scope"));
            return;
        }
        var token = (await World.Public.ExchangeAsync(answer.Code, request.Pkce.Verifier)).Good();
        Assert.That((await SendAsync(HttpMethod.Delete, token.AccessToken, $"/fhir/DiagnosticReport/of-{Ada.Record}", null)).Status, Is.EqualTo(403));
    }

    [Test]
    public async Task Pictures_are_added_with_c_and_known_studies_with_u()
    {
        var create = await OfBenAsync("patient/ImagingStudy.c");
        var update = await OfBenAsync("patient/ImagingStudy.u");
        Assert.That(await StoreAsync(await OfBenAsync("patient/*.rs"), 1), Is.EqualTo(403));
        Assert.That(await StoreAsync(update, 1), Is.Not.EqualTo(200), "u is not for new studies.");
        Assert.That(await StoreAsync(create, 1), Is.EqualTo(200));
        Assert.That(await StoreAsync(create, 2), Is.Not.EqualTo(200), "c is not for known studies.");
        Assert.That(await StoreAsync(update, 2), Is.EqualTo(200));
        var path = $"{SmartWorld.WebOf(Ben)}/studies/{Added}";
        Assert.That((await SendAsync(HttpMethod.Delete, update, path, null)).Status, Is.EqualTo(403));
        Assert.That((await SendAsync(HttpMethod.Delete, await OfBenAsync("patient/ImagingStudy.d"), path, null)).Status, Is.InRange(200, 204));
    }

    private static async Task<string> OfBenAsync(string scope) => (await World.Public.SignInAsync(Ben, "launch/patient " + scope)).AccessToken!;

    private static async Task<int> StoreAsync(string token, int number)
    {
        var file = new TestDicom(Added, Added + ".1", $"{Added}.1.{number}") { PatientId = Ben.Record, InstanceNumber = number };
        return (await SendAsync(HttpMethod.Post, token, $"{SmartWorld.WebOf(Ben)}/studies", PhrServer.Multipart(file.ToBytes()), DicomJson)).Status;
    }
}

using System.Globalization;
using System.Net;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Storage;
using Fhir.Server.Tests.Rest;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>
/// Capability URLs: an address that is enough alone to read one study for a while, and opens nothing else, for nobody, not a moment longer.
/// SMART Imaging Access, <i>Capability URLs</i>.
/// </summary>
[TestFixture]
public sealed class CapabilityTests
{
    private const string Anna = "anna", Ben = "ben";

    /// <summary>Anna's CT and MR in one study, her ultrasound; Ben's CT.</summary>
    private const string Mixed = "1.6.1", Sono = "1.6.2", Bens = "1.6.3";

    private const string Prefix = "/dicomweb/capabilities/";

    private readonly FreshUids uids = new("1.6.100");
    private TokenServer server = null!;
    private HttpClient nobody = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        server = TokenServer.Start();
        nobody = server.With(null);
        foreach (var patient in new[] { Anna, Ben })
        {
            await server.PatientAsync(patient);
        }
        await StoreAsync(Anna, Of(Mixed, "1", "CT"), Of(Mixed, "1", "CT", "2"), Of(Mixed, "2", "MR"), Of(Sono, "1", "US"));
        await StoreAsync(Ben, Of(Bens, "1", "CT"));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        nobody.Dispose();
        await server.DisposeAsync();
    }

    [Test]
    public async Task It_is_made_with_an_Endpoint_that_needs_no_token_and_says_when_it_ends()
    {
        using var anna = server.With(server.OfPatient(Anna));
        var before = server.Clock.GetUtcNow();
        var answer = await IssueAsync(anna, Mixed, "600");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That(answer.Headers.CacheControl!.NoStore, Is.True);
        var endpoint = answer.Json!["parameter"]![0]!["resource"]!;
        Assert.That(answer["parameter.0.name"], Is.EqualTo("endpoint"));
        Assert.That(Answer.At(endpoint, "connectionType.code"), Is.EqualTo("dicom-wado-rs"));
        Assert.That(endpoint["extension"]!.AsArray().Select(one => (Answer.At(one, "url"), Answer.At(one, "valueBoolean"))), Is.EqualTo(new[]
        {
            ("http://fhir.org/argonaut/smart-imaging/StructureDefinition/requires-access-token", "false"),
            ("http://hl7.org/fhir/smart-app-launch/StructureDefinition/requires-access-token", "false"),
        }));
        Assert.That(Answer.At(endpoint, "address"), Does.Match($"^{server.Phr.Address}{Prefix}[A-Za-z0-9_-]{{43}}$"));
        Assert.That(answer["parameter.1.name"], Is.EqualTo("expires"));
        var expires = DateTimeOffset.Parse(answer["parameter.1.valueInstant"]!, CultureInfo.InvariantCulture);
        Assert.That(expires - before, Is.EqualTo(TimeSpan.FromSeconds(600)).Within(TimeSpan.FromSeconds(20)));
        Assert.That(Answer.At(endpoint, "period.end"), Is.Not.Null);
    }

    [Test]
    public async Task Every_way_to_read_works_by_the_address_alone_and_nothing_is_told_to_others()
    {
        var capability = await CapabilityAsync(Anna, Mixed);
        var series = $"{capability}/studies/{Mixed}/series/{Mixed}.1";
        foreach (var path in new[]
        {
            $"{capability}/studies/{Mixed}", series, $"{series}/instances/{Mixed}.1.1", $"{capability}/studies/{Mixed}/metadata", $"{series}/metadata",
            $"{series}/instances/{Mixed}.1.1/metadata", $"{series}/instances/{Mixed}.1.1/frames/1", $"{series}/instances/{Mixed}.1.1/bulkdata/7FE00010",
            $"{capability}/studies/{Mixed}/rendered?accept=multipart%2Frelated%3Btype%3Dimage%2Fpng", $"{series}/rendered?accept=multipart%2Frelated%3Btype%3Dimage%2Fpng",
            $"{series}/instances/{Mixed}.1.1/rendered", $"{series}/instances/{Mixed}.1.1/frames/1/rendered", $"{capability}/studies/{Mixed}/thumbnail",
            $"{series}/thumbnail", $"{series}/instances/{Mixed}.1.1/thumbnail", $"{capability}/studies", $"{capability}/series", $"{capability}/instances",
            $"{capability}/studies/{Mixed}/series", $"{capability}/studies/{Mixed}/instances", $"{series}/instances",
            $"{capability}/wado?requestType=WADO&studyUID={Mixed}&seriesUID={Mixed}.1&objectUID={Mixed}.1.1",
        })
        {
            using var answer = await nobody.GetAsync(path);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), path.Replace(capability, "", StringComparison.Ordinal));
            Assert.That(answer.Headers.GetValues("Referrer-Policy"), Is.EqualTo(new[] { "no-referrer" }), path);
            Assert.That(answer.Headers.CacheControl!.Private, Is.True, path);
            using var head = await nobody.HeadAsync(path, null);
            Assert.That((head.StatusCode, (await head.Content.ReadAsByteArrayAsync()).Length), Is.EqualTo((HttpStatusCode.OK, 0)), path);
        }
    }

    [Test]
    public async Task Addresses_in_answers_lead_through_the_capability_and_nowhere_else()
    {
        var capability = await CapabilityAsync(Anna, Mixed);
        var rows = await nobody.JsonAsync($"{capability}/instances");
        Assert.That(rows.EnumerateArray().Select(row => row.Value("00081190")), Has.Exactly(3).StartsWith($"{capability}/studies/{Mixed}/series/"));
        var metadata = await nobody.GetStringAsync($"{capability}/studies/{Mixed}/metadata");
        Assert.That(metadata, Does.Not.Contain("/patients/"));
        var bulk = WebTalk.Parse(metadata)[0].BulkAddresses().Select(one => one.Address).FirstOrDefault() ?? $"{capability}/studies/{Mixed}/series/{Mixed}.1/instances/{Mixed}.1.1/bulkdata/7FE00010";
        Assert.That(bulk, Does.StartWith(capability + "/"));
        using var file = await nobody.GetAsync(bulk);
        Assert.That(file.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var located = await nobody.GetAsync($"{capability}/studies/{Mixed}/series/{Mixed}.2", WebTalk.Multipart);
        Assert.That((await located.PartsAsync())[0].Headers["content-location"], Does.StartWith(capability + "/"));
    }

    [Test]
    public async Task Other_studies_and_series_of_other_studies_are_not_there()
    {
        var capability = await CapabilityAsync(Anna, Mixed);
        var unknown = await NotFoundAsync($"{capability}/studies/1.6.999");
        foreach (var path in new[]
        {
            $"studies/{Sono}", $"studies/{Sono}/metadata", $"studies/{Sono}/thumbnail", $"studies/{Sono}/series/{Sono}.1", $"studies/{Sono}/series/{Sono}.1/instances/{Sono}.1.1",
            $"studies/{Sono}/series/{Sono}.1/instances/{Sono}.1.1/frames/1", $"studies/{Sono}/series/{Sono}.1/instances/{Sono}.1.1/rendered",
            $"studies/{Mixed}/series/{Sono}.1", $"studies/{Mixed}/series/{Sono}.1/thumbnail", $"studies/{Mixed}/series/{Mixed}.1/instances/{Mixed}.2.1", $"studies/{Bens}",
        })
        {
            Assert.That(await NotFoundAsync($"{capability}/{path}"), Is.EqualTo(unknown), path);
        }
        Assert.That((await nobody.JsonAsync($"{capability}/studies")).EnumerateArray().Select(row => row.Value("0020000D")), Is.EqualTo(new[] { Mixed }));
        Assert.That((await nobody.JsonAsync($"{capability}/studies/{Sono}/series")).GetArrayLength(), Is.Zero);
        Assert.That((await nobody.JsonAsync($"{capability}/series")).EnumerateArray().Select(row => row.Value("0020000D")), Is.All.EqualTo(Mixed));
    }

    [Test]
    public async Task The_token_of_somebody_else_makes_it_show_no_more()
    {
        var capability = await CapabilityAsync(Anna, Mixed);
        using var ben = server.With(server.OfPatient(Ben));
        using var own = await ben.GetAsync($"{capability}/studies/{Bens}");
        Assert.That(own.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var named = await ben.GetAsync($"{capability}/studies/{Mixed}");
        Assert.That(named.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Unknown_altered_and_guessed_ones_all_answer_like_one_that_never_was()
    {
        var token = server.OfPatient(Anna);
        var secret = (await CapabilityAsync(token, Anna, Mixed))[^43..];
        var unknown = await NotFoundAsync($"{Prefix}{TokenHash.MakeSecret()}/studies/{Mixed}");
        foreach (var other in new[]
        {
            Flip(secret, 0), Flip(secret, 42), secret[..^1], secret + "A", secret + "%20", "%20" + secret, secret.ToUpperInvariant(), token, TokenHash.Of(secret).Value,
            "concealed", "-", "..%2f" + secret, "%2e%2e%2fpatients%2fanna", "*",
        })
        {
            Assert.That(await NotFoundAsync($"{Prefix}{other}/studies/{Mixed}"), Is.EqualTo(unknown), other);
        }
        using var there = await nobody.GetAsync($"{Prefix.ToUpperInvariant()}{secret}/studies/{Mixed}/thumbnail");
        Assert.That(there.StatusCode, Is.EqualTo(HttpStatusCode.OK), "The secret is compared to the letter, the rest of the address like any.");
    }

    [Test]
    public async Task No_way_leads_out_of_it()
    {
        var capability = await CapabilityAsync(Anna, Mixed);
        foreach (var path in new[]
        {
            "/../../patients/anna/studies", "/%2e%2e/%2e%2e/patients/anna/studies", "/..%2f..%2fpatients/anna/studies", "/studies/../../../patients/anna/studies", "//studies", "/../studies",
            "/patients/anna/studies", "/../../../fhir/Patient/anna", $"/studies/{Mixed}/../{Sono}",
        })
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Get, new Uri(capability + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            using var answer = await nobody.SendAsync(request);
            Assert.That(answer.StatusCode, Is.AnyOf(HttpStatusCode.NotFound, HttpStatusCode.Unauthorized, HttpStatusCode.BadRequest), path);
        }
    }

    [Test]
    public async Task Nothing_can_be_written_by_it()
    {
        var capability = await CapabilityAsync(Anna, Mixed);
        var never = $"{Prefix}{TokenHash.MakeSecret()}";
        foreach (var (method, path) in new[]
        {
            ("POST", "/studies"), ("POST", $"/studies/{Mixed}"), ("DELETE", $"/studies/{Mixed}"), ("DELETE", $"/studies/{Mixed}/series/{Mixed}.1"),
            ("DELETE", $"/studies/{Mixed}/series/{Mixed}.1/instances/{Mixed}.1.1"), ("PUT", $"/studies/{Mixed}"), ("PATCH", $"/studies/{Mixed}"), ("POST", ""),
        })
        {
            foreach (var (webBase, status) in new[] { (capability, HttpStatusCode.MethodNotAllowed), (never, HttpStatusCode.NotFound) })
            {
                using var content = PhrServer.Multipart(uids.Dicom().ToBytes());
                using var request = new HttpRequestMessage(new HttpMethod(method), webBase + path) { Content = method == "DELETE" ? null : content };
                using var answer = await nobody.SendAsync(request);
                Assert.That(answer.StatusCode, Is.EqualTo(status), $"{method} {path}");
            }
        }
        Assert.That((await nobody.JsonAsync($"{capability}/instances")).GetArrayLength(), Is.EqualTo(3));
    }

    [Test]
    public async Task It_ends_when_it_said_it_would()
    {
        var token = server.Desk.Issue("patient/*.rs", one => OfAnna(one) with { Expires = server.Clock.GetUtcNow() + TimeSpan.FromHours(3) });
        var (short_, long_) = (await CapabilityAsync(token, Anna, Mixed, "60"), await CapabilityAsync(token, Anna, Mixed, "999999"));
        server.Clock.Turn(TimeSpan.FromSeconds(45));
        Assert.That(await StatusAsync($"{short_}/studies/{Mixed}/thumbnail"), Is.EqualTo(200));
        server.Clock.Turn(TimeSpan.FromSeconds(30));
        Assert.That(await NotFoundAsync($"{short_}/studies/{Mixed}/thumbnail"), Is.EqualTo(await NotFoundAsync($"{Prefix}{TokenHash.MakeSecret()}/studies")));
        server.Clock.Turn(TimeSpan.FromMinutes(57));
        Assert.That(await StatusAsync($"{long_}/studies/{Mixed}/thumbnail"), Is.EqualTo(200));
        server.Clock.Turn(TimeSpan.FromMinutes(3));
        Assert.That(await StatusAsync($"{long_}/studies/{Mixed}/thumbnail"), Is.EqualTo(404), "An hour is the most.");
    }

    [Test]
    public async Task It_never_outlives_its_token()
    {
        var token = server.Desk.Issue("patient/*.rs", one => OfAnna(one) with { Expires = server.Clock.GetUtcNow() + TimeSpan.FromMinutes(5) });
        using var client = server.With(token);
        var answer = await IssueAsync(client, Mixed, "3600");
        Assert.That(
            DateTimeOffset.Parse(answer["parameter.1.valueInstant"]!, CultureInfo.InvariantCulture), Is.EqualTo(server.Desk.Of(token).Expires).Within(TimeSpan.FromSeconds(1)));
        var capability = AddressIn(answer);
        Assert.That(await StatusAsync($"{capability}/studies"), Is.EqualTo(200));
        server.Desk.Revoke(token);
        Assert.That(await StatusAsync($"{capability}/studies"), Is.EqualTo(404), "At the very next request.");
    }

    [TestCase("0")]
    [TestCase("-5")]
    [TestCase("soon")]
    public async Task A_lifetime_that_is_none_is_refused(string lifetime)
    {
        using var anna = server.With(server.OfPatient(Anna));
        var answer = await RestTests.SendAsync(anna, HttpMethod.Post, $"ImagingStudy/{await server.StudyIdAsync(Anna, Mixed)}/$capability?lifetime={lifetime}", null);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.Text);
    }

    [Test]
    public async Task Who_sees_some_series_gives_those_and_no_others_even_when_they_see_more_later()
    {
        var token = server.OfPatient(Anna, "patient/ImagingStudy.rs?modality=CT");
        var capability = await CapabilityAsync(token, Anna, Mixed);
        await AssertShowsOnlyCtAsync(capability);
        server.Desk.Change(token, one => one with { Scopes = ScopeSet.Parse("patient/*.rs") });
        await AssertShowsOnlyCtAsync(capability);
    }

    [Test]
    public async Task What_its_maker_may_see_no_more_is_not_shown_at_the_next_request()
    {
        var token = server.OfPatient(Anna);
        var capability = await CapabilityAsync(token, Anna, Mixed);
        Assert.That(await StatusAsync($"{capability}/studies/{Mixed}/series/{Mixed}.2"), Is.EqualTo(200));
        server.Desk.Change(token, one => one with { Scopes = ScopeSet.Parse("patient/ImagingStudy.rs?modality=CT") });
        await AssertShowsOnlyCtAsync(capability);
        server.Desk.Change(token, one => one with { Scopes = ScopeSet.Parse("patient/Patient.rs") });
        Assert.That(await StatusAsync($"{capability}/studies/{Mixed}/thumbnail"), Is.EqualTo(403));
        server.Desk.Change(token, one => one with { Scopes = ScopeSet.Parse("patient/*.rs"), Records = [] });
        Assert.That(await StatusAsync($"{capability}/studies/{Mixed}/thumbnail"), Is.EqualTo(404));
    }

    [Test]
    public async Task Only_who_may_read_a_study_has_one_made()
    {
        var (annas, bens) = (await server.StudyIdAsync(Anna, Mixed), await server.StudyIdAsync(Ben, Bens));
        using var anna = server.With(server.OfPatient(Anna));
        var (hidden, unknown) = (await IssueByIdAsync(anna, bens), await IssueByIdAsync(anna, "never-was"));
        Assert.That(hidden.Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(hidden.Text, Is.EqualTo(unknown.Text));
        using var narrow = server.With(server.OfPatient(Anna, "patient/Patient.rs"));
        Assert.That((await IssueByIdAsync(narrow, annas)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        using var searcher = server.With(server.OfPatient(Anna, "patient/ImagingStudy.s"));
        Assert.That((await IssueByIdAsync(searcher, annas)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await IssueByIdAsync(nobody, annas)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await IssueByIdAsync(server.Operator, annas)).Status, Is.EqualTo(HttpStatusCode.Forbidden), "There is no token in whose name it could be.");
        await RestTests.SendAsync(server.Operator, HttpMethod.Put, "ImagingStudy/announced", RestTests.Body(RestTests.StudyJson("announced", Anna, "1.6.7")));
        Assert.That((await IssueByIdAsync(anna, "announced")).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    [Test]
    public async Task It_ends_with_its_study_and_does_not_come_back_with_it()
    {
        var dicom = uids.Dicom();
        await StoreAsync(Anna, dicom);
        var capability = await CapabilityAsync(Anna, dicom.Study);
        using (var deleted = await server.Operator.DeleteAsync($"/dicomweb/patients/{Anna}/studies/{dicom.Study}"))
        {
            Assert.That(deleted.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        }
        Assert.That(await StatusAsync($"{capability}/studies/{dicom.Study}"), Is.EqualTo(404), "Not even that it was there.");
        for (var wait = 0; wait < 100 && await StatusAsync($"{capability}/studies") == 200; wait++)
        {
            await Task.Delay(100);
        }
        await StoreAsync(Anna, dicom);
        Assert.That(await StatusAsync($"{capability}/studies/{dicom.Study}"), Is.EqualTo(404));
        Assert.That(await StatusAsync($"{await CapabilityAsync(Anna, dicom.Study)}/studies/{dicom.Study}"), Is.EqualTo(200), "A new one is made as before.");
    }

    [Test]
    public async Task Pages_of_any_origin_may_read_by_it_and_bring_nothing_along()
    {
        var capability = await CapabilityAsync(Anna, Mixed);
        using var answer = await nobody.GetAsync($"{capability}/studies", "application/dicom+json", ("Origin", "https://viewer.example"));
        Assert.That(answer.Headers.GetValues("Access-Control-Allow-Origin"), Is.EqualTo(new[] { "*" }));
        Assert.That(answer.Headers.Contains("Access-Control-Allow-Credentials"), Is.False);
        using var ask = new HttpRequestMessage(HttpMethod.Options, $"{capability}/studies");
        ask.Headers.Add("Origin", "https://viewer.example");
        ask.Headers.Add("Access-Control-Request-Method", "GET");
        ask.Headers.Add("Access-Control-Request-Headers", "range");
        using var preflight = await nobody.SendAsync(ask);
        Assert.That(preflight.Headers.GetValues("Access-Control-Allow-Origin"), Is.EqualTo(new[] { "*" }));
    }

    [Test]
    public async Task Audit_names_the_capability_and_its_authorisation_and_not_its_secret()
    {
        var token = server.OfPatient(Anna);
        var capability = await CapabilityAsync(token, Anna, Sono);
        Assert.That(await StatusAsync($"{capability}/studies/{Sono}"), Is.EqualTo(200));
        var store = server.Phr.Services.GetRequiredService<IResourceStore>();
        var authorisation = $"authorisation={server.Desk.Of(token).Id}";
        List<AuditEntry> rows = [];
        for (var wait = 0; wait < 100 && !rows.Exists(row => row.Action == "wado"); wait++)
        {
            await Task.Delay(100);
            rows = [.. (await store.AuditAsync(new RecordId(Anna), 0, 10_000, default)).Select(row => row.Entry).Where(row => row.Detail.Contains(authorisation, StringComparison.Ordinal))];
        }
        Assert.That(rows.Select(row => (row.Action, row.Decision)).Distinct(), Is.EquivalentTo(new[] { ("capability", "token"), ("wado", "capability") }));
        Assert.That(rows.Select(row => row.Detail.Split(';').Single(part => part.StartsWith("capability=", StringComparison.Ordinal))).Distinct().Count(), Is.EqualTo(1));
        Assert.That(JsonSerializer.Serialize(rows), Does.Not.Contain(capability[^43..]));
    }

    private async Task AssertShowsOnlyCtAsync(string capability)
    {
        Assert.That(await StatusAsync($"{capability}/studies/{Mixed}"), Is.EqualTo(403), "A part is never given for the whole.");
        Assert.That(await StatusAsync($"{capability}/studies/{Mixed}/series/{Mixed}.1"), Is.EqualTo(200));
        foreach (var hidden in new[] { "", "/metadata", "/thumbnail", "/rendered", $"/instances/{Mixed}.2.1", $"/instances/{Mixed}.2.1/frames/1", $"/instances/{Mixed}.2.1/bulkdata/7FE00010" })
        {
            Assert.That(await StatusAsync($"{capability}/studies/{Mixed}/series/{Mixed}.2{hidden}"), Is.EqualTo(404), hidden);
        }
        var rows = await nobody.JsonAsync($"{capability}/series");
        Assert.That(rows.EnumerateArray().Select(row => row.Value("0020000E")), Is.EqualTo(new[] { Mixed + ".1" }));
        Assert.That((await nobody.JsonAsync($"{capability}/studies"))[0].Value("00201206"), Is.EqualTo("1"));
    }

    private Task<string> CapabilityAsync(string patient, string study) => CapabilityAsync(server.OfPatient(patient), patient, study);

    private async Task<string> CapabilityAsync(string token, string patient, string study, string? lifetime = null)
    {
        using var client = server.With(token);
        return AddressIn(await IssueByIdAsync(client, await server.StudyIdAsync(patient, study), lifetime));
    }

    private static string AddressIn(Answer answer)
    {
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        return answer["parameter.0.resource.address"]!;
    }

    private async Task<Answer> IssueAsync(HttpClient client, string study, string? lifetime) => await IssueByIdAsync(client, await server.StudyIdAsync(Anna, study), lifetime);

    private static Task<Answer> IssueByIdAsync(HttpClient client, string id, string? lifetime = null) => RestTests.SendAsync(
        client, HttpMethod.Post, $"ImagingStudy/{id}/$capability",
        lifetime is null ? null : RestTests.Body($$"""{"resourceType":"Parameters","parameter":[{"name":"lifetime","valuePositiveInt":{{lifetime}}}]}"""));

    private async Task StoreAsync(string record, params TestDicom[] files) =>
        Assert.That((await TokenServer.StowAsync(server.Operator, $"/dicomweb/patients/{record}", files)).Status, Is.EqualTo(HttpStatusCode.OK));

    private async Task<int> StatusAsync(string path)
    {
        using var answer = await nobody.GetAsync(path);
        return (int)answer.StatusCode;
    }

    private async Task<string> NotFoundAsync(string path)
    {
        using var answer = await nobody.GetAsync(path);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), path);
        Assert.That(answer.Headers.GetValues("Referrer-Policy"), Is.EqualTo(new[] { "no-referrer" }), path);
        var headers = answer.Headers.Where(one => one.Key is not "Date").Select(one => $"{one.Key}: {string.Join(", ", one.Value)}").Order(StringComparer.Ordinal);
        return string.Join('\n', headers) + "\n\n" + await answer.Content.ReadAsStringAsync();
    }

    private static Authorisation OfAnna(Authorisation one) => one with
    {
        Patient = Anna, User = "account-anna", FhirUser = "Patient/anna", Records = [new AuthorisedRecord(Anna, RecordBasis.Self)],
    };

    private static string Flip(string secret, int at) => secret[..at] + (secret[at] == 'A' ? 'B' : 'A') + secret[(at + 1)..];

    private static TestDicom Of(string study, string series, string modality, string number = "1") => new(study, $"{study}.{series}", $"{study}.{series}.{number}")
    {
        Modality = modality, SeriesNumber = int.Parse(series, CultureInfo.InvariantCulture), InstanceNumber = int.Parse(number, CultureInfo.InvariantCulture),
    };
}

using System.Net;
using System.Text.Json.Nodes;
using Fhir.Server.Access;
using Fhir.Server.Dicom;
using Fhir.Server.Storage;
using Fhir.Server.Tests.Rest;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>To whom a study goes that a site sends to /dicomweb: by verified links alone, in namespaces registered to it; else it waits unclaimed.</summary>
[TestFixture]
public sealed class SiteRoutingTests
{
    private const string North = "urn:oid:1.3.6.1.1", NorthLab = "https://north.example/lab", South = "urn:oid:1.3.6.1.2";

    private readonly FreshUids uids = new("1.6.200");
    private TokenServer server = null!;
    private HttpClient north = null!;
    private HttpClient south = null!;

    [OneTimeSetUp]
    public void Start()
    {
        server = TokenServer.Start();
        (north, south) = (server.With(server.OfSite("north", North, NorthLab)), server.With(server.OfSite("south", South)));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        north.Dispose();
        south.Dispose();
        await server.DisposeAsync();
    }

    [Test]
    public async Task A_study_with_a_linked_number_goes_to_the_record_as_the_sites_contribution()
    {
        var patient = await LinkedAsync(North, "N-1");
        var dicom = uids.Dicom() with { PatientId = "N-1" };
        await StoreAsync(north, dicom);
        Assert.That(await RecordsOfAsync(dicom), Is.EqualTo(new[] { patient }));
        using var read = await north.GetAsync($"/dicomweb/studies/{dicom.Study}");
        Assert.That(read.StatusCode, Is.EqualTo(HttpStatusCode.OK), "A site reads what it gave.");
        using var other = await south.GetAsync($"/dicomweb/patients/{patient}/studies/{dicom.Study}");
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var owner = server.With(server.OfPatient(patient));
        using var own = await owner.GetAsync($"/dicomweb/studies/{dicom.Study}");
        Assert.That(own.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task One_that_is_not_linked_waits_where_its_site_alone_reads_it()
    {
        var dicom = uids.Dicom() with { PatientId = "N-unknown" };
        await StoreAsync(north, dicom);
        Assert.That(await RecordsOfAsync(dicom), Is.EqualTo(new[] { "unclaimed-north" }));
        foreach (var path in new[] { $"/dicomweb/patients/unclaimed-north/studies/{dicom.Study}", $"/dicomweb/studies/{dicom.Study}" })
        {
            using var own = await north.GetAsync(path);
            Assert.That(own.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
            using var other = await south.GetAsync(path);
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), path);
        }
        var found = await RestTests.SendAsync(north, HttpMethod.Get, $"ImagingStudy?identifier=urn:oid:{dicom.Study}", null);
        var subject = found.Entries("match").Single()["subject"]!;
        Assert.That((Answer.At(subject, "type"), Answer.At(subject, "reference"), Answer.At(subject, "identifier.system"), Answer.At(subject, "identifier.value")), Is.EqualTo(("Patient", (string?)null, North, "N-unknown")));
        Assert.That((await RestTests.SendAsync(server.Operator, HttpMethod.Get, "Patient?identifier=N-unknown", null)).Ids(), Is.Empty, "No Patient is made.");
    }

    [Test]
    public async Task A_site_without_namespaces_routes_nothing_and_its_numbers_mean_nothing_elsewhere()
    {
        using var bare = server.With(server.OfSite("bare"));
        await LinkedAsync("urn:phr:unverified:bare", "B-1");
        var dicom = uids.Dicom() with { PatientId = "B-1" };
        await StoreAsync(bare, dicom);
        Assert.That(await RecordsOfAsync(dicom), Is.EqualTo(new[] { "unclaimed-bare" }));
        var found = await RestTests.SendAsync(bare, HttpMethod.Get, $"ImagingStudy?identifier=urn:oid:{dicom.Study}", null);
        Assert.That(Answer.At(found.Entries("match").Single(), "subject.identifier.system"), Is.EqualTo("urn:phr:unverified:bare"));
    }

    [TestCase("as it is registered", North)]
    [TestCase("as an OID", "1.3.6.1.1")]
    [TestCase("as HL7 version 2 writes it", "MRN&1.3.6.1.1&ISO")]
    [TestCase("in the qualifiers", null)]
    public async Task The_issuer_a_file_names_decides_between_the_namespaces_of_a_site(string how, string? issuer)
    {
        var number = "N-2-" + how.Length;
        using var lab = server.With(server.OfSite("north", NorthLab, North));
        var (byDefault, byIssuer) = (await LinkedAsync(NorthLab, number), await LinkedAsync(North, number));
        var (plain, named) = (uids.Dicom() with { PatientId = number }, uids.Dicom() with { PatientId = number, Further = data => Name(data, issuer) });
        await StoreAsync(lab, plain, named);
        Assert.That(await RecordsOfAsync(plain), Is.EqualTo(new[] { byDefault }), how);
        Assert.That(await RecordsOfAsync(named), Is.EqualTo(new[] { byIssuer }), how);
    }

    [Test]
    public async Task A_namespace_that_is_not_the_sites_routes_nothing_whoever_the_file_names()
    {
        var victim = await LinkedAsync(South, "S-1");
        var dicom = uids.Dicom() with { PatientId = "S-1", Further = data => Name(data, South) };
        await StoreAsync(north, dicom);
        Assert.That(await RecordsOfAsync(dicom), Is.EqualTo(new[] { "unclaimed-north" }));
        using var direct = await PostAsync(north, $"/dicomweb/patients/{victim}", dicom);
        using var unknown = await PostAsync(north, "/dicomweb/patients/never-was", dicom);
        Assert.That((direct.StatusCode, await direct.Content.ReadAsStringAsync()), Is.EqualTo((HttpStatusCode.NotFound, await unknown.Content.ReadAsStringAsync())));
        Assert.That(await RecordsOfAsync(dicom), Is.EqualTo(new[] { "unclaimed-north" }));
    }

    [Test]
    public async Task The_same_number_in_two_namespaces_is_two_people()
    {
        var (one, other) = (await LinkedAsync(North, "4711"), await LinkedAsync(South, "4711"));
        var (ofNorth, ofSouth) = (uids.Dicom() with { PatientId = "4711" }, uids.Dicom() with { PatientId = "4711" });
        await StoreAsync(north, ofNorth);
        await StoreAsync(south, ofSouth);
        Assert.That(await RecordsOfAsync(ofNorth), Is.EqualTo(new[] { one }));
        Assert.That(await RecordsOfAsync(ofSouth), Is.EqualTo(new[] { other }));
    }

    [Test]
    public async Task What_a_patient_writes_into_their_own_record_draws_no_study_to_them()
    {
        var thief = await server.PatientAsync(RestTests.NewId());
        using var client = server.With(server.OfPatient(thief));
        var answer = await RestTests.SendAsync(
            client, HttpMethod.Put, $"Patient/{thief}", RestTests.Body(RestTests.PatientJson(thief, $$""","identifier":[{"system":"{{North}}","value":"N-victim"}],"active":true""")));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        var dicom = uids.Dicom() with { PatientId = "N-victim" };
        await StoreAsync(north, dicom);
        Assert.That(await RecordsOfAsync(dicom), Is.EqualTo(new[] { "unclaimed-north" }));
    }

    [Test]
    public async Task A_link_that_is_made_later_is_for_what_comes_next()
    {
        var (first, second) = (uids.Dicom() with { PatientId = "N-later" }, uids.Dicom() with { PatientId = " N-later " });
        await StoreAsync(north, first);
        var patient = await LinkedAsync(North, "N-later");
        await StoreAsync(north, second);
        Assert.That(await RecordsOfAsync(first), Is.EqualTo(new[] { "unclaimed-north" }));
        Assert.That(await RecordsOfAsync(second), Is.EqualTo(new[] { patient }));
        using var unlinked = await server.Operator.PostAsync("/operator/links/remove", Json(("record", ""), ("namespace", North), ("value", "N-later")));
        Assert.That(unlinked.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        var third = uids.Dicom() with { PatientId = "N-later" };
        await StoreAsync(north, third);
        Assert.That(await RecordsOfAsync(third), Is.EqualTo(new[] { "unclaimed-north" }));
    }

    [Test]
    public async Task The_site_is_answered_alike_whether_the_number_is_known_or_not()
    {
        await LinkedAsync(North, "N-3");
        var (known, unknown) = (uids.Dicom() with { PatientId = "N-3" }, uids.Dicom() with { PatientId = "N-3-unknown" });
        string Told((HttpStatusCode Status, JsonNode? Json) answer, TestDicom dicom) =>
            $"{(int)answer.Status} {answer.Json!.ToJsonString().Replace(dicom.Study, "UID", StringComparison.Ordinal)}";
        var (one, other) = (await TokenServer.StowAsync(north, "/dicomweb", known), await TokenServer.StowAsync(north, "/dicomweb", unknown));
        Assert.That(Told(one, known), Is.EqualTo(Told(other, unknown)));
        Assert.That(Answer.At(one.Json, "00081190.Value.0"), Is.EqualTo($"{server.Phr.Address}/dicomweb/studies/{known.Study}"));
    }

    [Test]
    public async Task A_study_without_a_number_waits()
    {
        var dicom = uids.Dicom() with { PatientId = "" };
        await StoreAsync(north, dicom);
        Assert.That(await RecordsOfAsync(dicom), Is.EqualTo(new[] { "unclaimed-north" }));
    }

    [Test]
    public async Task The_owner_of_the_number_is_trusted_before_another_site_and_that_before_the_patient()
    {
        var patient = await LinkedAsync(North, "N-4");
        await LinkAsync(patient, South, "S-4");
        using var own = server.With(server.OfPatient(patient));
        var dicom = uids.Dicom();
        // The south sends it into the record with a number the patient is not known by there.
        foreach (var (client, number, fill) in new[] { (own, "N-4", (byte)1), (south, "other", (byte)2), (north, "N-4", (byte)3) })
        {
            using var answer = await PostAsync(client, $"/dicomweb/patients/{patient}", dicom with { PatientId = number, Fill = fill });
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
            using var served = await own.GetAsync($"/dicomweb/patients/{patient}/studies/{dicom.Study}", WebTalk.Multipart);
            Assert.That(WebTalk.ReadWhole((await served.PartsAsync()).Single().Body).Find(DicomTag.PixelData)!.Value.Span[0], Is.EqualTo(fill));
        }
        var rows = await server.Phr.Services.GetRequiredService<IInstanceIndex>().ContributionsAsync(new RecordId(patient), dicom.Study, dicom.Sop, Visibility.Everything, default);
        Assert.That(rows.Select(row => (row.Contributor.Organization, row.Contributor.Trust)), Is.EquivalentTo(new[]
        {
            ("north", Trust.IssuerOwner), ("south", Trust.Site), ((string?)null, Trust.Person),
        }));
    }

    [Test]
    public async Task Where_it_is_linked_a_site_may_add_what_it_has_to_say_and_nowhere_else()
    {
        var (linked, other) = (await LinkedAsync(North, "N-5"), await server.PatientAsync(RestTests.NewId()));
        string Report(string patient) => $$"""{"resourceType":"DiagnosticReport","status":"final","code":{"text":"CT"},"subject":{"reference":"Patient/{{patient}}"} }""";
        var added = await RestTests.SendAsync(north, HttpMethod.Post, "DiagnosticReport", RestTests.Body(Report(linked)));
        Assert.That(added.Status, Is.EqualTo(HttpStatusCode.Created), added.Text);
        foreach (var (client, patient) in new[] { (north, other), (south, linked), (north, "never-was") })
        {
            Assert.That((await RestTests.SendAsync(client, HttpMethod.Post, "DiagnosticReport", RestTests.Body(Report(patient)))).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        }
        using var named = await PostAsync(north, $"/dicomweb/patients/{linked}", uids.Dicom());
        Assert.That(named.StatusCode, Is.EqualTo(HttpStatusCode.OK), "The sender names the record, which it is linked to.");
    }

    [Test]
    public async Task Nobody_stores_where_another_site_keeps_its_unclaimed()
    {
        foreach (var (client, place) in new[] { (south, "unclaimed-north"), (north, "unclaimed-local"), (north, "shared"), (north, "nobody") })
        {
            using var answer = await PostAsync(client, $"/dicomweb/patients/{place}", uids.Dicom());
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), place);
        }
        using var own = await PostAsync(north, "/dicomweb/patients/unclaimed-north", uids.Dicom());
        Assert.That(own.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var local = server.With(server.OfSite("local", North));
        var dicom = uids.Dicom();
        Assert.That((await TokenServer.StowAsync(local, "/dicomweb", dicom)).Status, Is.EqualTo(HttpStatusCode.Conflict), "An Organization called local has no place to let studies wait.");
        Assert.That(await RecordsOfAsync(dicom), Is.Empty);
    }

    [Test]
    public async Task Who_works_at_a_site_is_not_the_site()
    {
        await LinkedAsync(North, "N-6");
        using var doctor = server.With(server.Desk.Issue("user/*.cruds", one => one with
        {
            User = "account-doc", FhirUser = "Practitioner/doc", Organization = "north", Namespaces = [North],
        }));
        var dicom = uids.Dicom() with { PatientId = "N-6" };
        Assert.That((await TokenServer.StowAsync(doctor, "/dicomweb", dicom)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await RecordsOfAsync(dicom), Is.Empty);
    }

    [Test]
    public async Task Links_are_made_by_an_operator_alone_and_never_silently_moved()
    {
        var (one, other) = (await LinkedAsync(North, "N-7"), await server.PatientAsync(RestTests.NewId()));
        async Task<HttpStatusCode> AddAsync(HttpClient client, string record, string space, string value)
        {
            using var answer = await client.PostAsync("/operator/links", Json(("record", record), ("namespace", space), ("value", value)));
            return answer.StatusCode;
        }
        Assert.That(await AddAsync(server.Operator, one, North, "N-7"), Is.EqualTo(HttpStatusCode.OK), "Saying it again is well.");
        Assert.That(await AddAsync(server.Operator, other, North, "N-7"), Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await AddAsync(server.Operator, "never-was", North, "N-8"), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await AddAsync(server.Operator, "unclaimed-north", North, "N-8"), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await AddAsync(server.Operator, one, "no namespace", "N-8"), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await AddAsync(server.Operator, one, North, " "), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await AddAsync(north, one, North, "N-8"), Is.EqualTo(HttpStatusCode.NotFound));
        using var list = await server.Operator.GetAsync($"/operator/links?record={one}");
        Assert.That(JsonNode.Parse(await list.Content.ReadAsStringAsync())!.AsArray().Select(link => (Answer.At(link, "namespace"), Answer.At(link, "value"), Answer.At(link, "how"))), Is.EqualTo(new[] { (North, "N-7", "operator") }));
    }

    private static void Name(DicomDataset data, string? issuer)
    {
        if (issuer is not null)
        {
            data.Add(DicomTag.IssuerOfPatientID, issuer);
            return;
        }
        DicomTag Tag(string keyword) => DicomDictionary.TryFindKeyword(keyword, out var tag) ? tag : throw new InvalidOperationException(keyword);
        data.AddSequence(
            DicomTag.IssuerOfPatientIDQualifiersSequence, new DicomDataset().Add(Tag("UniversalEntityID"), North["urn:oid:".Length..]).Add(Tag("UniversalEntityIDType"), "ISO"));
    }

    private async Task<string> LinkedAsync(string space, string value)
    {
        var patient = await server.PatientAsync(RestTests.NewId());
        await LinkAsync(patient, space, value);
        return patient;
    }

    private async Task LinkAsync(string patient, string space, string value)
    {
        using var answer = await server.Operator.PostAsync("/operator/links", Json(("record", patient), ("namespace", space), ("value", value)));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
    }

    private static async Task StoreAsync(HttpClient client, params TestDicom[] files) =>
        Assert.That((await TokenServer.StowAsync(client, "/dicomweb", files)).Status, Is.EqualTo(HttpStatusCode.OK));

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string webBase, TestDicom dicom)
    {
        using var body = PhrServer.Multipart(dicom.ToBytes());
        return await client.PostAsync($"{webBase}/studies", body);
    }

    private static StringContent Json(params (string Name, string Value)[] members) =>
        new(new JsonObject(members.Select(one => KeyValuePair.Create(one.Name, (JsonNode?)one.Value))).ToJsonString(), System.Text.Encoding.UTF8, "application/json");

    /// <summary>The records in which a study lies.</summary>
    private async Task<IEnumerable<string>> RecordsOfAsync(TestDicom dicom)
    {
        var rows = await server.Operator.JsonAsync($"/dicomweb/studies?StudyInstanceUID={dicom.Study}");
        return rows.EnumerateArray().Select(row => row.Value("00081190")!.Split("/patients/")[1].Split('/')[0]);
    }
}

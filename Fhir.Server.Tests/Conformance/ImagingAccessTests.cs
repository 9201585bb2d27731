using System.Globalization;
using System.Text.Json;

namespace Fhir.Server.Tests.Conformance;

/// <summary>imaging-access.md §2–6 and §9 (I1–I15): studies and their pictures under one authorisation, for an app and for a backend.</summary>
[TestFixtureSource(nameof(Modes))]
public sealed class ImagingAccessTests : SmartTests
{
    private readonly string mode;
    private string token = "";
    private ImagingClient client = null!;

    public ImagingAccessTests(string mode) => this.mode = mode;

    private static IEnumerable<string> Modes => ["App Launch", "Backend Services"];

    [OneTimeSetUp]
    public async Task SignInAsync()
    {
        token = mode == "App Launch"
            ? await TokenAsync("launch/patient patient/Patient.r patient/ImagingStudy.rs") : (await World.Backend.BackendAsync("system/ImagingStudy.rs")).Good().AccessToken!;
        client = new ImagingClient(Server.Nobody, Server.Fhir, token);
    }

    [Test]
    public async Task I1_The_mode_is_told_beside_the_capability()
    {
        var told = (await GetAsync(null, "/fhir/.well-known/smart-configuration")).Json;
        var capabilities = told.GetProperty("capabilities").EnumerateArray().Select(one => one.GetString());
        var uri = "http://fhir.org/argonaut/smart-imaging/capabilities/" + (mode == "App Launch" ? "app-launch" : "backend-services");
        Assert.That(capabilities, Does.Contain("smart-imaging-access").And.Contain(uri));
        Assert.That(capabilities, Does.Not.Contain("smart-imaging-access-dual-launch"));
        Assert.That(told.GetProperty("grant_types_supported").GetRawText(), Does.Contain(mode == "App Launch" ? "authorization_code" : "client_credentials"));
        Assert.That(told.GetProperty("scopes_supported").GetRawText(), Does.Contain("system/ImagingStudy.rs"));
    }

    [Test]
    public async Task I2_Studies_are_found_by_patient()
    {
        var found = await client.FindAsync("patient=" + Ada.Record);
        Assert.That(found.Select(one => one.Uid), Is.EquivalentTo(new[] { SmartWorld.CtMr, SmartWorld.OnlyMr }));
    }

    [TestCase("urn:oid:{0}")]
    [TestCase("urn:dicom:uid|urn:oid:{0}")]
    [TestCase("{0}")]
    public async Task I2_A_study_is_found_by_its_identifier(string form)
    {
        var found = await client.FindAsync($"patient={Ada.Record}&identifier={Uri.EscapeDataString(string.Format(CultureInfo.InvariantCulture, form, SmartWorld.OnlyMr))}");
        Assert.That(found.Select(one => one.Uid), Is.EqualTo(new[] { SmartWorld.OnlyMr }));
    }

    [Test]
    public async Task I2_Studies_are_found_by_when_they_changed()
    {
        Assert.That(await client.FindAsync($"patient={Ada.Record}&_lastUpdated=gt2026-01-01T00:00:00Z"), Has.Count.EqualTo(2));
        Assert.That(await client.FindAsync($"patient={Ada.Record}&_lastUpdated=gt2126-01-01T00:00:00Z"), Is.Empty);
    }

    [Test]
    public async Task I2_A_study_of_one_page_each_comes_with_its_endpoint()
    {
        var found = await client.FindAsync($"patient={Ada.Record}&_count=1");
        Assert.That(found, Has.Count.EqualTo(2));
        Assert.That(found.All(one => one.Endpoint is not null));
    }

    [Test]
    public async Task I2_A_study_has_what_its_profile_asks_for()
    {
        foreach (var study in (await client.FindAsync("patient=" + Ada.Record)).Select(one => one.Resource))
        {
            Assert.That(study.GetProperty("status").GetString(), Is.EqualTo("available"));
            Assert.That(study.GetProperty("subject").GetProperty("reference").GetString(), Does.EndWith("Patient/" + Ada.Record));
            Assert.That(study.GetProperty("modality").EnumerateArray().All(one => one.GetProperty("system").GetString() == "http://dicom.nema.org/resources/ontology/DCM"));
            Assert.That(study.TryGetProperty("started", out _));
            var series = study.GetProperty("series").EnumerateArray().ToList();
            Assert.That(study.GetProperty("numberOfSeries").GetInt32(), Is.EqualTo(series.Count));
            Assert.That(study.GetProperty("numberOfInstances").GetInt32(), Is.EqualTo(series.Sum(one => one.GetProperty("instance").GetArrayLength())));
            Assert.That(series.All(one => one.GetProperty("uid").GetString()!.Length > 0 && one.GetProperty("modality").TryGetProperty("code", out _)));
            Assert.That(series.SelectMany(one => one.GetProperty("instance").EnumerateArray()).All(
                one => one.GetProperty("sopClass").GetProperty("code").GetString()!.StartsWith("urn:oid:", StringComparison.Ordinal)));
        }
    }

    [Test]
    public async Task I9_An_endpoint_says_whether_it_wants_the_token()
    {
        foreach (var study in await client.FindAsync("patient=" + Ada.Record))
        {
            Assert.That(study.RequiresToken);
            Assert.That(study.Address, Does.StartWith("http").And.Not.EndWith("/studies"));
            Assert.That(study.Endpoint!.Value.GetProperty("payloadType").GetArrayLength(), Is.GreaterThan(0));
        }
    }

    [TestCase("multipart/related; type=application/dicom; transfer-syntax=*")]
    [TestCase("multipart/related; type=\"application/dicom\"; transfer-syntax=*")]
    [TestCase("multipart/related;type=\"Application/DICOM\";transfer-syntax=*")]
    [TestCase("multipart/related; type=\"application/dicom\"")]
    [TestCase("Multipart/Related; transfer-syntax=*; type=application/dicom")]
    public async Task I3_I5_The_same_token_opens_the_pictures_byte_by_byte(string accept)
    {
        var found = await client.FindAsync("patient=" + Ada.Record);
        foreach (var study in found)
        {
            var expected = World.Files.Where(one => one.Key.StartsWith(study.Uid + ".", StringComparison.Ordinal)).Select(one => Convert.ToHexString(one.Value));
            Assert.That((await client.RetrieveAsync(study, accept)).Select(Convert.ToHexString), Is.EquivalentTo(expected));
        }
    }

    [Test]
    public async Task Without_the_token_an_endpoint_that_wants_it_opens_nothing()
    {
        var study = (await client.FindAsync("patient=" + Ada.Record))[0];
        Assert.That((await client.GetAsync($"{study.Address}/studies/{study.Uid}", ImagingClient.WholeStudy, withToken: false)).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task I12_A_search_for_another_patient_is_refused_and_not_empty()
    {
        var reply = await GetAsync(token, "/fhir/ImagingStudy?patient=" + Ben.Record);
        Assert.That(reply.Status, Is.EqualTo(403), reply.Text);
        Assert.That(reply.Json.GetProperty("resourceType").GetString(), Is.EqualTo("OperationOutcome"));
    }

    [TestCase("", ImagingClient.WholeStudy)]
    [TestCase("/metadata", DicomJson)]
    [TestCase("/rendered", "image/jpeg")]
    [TestCase("/thumbnail", "image/jpeg")]
    [TestCase("/series/1.2.276.60.9.1", ImagingClient.WholeStudy)]
    [TestCase("/series/1.2.276.60.9.1/metadata", DicomJson)]
    [TestCase("/series/1.2.276.60.9.1/rendered", "image/jpeg")]
    [TestCase("/series/1.2.276.60.9.1/thumbnail", "image/jpeg")]
    [TestCase("/series/1.2.276.60.9.1/instances/1.2.276.60.9.1.1", ImagingClient.WholeStudy)]
    [TestCase("/series/1.2.276.60.9.1/instances/1.2.276.60.9.1.1/metadata", DicomJson)]
    [TestCase("/series/1.2.276.60.9.1/instances/1.2.276.60.9.1.1/frames/1", "*/*")]
    [TestCase("/series/1.2.276.60.9.1/instances/1.2.276.60.9.1.1/rendered", "image/jpeg")]
    [TestCase("/series/1.2.276.60.9.1/instances/1.2.276.60.9.1.1/thumbnail", "image/jpeg")]
    [TestCase("/series/1.2.276.60.9.1/instances/1.2.276.60.9.1.1/bulkdata/7FE00010", "*/*")]
    public async Task I4_I15_Another_patients_study_is_answered_like_one_that_never_was(string level, string accept)
    {
        var unknown = level.Replace("60.9", "60.77", StringComparison.Ordinal);
        foreach (var webBase in new[] { SmartWorld.WebOf(Ben), Web, "/dicomweb" })
        {
            var hidden = await GetAsync(token, $"{webBase}/studies/{SmartWorld.OfBen}{level}", accept);
            var never = await GetAsync(token, $"{webBase}/studies/1.2.276.60.77{unknown}", accept);
            Assert.That((hidden.Status, never.Status), Is.EqualTo((404, 404)), webBase);
            Assert.That(hidden.Text.Replace("60.9", "60.77", StringComparison.Ordinal), Is.EqualTo(never.Text), webBase);
            Assert.That(hidden.Headers.Keys, Is.EquivalentTo(never.Headers.Keys), webBase);
        }
    }

    [TestCase("studies", "0020000D")]
    [TestCase("series", "0020000D")]
    [TestCase("instances", "0020000D")]
    public async Task I4_Lists_of_pictures_have_nothing_of_another_patient(string level, string tag)
    {
        foreach (var webBase in new[] { Web, "/dicomweb" })
        {
            Assert.That((await GetAsync(token, $"{webBase}/{level}", DicomJson)).Rows(tag).Distinct(), Is.EquivalentTo(new[] { SmartWorld.CtMr, SmartWorld.OnlyMr }));
        }
    }

    [Test]
    public async Task I8_The_record_alone_does_not_open_the_pictures()
    {
        var narrow = mode == "App Launch" ? await TokenAsync("launch/patient patient/Patient.rs") : (await World.Backend.BackendAsync("system/Patient.rs")).Good().AccessToken;
        foreach (var path in new[] { $"{Web}/studies", $"{Web}/studies/{SmartWorld.CtMr}", $"{Web}/studies/{SmartWorld.CtMr}/metadata", $"{Web}/studies/{SmartWorld.CtMr}/thumbnail" })
        {
            Assert.That(await StatusAsync(narrow, path), Is.EqualTo(403), path);
        }
    }

    [TestCase("/studies/" + SmartWorld.OnlyMr + "/series/" + SmartWorld.Ct)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Ct + "/instances/" + SmartWorld.Mr + ".1")]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.OnlyMr + ".1/instances/" + SmartWorld.OnlyMr + ".1.1")]
    public async Task I10_A_series_below_another_study_is_not_there(string path) => Assert.That(await StatusAsync(token, Web + path, Part10), Is.EqualTo(404));

    [Test]
    public async Task I14_Of_a_study_with_a_hidden_part_the_rest_is_there_and_the_whole_is_refused()
    {
        var scope = $"ImagingStudy.rs?modality={SmartWorld.DcmCt}";
        var narrow = mode == "App Launch" ? await TokenAsync("launch/patient patient/" + scope) : (await World.Backend.BackendAsync("system/" + scope)).Good().AccessToken!;
        var whole = await GetAsync(narrow, $"{Web}/studies/{SmartWorld.CtMr}", Part10);
        Assert.That(whole.Status, Is.EqualTo(403), "A part of a study must never pass for the study.");
        var part = await GetAsync(narrow, $"{Web}/studies/{SmartWorld.CtMr}/series/{SmartWorld.Ct}", Part10);
        Assert.That(ImagingClient.Parts(part), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task I12_A_client_without_rights_for_a_patient_is_refused()
    {
        var scope = mode == "App Launch" ? null : "system/*.rs";
        var other = scope is null ? null : await World.BackendAsync("Rights for nobody", scope, "ES384");
        var bare = other is null ? await Server.MintAsync(World.Public.Id, "patient/*.rs") : (await other.BackendAsync("system/*.rs")).Good().AccessToken;
        Assert.That(await StatusAsync(bare, "/fhir/ImagingStudy?patient=" + Ada.Record), Is.EqualTo(403));
        Assert.That(await StatusAsync(bare, $"{Web}/studies/{SmartWorld.CtMr}", Part10), Is.AnyOf(403, 404));
        var all = await GetAsync(bare, "/dicomweb/studies", DicomJson);
        Assert.That(all.Status == 403 || all.Rows("0020000D").Count == 0, all.Text);
    }
}

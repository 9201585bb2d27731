namespace Fhir.Server.Tests.Conformance;

/// <summary>T19: whatever Ada's token asks, nothing of Ben comes out.</summary>
[TestFixture]
public sealed class OtherPatientTests : SmartTests
{
    private readonly Dictionary<string, string> tokens = [];

    private static IEnumerable<string> Levels => ["patient", "user", "system"];

    [OneTimeSetUp]
    public async Task SignInAsync()
    {
        tokens["patient"] = await TokenAsync("launch/patient patient/*.cruds");
        tokens["user"] = await TokenAsync("launch/patient user/*.cruds");
        tokens["system"] = (await World.Backend.BackendAsync("system/*.rs")).Good().AccessToken!;
    }

    [TestCase("/fhir/ImagingStudy?patient={ben}", 403)]
    [TestCase("/fhir/ImagingStudy?subject=Patient/{ben}", 403)]
    [TestCase("/fhir/DiagnosticReport?patient=Patient/{ben}", 403)]
    [TestCase("/fhir/ImagingStudy?patient=nobody", 403)]
    [TestCase("/fhir/Patient/{ben}/ImagingStudy", 403)]
    [TestCase("/fhir/Patient/{ben}/$everything", 403)]
    [TestCase("/fhir/Patient/{ben}", 404)]
    [TestCase("/fhir/Patient/{ben}/_history", 404)]
    [TestCase("/fhir/ImagingStudy/{study}", 404)]
    [TestCase("/fhir/ImagingStudy/{study}/_history/1", 404)]
    [TestCase("/fhir/DiagnosticReport/of-{ben}", 404)]
    [TestCase("/dicomweb/patients/{ben}/studies", 404)]
    [TestCase("/dicomweb/patients/{ben}/studies/1.2.276.60.9", 404)]
    [TestCase("/dicomweb/patients/{ben}/studies/1.2.276.60.9/metadata", 404)]
    [TestCase("/dicomweb/patients/{ben}/studies/1.2.276.60.9/rendered", 404)]
    [TestCase("/dicomweb/patients/{ben}/studies/1.2.276.60.9/thumbnail", 404)]
    [TestCase("/dicomweb/patients/{ben}/studies/1.2.276.60.9/series/1.2.276.60.9.1/instances/1.2.276.60.9.1.1/frames/1", 404)]
    [TestCase("/dicomweb/studies/1.2.276.60.9", 404)]
    [TestCase("/dicomweb/patients/{ada}/studies/1.2.276.60.9", 404)]
    [TestCase("/dicomweb/patients/{ada}/studies/1.2.276.60.1/series/1.2.276.60.9.1", 404)]
    public async Task What_names_the_other_is_refused(string path, int status)
    {
        foreach (var level in Levels)
        {
            var reply = await GetAsync(tokens[level], Here(path));
            Assert.That(reply.Status, Is.EqualTo(status), $"{level}: {reply.Text[..Math.Min(200, reply.Text.Length)]}");
        }
    }

    [TestCase("/fhir/Patient")]
    [TestCase("/fhir/Patient?name=Ben")]
    [TestCase("/fhir/Patient?_id={ben}")]
    [TestCase("/fhir/Patient?birthdate=1980-05-06")]
    [TestCase("/fhir/ImagingStudy")]
    [TestCase("/fhir/ImagingStudy?identifier=urn:dicom:uid|urn:oid:1.2.276.60.9")]
    [TestCase("/fhir/ImagingStudy?_id={study}")]
    [TestCase("/fhir/ImagingStudy?patient.name=Ben")]
    [TestCase("/fhir/ImagingStudy?_include=ImagingStudy:subject")]
    [TestCase("/fhir/Patient?_has:ImagingStudy:patient:identifier=urn:dicom:uid|urn:oid:1.2.276.60.9")]
    [TestCase("/fhir/Patient?_revinclude=ImagingStudy:subject")]
    [TestCase("/fhir/Endpoint")]
    [TestCase("/fhir/DiagnosticReport")]
    [TestCase("/fhir/_history")]
    [TestCase("/fhir/ImagingStudy/_history")]
    [TestCase("/dicomweb/studies")]
    [TestCase("/dicomweb/series")]
    [TestCase("/dicomweb/instances")]
    [TestCase("/dicomweb/studies?StudyInstanceUID=1.2.276.60.9")]
    public async Task What_does_not_name_them_leaves_them_out(string path)
    {
        foreach (var level in Levels)
        {
            var reply = await GetAsync(tokens[level], Here(path), path.StartsWith("/dicomweb", StringComparison.Ordinal) ? DicomJson : null);
            Assert.That(reply.Status, Is.EqualTo(200).Or.EqualTo(204), $"{level}: {reply.Text}");
            var text = reply.Text.Replace(Here(path).Split('?')[^1], "", StringComparison.Ordinal);
            Assert.That(text, Does.Not.Contain(Ben.Record + "\"").And.Not.Contain("Berg").And.Not.Contain(World.StudyIds[SmartWorld.OfBen] + "\"").And.Not.Contain("\"" + SmartWorld.OfBen), level);
        }
    }

    [Test]
    public async Task Nothing_is_written_into_the_others_record()
    {
        var token = tokens["patient"];
        var json = $$$"""{"resourceType":"DiagnosticReport","status":"final","code":{"text":"Planted"},"subject":{"reference":"Patient/{{{Ben.Record}}}"}}""";
        Assert.That((await SendAsync(HttpMethod.Post, token, "/fhir/DiagnosticReport", PhrServer.FhirContent(json))).Status, Is.InRange(400, 499));
        var instance = new TestDicom("1.2.276.62.1", "1.2.276.62.1.1", "1.2.276.62.1.1.1") { PatientId = Ben.Record };
        Assert.That((await SendAsync(HttpMethod.Post, token, $"{SmartWorld.WebOf(Ben)}/studies", PhrServer.Multipart(instance.ToBytes()), DicomJson)).Status, Is.EqualTo(404));
        Assert.That((await SendAsync(HttpMethod.Delete, token, $"/fhir/DiagnosticReport/of-{Ben.Record}", null)).Status, Is.Not.EqualTo(200));
        var ben = (await World.Public.SignInAsync(Ben, "launch/patient patient/*.rs")).AccessToken;
        Assert.That((await GetAsync(ben, $"/fhir/DiagnosticReport?patient={Ben.Record}")).Ids(), Is.EqualTo(new[] { "of-" + Ben.Record }));
    }

    [Test]
    public async Task A_token_without_a_patient_reaches_no_patient()
    {
        var token = await Server.MintAsync(World.Public.Id, "patient/*.rs");
        Assert.That(await StatusAsync(token, $"/fhir/Patient/{Ada.Record}"), Is.AnyOf(403, 404));
        Assert.That(await StatusAsync(token, $"/fhir/ImagingStudy?patient={Ada.Record}"), Is.EqualTo(403));
        Assert.That(await StatusAsync(token, $"{Web}/studies/{SmartWorld.CtMr}", Part10), Is.AnyOf(403, 404));
        var all = await GetAsync(token, "/fhir/Patient");
        Assert.That(all.Status == 403 || all.Ids("Patient").Count == 0, all.Text);
    }

    private static string Here(string path) => path.Replace("{ada}", Ada.Record, StringComparison.Ordinal).Replace("{ben}", Ben.Record, StringComparison.Ordinal)
        .Replace("{study}", World.StudyIds[SmartWorld.OfBen], StringComparison.Ordinal);
}

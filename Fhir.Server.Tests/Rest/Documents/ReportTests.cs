using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Rest.Documents;

/// <summary>
/// Structured reports as FHIR, through HTTP. Every answer is read strictly by <see cref="Answer"/>. PS3.16 TID 2000 and 1500;
/// https://hl7.org/fhir/R4/diagnosticreport.html
/// </summary>
[TestFixture]
public sealed class ReportTests : DocumentTests
{
    [Test]
    public async Task A_radiology_report_is_a_DiagnosticReport_with_its_text_people_times_and_conclusion()
    {
        var (patient, study) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, TestReport.Radiology));
        var report = (await GetAsync($"DiagnosticReport?patient={patient}")).Entries().Single();
        var imaging = (await GetAsync($"ImagingStudy?patient={patient}")).Entries().Single();
        Assert.Multiple(() =>
        {
            Assert.That(At(report, "status"), Is.EqualTo("final"));
            Assert.That(report["category"]![0]!["coding"]!.AsArray().Select(one => At(one, "code")), Is.EqualTo(new[] { "RAD", "LP29684-5" }));
            Assert.That((At(report, "code.coding.0.system"), At(report, "code.coding.0.code")), Is.EqualTo(("http://loinc.org", "18748-4")));
            Assert.That(At(report, "subject.reference"), Is.EqualTo($"Patient/{patient}"));
            Assert.That(At(report, "imagingStudy.0.reference"), Is.EqualTo($"ImagingStudy/{At(imaging, "id")}"));
            Assert.That(At(report, "identifier.0.value"), Is.EqualTo($"urn:oid:{study}.1.1"));
            Assert.That(At(report, "effectiveDateTime"), Is.EqualTo("2026-02-04T10:15:00+01:00"));
            Assert.That(DateTimeOffset.Parse(At(report, "issued")!), Is.EqualTo(new DateTimeOffset(2026, 2, 4, 11, 30, 0, TimeSpan.FromHours(1))));
            Assert.That(report["performer"]!.AsArray().Select(one => At(one, "display")), Is.EqualTo(new[] { "Paul Poe", "North Clinic" }));
            Assert.That(At(report, "resultsInterpreter.0.display"), Does.Contain("Rita").And.Contain("Roe"));
            Assert.That(At(report, "conclusion"), Is.EqualTo("No sign of pneumonia.\nNormal"));
            Assert.That(At(report, "conclusionCode.0.coding.0.code"), Is.EqualTo("17621005"));
            Assert.That(At(report, "language"), Is.EqualTo("en"));
            Assert.That(At(report, "text.div"), Does.Contain("clear &amp; bright.<br/>&lt;script&gt;").And.Contain("12.50 mm").And.Not.Contain("<script"));
            Assert.That(At(report, "presentedForm.0.contentType"), Is.EqualTo("text/html"));
            Assert.That(At(report, "basedOn.0.identifier.value"), Is.EqualTo("ACC-" + study[^1]));
        });
    }

    [Test]
    public async Task The_page_of_a_report_is_its_Binary_and_can_do_nothing()
    {
        var (patient, _) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, TestReport.Radiology));
        var report = (await GetAsync($"DiagnosticReport?patient={patient}")).Entries().Single();
        using var page = await Phr.Client.GetAsync(At(report, "presentedForm.0.url"));
        var html = await page.Content.ReadAsStringAsync();
        Assert.Multiple(() =>
        {
            Assert.That(page.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
            Assert.That(html, Does.Contain("No sign of pneumonia.").And.Contain("&lt;script&gt;").And.Not.Contain("<script"));
            Assert.That(page.Headers.GetValues("Content-Security-Policy").Single(), Is.EqualTo("default-src 'none'; sandbox"));
            Assert.That(page.Headers.GetValues("X-Content-Type-Options").Distinct().Single(), Is.EqualTo("nosniff"));
        });
    }

    [Test]
    public async Task A_measurement_group_becomes_Observations_with_value_unit_site_side_method_and_tracking()
    {
        var (patient, _) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, TestReport.Measurements));
        var found = await GetAsync($"DiagnosticReport?patient={patient}&_include=DiagnosticReport:result");
        var report = found.Entries("match").Single();
        var observations = found.Entries("include").ToDictionary(one => At(one, "code.text")!);
        Assert.That(observations.Keys, Is.EquivalentTo(new[] { "Volume", "Attenuation Coefficient", "Margins" }));
        Assert.That(At(report, "status"), Is.EqualTo("preliminary"));
        Assert.That(report["result"]!.AsArray().Select(one => At(one, "reference")), Is.EquivalentTo(observations.Values.Select(one => $"Observation/{At(one, "id")}")));
        var volume = observations["Volume"];
        Assert.Multiple(() =>
        {
            Assert.That((At(volume, "valueQuantity.value"), At(volume, "valueQuantity.code"), At(volume, "valueQuantity.system")), Is.EqualTo(("125", "mm3", "http://unitsofmeasure.org")));
            Assert.That(At(volume, "status"), Is.EqualTo("preliminary"));
            Assert.That(At(volume, "category.0.coding.0.code"), Is.EqualTo("imaging"));
            Assert.That(At(volume, "subject.reference"), Is.EqualTo($"Patient/{patient}"));
            Assert.That((At(volume, "bodySite.coding.0.code"), At(volume, "bodySite.text")), Is.EqualTo(("39607008", "Lung, Right")));
            Assert.That(At(volume, "method.coding.0.code"), Is.EqualTo("126030"));
            Assert.That(volume["identifier"]!.AsArray().Select(one => At(one, "value")), Is.EqualTo(new[] { "urn:oid:2.25.77", "Lesion 1" }));
            Assert.That(
                volume["component"]!.AsArray().Select(one => (At(one, "code.coding.0.code"), At(one, "valueCodeableConcept.coding.0.code"))),
                Is.EquivalentTo(new (string?, string?)[] { ("272741003", "24028007"), ("121071", "27925004"), ("121401", "373098007") }));
            Assert.That(At(observations["Attenuation Coefficient"], "dataAbsentReason.coding.0.code"), Is.EqualTo("not-performed"));
            Assert.That(observations["Attenuation Coefficient"]["valueQuantity"], Is.Null);
            Assert.That(At(observations["Margins"], "valueCodeableConcept.coding.0.code"), Is.EqualTo("112138"));
            Assert.That(At(volume, "derivedFrom.0.reference"), Is.EqualTo(At(report, "imagingStudy.0.reference")));
        });
    }

    [TestCase("COMPLETE", "VERIFIED", null, "final")]
    [TestCase("COMPLETE", "VERIFIED", "FINAL", "final")]
    [TestCase("COMPLETE", "VERIFIED", "PRELIMINARY", "preliminary")]
    [TestCase("COMPLETE", "UNVERIFIED", null, "preliminary")]
    [TestCase("PARTIAL", "UNVERIFIED", "PRELIMINARY", "partial")]
    [TestCase("", "", null, "unknown")]
    public async Task The_flags_of_a_report_are_its_status(string completion, string verification, string? preliminary, string status)
    {
        var (patient, _) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, data =>
        {
            TestReport.Flags(data, completion, verification);
            if (preliminary is not null)
            {
                data.Add(TestReport.Tag("PreliminaryFlag"), preliminary);
            }
            TestReport.Root(data, ("1", "99LOCAL", "Note"), TestReport.Text(("2", "99LOCAL", "Remark"), "x"));
        }));
        var report = (await GetAsync($"DiagnosticReport?patient={patient}")).Entries().Single();
        Assert.That(At(report, "status"), Is.EqualTo(status));
        Assert.That((At(report, "code.coding.0.system"), At(report, "code.text")), Is.EqualTo(((string?)null, "Note")), "A private scheme nobody names has no system.");
    }

    [TestCase("DiagnosticReport", "category=RAD")]
    [TestCase("DiagnosticReport", "code=http://loinc.org|18748-4")]
    [TestCase("DiagnosticReport", "date=2026-02-04")]
    [TestCase("DiagnosticReport", "status=final")]
    [TestCase("DiagnosticReport", "conclusion=17621005")]
    [TestCase("DiagnosticReport", "subject=Patient/{0}")]
    [TestCase("Observation", "code=410668003")]
    [TestCase("Observation", "category=imaging&date=2026-02-04")]
    [TestCase("Observation", "subject=Patient/{0}&status=final")]
    [TestCase("Binary", "_tag=SR")]
    public async Task What_a_report_says_is_found_by_its_search_parameters(string type, string query)
    {
        var (patient, _) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, TestReport.Radiology));
        var mine = type == "Binary" ? "" : $"&patient={patient}";
        var found = await GetAsync($"{type}?{string.Format(query, patient)}{mine}&_total=accurate", ("Prefer", "handling=strict"));
        Assert.That(found.Ids(), Has.Count.AtLeast(1).And.All.StartsWith("dicom-"));
        var none = await GetAsync($"{type}?{string.Format(query, patient).Replace("=", "=9", StringComparison.Ordinal).Replace("9Patient", "Patient")}{mine}&_lastUpdated=lt2000");
        Assert.That(none.Ids(), Is.Empty);
    }

    [Test]
    public async Task What_the_server_makes_of_a_document_cannot_be_written_or_taken_away_over_FHIR()
    {
        var (patient, _) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, TestReport.Radiology));
        foreach (var type in new[] { "DiagnosticReport", "Observation", "Binary" })
        {
            var path = $"{type}/{(await GetAsync($"{type}?{(type == "Binary" ? "_source:missing=false" : $"patient={patient}")}&_count=1000")).Ids()[^1]}";
            var before = await GetAsync(path, ("Accept", "application/fhir+json"));
            Assert.That((await PutAsync(path, before.Text)).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed), path);
            Assert.That((await DeleteAsync(path)).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed), path);
            Assert.That((await GetAsync(path, ("Accept", "application/fhir+json"))).Text, Is.EqualTo(before.Text), path);
        }
        var squat = await PutAsync("Observation/dicom-0", $$$"""
            {"resourceType":"Observation","id":"dicom-0","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}
            """);
        Assert.That(squat.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    [Test]
    public async Task Reports_and_measurements_of_other_making_are_kept_like_any_resource()
    {
        var patient = await NewPatientAsync();
        var id = NewId("r");
        var json = $$$"""
            {"resourceType":"DiagnosticReport","id":"{{{id}}}","meta":{"source":"https://x/studies/1.2/series/1.3/instances/1.4"},"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}
            """;
        Assert.That((await PutAsync($"DiagnosticReport/{id}", json)).Status, Is.EqualTo(HttpStatusCode.Created));
        using var other = Phr.As(Fhir.Server.Access.Reach.Of(new Fhir.Server.Access.ReachedRecord(patient, [new Fhir.Server.Access.ReachedStudy("1.2")])));
        Assert.That((await SendAsync(other, HttpMethod.Get, $"DiagnosticReport/{id}", null)).Status, Is.EqualTo(HttpStatusCode.NotFound), "What a client says of its source opens nothing.");
        Assert.That((await DeleteAsync($"DiagnosticReport/{id}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
    }

    [Test]
    public async Task A_report_of_an_unclaimed_study_names_the_patient_only_by_what_it_says()
    {
        var uid = NewUid();
        var file = TestReport.Sr(uid, $"{uid}.1", $"{uid}.1.1", TestReport.Radiology) with { PatientId = "" };
        using var answer = await Phr.StowAsync("/dicomweb", file.ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var report = (await GetAsync($"DiagnosticReport?identifier=urn:oid:{uid}.1.1")).Entries().Single();
        Assert.That((At(report, "subject.reference"), At(report, "subject.type")), Is.EqualTo(((string?)null, "Patient")));
    }

    [Test]
    public async Task A_report_without_end_is_stored_whole_and_told_as_far_as_the_limits_go()
    {
        var (patient, study) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, data => TestReport.Root(
            data, ("1", "DCM", "Long"),
            [.. Enumerable.Range(0, 3000).Select(i => TestReport.Num(($"{i}", "99X", $"Number {i}"), $"{i}", ("1", "UCUM", "no units"))), TestReport.Text(("2", "99X", "Text"), new string('&', 300_000))])));
        var report = (await GetAsync($"DiagnosticReport?patient={patient}")).Entries().Single();
        Assert.Multiple(() =>
        {
            Assert.That(At(report, "text.div")!.Length, Is.LessThan(80_000));
            Assert.That(At(report, "text.div"), Does.Contain("longer than is shown"));
            Assert.That(report["result"]!.AsArray(), Has.Count.EqualTo(500));
        });
        Assert.That((await GetAsync($"Observation?patient={patient}&_count=0&_total=accurate"))["total"], Is.EqualTo("500"));
        using var whole = await Phr.Client.GetAsync($"/dicomweb/patients/{patient}/studies/{study}");
        Assert.That(whole.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_deep_report_ends()
    {
        var (patient, _) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, data =>
        {
            var inner = TestReport.Text(("2", "99X", "Innermost"), "bottom");
            for (var i = 0; i < 50; i++)
            {
                inner = TestReport.Container(($"{i}", "99X", $"Level {i}"), inner);
            }
            TestReport.Root(data, ("1", "DCM", "Deep"), inner);
        }));
        var div = At((await GetAsync($"DiagnosticReport?patient={patient}")).Entries().Single(), "text.div");
        Assert.That(div, Does.Contain("Level 49").And.Not.Contain("bottom"));
    }

    private static IEnumerable<TestCaseData> Broken() =>
    [
        new TestCaseData((Action<DicomDataset>)(_ => { })).SetArgDisplayNames("nothing in it"),
        new TestCaseData((Action<DicomDataset>)(data => data.AddSequence(TestReport.Tag("ContentSequence"), new DicomDataset()))).SetArgDisplayNames("an empty item"),
        new TestCaseData((Action<DicomDataset>)(data => data.Add(TestReport.Tag("ContentDate"), "99999999").AddSequence(
            TestReport.Tag("ContentSequence"), new DicomDataset().Add(TestReport.Tag("ValueType"), "NUM").AddSequence(TestReport.Tag("ConceptNameCodeSequence"), new DicomDataset())))).SetArgDisplayNames("a number of nothing"),
        new TestCaseData((Action<DicomDataset>)(data => TestReport.Root(
            data, ("\u0001 \u0002", "\u0003", "\u0004\u0005"),
            TestReport.Num(("a  b\tc", "DCM", " "), "1E999", ("}{", "UCUM", "?")), TestReport.Num(("", "", ""), "NaN", ("", "", "")), TestReport.Text(("1", "2", "3"), "\u0000\u0008\u000c]]>&#0;")))).SetArgDisplayNames("control characters"),
        new TestCaseData((Action<DicomDataset>)(data => data.AddBytes(TestReport.Tag("ConceptNameCodeSequence"), DicomVr.UN, new byte[] { 1, 2, 3, 4 }).Add(TestReport.Tag("ValueType"), "CONTAINER"))).SetArgDisplayNames("a title of bytes"),
    ];

    [TestCaseSource(nameof(Broken))]
    public async Task A_broken_report_is_stored_and_whatever_is_told_of_it_is_right_FHIR(object content)
    {
        var (patient, study) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, (Action<DicomDataset>)content));
        Assert.That((await GetAsync($"ImagingStudy?patient={patient}")).Ids(), Has.Count.EqualTo(1));
        foreach (var type in new[] { "DiagnosticReport", "Observation" })
        {
            Assert.That((await GetAsync($"{type}?patient={patient}")).Status, Is.EqualTo(HttpStatusCode.OK));
        }
        using var whole = await Phr.Client.GetAsync($"/dicomweb/patients/{patient}/studies/{study}");
        Assert.That(whole.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_search_while_reports_are_coming_in_misses_none_that_was_acknowledged()
    {
        var (patient, uid) = (await NewPatientAsync(), NewUid());
        for (var i = 1; i <= 5; i++)
        {
            await StowAsync(patient, TestReport.Sr(uid, $"{uid}.1", $"{uid}.1.{i}", TestReport.Radiology));
            Assert.That((await GetAsync($"DiagnosticReport?patient={patient}")).Ids(), Has.Count.EqualTo(i));
            Assert.That((await GetAsync($"Observation?patient={patient}&code=410668003")).Ids(), Has.Count.EqualTo(i));
        }
    }

    private static string? At(JsonNode? node, string path) => Answer.At(node, path);
}

/// <summary>What tests of documents share.</summary>
public abstract class DocumentTests : RestTests
{
    /// <summary>Sends one file into a new record; gives patient and Study Instance UID.</summary>
    internal static async Task<(string Patient, string Study)> SentAsync(Func<string, string, string, TestDicom> file)
    {
        var (patient, uid) = (await NewPatientAsync(), NewUid());
        await StowAsync(patient, file(uid, $"{uid}.1", $"{uid}.1.1"));
        return (patient, uid);
    }
}

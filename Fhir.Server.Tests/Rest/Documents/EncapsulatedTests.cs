using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Rest.Documents;

/// <summary>Encapsulated files and key object notes as FHIR. https://hl7.org/fhir/R4/documentreference.html, https://hl7.org/fhir/R4/binary.html</summary>
[TestFixture]
public sealed class EncapsulatedTests : DocumentTests
{
    private static void Title(DicomDataset data) => data.AddSequence(TestReport.Tag("ConceptNameCodeSequence"), TestReport.Code(("18748-4", "LN", "Diagnostic imaging report")));

    private static Task<(string Patient, string Study)> PdfAsync(Action<DicomDataset>? further = null) =>
        SentAsync((uid, series, sop) => TestReport.Encapsulated(uid, series, sop, TestReport.Pdf, TestReport.PdfBytes, further));

    private static async Task<string> BinaryOfAsync(string patient) =>
        new Uri(At((await GetAsync($"DocumentReference?patient={patient}")).Entries().Single(), "content.0.attachment.url")!).AbsolutePath;

    [Test]
    public async Task A_PDF_is_a_DocumentReference_to_a_Binary_that_gives_its_bytes()
    {
        var (patient, study) = await PdfAsync(Title);
        var document = (await GetAsync($"DocumentReference?patient={patient}&type=http://loinc.org|18748-4")).Entries().Single();
        var attachment = document["content"]![0]!["attachment"]!;
        Assert.Multiple(() =>
        {
            Assert.That((At(document, "status"), At(document, "description")), Is.EqualTo(("current", "A letter")));
            Assert.That(At(document, "masterIdentifier.value"), Is.EqualTo($"urn:oid:{study}.1.1"));
            Assert.That(At(document, "subject.reference"), Is.EqualTo($"Patient/{patient}"));
            Assert.That(At(document, "context.related.0.reference"), Does.StartWith("ImagingStudy/"));
            Assert.That((At(attachment, "contentType"), At(attachment, "title"), At(attachment, "creation")), Is.EqualTo(("application/pdf", "A letter", "2026-02-04")));
            Assert.That(At(attachment, "size"), Is.EqualTo($"{TestReport.PdfBytes.Length}"));
#pragma warning disable CA5350 // Attachment.hash is SHA-1.
            Assert.That(At(attachment, "hash"), Is.EqualTo(Convert.ToBase64String(SHA1.HashData(TestReport.PdfBytes))));
#pragma warning restore CA5350
        });
        using var raw = await Phr.Client.GetAsync(At(attachment, "url"));
        Assert.That(raw.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/pdf"), "Whatever the file calls itself.");
        Assert.That(await raw.Content.ReadAsByteArrayAsync(), Is.EqualTo(TestReport.PdfBytes), "Without the byte that makes the length even.");
        var related = await GetAsync($"DocumentReference?patient={patient}&related:identifier=urn:oid:{study}");
        Assert.That(related.Ids(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_PDF_with_a_coded_title_is_a_report_too_and_one_without_is_not()
    {
        var (reported, _) = await PdfAsync(data =>
        {
            Title(data);
            data.Add(TestReport.Tag("VerificationFlag"), "VERIFIED");
        });
        var report = (await GetAsync($"DiagnosticReport?patient={reported}")).Entries().Single();
        Assert.That((At(report, "status"), At(report, "presentedForm.0.contentType")), Is.EqualTo(("final", "application/pdf")));
        Assert.That(new Uri(At(report, "presentedForm.0.url")!).AbsolutePath, Is.EqualTo(await BinaryOfAsync(reported)));
        var (plain, _) = await PdfAsync();
        Assert.That((await GetAsync($"DiagnosticReport?patient={plain}")).Ids(), Is.Empty);
        Assert.That((await GetAsync($"DocumentReference?patient={plain}")).Ids(), Has.Count.EqualTo(1));
    }

    [TestCase("application/fhir+json", true)]
    [TestCase("application/json", true)]
    [TestCase("application/fhir+json;q=0.5, application/pdf", false)]
    [TestCase("application/fhir+json, application/pdf;q=0.5", true)]
    [TestCase("application/pdf", false)]
    [TestCase("application/json, text/plain, */*", true)]
    [TestCase("*/*", false)]
    [TestCase(null, false)]
    public async Task A_Binary_is_given_as_it_is_asked_for(string? accept, bool asJson)
    {
        var (patient, _) = await PdfAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, await BinaryOfAsync(patient));
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }
        using var answer = await Phr.Client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        if (!asJson)
        {
            Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(TestReport.PdfBytes));
            return;
        }
        Assert.That(answer.Content.Headers.ContentLength, Is.GreaterThan(TestReport.PdfBytes.Length));
        var json = (await Answer.ReadAsync(answer)).Json;
        Assert.That((At(json, "resourceType"), At(json, "contentType")), Is.EqualTo(("Binary", "application/pdf")));
        Assert.That(Convert.FromBase64String(At(json, "data")!), Is.EqualTo(TestReport.PdfBytes));
    }

    [Test]
    public async Task A_Binary_in_another_type_is_not_acceptable()
    {
        var (patient, _) = await PdfAsync();
        Assert.That((await GetAsync(await BinaryOfAsync(patient), ("Accept", "image/png"))).Status, Is.EqualTo(HttpStatusCode.NotAcceptable));
        Assert.That((await GetAsync(await BinaryOfAsync(patient) + "?_format=ttl")).Status, Is.EqualTo(HttpStatusCode.NotAcceptable));
    }

    [TestCase("?_format=xml", "*/*")]
    [TestCase("", "application/fhir+xml")]
    [TestCase("", "text/xml, application/fhir+json;q=0.5")]
    public async Task A_Binary_is_a_resource_in_XML_for_who_names_that(string query, string accept)
    {
        var (patient, _) = await PdfAsync();
        var path = await BinaryOfAsync(patient);
        var answer = await XmlAnswer.GetAsync(path.Replace("/fhir/", "", StringComparison.Ordinal) + query, accept);
        Assert.That((answer.Status, answer["contentType"]), Is.EqualTo((HttpStatusCode.OK, "application/pdf")));
        Assert.That(Convert.FromBase64String(answer["data"]!), Is.EqualTo(TestReport.PdfBytes));
    }

    [Test]
    public async Task A_Binary_is_read_by_ranges_and_not_sent_again_to_who_has_it()
    {
        var (patient, _) = await PdfAsync();
        var path = await BinaryOfAsync(patient);
        using var first = new HttpRequestMessage(HttpMethod.Get, path);
        first.Headers.Range = new RangeHeaderValue(100_000, 100_009);
        using var part = await Phr.Client.SendAsync(first);
        Assert.That(part.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
        Assert.That(await part.Content.ReadAsByteArrayAsync(), Is.EqualTo(TestReport.PdfBytes[100_000..100_010]));
        Assert.That(part.Headers.ETag!.IsWeak, Is.False);
        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(part.Headers.ETag);
        using var unchanged = await Phr.Client.SendAsync(again);
        Assert.That(unchanged.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        using var beyond = new HttpRequestMessage(HttpMethod.Get, path);
        beyond.Headers.Range = new RangeHeaderValue(9_000_000, 9_000_001);
        using var refused = await Phr.Client.SendAsync(beyond);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.RequestedRangeNotSatisfiable));
        using var head = await Phr.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.That((head.StatusCode, head.Content.Headers.ContentLength), Is.EqualTo((HttpStatusCode.OK, (long?)TestReport.PdfBytes.Length)));
    }

    [TestCase(TestReport.Cda, "text/xml")]
    [TestCase(TestReport.Stl, "model/stl")]
    public async Task Other_files_are_documents_of_their_own_type_and_never_shown_in_place(string sopClass, string type)
    {
        var bytes = Encoding.UTF8.GetBytes("<ClinicalDocument xmlns=\"urn:hl7-org:v3\"><script xmlns=\"http://www.w3.org/1999/xhtml\"/></ClinicalDocument>");
        var (patient, _) = await SentAsync((uid, series, sop) => TestReport.Encapsulated(uid, series, sop, sopClass, bytes));
        using var raw = await Phr.Client.GetAsync(await BinaryOfAsync(patient));
        Assert.That(raw.Content.Headers.ContentType!.MediaType, Is.EqualTo(type));
        Assert.That(await raw.Content.ReadAsByteArrayAsync(), Is.EqualTo(bytes));
        Assert.That(raw.Content.Headers.ContentDisposition!.DispositionType, Is.EqualTo("attachment"));
        Assert.That(raw.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("sandbox"));
    }

    [Test]
    public async Task A_document_without_bytes_is_stored_and_no_document_in_FHIR()
    {
        var (patient, _) = await SentAsync((uid, series, sop) => TestReport.Encapsulated(uid, series, sop, TestReport.Pdf, []));
        Assert.That((await GetAsync($"DocumentReference?patient={patient}")).Ids(), Is.Empty);
        Assert.That((await GetAsync($"ImagingStudy?patient={patient}")).Ids(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_key_object_note_is_a_document_in_DICOM_and_a_rejection_note_is_none()
    {
        Func<string, string, string, TestDicom> Note(string title) => (uid, series, sop) => TestReport.Sr(uid, series, sop, data => TestReport.Root(
            data, (title, "DCM", "Title"), TestReport.Text(("113012", "DCM", "Key Object Description"), "Look here")), TestReport.KeyObjects) with { Modality = "KO" };
        var (patient, study) = await SentAsync(Note("113000"));
        var document = (await GetAsync($"DocumentReference?patient={patient}")).Entries().Single();
        Assert.That((At(document, "description"), At(document, "content.0.attachment.contentType")), Is.EqualTo(("Look here", "application/dicom")));
        using var instance = new HttpRequestMessage(HttpMethod.Get, At(document, "content.0.attachment.url"));
        instance.Headers.TryAddWithoutValidation("Accept", "application/dicom");
        using var dicom = await Phr.Client.SendAsync(instance);
        Assert.That(dicom.StatusCode, Is.EqualTo(HttpStatusCode.OK), study);
        Assert.That((await GetAsync($"DiagnosticReport?patient={patient}")).Ids(), Is.Empty);
        var (rejected, _) = await SentAsync(Note("113001"));
        Assert.That((await GetAsync($"DocumentReference?patient={rejected}")).Ids(), Is.Empty);
    }

    [Test]
    public async Task Real_documents_become_what_they_are()
    {
        Corpus.RequireOrSkip();
        foreach (var (name, type, text) in new[]
        {
            ("pydicom/reportsi.dcm", "DiagnosticReport", ""), ("pydicom/test-SR.dcm", "DiagnosticReport", "A mass of"), ("highdicom/sr_document.dcm", "DiagnosticReport", "Area of defined region"),
            ("dicomParser/deflate/report_dfl", "DiagnosticReport", "There is a 1.5 cm lesion on the concha of the ear"), ("synthetic/pdf_small.dcm", "DocumentReference", ""),
        })
        {
            var bytes = await File.ReadAllBytesAsync(Corpus.Get(name).FullPath);
            var patient = await NewPatientAsync();
            using var stored = await Phr.StowAsync($"/dicomweb/patients/{patient}", bytes);
            Assert.That(stored.StatusCode, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Accepted), name);
            var found = (await GetAsync($"{type}?patient={patient}")).Entries().Single();
            Assert.That(At(found, "text.div") ?? "", Does.Contain(text), name);
            var url = At(found, type == "DiagnosticReport" ? "presentedForm.0.url" : "content.0.attachment.url");
            using var binary = await Phr.Client.GetAsync(url);
            Assert.That((await binary.Content.ReadAsByteArrayAsync()).Length, Is.GreaterThan(100), name);
            if (name.StartsWith("highdicom", StringComparison.Ordinal))
            {
                var area = (await GetAsync($"Observation?patient={patient}&code=G-A16A")).Entries().Single();
                Assert.That((At(area, "valueQuantity.value"), At(area, "valueQuantity.code")), Is.EqualTo(("1.7", "cm2")));
                Assert.That(At(area, "bodySite.text"), Is.EqualTo("Cervico-thoracic spine"));
                Assert.That(At(found, "language"), Is.EqualTo("en-US"));
            }
        }
    }

    private static string? At(JsonNode? node, string path) => Answer.At(node, path);
}

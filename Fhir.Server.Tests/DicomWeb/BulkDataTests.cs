using System.Text;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Documents, videos and other bulk data. https://dicom.nema.org/medical/dicom/current/output/html/part18.html#sect_10.4.1.1.5</summary>
[TestFixture]
public sealed class BulkDataTests
{
    private const string Base = "/dicomweb/patients/b1";
    private const string OhifPdf = "multipart/related; type=\"application/pdf\", multipart/related; type=\"application/octet-stream\"";
    private static readonly DicomTag DocumentLength = new(0x0042, 0x0015);
    private readonly FreshUids uids = new("1.2.276.14");
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/b1", """{"resourceType":"Patient","id":"b1"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCase("application/pdf", "application/pdf", false)]
    [TestCase(OhifPdf, "application/pdf", true)]
    [TestCase("application/octet-stream", "application/octet-stream", false)]
    [TestCase("multipart/related; type=\"application/octet-stream\"", "application/octet-stream", true)]
    [TestCase("*/*", "application/pdf", false)]
    [TestCase("application/*", "application/pdf", false)]
    [TestCase(null, "application/pdf", false)]
    [TestCase("image/png, application/pdf; q=0.3", "application/pdf", false)]
    public async Task A_PDF_opens_as_viewers_ask_for_it(string? accept, string type, bool multipart)
    {
        var pdf = Encoding.ASCII.GetBytes("%PDF-1.4 " + new string('x', 3000));
        Assert.That(pdf.Length % 2, Is.EqualTo(1));
        var path = await StoreAsync(Document("application/pdf", pdf, pdf.Length));
        var metadata = await server.Client.JsonAsync(path + "/metadata");
        var address = metadata[0].GetProperty("00420011").GetProperty("BulkDataURI").GetString()!;
        using var answer = await server.Client.GetAsync(address, accept);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200));
        if (multipart)
        {
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Does.Contain($"type=\"{type}\""));
            var part = (await answer.PartsAsync()).Single();
            Assert.That((part.ContentType, part.Body), Is.EqualTo((type, pdf)), "without the byte that made it even");
            return;
        }
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo(type));
        Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(pdf));
        Assert.That(answer.Headers.AcceptRanges, Is.EqualTo(new[] { "bytes" }));
        Assert.That(answer.Headers.Contains("Content-Security-Policy"), Is.False, "a browser shows no PDF in a sandbox");
    }

    [TestCase("text/xml", "text/xml")]
    [TestCase("model/stl", "model/stl")]
    [TestCase("TEXT/HTML ", "text/html")]
    [TestCase("image/svg+xml", "image/svg+xml")]
    [TestCase("text/javascript", "text/javascript")]
    [TestCase("image/png", "image/png")]
    [TestCase("video/mp4", "video/mp4")]
    [TestCase("nonsense", "application/octet-stream")]
    [TestCase("text/html; charset=x", "application/octet-stream")]
    [TestCase("a/b/c", "application/octet-stream")]
    public async Task Other_documents_are_what_they_say_and_never_run_here(string said, string type)
    {
        var path = await StoreAsync(Document(said, Encoding.ASCII.GetBytes("<x>" + new string('y', 2001)), null));
        using var answer = await server.Client.GetAsync(path + "/bulkdata/00420011", "*/*");
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo(type));
        Assert.That(answer.Headers.Contains("Content-Security-Policy"), Is.EqualTo(type != "application/octet-stream"));
        Assert.That(answer.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
        Assert.That(answer.Content.Headers.ContentDisposition?.DispositionType, Is.EqualTo(type is "image/png" or "video/mp4" or "application/octet-stream" ? null : "attachment"));
        using var other = await server.Client.GetAsync(path + "/bulkdata/00420011", "application/pdf");
        Assert.That((int)other.StatusCode, Is.EqualTo(406));
        Assert.That(await other.Content.ReadAsStringAsync(), Does.Contain(type));
    }

    [TestCase(10)]
    [TestCase(0)]
    [TestCase(999_999)]
    public async Task A_document_length_that_cannot_be_true_cuts_nothing_off(int said)
    {
        var bytes = Encoding.ASCII.GetBytes("%PDF-" + new string('z', 2001));
        var path = await StoreAsync(Document("application/pdf", bytes, said));
        using var answer = await server.Client.GetAsync(path + "/bulkdata/00420011", "application/pdf");
        Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(bytes));
    }

    [TestCase("1.2.840.10008.1.2.4.102", "video/mp4")]
    [TestCase("1.2.840.10008.1.2.4.107", "video/mp4")]
    [TestCase("1.2.840.10008.1.2.4.100", "video/mpeg")]
    public async Task A_video_is_one_stream_under_its_own_type_with_ranges_and_has_no_single_frames(string syntax, string type)
    {
        byte[][] fragments = [[.. Enumerable.Range(0, 3000).Select(i => (byte)i)], [.. Enumerable.Range(0, 500).Select(i => (byte)(i * 3))]];
        var dicom = uids.Dicom() with { Modality = "ES" };
        var path = await StoreAsync((dicom, Encapsulated(dicom, syntax, fragments, 25)));
        byte[] video = [.. fragments[0], .. fragments[1]];
        foreach (var accept in new[] { type, "*/*", "video/*", $"{type}; transfer-syntax={syntax}" })
        {
            using var answer = await server.Client.GetAsync(path + "/bulkdata/7FE00010", accept);
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo($"{type}; transfer-syntax={syntax}"), accept);
            Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(video));
        }
        using var multipart = await server.Client.GetAsync(path + "/bulkdata/7FE00010", $"multipart/related; type=\"{type}\"");
        Assert.That((await multipart.PartsAsync()).Single().Body, Is.EqualTo(video));
        using var range = await server.Client.GetAsync(path + "/bulkdata/7FE00010", type, ("Range", "bytes=2990-3009"));
        Assert.That((int)range.StatusCode, Is.EqualTo(206));
        Assert.That(await range.Content.ReadAsByteArrayAsync(), Is.EqualTo(video[2990..3010]), "across two fragments");
        using var frame = await server.Client.GetAsync(path + "/frames/1", "*/*");
        Assert.That((int)frame.StatusCode, Is.EqualTo(406));
        Assert.That(await frame.Content.ReadAsStringAsync(), Does.Contain(type));
        using var whole = await server.Client.GetAsync(path, WebTalk.Multipart);
        Assert.That((await whole.PartsAsync()).Single().ContentType, Does.EndWith(syntax));
    }

    [Test]
    public async Task Compressed_frames_come_as_their_image_type()
    {
        var dicom = uids.Dicom();
        var path = await StoreAsync((dicom, Encapsulated(dicom, "1.2.840.10008.1.2.4.50", [[0xFF, 0xD8, 0xFF, 1]], 1)));
        using var answer = await server.Client.GetAsync(path + "/bulkdata/7FE00010", "image/jpeg");
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo("image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50"));
        using var octets = await server.Client.GetAsync(path + "/bulkdata/7FE00010", "*/*");
        Assert.That(octets.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/octet-stream"));
        using var other = await server.Client.GetAsync(path + "/bulkdata/7FE00010", "image/jp2");
        Assert.That((int)other.StatusCode, Is.EqualTo(406));
    }

    [Test]
    public async Task Waveforms_icons_and_what_lies_in_sequences_have_ranges_too()
    {
        var samples = Enumerable.Range(0, 6000).Select(i => (byte)i).ToArray();
        var dicom = uids.Dicom() with
        {
            Modality = "ECG",
            Further = data =>
            {
                data.Remove(DicomTag.PixelData);
                data.AddSequence(new DicomTag(0x5400, 0x0100), new DicomDataset().AddBytes(new DicomTag(0x5400, 0x1010), DicomVr.OW, samples));
            },
        };
        var path = await StoreAsync((dicom, dicom.ToBytes())) + "/bulkdata/54000100/1/54001010";
        foreach (var syntax in new[] { "", "; transfer-syntax=*", "; transfer-syntax=1.2.840.10008.1.2.1" })
        {
            using var range = await server.Client.GetAsync(path, "application/octet-stream" + syntax, ("Range", "bytes=1000-1999"));
            Assert.That((int)range.StatusCode, Is.EqualTo(206));
            Assert.That(await range.Content.ReadAsByteArrayAsync(), Is.EqualTo(samples[1000..2000]));
        }
    }

    [TestCase("1.2.840.10008.5.1.4.1.1.104.1", "text/html", "application/pdf", false)]
    [TestCase("1.2.840.10008.5.1.4.1.1.104.2", "text/html", "text/xml", true)]
    public async Task A_document_is_what_its_SOP_class_says_before_what_it_says_itself(string sopClass, string said, string type, bool isAttachment)
    {
        var (dicom, _) = Document(said, Encoding.ASCII.GetBytes("<x>" + new string('y', 2001)), null);
        dicom = dicom with { Further = dicom.Further + (data => data.Add(DicomTag.SOPClassUID, sopClass)) };
        var path = await StoreAsync((dicom, dicom.ToBytes()));
        using var answer = await server.Client.GetAsync(path + "/bulkdata/00420011", "*/*");
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo(type));
        Assert.That(answer.Content.Headers.ContentDisposition is not null, Is.EqualTo(isAttachment));
    }

    private (TestDicom Dicom, byte[] File) Document(string type, byte[] bytes, int? length)
    {
        var dicom = uids.Dicom() with
        {
            Modality = "DOC",
            Further = data =>
            {
                data.Remove(DicomTag.PixelData);
                data.AddBytes(DicomTag.EncapsulatedDocument, DicomVr.OB, bytes);
                data.Add(DicomTag.MIMETypeOfEncapsulatedDocument, type);
                if (length is { } said)
                {
                    data.AddNumbers(DocumentLength, DicomVr.UL, said);
                }
            },
        };
        return (dicom, dicom.ToBytes());
    }

    private static byte[] Encapsulated(TestDicom dicom, string syntax, byte[][] fragments, int frames)
    {
        var data = WebTalk.Read(dicom.ToBytes()).Dataset;
        data.AddEncapsulated([.. fragments.Select(one => (ReadOnlyMemory<byte>)one)]);
        data.AddNumbers(DicomTag.NumberOfFrames, DicomVr.IS, frames);
        using var file = new MemoryStream();
        Assert.That(Part10Writer.Write(file, data, syntax).Problem, Is.Null);
        return file.ToArray();
    }

    private async Task<string> StoreAsync((TestDicom Dicom, byte[] File) one)
    {
        var answer = await server.StowAsync(Base, one.File);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), await answer.Content.ReadAsStringAsync());
        return $"{Base}/studies/{one.Dicom.Study}/series/{one.Dicom.Series}/instances/{one.Dicom.Sop}";
    }
}

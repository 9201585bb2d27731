using System.Buffers.Binary;
using System.Text;
using Fhir.Server.Access;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>WADO-URI. https://dicom.nema.org/medical/dicom/current/output/html/part18.html#chapter_9</summary>
[TestFixture]
public sealed class WadoUriTests
{
    private const string Study = "1.2.276.15.1", Base = "/dicomweb/patients/u1";

    private static readonly TestDicom Image = new(Study, Study + ".1", Study + ".1.1")
    {
        Rows = 40, Columns = 80, Further = data => data.AddBytes(DicomTag.PixelData, DicomVr.OB, Enumerable.Range(0, 3200).Select(i => (byte)(i % 80 * 3)).ToArray()),
    };

    private static readonly TestDicom Cine = Image with { Sop = Study + ".1.2", InstanceNumber = 2, Frames = 3, Rows = 10, Columns = 10, Further = null };

    private static readonly TestDicom Pdf = Image with
    {
        Series = Study + ".2", Sop = Study + ".2.1",
        Further = data =>
        {
            data.Remove(DicomTag.PixelData);
            data.AddBytes(DicomTag.EncapsulatedDocument, DicomVr.OB, Encoding.ASCII.GetBytes("%PDF-" + new string('x', 2001)));
            data.Add(DicomTag.MIMETypeOfEncapsulatedDocument, "application/pdf");
        },
    };

    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/u1", """{"resourceType":"Patient","id":"u1"}""");
        Assert.That((int)(await server.StowAsync(Base, Image.ToBytes(), Cine.ToBytes(), Pdf.ToBytes())).StatusCode, Is.EqualTo(200));
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    private static string Uri(TestDicom dicom, string more = "", string webBase = Base) =>
        $"{webBase}/wado?requestType=WADO&studyUID={dicom.Study}&seriesUID={dicom.Series}&objectUID={dicom.Sop}{more}";

    [TestCase("&contentType=application/dicom")]
    [TestCase("&contentType=application%2Fdicom&transferSyntax=*")]
    [TestCase("&contentType=application/dicom&transferSyntax=1.2.840.10008.1.2.1")]
    [TestCase("&contentType=text/html,application/dicom")]
    public async Task An_instance_comes_as_it_is_stored(string more)
    {
        foreach (var webBase in new[] { Base, "/dicomweb" })
        {
            using var answer = await server.Client.GetAsync(Uri(Image, more, webBase), "*/*");
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo("application/dicom; transfer-syntax=1.2.840.10008.1.2.1"));
            Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(Image.ToBytes()));
        }
    }

    [Test]
    public async Task An_instance_is_converted_when_a_transfer_syntax_is_named()
    {
        using var answer = await server.Client.GetAsync(Uri(Image, "&contentType=application/dicom&transferSyntax=" + CodecSyntaxes.Rle), "*/*");
        Assert.That(WebTalk.Read(await answer.Content.ReadAsByteArrayAsync()).TransferSyntax, Is.EqualTo(CodecSyntaxes.Rle));
        using var not = await server.Client.GetAsync(Uri(Image, "&contentType=application/dicom&transferSyntax=1.2.3"), "*/*");
        Assert.That((int)not.StatusCode, Is.EqualTo(406));
    }

    [TestCase("&contentType=image/png", null, "image/png", 80, 40)]
    [TestCase("&contentType=image%2Fpng&columns=20", null, "image/png", 20, 10)]
    [TestCase("&contentType=image/png&rows=20&columns=20", null, "image/png", 20, 10)]
    [TestCase("&contentType=image/png&region=0.5,0,1,0.5", null, "image/png", 40, 20)]
    [TestCase("&contentType=image/png&region=0.25,0,0.75,1&columns=20&rows=100", null, "image/png", 20, 20)]
    [TestCase("&contentType=image/png&windowCenter=100&windowWidth=20&frameNumber=1&imageQuality=50", null, "image/png", 80, 40)]
    [TestCase("&contentType=image/gif,image/png", null, "image/png", 80, 40)]
    [TestCase("", "image/png", "image/png", 80, 40)]
    public async Task A_frame_comes_as_a_picture_of_the_size_that_is_asked_for(string more, string? accept, string type, int width, int height)
    {
        using var answer = await server.Client.GetAsync(Uri(Image, more), accept);
        Assert.That(answer.Content.Headers.ContentType?.ToString(), Is.EqualTo(type), await answer.Content.ReadAsStringAsync());
        var png = await answer.Content.ReadAsByteArrayAsync();
        Assert.That(png[..4], Is.EqualTo(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }));
        Assert.That((BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))), Is.EqualTo((width, height)));
        using var again = await server.Client.GetAsync(Uri(Image, more), accept, ("If-None-Match", answer.Headers.ETag!.ToString()));
        Assert.That((int)again.StatusCode, Is.EqualTo(304));
    }

    [Test]
    public async Task A_window_changes_the_picture_and_a_single_image_is_a_JPEG_to_who_takes_anything()
    {
        var plain = await server.Client.GetByteArrayAsync(Uri(Image, "&contentType=image/png"));
        var narrow = await server.Client.GetByteArrayAsync(Uri(Image, "&contentType=image/png&windowCenter=100&windowWidth=2"));
        Assert.That(narrow, Is.Not.EqualTo(plain));
        using var anything = await server.Client.GetAsync(Uri(Image), "*/*");
        Assert.That(anything.Content.Headers.ContentType!.MediaType, Is.EqualTo("image/jpeg").Or.EqualTo("text/plain"), "JPEG needs a library of the machine");
    }

    [Test]
    public async Task Many_frames_come_as_a_file_unless_one_is_named_and_a_document_as_what_it_is()
    {
        using var cine = await server.Client.GetAsync(Uri(Cine), "*/*");
        Assert.That(cine.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/dicom"));
        using var frame = await server.Client.GetAsync(Uri(Cine, "&frameNumber=3&contentType=image/png"), "*/*");
        Assert.That(frame.Content.Headers.ContentType!.MediaType, Is.EqualTo("image/png"));
        using var beyond = await server.Client.GetAsync(Uri(Cine, "&frameNumber=4&contentType=image/png"), "*/*");
        Assert.That((int)beyond.StatusCode, Is.EqualTo(404));
        foreach (var more in new[] { "", "&contentType=application/pdf", "&contentType=image/jpeg,application/pdf" })
        {
            using var pdf = await server.Client.GetAsync(Uri(Pdf, more), "*/*");
            Assert.That(pdf.Content.Headers.ContentType!.ToString(), Is.EqualTo("application/pdf"), more);
            Assert.That(await pdf.Content.ReadAsStringAsync(), Does.StartWith("%PDF-"));
        }
        using var picture = await server.Client.GetAsync(Uri(Pdf, "&contentType=image/png"), "*/*");
        Assert.That((int)picture.StatusCode, Is.EqualTo(406));
        Assert.That(await picture.Content.ReadAsStringAsync(), Does.Contain("application/pdf"));
    }

    [TestCase("1.2.840.10008.5.1.4.1.1.104.1", "<nonsense>", "application/pdf")]
    [TestCase("1.2.840.10008.5.1.4.1.1.7", "<nonsense>", "application/dicom")]
    [TestCase("1.2.840.10008.5.1.4.1.1.7", "text/plain; charset=x", "application/dicom")]
    public async Task A_document_of_a_malformed_type_comes_as_its_SOP_class_or_as_the_file_and_its_type_is_not_repeated(string sopClass, string said, string type)
    {
        var odd = Pdf with
        {
            Study = Study + "." + sopClass[^1] + said.Length, Sop = $"{Study}.9.{sopClass[^1]}{said.Length}",
            Further = Pdf.Further + (data => data.Add(DicomTag.SOPClassUID, sopClass).Add(DicomTag.MIMETypeOfEncapsulatedDocument, said)),
        };
        await server.StowAsync(Base, odd.ToBytes());
        using var answer = await server.Client.GetAsync(Uri(odd), "*/*");
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo(type), await answer.Content.ReadAsStringAsync());
        using var refused = await server.Client.GetAsync(Uri(odd, "&contentType=image/png"), "*/*");
        Assert.That((int)refused.StatusCode, Is.EqualTo(406));
        Assert.That(await refused.Content.ReadAsStringAsync(), Does.Not.Contain(said).And.Contain(type));
    }

    [TestCase("?requestType=wado", 400)]
    [TestCase("?requestType=WADO", 400)]
    [TestCase($"?requestType=WADO&studyUID={Study}&seriesUID={Study}.1", 400)]
    [TestCase($"?requestType=WADO&studyUID={Study}&seriesUID={Study}.1&objectUID=", 400)]
    [TestCase($"?requestType=WADO&studyUID={Study}&seriesUID={Study}.2&objectUID={Study}.1.1", 404)]
    [TestCase("?requestType=WADO&studyUID=1.2.3&seriesUID=1.2.3&objectUID=1.2.3", 404)]
    [TestCase("?requestType=WADO&studyUID=x'y&seriesUID=1.2.3&objectUID=1.2.3", 404)]
    public async Task What_is_not_named_is_400_and_what_is_not_there_404(string query, int status)
    {
        foreach (var webBase in new[] { Base, "/dicomweb" })
        {
            using var answer = await server.Client.GetAsync($"{webBase}/wado{query}", "*/*");
            Assert.That((int)answer.StatusCode, Is.EqualTo(status));
        }
    }

    [TestCase("&anonymize=yes", 406)]
    [TestCase("&anonymize=no", 400)]
    [TestCase("&frameNumber=0", 400)]
    [TestCase("&frameNumber=x", 400)]
    [TestCase("&rows=0", 400)]
    [TestCase("&columns=99999", 400)]
    [TestCase("&imageQuality=101", 400)]
    [TestCase("&windowCenter=1", 400)]
    [TestCase("&windowCenter=1&windowWidth=0", 400)]
    [TestCase("&region=0,0,2,1", 400)]
    [TestCase("&region=0.5,0,0.5,1", 400)]
    [TestCase("&region=a", 400)]
    [TestCase("&presentationUID=1.2", 400)]
    [TestCase("&presentationUID=1.2&presentationSeriesUID=1.3", 404)]
    [TestCase("&contentType=text/html", 406)]
    [TestCase("&contentType=video/mp4", 406)]
    public async Task What_makes_no_sense_or_is_not_done_is_said(string more, int status)
    {
        using var answer = await server.Client.GetAsync(Uri(Image, more.Contains("contentType", StringComparison.Ordinal) ? more : more + "&contentType=image/png"), "*/*");
        Assert.That((int)answer.StatusCode, Is.EqualTo(status), await answer.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task Hidden_and_unknown_look_alike_and_so_does_a_hidden_presentation_state()
    {
        using var caller = server.As(Reach.Of([new("u1", [new(Study, [Study + ".1"])])]));
        foreach (var webBase in new[] { Base, "/dicomweb" })
        {
            using var seen = await caller.GetAsync(Uri(Image, "&contentType=image/png", webBase), "*/*");
            Assert.That((int)seen.StatusCode, Is.EqualTo(200));
            using var hidden = await caller.GetAsync(Uri(Pdf, "", webBase), "*/*");
            using var unknown = await caller.GetAsync(Uri(Pdf with { Sop = "1.2.3" }, "", webBase), "*/*");
            Assert.That(((int)hidden.StatusCode, await hidden.Content.ReadAsStringAsync()), Is.EqualTo(((int)unknown.StatusCode, await unknown.Content.ReadAsStringAsync())));
            Assert.That((int)hidden.StatusCode, Is.EqualTo(404));
            using var state = await caller.GetAsync(Uri(Image, $"&contentType=image/png&presentationSeriesUID={Pdf.Series}&presentationUID={Pdf.Sop}", webBase), "*/*");
            Assert.That((int)state.StatusCode, Is.EqualTo(404), "what it is shown with must be visible too");
        }
    }
}

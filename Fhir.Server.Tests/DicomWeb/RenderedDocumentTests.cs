using System.Net;
using System.Xml.Linq;
using Fhir.Server.Dicom;
using Fhir.Server.Tests.Rest.Documents;
using static Fhir.Server.Tests.DicomWeb.Pictures;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>The rendered form of what is no picture: reports as pages, videos as they are. PS3.18 Table 8.7.4-1</summary>
[TestFixture]
public sealed class RenderedDocumentTests
{
    private const string Base = "/dicomweb/patients/d1";
    private readonly FreshUids uids = new("1.2.276.24");
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/d1", """{"resourceType":"Patient","id":"d1"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCase(null)]
    [TestCase("*/*")]
    [TestCase("text/*")]
    [TestCase("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
    public async Task A_structured_report_is_rendered_as_a_page_without_scripts(string? accept)
    {
        var path = await server.StoreAsync(Base, Report());
        using var answer = await server.Client.GetAsync($"{path}/rendered", accept);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), page);
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/html; charset=utf-8"));
        Assert.That(answer.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("sandbox;").And.Contain("default-src 'none'"));
        Assert.That(answer.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
        Assert.That(page, Does.Contain("No sign of pneumonia.").And.Contain("12.50").And.Contain("&lt;script&gt;").And.Not.Contain("<script>"));
        Assert.That(() => XDocument.Parse(page), Throws.Nothing);
        Assert.That(answer.Headers.ETag!.IsWeak, Is.False);
        using var same = await server.Client.GetAsync($"{path}/rendered", accept, ("If-None-Match", answer.Headers.ETag.ToString()));
        Assert.That(same.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        using var head = await server.Client.HeadAsync($"{path}/rendered", accept);
        Assert.That(head.Content.Headers.ContentLength, Is.EqualTo(answer.Content.Headers.ContentLength).And.Positive);
        Assert.That(head.Headers.ETag, Is.EqualTo(answer.Headers.ETag));
    }

    [Test]
    public async Task A_structured_report_is_rendered_as_its_words_alone_for_who_wants_text()
    {
        var path = await server.StoreAsync(Base, Report());
        using var answer = await server.Client.GetAsync($"{path}/rendered", "text/plain");
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/plain; charset=utf-8"));
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');
        Assert.That(lines[0], Is.EqualTo("Diagnostic imaging report"));
        Assert.That(lines, Does.Contain("Impression: No sign of pneumonia.").And.Contain("<script>alert(1)</script>").And.Contain("Findings"));
        using var picture = await server.Client.GetAsync($"{path}/rendered", "image/jpeg");
        Assert.That((int)picture.StatusCode, Is.EqualTo(406));
        Assert.That(await picture.Content.ReadAsStringAsync(), Does.Contain("text/html"));
        using var sheet = await server.Client.PictureAsync($"{path}/thumbnail");
        Assert.That(sheet.Width, Is.EqualTo(128), "The thumbnail stays a drawn sheet.");
    }

    [Test]
    public async Task The_reports_of_a_study_come_together_and_do_not_stand_before_its_pictures()
    {
        var study = uids.Study();
        await server.StoreAsync(Base, new TestDicom(study, $"{study}.1", $"{study}.1.1"));
        for (var i = 1; i <= 2; i++)
        {
            await server.StoreAsync(Base, TestReport.Sr(study, $"{study}.2", $"{study}.2.{i}", TestReport.Radiology) with { SeriesNumber = 2, InstanceNumber = i });
        }
        foreach (var (address, accept, others) in new[]
        {
            ($"{Base}/studies/{study}", "multipart/related; type=\"text/html\"", 1), ($"{Base}/studies/{study}/series/{study}.2", "multipart/related", 0),
        })
        {
            using var answer = await server.Client.GetAsync($"{address}/rendered", accept);
            Assert.That(answer.Content.Headers.ContentType?.ToString(), Does.Contain("type=\"text/html\""), await answer.Content.ReadAsStringAsync());
            Assert.That(answer.Headers.TryGetValues("Warning", out _), Is.EqualTo(others > 0));
            var parts = await answer.StreamedPartsAsync();
            Assert.That(parts.Select(part => (part.ContentType, part.Headers["content-location"])), Is.EqualTo(Enumerable.Range(1, 2).Select(i =>
                ("text/html; charset=utf-8", $"{server.Address}{Base}/studies/{study}/series/{study}.2/instances/{study}.2.{i}/rendered"))));
            Assert.That(parts.Select(part => System.Text.Encoding.UTF8.GetString(part.Body)), Is.All.Contain("No sign of pneumonia."));
        }
        using var pictures = await server.Client.GetAsync($"{Base}/studies/{study}/rendered", "multipart/related");
        Assert.That((await pictures.StreamedPartsAsync()).Single().ContentType, Does.StartWith("image/"));
        using var alone = await server.Client.GetAsync($"{Base}/studies/{study}/series/{study}.2/rendered");
        Assert.That(alone.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
    }

    [TestCase("1.2.840.10008.1.2.4.100", "video/mpeg")]
    [TestCase("1.2.840.10008.1.2.4.102", "video/mp4")]
    public async Task A_video_is_given_as_it_is_stored_and_in_ranges(string syntax, string type)
    {
        var video = Enumerable.Range(0, 5000).Select(i => (byte)(i * 7)).ToArray();
        var path = await StoreVideoAsync(syntax, video);
        foreach (var accept in new[] { null, "*/*", "video/*", type, $"image/jpeg, {type};q=0.2" })
        {
            using var answer = await server.Client.GetAsync($"{path}/rendered", accept);
            Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo(type), await answer.Content.ReadAsStringAsync());
            Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(video));
            Assert.That(answer.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
        }
        using var range = await server.Client.GetAsync($"{path}/rendered", type, ("Range", "bytes=100-199"));
        Assert.That(range.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
        Assert.That(await range.Content.ReadAsByteArrayAsync(), Is.EqualTo(video[100..200]));
        using var head = await server.Client.HeadAsync($"{path}/rendered", type);
        Assert.That(head.Content.Headers.ContentLength, Is.EqualTo(video.Length));
        using var parts = await server.Client.GetAsync($"{path}/rendered", $"multipart/related; type=\"{type}\"");
        Assert.That((await parts.PartsAsync()).Single().Body, Is.EqualTo(video));
    }

    [Test]
    public async Task A_refusal_of_video_names_a_way_that_works()
    {
        var path = await StoreVideoAsync("1.2.840.10008.1.2.4.102", [0, 0, 1, 0xB3, 1, 2]);
        using var frame = await server.Client.GetAsync($"{path}/frames/1/rendered");
        Assert.That((int)frame.StatusCode, Is.EqualTo(406));
        Assert.That(await frame.Content.ReadAsStringAsync(), Does.Contain("video").And.Contain("/bulkdata/7FE00010"));
        using var named = await server.Client.GetAsync($"{path}/bulkdata/7FE00010");
        Assert.That(named.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var picture = await server.Client.GetAsync($"{path}/rendered", "image/jpeg");
        Assert.That((int)picture.StatusCode, Is.EqualTo(406));
        Assert.That(await picture.Content.ReadAsStringAsync(), Does.Contain("video/mp4"));
        using var thumbnail = await server.Client.GetAsync($"{path}/thumbnail");
        Assert.That(thumbnail.Headers.ETag!.Tag, Does.Contain("VIDEO"));
    }

    private TestDicom Report()
    {
        var study = uids.Study();
        return TestReport.Sr(study, $"{study}.1", $"{study}.1.1", TestReport.Radiology);
    }

    private async Task<string> StoreVideoAsync(string syntax, byte[] video)
    {
        DicomDataset? data = null;
        var dicom = uids.Dicom() with { Frames = 2, Further = one => data = one };
        _ = dicom.ToBytes();
        data!.Remove(DicomTag.PixelData);
        data.AddEncapsulated([video]);
        using var file = new MemoryStream();
        Assert.That(Part10Writer.Write(file, data, syntax).Problem, Is.Null);
        using var stored = await server.StowAsync(Base, file.ToArray());
        Assert.That(stored.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return $"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}";
    }
}

using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Tests.Rest.Documents;
using Microsoft.Extensions.DependencyInjection;
using static Fhir.Server.Tests.DicomWeb.Pictures;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>HEAD of pictures. RFC 9110 §9.3.2</summary>
[TestFixture]
public sealed class RenderedHeadTests
{
    private const string Base = "/dicomweb/patients/h1";

    [Test]
    public async Task HEAD_of_what_is_rendered_is_the_head_of_GET_and_makes_one_picture_at_most()
    {
        await using var server = PhrServer.Start(("Rendered:AnimationBuffer", "1000"), ("Rendered:CacheBytes", "0"));
        await server.PutAsync("/fhir/Patient/h1", """{"resourceType":"Patient","id":"h1"}""");
        var uids = new FreshUids("1.2.276.25");
        var dicom = (uids.Dicom() with { Frames = 6 }).Words(32, 32, (x, y, frame) => x + y + frame);
        var image = await server.StoreAsync(Base, dicom);
        var report = await server.StoreAsync(Base, TestReport.Sr(uids.Study(), "1.2.276.25.9", "1.2.276.25.9.1", TestReport.Radiology));
        var pdf = await server.StoreAsync(Base, TestReport.Encapsulated(uids.Study(), "1.2.276.25.8", "1.2.276.25.8.1", "1.2.840.10008.5.1.4.1.1.104.1", TestReport.PdfBytes));
        var rendered = server.Services.GetRequiredService<RenderedPictures>();
        foreach (var (address, accept, status) in new[]
        {
            ($"{image}/rendered", Png, 200), ($"{image}/rendered", Gif, 200), ($"{image}/rendered", "image/apng", 200), ($"{image}/rendered", "video/mp4", 406),
            ($"{image}/rendered?window=x", Png, 400), ($"{image}/rendered", "multipart/related; type=\"image/png\"", 200), ($"{image}/frames/2/rendered", Png, 200),
            ($"{Base}/studies/{dicom.Study}/rendered", Png, 200), ($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/rendered", Png, 200),
            ($"{image}/thumbnail", Png, 200), ($"{image}/frames/2/thumbnail", Png, 200), ($"{Base}/studies/{dicom.Study}/thumbnail", Png, 200),
            ($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/thumbnail", "multipart/related; type=\"image/png\"", 200),
            ($"{report}/rendered", "text/html", 200), ($"{report}/rendered", "multipart/related; type=\"text/html\"", 200), ($"{report}/thumbnail", Png, 200),
            ($"{pdf}/rendered", "application/pdf", 200), ($"{image}/frames/9/rendered", Png, 404),
        })
        {
            using var get = await server.Client.GetAsync(address, accept);
            var before = rendered.Painted;
            using var head = await server.Client.HeadAsync(address, accept);
            Assert.That((int)head.StatusCode, Is.EqualTo(status), $"{address} {accept}");
            Assert.That((int)get.StatusCode, Is.EqualTo(status), $"{address} {accept}");
            Assert.That(rendered.Painted - before, Is.LessThanOrEqualTo(1), $"{address} {accept}");
            Assert.That(await head.Content.ReadAsByteArrayAsync(), Is.Empty);
            Assert.That(head.Content.Headers.ContentType, Is.EqualTo(get.Content.Headers.ContentType), $"{address} {accept}");
            Assert.That(head.Headers.ETag, Is.EqualTo(get.Headers.ETag), $"{address} {accept}");
            // Only of what is sent while it is made no length is known, by neither.
            var isKnown = status == 200 && get.Headers.TransferEncodingChunked != true;
            Assert.That(!isKnown || head.Content.Headers.ContentLength == get.Content.Headers.ContentLength, Is.True, $"{address} {accept}");
        }
    }
}

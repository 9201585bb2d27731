using System.Net;
using Fhir.Server.Dicom;
using static Fhir.Server.Tests.DicomWeb.Pictures;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>WADO-RS thumbnails. https://dicom.nema.org/medical/dicom/current/output/html/part18.html#sect_10.4.1.1.4</summary>
[TestFixture]
public sealed class ThumbnailTests
{
    private const string Base = "/dicomweb/patients/t1";
    private readonly FreshUids uids = new("1.2.276.21");
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/t1", """{"resourceType":"Patient","id":"t1"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task A_thumbnail_is_a_small_JPEG_or_as_large_as_is_asked()
    {
        var dicom = uids.Dicom().Words(200, 400, (x, y, _) => x + y);
        var path = await server.StoreAsync(Base, dicom);
        foreach (var address in new[] { path, $"{path}/frames/1", $"{Base}/studies/{dicom.Study}", $"{Base}/studies/{dicom.Study}/series/{dicom.Series}" })
        {
            using var usual = await server.Client.PictureAsync($"{address}/thumbnail", Jpeg);
            Assert.That((usual.Width, usual.Height), Is.EqualTo((128, 64)), address);
            using var large = await server.Client.PictureAsync($"{address}/thumbnail?viewport=256%2C256", Jpeg);
            Assert.That((large.Width, large.Height), Is.EqualTo((256, 128)), address);
            using var png = await server.Client.PictureAsync($"{address}/thumbnail?accept=image/png");
            Assert.That(png.Width, Is.EqualTo(128));
        }
        var small = await server.StoreAsync(Base, uids.Dicom());
        using var own = await server.Client.PictureAsync($"{small}/thumbnail", Jpeg);
        Assert.That(own.Width, Is.EqualTo(8), "What is small already is not blown up.");
    }

    [TestCase(null, Jpeg)]
    [TestCase("*/*", Jpeg)]
    [TestCase("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", Jpeg)]
    [TestCase("image/gif", Gif)]
    [TestCase("image/jp2", null)]
    public async Task It_comes_alone_as_what_is_accepted(string? accept, string? type)
    {
        var path = await server.StoreAsync(Base, uids.Dicom() with { Frames = 3 });
        using var answer = await server.Client.GetAsync($"{path}/thumbnail", accept);
        Assert.That((int)answer.StatusCode, Is.EqualTo(type is null ? 406 : 200));
        Assert.That(type is null || answer.Content.Headers.ContentType!.MediaType == type, Is.True);
        using var parts = await server.Client.GetAsync($"{path}/thumbnail", "multipart/related; type=\"image/jpeg\"");
        Assert.That((await parts.PartsAsync()).Single().ContentType, Is.EqualTo(Jpeg));
    }

    [TestCase("viewport=2000,10")]
    [TestCase("viewport=100,100,5,5,5,5")]
    [TestCase("annotation=patient")]
    [TestCase("window=1,2")]
    [TestCase("quality=x")]
    public async Task What_a_thumbnail_has_not_cannot_be_asked_for(string query)
    {
        var path = await server.StoreAsync(Base, uids.Dicom());
        using var answer = await server.Client.GetAsync($"{path}/thumbnail?{query}");
        Assert.That((int)answer.StatusCode, Is.EqualTo(400));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.StartWith(query.Split('=')[0] + ":"));
    }

    [Test]
    public async Task What_has_no_picture_has_a_drawn_sheet_and_stands_for_a_study_only_when_there_is_nothing_else()
    {
        var study = uids.Study();
        for (var i = 0; i < 3; i++)
        {
            await server.StoreAsync(Base, RenderedTests.NonImage(
                new TestDicom(study, $"{study}.1", $"{study}.1.{i}") { Modality = "SR", InstanceNumber = i }, "1.2.840.10008.5.1.4.1.1.88.11"));
        }
        using (var sheet = await server.Client.GetAsync($"{Base}/studies/{study}/thumbnail"))
        {
            Assert.That(sheet.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(sheet.Headers.ETag!.Tag, Does.Contain("placeholder").And.Contain("SR"));
            using var picture = Decode(await sheet.Content.ReadAsByteArrayAsync());
            Assert.That((picture.Width, picture.Height), Is.EqualTo((128, 128)));
            Assert.That(picture.Greys().Distinct().Count(), Is.GreaterThan(4));
            using var same = await server.Client.GetAsync($"{Base}/studies/{study}/thumbnail", null, ("If-None-Match", sheet.Headers.ETag.ToString()));
            Assert.That(same.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        }
        await server.StoreAsync(Base, new TestDicom(study, $"{study}.2", $"{study}.2.1") { SeriesNumber = 2, Fill = 3 });
        using var image = await server.Client.GetAsync($"{Base}/studies/{study}/thumbnail");
        Assert.That(image.Headers.ETag!.Tag, Does.Not.Contain("placeholder"), "One image says more than three reports.");
    }

    [Test]
    public async Task The_middle_of_the_largest_series_stands_for_the_study_and_the_middle_frame_for_an_image()
    {
        var study = uids.Study();
        await server.StoreAsync(Base, new TestDicom(study, $"{study}.1", $"{study}.1.1"));
        for (var i = 1; i <= 5; i++)
        {
            await server.StoreAsync(Base, new TestDicom(study, $"{study}.2", $"{study}.2.{i}") { SeriesNumber = 2, InstanceNumber = i, Frames = 3 }
                .Words(8, 8, (_, _, frame) => (i * 30) + frame, data => data.AddNumbers(DicomTag.WindowCenter, DicomVr.DS, 128).AddNumbers(DicomTag.WindowWidth, DicomVr.DS, 256)));
        }
        using var picture = await server.Client.PictureAsync($"{Base}/studies/{study}/thumbnail");
        Assert.That(picture.Greys(), Is.All.EqualTo(91).Within(1));
        using var frame = await server.Client.PictureAsync($"{Base}/studies/{study}/series/{study}.2/instances/{study}.2.1/frames/3/thumbnail");
        Assert.That(frame.Greys(), Is.All.EqualTo(32).Within(1));
    }

    [TestCase("1,2", 400)]
    [TestCase("0", 400)]
    [TestCase("3", 404)]
    public async Task A_thumbnail_is_of_one_frame_that_is_there(string frames, int status)
    {
        var path = await server.StoreAsync(Base, uids.Dicom() with { Frames = 2 });
        using var answer = await server.Client.GetAsync($"{path}/frames/{frames}/thumbnail");
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
    }
}

using System.Net;
using Fhir.Server.Dicom;
using SkiaSharp;
using static Fhir.Server.Tests.DicomWeb.Pictures;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>WADO-RS rendered resources. https://dicom.nema.org/medical/dicom/current/output/html/part18.html#sect_10.4.1.1.3</summary>
[TestFixture]
public sealed class RenderedTests
{
    private const string Base = "/dicomweb/patients/r1";
    private readonly FreshUids uids = new("1.2.276.20");
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/r1", """{"resourceType":"Patient","id":"r1"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task A_window_changes_the_pixels_as_its_formula_says()
    {
        // Values -500 to 1,500 by columns, slope 2 and intercept -1,000 before the window. PS3.3 C.11.2.1.2.
        var path = await StoreAsync(uids.Dicom().Words(4, 200, (x, _, _) => (x * 5) + 250, data => data
            .AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, 2).AddNumbers(DicomTag.RescaleIntercept, DicomVr.DS, -1000)));
        foreach (var (center, width) in new[] { (40.0, 400.0), (300, 2000), (-200, 1) })
        {
            using var picture = await server.Client.PictureAsync(FormattableString.Invariant($"{path}/rendered?window={center},{width}"));
            var expected = Enumerable.Range(0, 200).Select(x => Linear((((x * 5) + 250) * 2) - 1000, center, width));
            Assert.That(picture.Greys()[..200].Zip(expected, (one, other) => Math.Abs(one - other)).Max(), Is.LessThanOrEqualTo(1), $"{center},{width}");
        }
        using var sigmoid = await server.Client.PictureAsync($"{path}/rendered?window=500,1000,sigmoid");
        using var exact = await server.Client.PictureAsync($"{path}/rendered?window=500,1000,linear-exact");
        Assert.That(sigmoid.Greys()[50], Is.EqualTo((int)Math.Round(255 / (1 + Math.Exp(-4 * (0.0 - 500) / 1000)))).Within(1));
        Assert.That(exact.Greys()[100], Is.EqualTo(128).Within(1));
        static double Linear(double x, double c, double w) =>
            x <= c - 0.5 - ((w - 1) / 2) ? 0 : x > c - 0.5 + ((w - 1) / 2) ? 255 : (((x - (c - 0.5)) / (w - 1)) + 0.5) * 255;
    }

    [Test]
    public async Task A_viewport_shows_a_part_turned_and_scaled()
    {
        var path = await StoreAsync(uids.Dicom().Words(20, 40, (x, y, _) => x + (10 * y)));
        using var whole = await server.Client.PictureAsync($"{path}/rendered?window=128,256");
        using var half = await server.Client.PictureAsync($"{path}/rendered?viewport=20,20&window=128,256");
        Assert.That((half.Width, half.Height), Is.EqualTo((20, 10)), "The shape is kept.");
        using var part = await server.Client.PictureAsync($"{path}/rendered?viewport=10,5,10,5,10,5&window=128,256");
        using var turned = await server.Client.PictureAsync($"{path}/rendered?viewport=10,5,10,5,-10,-5&window=128,256");
        for (var (y, x) = (0, 0); y < 5; (x, y) = x == 9 ? (0, y + 1) : (x + 1, y))
        {
            Assert.That(part.GetPixel(x, y), Is.EqualTo(whole.GetPixel(10 + x, 5 + y)));
            Assert.That(turned.GetPixel(9 - x, 4 - y), Is.EqualTo(part.GetPixel(x, y)));
        }
    }

    [TestCase("window=1", "window")]
    [TestCase("window=a,b", "window")]
    [TestCase("window=100,0", "window")]
    [TestCase("window=100,200,curved", "window")]
    [TestCase("window=1,2&window=1,2", "window")]
    [TestCase("viewport=0,5", "viewport")]
    [TestCase("viewport=5", "viewport")]
    [TestCase("viewport=9000,9000", "viewport")]
    [TestCase("viewport=10,10,1,1,0,5", "viewport")]
    [TestCase("quality=0", "quality")]
    [TestCase("quality=101", "quality")]
    [TestCase("quality=fine", "quality")]
    [TestCase("annotation=", "annotation")]
    [TestCase("annotation=patient,price", "annotation")]
    [TestCase("iccprofile=cmyk", "iccprofile")]
    public async Task A_bad_parameter_is_400_and_named(string query, string name)
    {
        var path = await StoreAsync(uids.Dicom());
        using var answer = await server.Client.GetAsync($"{path}/rendered?{query}");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That((int)answer.StatusCode, Is.EqualTo(400), text);
        Assert.That(text, Does.StartWith(name + ":").And.EndWith("\n"));
        using var hidden = await server.Client.GetAsync($"{Base}/studies/1.2.3.4/series/1.2/instances/1.3/rendered?{query}");
        Assert.That((int)hidden.StatusCode, Is.EqualTo(400), "Parameters are judged before anything is looked up.");
    }

    [TestCase(null, Jpeg, 200)]
    [TestCase("*/*", Jpeg, 200)]
    [TestCase("image/*", Jpeg, 200)]
    [TestCase("image/jpeg", Jpeg, 200)]
    [TestCase("image/jpg", Jpeg, 200)]
    [TestCase("image/png", Png, 200)]
    [TestCase("image/gif", Gif, 200)]
    [TestCase("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", Jpeg, 200)]
    [TestCase("image/jpeg;q=0.3, image/png", Png, 200)]
    [TestCase("image/jp2, image/png;q=0.1", Png, 200)]
    [TestCase("image/jp2", null, 406)]
    [TestCase("image/apng", null, 406)]
    [TestCase("application/pdf", null, 406)]
    [TestCase("video/mp4", null, 406)]
    [TestCase("text/html", null, 406)]
    public async Task A_single_frame_comes_as_what_is_accepted(string? accept, string? type, int status)
    {
        var path = await StoreAsync(uids.Dicom());
        foreach (var address in new[] { $"{path}/rendered", $"{path}/frames/1/rendered" })
        {
            using var answer = await server.Client.GetAsync(address, accept);
            Assert.That((int)answer.StatusCode, Is.EqualTo(status), address);
            Assert.That(answer.Headers.Vary, Does.Contain("Accept"));
            if (status == 200)
            {
                Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo(type));
                using var picture = Decode(await answer.Content.ReadAsByteArrayAsync());
                Assert.That((picture.Width, picture.Height), Is.EqualTo((8, 8)));
            }
            else
            {
                Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("image/png"), "It says what can be had.");
            }
        }
        using var asked = await server.Client.GetAsync($"{path}/rendered?accept=image/png", "image/jpeg");
        Assert.That(asked.Content.Headers.ContentType!.MediaType, Is.EqualTo(Png), "The query goes before the header.");
    }

    [Test]
    public async Task Frames_come_one_alone_several_as_parts_in_the_order_asked_and_alone_only_when_they_move()
    {
        var path = await StoreAsync((uids.Dicom() with { Frames = 5 }).Words(6, 6, (_, _, frame) => frame * 50));
        using (var third = await server.Client.PictureAsync($"{path}/frames/3/rendered?window=128,256"))
        {
            Assert.That(third.Greys(), Is.All.EqualTo(100).Within(1));
        }
        using (var middle = await server.Client.PictureAsync($"{path}/rendered?window=128,256"))
        {
            Assert.That(middle.Greys(), Is.All.EqualTo(100).Within(1), "The frame in the middle stands for all.");
        }
        foreach (var accept in new[] { "multipart/related; type=\"image/png\"", "multipart/related; type=image/png" })
        {
            using var answer = await server.Client.GetAsync($"{path}/frames/4,1/rendered?window=128,256", accept);
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Does.Contain("type=\"image/png\""));
            var parts = await answer.StreamedPartsAsync();
            Assert.That(parts.Select(part => (part.ContentType, part.Headers["content-location"])), Is.EqualTo(
                new[] { 4, 1 }.Select(number => (Png, $"{server.Address}{path}/frames/{number}/rendered"))));
            Assert.That(parts.Select(part => Decode(part.Body).Greys()[0]), Is.EqualTo([150, 0]).Within(1));
        }
        using (var all = await server.Client.GetAsync($"{path}/rendered", "multipart/related; type=\"image/jpeg\""))
        {
            Assert.That(await all.StreamedPartsAsync(), Has.Count.EqualTo(5));
        }
        using (var anything = await server.Client.GetAsync($"{path}/frames/1,2/rendered", "*/*"))
        {
            Assert.That(await anything.StreamedPartsAsync(), Has.Count.EqualTo(2));
        }
        using (var alone = await server.Client.GetAsync($"{path}/frames/1,2/rendered", "image/png"))
        {
            Assert.That((int)alone.StatusCode, Is.EqualTo(406));
        }
        using var two = await server.Client.GetAsync($"{path}/frames/1,5/rendered?window=128,256", Gif);
        Assert.That(FramesOf(await two.Content.ReadAsByteArrayAsync()).Select(frame => frame.Grey), Is.EqualTo([0, 200]).Within(1));
    }

    [TestCase("0", 400)]
    [TestCase("x", 400)]
    [TestCase("1,,2", 400)]
    [TestCase("3", 404)]
    [TestCase("1,3", 404)]
    public async Task A_malformed_list_of_frames_is_400_and_a_frame_that_is_not_there_404(string list, int status)
    {
        var path = await StoreAsync(uids.Dicom() with { Frames = 2 });
        using var answer = await server.Client.GetAsync($"{path}/frames/{list}/rendered");
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
    }

    [Test]
    public async Task A_cine_moves_in_its_own_time_as_GIF_and_as_APNG()
    {
        var path = await StoreAsync((uids.Dicom() with { Frames = 4 }).Words(8, 8, (_, _, frame) => frame * 60, data => data
            .AddNumbers(new DicomTag(0x00181063), DicomVr.DS, 40)));
        using var answer = await server.Client.GetAsync($"{path}/rendered?window=128,256", Gif);
        var gif = await answer.Content.ReadAsByteArrayAsync();
        Assert.That(FramesOf(gif), Is.EqualTo(Enumerable.Range(0, 4).Select(frame => (frame * 60, 40))).Using<(int Grey, int Time)>((one, other) => Math.Abs(one.Grey - other.Grey) <= 1 && one.Time == other.Time));
        using var apng = await server.Client.GetAsync($"{path}/rendered", "image/apng");
        Assert.That(apng.Content.Headers.ContentType!.MediaType, Is.EqualTo("image/apng"));
        var text = System.Text.Encoding.Latin1.GetString(await apng.Content.ReadAsByteArrayAsync());
        Assert.That(text.Split("fcTL"), Has.Length.EqualTo(5));
        using var browser = await server.Client.GetAsync($"{path}/rendered", "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8");
        Assert.That(browser.Content.Headers.ContentType!.MediaType, Is.EqualTo("image/apng"), "An <img> of Chromium moves.");
    }

    [Test]
    public async Task Quality_makes_a_JPEG_smaller_or_larger()
    {
        var path = await StoreAsync(uids.Dicom().Words(64, 64, (x, y, _) => (x * x * 7) + (y * 31 % 200)));
        var lengths = new List<long>();
        foreach (var quality in new[] { 5, 50, 95 })
        {
            using var answer = await server.Client.GetAsync($"{path}/rendered?quality={quality}", Jpeg);
            lengths.Add(answer.Content.Headers.ContentLength!.Value);
        }
        Assert.That(lengths, Is.Ordered.And.Unique);
    }

    [Test]
    public async Task Words_are_burned_in_only_when_they_are_asked_for()
    {
        var path = await StoreAsync(uids.Dicom().Words(256, 256, (_, _, _) => 0));
        using var plain = await server.Client.PictureAsync($"{path}/rendered?window=128,256");
        using var patient = await server.Client.PictureAsync($"{path}/rendered?window=128,256&annotation=patient");
        using var both = await server.Client.PictureAsync($"{path}/rendered?window=128,256&annotation=patient,technique");
        Assert.That(plain.Greys(), Is.All.EqualTo(0));
        var (left, right) = (Enumerable.Range(0, 256).Where(i => i < 128), Enumerable.Range(128, 128));
        Assert.That(left.Any(x => patient.GetPixel(x, 6).Red > 200), Is.True);
        Assert.That(right.Any(x => Enumerable.Range(0, 40).Any(y => patient.GetPixel(x, y).Red > 200)), Is.False);
        Assert.That(right.Any(x => Enumerable.Range(0, 40).Any(y => both.GetPixel(x, y).Red > 200)), Is.True);
    }

    [Test]
    public async Task A_colour_profile_is_given_with_the_picture_and_the_pixels_are_turned_into_it()
    {
        var path = await StoreAsync(uids.Dicom().Rgb(8, 8, (x, y) => ((byte)(x * 30), 200, (byte)(y * 30))));
        var plain = await BytesAsync($"{path}/rendered", Png);
        Assert.That(Text(plain), Does.Not.Contain("iCCP"));
        foreach (var (wish, name) in new[] { ("yes", "sRGB"), ("srgb", "sRGB"), ("adobergb", "Adobe"), ("rommrgb", "ROMM"), ("displayp3", "P3") })
        {
            var png = await BytesAsync($"{path}/rendered?iccprofile={wish}", Png);
            Assert.That(Text(png), Does.Contain("iCCP"), wish);
            using (var read = Decode(png))
            {
                Assert.That(read.ColorSpace, Is.Not.Null, wish);
                Assert.That(read.ColorSpace.IsSrgb, Is.EqualTo(name == "sRGB"), wish);
            }
            // Read into sRGB by Skia's own mathematics it looks as it did.
            using var codec = SKCodec.Create(new MemoryStream(png));
            using var back = SKBitmap.Decode(codec, new SKImageInfo(8, 8, SKColorType.Rgba8888, SKAlphaType.Opaque, SKColorSpace.CreateSrgb()));
            using var first = Decode(plain);
            for (var i = 0; i < 64; i++)
            {
                var (one, other) = (first.GetPixel(i % 8, i / 8), back.GetPixel(i % 8, i / 8));
                // Steps of the dark are large where 256 levels hold more colours than there are.
                Assert.That(
                    new[] { one.Red - other.Red, one.Green - other.Green, one.Blue - other.Blue }.Select(Math.Abs),
                    Is.All.LessThanOrEqualTo(wish == "rommrgb" ? 20 : 8), $"{wish} {one} {other}");
            }
            var jpeg = await BytesAsync($"{path}/rendered?iccprofile={wish}", Jpeg);
            Assert.That(Text(jpeg), Does.Contain("ICC_PROFILE\0").And.Contain(name));
            Decode(jpeg).Dispose();
        }
        using var gif = await server.Client.GetAsync($"{path}/rendered?iccprofile=yes", Gif);
        Assert.That((int)gif.StatusCode, Is.EqualTo(400));
        var grey = await StoreAsync(uids.Dicom());
        using var profiled = Decode(await BytesAsync($"{grey}/rendered?iccprofile=srgb", Png));
        Assert.That(profiled.ColorSpace.IsSrgb, Is.True, "A grey picture is given in colours then.");
    }

    [Test]
    public async Task The_own_profile_of_an_image_goes_with_it_and_is_not_converted_by()
    {
        var own = Fhir.Server.Rendering.Colour.ColourSpace.AdobeRgb.Profile;
        var path = await StoreAsync(uids.Dicom().Rgb(8, 8, (x, y) => ((byte)(x * 30), 200, (byte)(y * 30)), data => data
            .AddBytes(new DicomTag(0x00282000), DicomVr.OB, own.Length % 2 == 0 ? own : own.ToArray().Append((byte)0).ToArray())));
        var jpeg = await BytesAsync($"{path}/rendered?iccprofile=yes", Jpeg);
        Assert.That(Text(jpeg), Does.Contain(Text(own.ToArray())));
        using var srgb = await server.Client.GetAsync($"{path}/rendered?iccprofile=srgb", Jpeg);
        Assert.That((int)srgb.StatusCode, Is.EqualTo(400));
        Assert.That(await srgb.Content.ReadAsStringAsync(), Does.StartWith("iccprofile:"));
    }

    [Test]
    public async Task A_picture_has_a_strong_tag_of_all_that_makes_it_and_is_not_sent_twice()
    {
        var path = await StoreAsync(uids.Dicom() with { Frames = 2 });
        var tags = new HashSet<string>();
        foreach (var (address, accept) in new[]
        {
            ("rendered", Jpeg), ("rendered", Png), ("rendered?window=1,2", Png), ("rendered?window=1,3", Png), ("rendered?viewport=4,4", Png), ("rendered?quality=5", Jpeg),
            ("rendered?annotation=patient", Png), ("rendered?iccprofile=yes", Png), ("frames/1/rendered", Png), ("rendered", Gif),
            ("rendered", "multipart/related; type=\"image/png\""), ("frames/1,2/rendered?quality=7", "multipart/related; type=\"image/jpeg\""),
        })
        {
            using var answer = await server.Client.GetAsync($"{path}/{address}", accept);
            var tag = answer.Headers.ETag!;
            Assert.That(tag.IsWeak, Is.False);
            Assert.That(tags.Add(tag.Tag), Is.True, $"{address} {accept}");
            Assert.That(answer.Headers.CacheControl!.Private, Is.True);
            using var again = await server.Client.GetAsync($"{path}/{address}", accept);
            Assert.That(await again.Content.ReadAsByteArrayAsync(), Is.EqualTo(await answer.Content.ReadAsByteArrayAsync()));
            using var same = await server.Client.GetAsync($"{path}/{address}", accept, ("If-None-Match", tag.ToString()));
            Assert.That(same.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
            Assert.That(same.Headers.ETag, Is.EqualTo(tag));
        }
    }

    [Test]
    public async Task A_study_and_a_series_come_as_the_picture_in_the_middle_or_as_all()
    {
        var study = uids.Study();
        for (var i = 1; i <= 3; i++)
        {
            await StoreAsync(new TestDicom(study, $"{study}.1", $"{study}.1.{i}") { InstanceNumber = i, Fill = (byte)(i * 50) });
        }
        await StoreAsync(new TestDicom(study, $"{study}.2", $"{study}.2.1") { SeriesNumber = 2, Fill = 222 });
        await StoreAsync(NonImage(new TestDicom(study, $"{study}.3", $"{study}.3.1") { SeriesNumber = 3, Modality = "SR" }, "1.2.840.10008.5.1.4.1.1.88.11"));
        foreach (var address in new[] { $"{Base}/studies/{study}/rendered", $"{Base}/studies/{study}/series/{study}.1/rendered" })
        {
            using var picture = await server.Client.PictureAsync($"{address}?window=128,256");
            Assert.That(picture.Greys(), Is.All.EqualTo(100).Within(1), address);
        }
        using var all = await server.Client.GetAsync($"{Base}/studies/{study}/rendered?window=128,256", "multipart/related; type=\"image/png\"");
        Assert.That((await all.StreamedPartsAsync()).Select(part => Decode(part.Body).Greys()[0]), Is.EqualTo([50, 100, 150, 222]).Within(1));
        Assert.That(all.Headers.GetValues("Warning").Single(), Does.Contain("1 of 5 instances have no picture"));
        using var report = await server.Client.GetAsync($"{Base}/studies/{study}/series/{study}.3/rendered", "multipart/related; type=\"image/png\"");
        Assert.That((int)report.StatusCode, Is.EqualTo(406));
        using var none = await server.Client.GetAsync($"{Base}/studies/{uids.Study()}/rendered");
        Assert.That((int)none.StatusCode, Is.EqualTo(404));
    }

    [Test]
    public async Task A_picture_that_cannot_be_made_leaves_its_reason_in_its_place()
    {
        var study = uids.Study();
        await StoreAsync(new TestDicom(study, $"{study}.1", $"{study}.1.1"));
        var broken = new TestDicom(study, $"{study}.1", $"{study}.1.2") { InstanceNumber = 2, Further = data => data.AddNumbers(DicomTag.SamplesPerPixel, DicomVr.US, 2) };
        var path = await StoreAsync(broken);
        using var answer = await server.Client.GetAsync($"{Base}/studies/{study}/rendered", "multipart/related; type=\"image/png\"");
        var parts = await answer.StreamedPartsAsync();
        Assert.That(parts.Select(part => part.ContentType), Is.EqualTo([Png, "text/plain; charset=utf-8"]));
        using var alone = await server.Client.GetAsync($"{path}/rendered");
        Assert.That((int)alone.StatusCode, Is.EqualTo(400).Or.EqualTo(406));
        Assert.That(alone.Headers.ETag, Is.Null, "A refusal is not the picture.");
        Assert.That(await alone.Content.ReadAsStringAsync(), Is.EqualTo(System.Text.Encoding.UTF8.GetString(parts[1].Body)));
    }

    [TestCase(3)]
    [TestCase(4)]
    [TestCase(5001)]
    public async Task A_PDF_is_its_own_rendered_form(int length)
    {
        var pdf = Enumerable.Range(0, length).Select(i => (byte)(i % 251)).ToArray();
        var path = await StoreAsync(NonImage(uids.Dicom(), "1.2.840.10008.5.1.4.1.1.104.1", data => data
            .Add(DicomTag.MIMETypeOfEncapsulatedDocument, DicomVr.LO, "application/pdf").AddNumbers(new DicomTag(0x00420015), DicomVr.UL, length)
            .AddBytes(DicomTag.EncapsulatedDocument, DicomVr.OB, length % 2 == 0 ? pdf : [.. pdf, 0])));
        foreach (var accept in new[] { null, "*/*", "application/pdf", "image/png;q=0.5, application/*" })
        {
            using var answer = await server.Client.GetAsync($"{path}/rendered", accept);
            Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/pdf"), await answer.Content.ReadAsStringAsync());
            Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(pdf));
            Assert.That(answer.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("sandbox"));
        }
        using var parts = await server.Client.GetAsync($"{path}/rendered", "multipart/related; type=\"application/pdf\"");
        Assert.That((await parts.PartsAsync()).Single().Body, Is.EqualTo(pdf));
        using var picture = await server.Client.GetAsync($"{path}/rendered", "image/jpeg");
        Assert.That((int)picture.StatusCode, Is.EqualTo(406));
        Assert.That(await picture.Content.ReadAsStringAsync(), Does.Contain("application/pdf"));
        using var frame = await server.Client.GetAsync($"{path}/frames/1/rendered");
        Assert.That((int)frame.StatusCode, Is.EqualTo(404));
    }

    [TestCase("1.2.840.10008.5.1.4.1.1.88.11", "report has no content")]
    [TestCase("1.2.840.10008.5.1.4.1.1.481.5", "no pixels")]
    [TestCase("1.2.840.10008.5.1.4.1.1.11.4", "presentation state")]
    public async Task What_has_no_rendered_form_is_406_with_the_reason(string sopClass, string reason)
    {
        var path = await StoreAsync(NonImage(uids.Dicom(), sopClass));
        using var answer = await server.Client.GetAsync($"{path}/rendered");
        Assert.That((int)answer.StatusCode, Is.EqualTo(406));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain(reason));
    }

    [Test]
    public async Task A_presentation_state_shows_the_images_it_names()
    {
        var study = uids.Study();
        var image = new TestDicom(study, $"{study}.1", $"{study}.1.1").Words(8, 8, (x, _, _) => x * 10);
        var other = new TestDicom(study, $"{study}.1", $"{study}.1.2") { InstanceNumber = 2 }.Words(8, 8, (x, _, _) => x * 5);
        await StoreAsync(image);
        await StoreAsync(other);
        var path = await StoreAsync(State(study, 90, $"{study}.1.1", $"{study}.1.2", "1.2.3.4"));
        using var picture = await server.Client.PictureAsync($"{path}/rendered");
        Assert.That(Enumerable.Range(0, 8).Select(y => (int)picture.GetPixel(0, y).Red), Is.EqualTo(Enumerable.Range(0, 8).Select(x => x * 10)).Within(1), "A quarter turn, values as they are.");
        using var parts = await server.Client.GetAsync($"{path}/rendered", "multipart/related; type=\"image/png\"");
        Assert.That((await parts.StreamedPartsAsync()).Select(part => (int)Decode(part.Body).GetPixel(0, 7).Red), Is.EqualTo([70, 35]).Within(1));
        var lost = await StoreAsync(State(study, 90, "1.2.3.4") with { Sop = $"{study}.9.2" });
        using var nothing = await server.Client.GetAsync($"{lost}/rendered");
        Assert.That((int)nothing.StatusCode, Is.EqualTo(404));
    }

    /// <summary>A grayscale softcopy presentation state: a turn, and values as they are.</summary>
    public static TestDicom State(string study, int rotation, params string[] images) => NonImage(
        new TestDicom(study, $"{study}.9", $"{study}.9.1") { Modality = "PR", SeriesNumber = 9 }, "1.2.840.10008.5.1.4.1.1.11.1", data => data
            .AddNumbers(new DicomTag(0x00700042), DicomVr.US, rotation)
            .AddSequence(DicomTag.ReferencedSeriesSequence, [new DicomDataset().Add(DicomTag.SeriesInstanceUID, $"{study}.1").AddSequence(
                new DicomTag(0x00081140), [.. images.Select(image => new DicomDataset().Add(DicomTag.ReferencedSOPInstanceUID, DicomVr.UI, image))])])
            .AddSequence(new DicomTag(0x00283110), [new DicomDataset().AddNumbers(DicomTag.WindowCenter, DicomVr.DS, 128).AddNumbers(DicomTag.WindowWidth, DicomVr.DS, 256)]));

    /// <summary>An instance of a class without pixels.</summary>
    public static TestDicom NonImage(TestDicom dicom, string sopClass, Action<DicomDataset>? further = null) => dicom with
    {
        Further = data =>
        {
            foreach (var tag in new[]
            {
                DicomTag.PixelData, DicomTag.Rows, DicomTag.Columns, DicomTag.NumberOfFrames, DicomTag.BitsAllocated, DicomTag.BitsStored, DicomTag.HighBit,
                DicomTag.PixelRepresentation, DicomTag.SamplesPerPixel, DicomTag.PhotometricInterpretation,
            })
            {
                data.Remove(tag);
            }
            data.Add(DicomTag.SOPClassUID, sopClass);
            further?.Invoke(data);
        },
    };

    private Task<string> StoreAsync(TestDicom dicom) => server.StoreAsync(Base, dicom);

    private async Task<byte[]> BytesAsync(string path, string accept)
    {
        using var answer = await server.Client.GetAsync(path, accept);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), path);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static string Text(byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes);

    private static List<(int Grey, int Time)> FramesOf(byte[] gif)
    {
        using var codec = SKCodec.Create(new MemoryStream(gif));
        var frames = new List<(int Grey, int Time)>();
        for (var i = 0; i < codec.FrameCount; i++)
        {
            using var picture = new SKBitmap(codec.Info);
            Assert.That(codec.GetPixels(codec.Info, picture.GetPixels(), new SKCodecOptions(i)), Is.EqualTo(SKCodecResult.Success));
            frames.Add((picture.GetPixel(3, 3).Green, codec.FrameInfo[i].Duration));
        }
        return frames;
    }
}

using System.Net;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.DicomWeb;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>What is given in another transfer syntax than it is stored in. https://dicom.nema.org/medical/dicom/current/output/html/part18.html#sect_8.7</summary>
[TestFixture]
public sealed class TranscodedRetrievalTests
{
    private const string Base = "/dicomweb/patients/t1", Explicit = DicomTransferSyntax.ExplicitLittleEndian;
    private const string AsExplicit = $"multipart/related; type=\"application/dicom\"; transfer-syntax={Explicit}";
    private readonly FreshUids uids = new("1.2.276.11");
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/t1", """{"resourceType":"Patient","id":"t1"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCase("application/dicom; transfer-syntax=1.2.840.10008.1.2.1")]
    [TestCase("application/dicom; transfer-syntax=1.2.840.10008.1.2.4.91, application/dicom; transfer-syntax=\"1.2.840.10008.1.2.1\"")]
    [TestCase("application/dicom; transfer-syntax=1.2.840.10008.1.2.1, application/dicom; transfer-syntax=*; q=0.5")]
    public async Task One_instance_is_decoded_for_who_takes_only_native_pixels(string accept)
    {
        var dicom = Gradient(3);
        var path = await StoreAsync(await server.TranscodeAsync(dicom.ToBytes(), CodecSyntaxes.Rle), dicom);
        using var answer = await server.Client.GetAsync(path, accept);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo($"application/dicom; transfer-syntax={Explicit}"));
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.That(answer.Content.Headers.ContentLength, Is.EqualTo(bytes.Length));
        Assert.That(WebTalk.Read(bytes).TransferSyntax, Is.EqualTo(Explicit));
        Assert.That(Pixels(bytes), Is.EqualTo(Pixels(dicom.ToBytes())));
        using var again = await server.Client.GetAsync(path, accept, ("If-None-Match", answer.Headers.ETag!.ToString()));
        Assert.That((int)again.StatusCode, Is.EqualTo(304));
        using var head = await server.Client.HeadAsync(path, accept);
        Assert.That(head.Content.Headers.ContentLength, Is.EqualTo(bytes.Length));
    }

    [TestCase("application/dicom")]
    [TestCase("application/dicom; transfer-syntax=*")]
    [TestCase("application/dicom; transfer-syntax=1.2.840.10008.1.2.5, application/dicom; transfer-syntax=1.2.840.10008.1.2.1")]
    [TestCase("application/dicom; transfer-syntax=1.2.840.10008.1.2.1, application/dicom; transfer-syntax=*")]
    public async Task What_is_as_welcome_as_stored_comes_as_stored(string accept)
    {
        var dicom = Gradient(1);
        var file = await server.TranscodeAsync(dicom.ToBytes(), CodecSyntaxes.Rle);
        using var answer = await server.Client.GetAsync(await StoreAsync(file, dicom), accept);
        Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(file));
    }

    [Test]
    public async Task A_series_is_converted_part_by_part_and_reports_among_images_come_uncompressed()
    {
        var image = Gradient(2);
        var report = image with { Sop = image.Sop + ".9", InstanceNumber = 9, Further = data => data.Remove(DicomTag.PixelData) };
        Assert.That((int)(await server.StowAsync(Base, image.ToBytes(), report.ToBytes())).StatusCode, Is.EqualTo(200));
        var path = $"{Base}/studies/{image.Study}";
        using var answer = await server.Client.GetAsync(path, $"multipart/related; type=\"application/dicom\"; transfer-syntax={CodecSyntaxes.Rle}");
        var parts = await answer.PartsAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(parts.Select(part => part.ContentType.Split('=')[1]), Is.EqualTo(new[] { CodecSyntaxes.Rle, Explicit }));
        Assert.That(Pixels(await server.TranscodeAsync(parts[0].Body, Explicit)), Is.EqualTo(Pixels(image.ToBytes())));
        Assert.That(parts[1].Body, Is.EqualTo(report.ToBytes()));
        using var alone = await server.Client.GetAsync(PathOf(report), $"application/dicom; transfer-syntax={CodecSyntaxes.Rle}");
        Assert.That((int)alone.StatusCode, Is.EqualTo(406), "a report alone has nothing to compress");
    }

    [Test]
    public async Task What_is_known_to_be_undecodable_is_left_out_with_206_and_a_warning_and_alone_it_is_406()
    {
        var good = Gradient(1);
        var odd = good with { Sop = good.Sop + ".5", InstanceNumber = 5 };
        var broken = good with { Sop = good.Sop + ".0", InstanceNumber = 0 };
        Assert.That((int)(await server.StowAsync(
            Base, await server.TranscodeAsync(good.ToBytes(), CodecSyntaxes.Rle), Encapsulated(odd, "1.2.840.10008.1.2.4.102", [1, 2, 3, 4]),
            Encapsulated(broken, CodecSyntaxes.Rle, [9, 9, 9, 9, 9, 9, 9, 9]))).StatusCode, Is.EqualTo(200));
        using var answer = await server.Client.GetAsync($"{Base}/studies/{good.Study}", AsExplicit);
        Assert.That((int)answer.StatusCode, Is.EqualTo(206));
        Assert.That(answer.Headers.GetValues("Warning").Single(), Does.StartWith("299 ").And.Contain("2 of 3"));
        Assert.That(answer.Headers.ETag, Is.Null);
        Assert.That(Pixels((await answer.PartsAsync()).Single().Body), Is.EqualTo(Pixels(good.ToBytes())));
        foreach (var one in new[] { odd, broken })
        {
            using var alone = await server.Client.GetAsync(PathOf(one), AsExplicit);
            Assert.That((int)alone.StatusCode, Is.EqualTo(406));
            Assert.That(await alone.Content.ReadAsStringAsync(), Does.Contain("transfer-syntax=*"), "it says what can be had");
            using var frame = await server.Client.GetAsync(PathOf(one) + "/frames/1", "application/octet-stream");
            Assert.That((int)frame.StatusCode, Is.EqualTo(406));
        }
    }

    [Test]
    public async Task An_answer_that_fails_after_it_has_begun_is_broken_off_and_never_looks_whole()
    {
        var good = Gradient(1);
        var broken = good with { Sop = good.Sop + ".5", InstanceNumber = 5 };
        await server.StowAsync(Base, await server.TranscodeAsync(good.ToBytes(), CodecSyntaxes.Rle), Encapsulated(broken, CodecSyntaxes.Rle, [9, 9, 9, 9, 9, 9, 9, 9]));
        Assert.That(async () => await server.Client.GetAsync($"{Base}/studies/{good.Study}", AsExplicit), Throws.InstanceOf<HttpRequestException>());
        Assert.That(() => server.Services.GetRequiredService<TranscodingGate>().Working, Is.Zero.After(10_000, 20), "its place is free again");
    }

    [TestCase(CodecSyntaxes.HtJpeg2000Lossless)]
    [TestCase(CodecSyntaxes.HtJpeg2000LosslessRpcl)]
    public async Task Native_images_come_as_HTJ2K_and_back_without_loss(string syntax)
    {
        await server.RequireCodecsOrSkipAsync();
        var dicom = Gradient(2);
        var path = await StoreAsync(dicom.ToBytes(), dicom);
        using var answer = await server.Client.GetAsync(path, $"multipart/related; type=\"application/dicom\"; transfer-syntax={syntax}");
        var part = (await answer.PartsAsync()).Single();
        Assert.That(part.ContentType, Is.EqualTo($"application/dicom; transfer-syntax={syntax}"));
        Assert.That(Pixels(await server.TranscodeAsync(part.Body, Explicit)), Is.EqualTo(Pixels(dicom.ToBytes())));
        using var frames = await server.Client.GetAsync($"{path}/frames/2,1", $"multipart/related; type=\"image/jphc\"; transfer-syntax={syntax}");
        var parts = await frames.PartsAsync();
        Assert.That(parts.Select(one => one.ContentType), Is.All.EqualTo($"image/jphc; transfer-syntax={syntax}"));
        Assert.That(parts.Select(one => one.Headers["content-location"][^1]), Is.EqualTo("21"));
        Assert.That(parts.Select(one => one.Body[..4]), Is.All.EqualTo(new byte[] { 0xFF, 0x4F, 0xFF, 0x51 }));
    }

    [Test]
    public async Task An_image_type_without_a_syntax_means_its_default_and_a_single_frame_has_ranges()
    {
        await server.RequireCodecsOrSkipAsync();
        var dicom = Gradient(1);
        var path = await StoreAsync(dicom.ToBytes(), dicom) + "/frames/1";
        using var answer = await server.Client.GetAsync(path, "image/jphc");
        var whole = await answer.Content.ReadAsByteArrayAsync();
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo($"image/jphc; transfer-syntax={CodecSyntaxes.HtJpeg2000Lossless}"));
        using var range = await server.Client.GetAsync(path, "image/jphc", ("Range", "bytes=0-63"), ("If-Range", answer.Headers.ETag!.ToString()));
        Assert.That((int)range.StatusCode, Is.EqualTo(206));
        Assert.That(await range.Content.ReadAsByteArrayAsync(), Is.EqualTo(whole[..64]));
    }

    [TestCase("application/octet-stream", Explicit)]
    [TestCase("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", Explicit)]
    [TestCase("multipart/related; type=\"application/octet-stream\"", Explicit)]
    [TestCase("application/octet-stream; transfer-syntax=*", CodecSyntaxes.Rle)]
    [TestCase("multipart/related; type=application/octet-stream; transfer-syntax=*", CodecSyntaxes.Rle)]
    [TestCase("*/*", CodecSyntaxes.Rle)]
    [TestCase("image/dicom-rle", CodecSyntaxes.Rle)]
    [TestCase("image/jpx, image/*", CodecSyntaxes.Rle)]
    public async Task Octets_without_a_syntax_are_native_samples_and_a_star_is_what_is_stored(string accept, string syntax)
    {
        var dicom = Gradient(2);
        var path = await StoreAsync(await server.TranscodeAsync(dicom.ToBytes(), CodecSyntaxes.Rle), dicom);
        using var answer = await server.Client.GetAsync($"{path}/frames/2", accept);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        var isMultipart = answer.Content.Headers.ContentType!.MediaType == "multipart/related";
        var (type, body) = isMultipart ? ((await answer.PartsAsync())[0].ContentType, (await answer.PartsAsync())[0].Body)
            : (answer.Content.Headers.ContentType.ToString(), await answer.Content.ReadAsByteArrayAsync());
        Assert.That(type, Does.EndWith("transfer-syntax=" + syntax));
        if (syntax == Explicit)
        {
            Assert.That(body, Is.EqualTo(Pixels(dicom.ToBytes())[64..]));
        }
    }

    [TestCase("image/*", "image/dicom-rle")]
    [TestCase("image/x-dicom-rle", "image/x-dicom-rle")]
    [TestCase("application/*; transfer-syntax=*", "application/octet-stream")]
    [TestCase("application/octet-stream, application/octet-stream; transfer-syntax=*", "application/octet-stream")]
    [TestCase("multipart/related; type=\"image/jls\"; transfer-syntax=1.2.840.10008.1.2.4.80, application/octet-stream; transfer-syntax=*", "application/octet-stream")]
    public async Task Stored_frames_go_first_among_equally_welcome_types_under_a_type_that_was_accepted(string accept, string type)
    {
        var dicom = Gradient(1);
        var file = await server.TranscodeAsync(dicom.ToBytes(), CodecSyntaxes.Rle);
        using var answer = await server.Client.GetAsync(await StoreAsync(file, dicom) + "/frames/1", accept);
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo($"{type}; transfer-syntax={CodecSyntaxes.Rle}"));
    }

    [Test]
    public async Task Native_frames_come_as_stored_to_who_takes_an_image_type_as_well()
    {
        var dicom = Gradient(1);
        var path = await StoreAsync(dicom.ToBytes(), dicom) + "/frames/1";
        foreach (var image in new[] { "image/jls\"; transfer-syntax=1.2.840.10008.1.2.4.80", "image/dicom-rle\"" })
        {
            using var answer = await server.Client.GetAsync(path, $"multipart/related; type=\"{image}, multipart/related; type=\"application/octet-stream\"; transfer-syntax=*");
            Assert.That((await answer.PartsAsync()).Single().ContentType, Is.EqualTo($"application/octet-stream; transfer-syntax={Explicit}"));
        }
        using var preferred = await server.Client.GetAsync(path, "image/x-dicom-rle, application/octet-stream;q=0.9");
        Assert.That(preferred.Content.Headers.ContentType!.ToString(), Is.EqualTo($"image/x-dicom-rle; transfer-syntax={CodecSyntaxes.Rle}"));
    }

    [TestCase("1.2.840.10008.1.2.4.80", "image/x-jls")]
    [TestCase("1.2.840.10008.1.2.4.81", "image/jls")]
    [TestCase("1.2.840.10008.1.2.4.92", "image/jpx")]
    [TestCase("1.2.840.10008.1.2.4.93", "image/jpx")]
    [TestCase("1.2.840.10008.1.2.4.201", "image/jhc")]
    [TestCase("1.2.840.10008.1.2.4.203", "image/jphc")]
    public async Task Frames_go_by_every_name_of_their_syntax(string syntax, string type)
    {
        var dicom = Gradient(1);
        var path = await StoreAsync(Encapsulated(dicom, syntax, [1, 2, 3, 4]), dicom);
        foreach (var address in new[] { path + "/frames/1", path + "/bulkdata/7FE00010" })
        {
            using var answer = await server.Client.GetAsync(address, type);
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo($"{type}; transfer-syntax={syntax}"));
            Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
        }
    }

    [Test]
    public async Task Big_endian_words_come_in_little_endian_as_frames_and_as_any_range_of_bulk_data()
    {
        var file = await File.ReadAllBytesAsync(
            Corpus.Get("cornerstone3D/CTImage.dcm_BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm").FullPath);
        Assert.That((int)(await server.StowAsync(Base, file)).StatusCode, Is.EqualTo(200));
        var (path, pixels) = (PathOf(WebTalk.Read(file).Dataset), Pixels(file));
        using var frame = await server.Client.GetAsync($"{path}/frames/1", "application/octet-stream");
        Assert.That(frame.Content.Headers.ContentType!.ToString(), Does.EndWith(Explicit));
        Assert.That((await frame.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(pixels));
        foreach (var (from, to) in new[] { (0, 0), (1, 1), (1, 2), (131_071, 131_073), (3, 200_002), (pixels.Length - 1, pixels.Length - 1) })
        {
            using var range = await server.Client.GetAsync($"{path}/bulkdata/7FE00010", "*/*", ("Range", $"bytes={from}-{to}"));
            Assert.That((int)range.StatusCode, Is.EqualTo(206));
            Assert.That((await range.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(pixels.AsSpan(from..(to + 1))), $"{from}-{to}");
        }
    }

    [Test]
    public async Task Without_the_codec_module_what_needs_it_is_406_and_the_rest_is_given()
    {
        await using var plain = PhrServer.Start(("Codecs:Enabled", "false"));
        await plain.PutAsync("/fhir/Patient/t1", """{"resourceType":"Patient","id":"t1"}""");
        var dicom = Gradient(1);
        await plain.StowAsync(Base, dicom.ToBytes());
        foreach (var (path, accept) in new[]
        {
            (PathOf(dicom), $"application/dicom; transfer-syntax={CodecSyntaxes.HtJpeg2000Lossless}"), (PathOf(dicom) + "/frames/1", "image/jphc"),
        })
        {
            using var refused = await plain.Client.GetAsync(path, accept);
            Assert.That((int)refused.StatusCode, Is.EqualTo(406));
            using var given = await plain.Client.GetAsync(path, accept + ", */*; q=0.1");
            Assert.That((int)given.StatusCode, Is.EqualTo(200));
        }
    }

    [Test]
    public async Task Past_the_queue_it_is_503_with_a_time_to_come_again_while_stored_bytes_are_still_given()
    {
        await using var small = PhrServer.Start(("DicomWeb:Transcodings", "1"), ("DicomWeb:TranscodingQueue", "0"));
        await small.PutAsync("/fhir/Patient/t1", """{"resourceType":"Patient","id":"t1"}""");
        var dicom = Gradient(1);
        await small.StowAsync(Base, await server.TranscodeAsync(dicom.ToBytes(), CodecSyntaxes.Rle));
        var gate = small.Services.GetRequiredService<TranscodingGate>();
        using (await gate.EnterAsync(default) is { IsSuccess: true } entered ? entered.Value : throw new InvalidOperationException())
        {
            foreach (var (path, accept) in new[]
            {
                (PathOf(dicom), $"application/dicom; transfer-syntax={Explicit}"), (PathOf(dicom) + "/frames/1", "application/octet-stream"),
                (PathOf(dicom) + "/metadata", "multipart/related; type=\"application/dicom+xml\""),
            })
            {
                using var busy = await small.Client.GetAsync(path, accept);
                Assert.That((int)busy.StatusCode, Is.EqualTo(503), path);
                Assert.That(busy.Headers.RetryAfter, Is.Not.Null);
                Assert.That(busy.Headers.ETag, Is.Null);
            }
            using var stored = await small.Client.GetAsync(PathOf(dicom), "application/dicom");
            Assert.That((int)stored.StatusCode, Is.EqualTo(200));
        }
        using var free = await small.Client.GetAsync(PathOf(dicom), $"application/dicom; transfer-syntax={Explicit}");
        Assert.That((int)free.StatusCode, Is.EqualTo(200));
    }

    [TestCase("", AsExplicit)]
    [TestCase("", "application/zip; transfer-syntax=" + Explicit)]
    [TestCase("/frames/{0}", "multipart/related; type=\"application/octet-stream\"; transfer-syntax=" + Explicit)]
    public async Task Readers_that_do_not_read_keep_nobody_out_and_still_get_all_of_it(string below, string accept)
    {
        await using var small = PhrServer.Start(("DicomWeb:Transcodings", "1"), ("DicomWeb:TranscodingQueue", "2"));
        await small.PutAsync("/fhir/Patient/t1", """{"resourceType":"Patient","id":"t1"}""");
        // More than the buffers of both ends hold.
        var large = uids.Dicom() with { Rows = 1024, Columns = 1024, Frames = 24 };
        var little = Gradient(1);
        await small.StowAsync(Base, await server.TranscodeAsync(large.ToBytes(), CodecSyntaxes.Rle));
        await small.StowAsync(Base, await server.TranscodeAsync(little.ToBytes(), CodecSyntaxes.Rle));
        var gate = small.Services.GetRequiredService<TranscodingGate>();
        var path = PathOf(large) + string.Format(System.Globalization.CultureInfo.InvariantCulture, below, string.Join(',', Enumerable.Range(1, large.Frames)));
        var slow = new List<HttpResponseMessage>();
        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept", accept);
            slow.Add(await small.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
            Assert.That((int)slow[^1].StatusCode, Is.EqualTo(200));
            Assert.That(() => gate.Working, Is.Zero.After(30_000, 20), "it waits for its client without a place");
        }
        using var quick = await small.Client.GetAsync(PathOf(little), AsExplicit);
        Assert.That((int)quick.StatusCode, Is.EqualTo(200));
        foreach (var answer in slow)
        {
            Assert.That((await answer.Content.ReadAsByteArrayAsync()).Length, Is.GreaterThan(24 << 20));
            answer.Dispose();
        }
        Assert.That(gate.Peak, Is.EqualTo(1));
        Assert.That(() => gate.Working, Is.Zero.After(30_000, 20));
    }

    [Test]
    public async Task Sixty_four_at_once_are_all_answered_and_never_more_made_together_than_the_option_says()
    {
        await using var small = PhrServer.Start(("DicomWeb:Transcodings", "3"));
        await small.PutAsync("/fhir/Patient/t1", """{"resourceType":"Patient","id":"t1"}""");
        var dicom = Gradient(20);
        await small.StowAsync(Base, await server.TranscodeAsync(dicom.ToBytes(), CodecSyntaxes.Rle));
        var expected = Pixels(dicom.ToBytes());
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            using var answer = await small.Client.GetAsync(PathOf(dicom), i % 4 == 0 ? "application/dicom" : $"application/dicom; transfer-syntax={Explicit}");
            Assert.That((int)answer.StatusCode, Is.EqualTo(200));
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            Assert.That(i % 4 == 0 || Pixels(bytes).AsSpan().SequenceEqual(expected));
        }));
        var gate = small.Services.GetRequiredService<TranscodingGate>();
        Assert.That(gate.Peak, Is.InRange(1, 3));
        Assert.That((gate.Working, gate.Waiting), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task A_real_JPEG_is_given_as_it_is_and_decoded()
    {
        await server.RequireCodecsOrSkipAsync();
        var file = await File.ReadAllBytesAsync(Corpus.Get("fo-dicom/GH538-jpeg1.dcm").FullPath);
        Assert.That((int)(await server.StowAsync(Base, file)).StatusCode, Is.EqualTo(200));
        var path = PathOf(WebTalk.Read(file).Dataset);
        using var jpeg = await server.Client.GetAsync($"{path}/frames/1", "image/jpeg");
        Assert.That(jpeg.Content.Headers.ContentType!.ToString(), Is.EqualTo("image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50"));
        Assert.That((await jpeg.Content.ReadAsByteArrayAsync())[..2], Is.EqualTo(new byte[] { 0xFF, 0xD8 }));
        using var native = await server.Client.GetAsync($"{path}/frames/1", "application/octet-stream");
        Assert.That((await native.Content.ReadAsByteArrayAsync()).Length, Is.EqualTo(434 * 636 * 3));
        using var whole = await server.Client.GetAsync(path, AsExplicit);
        Assert.That(WebTalk.Read((await whole.PartsAsync())[0].Body).TransferSyntax, Is.EqualTo(Explicit));
    }

    private TestDicom Gradient(int frames) => uids.Dicom() with
    {
        Frames = frames,
        Further = data => data.AddBytes(DicomTag.PixelData, DicomVr.OB, Enumerable.Range(0, frames * 64).Select(i => (byte)((i * 7) + (i / 64))).ToArray()),
    };

    private static byte[] Encapsulated(TestDicom dicom, string syntax, byte[] fragment)
    {
        var data = WebTalk.Read(dicom.ToBytes()).Dataset;
        data.AddEncapsulated([fragment]);
        using var file = new MemoryStream();
        Assert.That(Part10Writer.Write(file, data, syntax).Problem, Is.Null);
        return file.ToArray();
    }

    private static byte[] Pixels(byte[] file)
    {
        using var stream = new MemoryStream(file);
        var dicom = Part10Reader.Read(stream).Value;
        return dicom.Load(dicom.Dataset.Find(DicomTag.PixelData)!, stream).Value.ToArray();
    }

    private async Task<string> StoreAsync(byte[] file, TestDicom dicom)
    {
        var answer = await server.StowAsync(Base, file);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        return PathOf(dicom);
    }

    private static string PathOf(DicomDataset data) =>
        $"{Base}/studies/{data.GetString(DicomTag.StudyInstanceUID)}/series/{data.GetString(DicomTag.SeriesInstanceUID)}/instances/{data.GetString(DicomTag.SOPInstanceUID)}";

    private static string PathOf(TestDicom dicom) => $"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}";
}

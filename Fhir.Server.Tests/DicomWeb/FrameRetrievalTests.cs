using System.IO.Compression;
using System.Net;
using Fhir.Server.Dicom;
using Fhir.Server.DicomWeb;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>WADO-RS frames. https://dicom.nema.org/medical/dicom/current/output/html/part18.html#sect_10.4.1.1.6</summary>
[TestFixture]
public sealed class FrameRetrievalTests
{
    private const string Base = "/dicomweb/patients/f1";
    private const string Ohif = "multipart/related; type=application/octet-stream; transfer-syntax=*";
    private readonly FreshUids uids = new("1.2.276.6");
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/f1", """{"resourceType":"Patient","id":"f1"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task Native_frames_come_one_by_one_and_in_lists_in_the_order_asked()
    {
        var path = await StoreAsync(Native(5));
        foreach (var (list, expected) in new[] { ("1", new[] { 1 }), ("5", [5]), ("1,2,3", [1, 2, 3]), ("3,1", [3, 1]), ("2,2", [2, 2]), ("1%2C4", [1, 4]) })
        {
            using var answer = await server.Client.GetAsync($"{path}/frames/{list}", Ohif);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), list);
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Does.Contain("type=\"application/octet-stream\""));
            var parts = await answer.PartsAsync();
            Assert.That(parts.Select(part => (part.ContentType, part.Headers["content-location"])), Is.EqualTo(expected.Select(number =>
                ("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1", $"{server.Address}{path}/frames/{number}"))));
            Assert.That(parts.Select(part => part.Body), Is.EqualTo(expected.Select(number => Enumerable.Repeat((byte)number, 64))));
        }
    }

    [TestCase("0", 400)]
    [TestCase("-1", 400)]
    [TestCase("x", 400)]
    [TestCase("1,,2", 400)]
    [TestCase("1,", 400)]
    [TestCase("1;2", 400)]
    [TestCase("1.5", 400)]
    [TestCase("+1", 400)]
    [TestCase("99999999999999", 400)]
    [TestCase("%D9%A1", 400)]
    [TestCase("6", 404)]
    [TestCase("1,6", 404)]
    [TestCase("2147483647", 404)]
    [TestCase("", 404)]
    public async Task A_malformed_list_is_400_and_a_frame_that_is_not_there_404(string list, int status)
    {
        var path = await StoreAsync(Native(5));
        using var answer = await server.Client.GetAsync($"{path}/frames/{list}", Ohif);
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
    }

    [TestCase(null, true, 200)]
    [TestCase("*/*", true, 200)]
    [TestCase(Ohif, true, 200)]
    [TestCase("multipart/related; type=\"application/octet-stream\"", true, 200)]
    [TestCase("multipart/related; type=\"application/octet-stream\"; transfer-syntax=1.2.840.10008.1.2.1", true, 200)]
    [TestCase("multipart/related; type=\"image/jpx\"; q=1, multipart/related; type=\"application/octet-stream\"; q=0.2", true, 200)]
    [TestCase("application/octet-stream", false, 200)]
    [TestCase("application/octet-stream; transfer-syntax=*", false, 200)]
    [TestCase("application/octet-stream, */*;q=0.1", false, 200)]
    [TestCase("application/octet-stream;transfer-syntax=1.2.840.10008.1.2.1, multipart/related; type=\"application/octet-stream\";q=0.5", false, 200)]
    [TestCase("multipart/related; type=\"application/octet-stream\"; transfer-syntax=1.2.840.10008.1.2.4.91", true, 406)]
    [TestCase("multipart/related; type=\"image/jpx\"", true, 406)]
    [TestCase("image/png", true, 406)]
    public async Task A_frame_comes_alone_or_as_multipart_as_it_is_preferred(string? accept, bool multipart, int status)
    {
        var path = await StoreAsync(Native(2));
        using var answer = await server.Client.GetAsync($"{path}/frames/2", accept);
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
        if (status != 200)
        {
            return;
        }
        var expected = Enumerable.Repeat((byte)2, 64);
        if (multipart)
        {
            Assert.That((await answer.PartsAsync()).Single().Body, Is.EqualTo(expected));
        }
        else
        {
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"));
            Assert.That(answer.Content.Headers.ContentLength, Is.EqualTo(64));
            Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(expected));
        }
    }

    [Test]
    public async Task The_frames_of_a_cine_that_are_asked_for_one_by_one_are_looked_up_once()
    {
        var path = await StoreAsync(Native(40));
        var tables = server.Services.GetRequiredService<FrameTables>();
        var before = tables.Read;
        for (var frame = 1; frame <= 40; frame++)
        {
            using var answer = await server.Client.GetAsync($"{path}/frames/{frame}", "application/octet-stream");
            Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(Enumerable.Repeat((byte)frame, 64)));
        }
        Assert.That(tables.Read - before, Is.EqualTo(1));
    }

    [Test]
    public async Task Frames_of_a_video_are_406_with_where_the_video_is()
    {
        var dicom = uids.Dicom() with { Frames = 2 };
        var path = await StoreAsync(Encapsulated(dicom, [[1, 2, 3, 4]], syntax: "1.2.840.10008.1.2.4.102"), dicom);
        using var answer = await server.Client.GetAsync($"{path}/frames/1", "*/*");
        Assert.That((int)answer.StatusCode, Is.EqualTo(406));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("bulkdata/7FE00010").And.Contain("video/mp4"));
        using var video = await server.Client.GetAsync($"{path}/bulkdata/7FE00010", "video/mp4");
        Assert.That(await video.Content.ReadAsByteArrayAsync(), Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
    }

    [Test]
    public async Task Two_frames_alone_cannot_be_given()
    {
        var path = await StoreAsync(Native(2));
        using var answer = await server.Client.GetAsync($"{path}/frames/1,2", "application/octet-stream");
        Assert.That((int)answer.StatusCode, Is.EqualTo(406));
    }

    [Test]
    public async Task Frames_of_single_bits_begin_at_a_byte_and_end_in_zeros()
    {
        // Three frames of 3 x 5 bits: all ones, all zeros, all ones, packed one after the other from the lowest bit.
        var dicom = uids.Dicom() with
        {
            Rows = 3, Columns = 5, Frames = 3,
            Further = data => data.AddNumbers(DicomTag.BitsAllocated, DicomVr.US, 1).AddNumbers(DicomTag.BitsStored, DicomVr.US, 1)
                .AddBytes(DicomTag.PixelData, DicomVr.OB, new byte[] { 0xFF, 0x7F, 0x00, 0xC0, 0xFF, 0x1F }),
        };
        var path = await StoreAsync(dicom.ToBytes(), dicom);
        using var answer = await server.Client.GetAsync($"{path}/frames/1,2,3", Ohif);
        var parts = await answer.PartsAsync();
        Assert.That(parts.Select(part => Convert.ToHexString(part.Body)), Is.EqualTo(new[] { "FF7F", "0000", "FF7F" }));
    }

    [Test]
    public async Task Encapsulated_frames_come_as_their_bytes_of_one_fragment_or_of_several()
    {
        var dicom = uids.Dicom() with { Frames = 2 };
        byte[][] frames = [[0xFF, 0xD8, 0xFF, 1, 2, 3], [0xFF, 0xD8, 0xFF, 9, 8, 7, 6, 5]];
        var path = await StoreAsync(Encapsulated(dicom, frames), dicom);
        using var answer = await server.Client.GetAsync($"{path}/frames/2,1", Ohif);
        var parts = await answer.PartsAsync();
        Assert.That(parts.Select(part => part.Body), Is.EqualTo(new[] { frames[1], frames[0] }));
        Assert.That(parts.Select(part => part.ContentType), Is.All.EqualTo("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.4.50"));
        using var jpeg = await server.Client.GetAsync($"{path}/frames/1", "multipart/related; type=\"image/jpeg\"; transfer-syntax=1.2.840.10008.1.2.4.50");
        Assert.That((await jpeg.PartsAsync()).Single().ContentType, Is.EqualTo("image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50"));
        using var alone = await server.Client.GetAsync($"{path}/frames/1", "image/jpeg");
        Assert.That(await alone.Content.ReadAsByteArrayAsync(), Is.EqualTo(frames[0]));
        using var native = await server.Client.GetAsync($"{path}/frames/1", "multipart/related; type=\"application/octet-stream\"; transfer-syntax=1.2.840.10008.1.2.1");
        Assert.That((int)native.StatusCode, Is.EqualTo(406), "these are no JPEG");

        var single = uids.Dicom();
        path = await StoreAsync(Encapsulated(single, frames, 1), single);
        using var joined = await server.Client.GetAsync($"{path}/frames/1", Ohif);
        Assert.That((await joined.PartsAsync()).Single().Body, Is.EqualTo(frames[0].Concat(frames[1])));
        using var bulk = await server.Client.GetAsync($"{path}/bulkdata/7FE00010", "application/octet-stream");
        Assert.That(await bulk.Content.ReadAsByteArrayAsync(), Is.EqualTo(frames[0].Concat(frames[1])));
    }

    [Test]
    public async Task Bulk_data_of_several_frames_come_a_part_a_frame_and_are_406_for_who_takes_only_one()
    {
        var dicom = uids.Dicom() with { Frames = 2 };
        byte[][] frames = [[0xFF, 0xD8, 0xFF, 1], [0xFF, 0xD8, 0xFF, 9]];
        var path = await StoreAsync(Encapsulated(dicom, frames), dicom);
        foreach (var accept in new[] { Ohif, "*/*", "application/octet-stream, multipart/related; type=\"application/octet-stream\"" })
        {
            using var answer = await server.Client.GetAsync($"{path}/bulkdata/7FE00010", accept);
            Assert.That((await answer.PartsAsync()).Select(part => part.Body), Is.EqualTo(frames));
        }
        using var alone = await server.Client.GetAsync($"{path}/bulkdata/7FE00010", "application/octet-stream");
        Assert.That((int)alone.StatusCode, Is.EqualTo(406));
    }

    [Test]
    public async Task Frames_of_a_deflated_file_come_inflated()
    {
        var dicom = uids.Dicom() with { Frames = 3, Further = data => data.AddBytes(DicomTag.PixelData, DicomVr.OB, Enumerable.Range(0, 192).Select(i => (byte)(i / 64)).ToArray()) };
        var path = await StoreAsync(Deflated(dicom.ToBytes()), dicom);
        using var answer = await server.Client.GetAsync($"{path}/frames/3,1", Ohif);
        var parts = await answer.PartsAsync();
        Assert.That(parts.Select(part => part.Body), Is.EqualTo(new[] { Enumerable.Repeat((byte)2, 64), Enumerable.Repeat((byte)0, 64) }));
        Assert.That(parts.Select(part => part.ContentType), Is.All.EqualTo("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"));
        using var bulk = await server.Client.GetAsync($"{path}/bulkdata/7FE00010", "application/octet-stream");
        Assert.That((await bulk.Content.ReadAsByteArrayAsync()).Length, Is.EqualTo(192));
        using var whole = await server.Client.GetAsync(path, "application/dicom");
        Assert.That(whole.Content.Headers.ContentType!.ToString(), Does.EndWith("transfer-syntax=1.2.840.10008.1.2.1.99"));
    }

    [Test]
    public async Task An_instance_without_pixels_has_no_frames()
    {
        var dicom = uids.Dicom() with { Further = data => data.Remove(DicomTag.PixelData) };
        var path = await StoreAsync(dicom.ToBytes(), dicom);
        using var answer = await server.Client.GetAsync($"{path}/frames/1", Ohif);
        Assert.That((int)answer.StatusCode, Is.EqualTo(404));
    }

    [Test]
    public async Task A_file_cut_off_in_its_pixels_gives_the_whole_frames_and_no_more()
    {
        var dicom = uids.Dicom() with { Frames = 3 };
        var file = dicom.ToBytes()[..^80];
        var stored = await server.StowAsync(Base, file);
        if (stored.StatusCode == HttpStatusCode.Conflict)
        {
            return;
        }
        var path = PathOf(dicom);
        using var first = await server.Client.GetAsync($"{path}/frames/1", Ohif);
        Assert.That((await first.PartsAsync()).Single().Body, Has.Length.EqualTo(64));
        using var second = await server.Client.GetAsync($"{path}/frames/2", Ohif);
        using var third = await server.Client.GetAsync($"{path}/frames/3", Ohif);
        Assert.That((int)third.StatusCode, Is.EqualTo(404));
        Assert.That((int)second.StatusCode, Is.AnyOf(200, 404), "an answer whose length is what it says, or none");
    }

    private TestDicom Native(int frames) => uids.Dicom() with
    {
        Frames = frames, Further = data => data.AddBytes(DicomTag.PixelData, DicomVr.OB, Enumerable.Range(0, frames * 64).Select(i => (byte)((i / 64) + 1)).ToArray()),
    };

    private static byte[] Encapsulated(TestDicom dicom, byte[][] fragments, int? frames = null, string syntax = "1.2.840.10008.1.2.4.50")
    {
        var data = WebTalk.Read(dicom.ToBytes()).Dataset;
        data.AddEncapsulated([.. fragments.Select(one => (ReadOnlyMemory<byte>)one)]);
        data.AddNumbers(DicomTag.NumberOfFrames, DicomVr.IS, frames ?? fragments.Length);
        using var file = new MemoryStream();
        Assert.That(Part10Writer.Write(file, data, syntax).Problem, Is.Null);
        var bytes = file.ToArray();
        if (frames is not null && frames < fragments.Length)
        {
            // The basic offset table of the writer has an entry a fragment; one frame of several fragments has one.
            var at = bytes.AsSpan().LastIndexOf(new byte[] { 0xFE, 0xFF, 0x00, 0xE0, 8, 0, 0, 0, 0, 0, 0, 0 });
            bytes = [.. bytes[..(at + 4)], 4, 0, 0, 0, 0, 0, 0, 0, .. bytes[(at + 16)..]];
        }
        return bytes;
    }

    private static byte[] Deflated(byte[] file)
    {
        var at = (int)WebTalk.Read(file).DataSetOffset;
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(file.AsSpan(at));
        }
        // (0002,0010) grows from 20 to 22 bytes, and the group length with it.
        var head = file[..at];
        var syntax = head.AsSpan().IndexOf("1.2.840.10008.1.2.1\0"u8);
        byte[] meta = [.. head[..(syntax - 2)], 22, 0, .. "1.2.840.10008.1.2.1.99"u8, .. head[(syntax + 20)..]];
        meta[140] += 2;
        return [.. meta, .. packed.ToArray()];
    }

    private Task<string> StoreAsync(TestDicom dicom) => StoreAsync(dicom.ToBytes(), dicom);

    private async Task<string> StoreAsync(byte[] file, TestDicom dicom)
    {
        var answer = await server.StowAsync(Base, file);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        return PathOf(dicom);
    }

    private static string PathOf(TestDicom dicom) => $"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}";
}

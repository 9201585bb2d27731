using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Imaging;
using Fhir.Server.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Instances that come as metadata and bulk data become files. PS3.18 §10.5.1 and §8.7.3</summary>
[TestFixture]
public sealed partial class StowMetadataTests
{
    private const string Base = "/dicomweb/patients/b1";
    private const string JsonType = "multipart/related; type=\"application/dicom+json\"; boundary=b1";
    private const string XmlType = "multipart/related; type=application/dicom+xml; boundary=b1";

    private static readonly byte[] Jpeg2000 = [0xFF, 0x4F, 0xFF, 0x51, 0, 4, 0, 0, 0xFF, 0x52, 0, 12, 0, 0, 0, 1, 0, 5, 4, 4, 0, 1, 0xFF, 0xD9];
    private static readonly byte[] Jp2 = [0, 0, 0, 12, .. "jP  \r\n"u8, 0x87, 0x0A, 0, 0, 0, 8, .. "free"u8, 0, 0, 0, 0, .. "jp2c"u8, .. Jpeg2000];

    private readonly FreshUids uids = new("1.2.276.16");
    private PhrServer server = null!;

    private static IEnumerable<TestCaseData> Compressed() => new (string Type, byte[] Bits, string Syntax)[]
    {
        ("image/jpeg", [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xFF, 0xD9], "1.2.840.10008.1.2.4.50"),
        ("image/jpeg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC1, 0, 11, 12, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xFF, 0xD9], "1.2.840.10008.1.2.4.51"),
        ("image/jpeg", [0xFF, 0xD8, 0xFF, 0xC3, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 0, 0, 0xFF, 0xD9], "1.2.840.10008.1.2.4.70"),
        ("image/jpeg", [0xFF, 0xD8, 0xFF, 0xC3, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 4, 0, 0, 0xFF, 0xD9], "1.2.840.10008.1.2.4.57"),
        ("image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.57", [1, 2, 3, 4], "1.2.840.10008.1.2.4.57"),
        ("image/jls", [0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0], "1.2.840.10008.1.2.4.80"),
        ("image/jls", [0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 2, 0, 0], "1.2.840.10008.1.2.4.81"),
        ("image/jp2", Jpeg2000, "1.2.840.10008.1.2.4.90"),
        ("image/jp2", Jp2, "1.2.840.10008.1.2.4.90"),
        ("image/jp2; transfer-syntax=\"1.2.840.10008.1.2.4.91\"", Jpeg2000, "1.2.840.10008.1.2.4.91"),
        ("image/jphc", [1, 2, 3, 4], "1.2.840.10008.1.2.4.201"),
        ("image/dicom-rle", [1, 2, 3], "1.2.840.10008.1.2.5"),
        ("application/octet-stream; transfer-syntax=1.2.840.10008.1.2.5", [1, 2, 3, 4], "1.2.840.10008.1.2.5"),
        ("video/mp4", [1, 2, 3, 4, 5], "1.2.840.10008.1.2.4.102"),
    }.Select(one => new TestCaseData(one.Type, one.Bits, one.Syntax).SetArgDisplayNames(one.Type, one.Syntax, $"{one.Bits.Length}"));

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/b1", """{"resourceType":"Patient","id":"b1"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task Metadata_in_JSON_or_XML_and_pixels_become_the_instance_they_came_from([Values] bool xml, [Values("bulk/1", "http://else.where/studies/1/bulk?x=1", "urn:uuid:1")] string location)
    {
        var dicom = uids.Dicom() with { PatientName = "Müller^Jörg" };
        var pixels = Enumerable.Range(0, 64).Select(i => (byte)i).ToArray();
        var answer = await SendAsync(xml, [Metadata(dicom, location)], ("application/octet-stream", location, pixels));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        var item = (await answer.JsonAsync()).Items("00081199").Single();
        Assert.That(item.Value("00081155"), Is.EqualTo(dicom.Sop));
        var bytes = await (await server.Client.GetAsync(item.Value("00081190")!, "application/dicom")).Content.ReadAsByteArrayAsync();
        var back = WebTalk.Read(bytes);
        Assert.That(back.TransferSyntax, Is.EqualTo(DicomTransferSyntax.ExplicitLittleEndian));
        Assert.That(back.Dataset.GetString(DicomTag.PatientName), Is.EqualTo("Müller^Jörg"));
        Assert.That(back.FileMeta.GetString(DicomTag.MediaStorageSOPInstanceUID), Is.EqualTo(dicom.Sop));
        using var file = new MemoryStream(bytes);
        Assert.That(back.Load(back.Dataset.Find(DicomTag.PixelData)!, file).Value.ToArray(), Is.EqualTo(pixels));
        Assert.That(back.Dataset.Elements.Select(element => element.Tag), Is.EqualTo(WebTalk.Read(dicom.ToBytes()).Dataset.Elements.Select(element => element.Tag)));
        var frame = await server.Client.GetAsync(item.Value("00081190") + "/frames/1", "application/octet-stream");
        Assert.That(await frame.Content.ReadAsByteArrayAsync(), Is.EqualTo(pixels));
    }

    [TestCaseSource(nameof(Compressed))]
    public async Task A_compressed_picture_is_stored_in_the_transfer_syntax_of_its_media_type(string type, byte[] bits, string syntax)
    {
        var dicom = uids.Dicom();
        var answer = await SendAsync(false, [Metadata(dicom, "p")], (type, "p", bits));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        var address = (await answer.JsonAsync()).Items("00081199").Single().Value("00081190");
        var bytes = await (await server.Client.GetAsync(address!, "application/dicom; transfer-syntax=*")).Content.ReadAsByteArrayAsync();
        var back = WebTalk.Read(bytes);
        Assert.That(back.TransferSyntax, Is.EqualTo(syntax));
        using var file = new MemoryStream(bytes);
        var expected = bits.AsSpan().StartsWith(Jp2.AsSpan(0, 12)) ? Jpeg2000 : bits;
        Assert.That(back.Load(back.Dataset.Find(DicomTag.PixelData)!, file).Value.ToArray().AsSpan(0, expected.Length).ToArray(), Is.EqualTo(expected));
    }

    [Test]
    public async Task Frames_come_as_parts_of_one_location_and_leave_one_by_one()
    {
        var dicom = uids.Dicom() with { Frames = 3 };
        var frames = Enumerable.Range(1, 3).Select(i => Enumerable.Repeat((byte)i, 10 + i).ToArray()).ToList();
        var answer = await SendAsync(false, [Metadata(dicom, "p")], [.. frames.Select(frame => ("image/dicom-rle", "p", frame))]);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        var address = (await answer.JsonAsync()).Items("00081199").Single().Value("00081190");
        var parts = await (await server.Client.GetAsync($"{address}/frames/1,2,3", "multipart/related; type=application/octet-stream; transfer-syntax=*")).PartsAsync();
        Assert.That(parts.Select(part => part.Body[0]), Is.EqualTo(new byte[] { 1, 2, 3 }));

        var native = uids.Dicom() with { Frames = 2 };
        var halves = await SendAsync(false, [Metadata(native, "p")], ("application/octet-stream", "p", new byte[64]), ("application/octet-stream", "p", Enumerable.Repeat((byte)9, 64).ToArray()));
        Assert.That(halves.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var second = await server.Client.GetAsync((await halves.JsonAsync()).Items("00081199").Single().Value("00081190") + "/frames/2", "application/octet-stream");
        Assert.That(await second.Content.ReadAsByteArrayAsync(), Is.All.EqualTo(9));
    }

    [Test]
    public async Task Several_instances_come_with_one_list_and_bulk_data_of_other_attributes_too()
    {
        var one = uids.Dicom();
        var two = one with { Sop = one.Sop + "2" };
        var pdf = Metadata(one with { Sop = one.Sop + "3", Modality = "DOC" }, null);
        pdf.Remove(DicomTag.PixelData);
        pdf.Add(new DicomElement(new DicomTag(0x00420011), DicomVr.OB, "doc"));
        pdf.AddSequence(new DicomTag(0x00400555), new DicomDataset().Add(new DicomElement(new DicomTag(0x0040A730), [new DicomDataset().Add(new DicomElement(new DicomTag(0x00420011), DicomVr.OB, "inner"))])));
        var answer = await SendAsync(
            false, [Metadata(one, "a"), Metadata(two, "a"), pdf], ("application/octet-stream", "a", new byte[64]), ("application/pdf", "doc", "%PDF-1.7"u8.ToArray()), ("application/octet-stream", "inner", [1, 2, 3]));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        var items = (await answer.JsonAsync()).Items("00081199");
        Assert.That(items.Select(item => item.Value("00081155")), Is.EqualTo(new[] { one.Sop, two.Sop, one.Sop + "3" }));
        var document = WebTalk.Read(await (await server.Client.GetAsync(items[2].Value("00081190")!, "application/dicom")).Content.ReadAsByteArrayAsync());
        Assert.That(document.Dataset.Find(new DicomTag(0x00420011))!.Value.ToArray(), Is.EqualTo("%PDF-1.7"u8.ToArray()));
        Assert.That(document.Dataset.FindByPath("00400555/1/0040A730/1/00420011")!.Value.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 0 }));
    }

    [Test]
    public async Task Values_that_stand_in_the_metadata_need_no_bulk_data()
    {
        var dicom = uids.Dicom();
        var answer = await SendAsync(false, [WebTalk.ReadWhole(dicom.ToBytes())]);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        var back = await server.Client.GetAsync((await answer.JsonAsync()).Items("00081199").Single().Value("00081190")!, "application/dicom");
        Assert.That(await back.Content.ReadAsByteArrayAsync(), Is.EqualTo(dicom.ToBytes()), "All the same bytes: what was sent as a file comes again as metadata.");
        var again = await server.StowAsync(Base, dicom.ToBytes());
        Assert.That(again.Headers.GetValues("Phr-Already-There"), Is.EqualTo(new[] { "1" }));
    }

    [Test]
    public async Task Of_instances_without_their_bulk_data_or_with_wrong_ones_each_fails_and_the_others_are_stored()
    {
        var good = uids.Dicom();
        var missing = good with { Sop = good.Sop + "2" };
        var few = good with { Sop = good.Sop + "3", Rows = 100 };
        var frames = good with { Sop = good.Sop + "4", Frames = 2 };
        var text = good with { Sop = good.Sop + "5" };
        var nameless = Metadata(good with { Sop = good.Sop + "6" }, "a");
        nameless.Remove(DicomTag.SOPClassUID);
        var noSeries = Metadata(good with { Sop = good.Sop + "7", Series = "x" }, "a");
        var answer = await SendAsync(
            false, [Metadata(missing, "nowhere"), Metadata(good, "a"), Metadata(few, "a"), Metadata(frames, "j"), Metadata(text, "t"), nameless, noSeries],
            ("application/octet-stream", "a", new byte[64]), ("image/jls", "j", [1, 2]), ("text/plain", "t", [65]));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var json = await answer.JsonAsync();
        Assert.That(json.Items("00081199").Select(item => item.Value("00081155")), Is.EqualTo(new[] { good.Sop }));
        Assert.That(json.Failures(), Is.All.EqualTo($"{0xA900}"));
        Assert.That(json.Items("00081198").Select(item => item.Value("00081155")), Is.EqualTo(new[] { missing.Sop, few.Sop, frames.Sop, text.Sop, good.Sop + "6", good.Sop + "7" }));
        Assert.That((int)(await SendAsync(false, [Metadata(missing, "nowhere")])).StatusCode, Is.EqualTo(409));
    }

    [TestCase("application/octet-stream", "Content-Location: nobody", 400)]
    [TestCase("application/octet-stream", "X: y", 400)]
    [TestCase("application/dicom", "Content-Location: a", 415)]
    [TestCase("application/dicom+xml", "Content-Location: a", 415)]
    public async Task A_request_whose_parts_do_not_belong_together_stores_nothing(string type, string header, int status)
    {
        var dicom = uids.Dicom();
        var body = WebTalk.Join(
            "--b1\r\nContent-Type: application/dicom+json\r\n\r\n", Json([Metadata(dicom, "a")]), "\r\n--b1\r\nContent-Type: application/octet-stream\r\nContent-Location: a\r\n\r\n", new byte[64],
            $"\r\n--b1\r\nContent-Type: {type}\r\n{header}\r\n\r\nx\r\n--b1--\r\n");
        var answer = await server.Client.PostAsync(Base + "/studies", JsonType, body);
        Assert.That((int)answer.StatusCode, Is.EqualTo(status), await answer.Content.ReadAsStringAsync());
        Assert.That((await server.Client.JsonAsync($"{Base}/studies?StudyInstanceUID={dicom.Study}")).GetArrayLength(), Is.Zero);
        await AssertNothingHeldAsync();
    }

    [TestCase("{")]
    [TestCase("[1]")]
    [TestCase("\"text\"")]
    public async Task Metadata_that_are_none_are_400(string json)
    {
        var answer = await server.Client.PostAsync(Base + "/studies", JsonType, WebTalk.Join($"--b1\r\nContent-Type: application/dicom+json\r\n\r\n{json}\r\n--b1--\r\n"));
        Assert.That((int)answer.StatusCode, Is.EqualTo(400), await answer.Content.ReadAsStringAsync());
        await AssertNothingHeldAsync();
    }

    [Test]
    public async Task An_entity_in_XML_is_not_followed()
    {
        var answer = await server.Client.PostAsync(Base + "/studies", XmlType, WebTalk.Join(
            "--b1\r\nContent-Type: application/dicom+xml\r\n\r\n<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><NativeDicomModel>&e;</NativeDicomModel>\r\n--b1--\r\n"));
        Assert.That((int)answer.StatusCode, Is.EqualTo(400));
    }

    [Test]
    public async Task The_study_in_the_address_holds_for_metadata_too()
    {
        var (mine, other) = (uids.Dicom(), uids.Dicom());
        var answer = await server.Client.PostAsync($"{Base}/studies/{mine.Study}", JsonType, Body("application/dicom+json", [Json([Metadata(mine, "a"), Metadata(other, "a")])], ("application/octet-stream", "a", new byte[64])));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((await answer.JsonAsync()).Failures(), Is.EqualTo(new[] { $"{0xA901}" }));
    }

    [Test]
    public async Task Metadata_over_the_limit_are_413()
    {
        await using var small = PhrServer.Start(("DicomWeb:Stow:MetadataLimit", "1024"));
        await small.PutAsync("/fhir/Patient/b1", """{"resourceType":"Patient","id":"b1"}""");
        var body = Body("application/dicom+json", [Json([Metadata(uids.Dicom(), "a")])], ("application/octet-stream", "a", new byte[64]));
        Assert.That((int)(await small.Client.PostAsync(Base + "/studies", JsonType, body)).StatusCode, Is.EqualTo(413));
    }

    [Test]
    public async Task Data_sets_that_are_refused_hold_no_upload()
    {
        var composer = new InstanceComposer(server.Services.GetRequiredService<GuardedRecords>().For(Caller.Open));
        var begun = await composer.BeginAsync(default);
        await using var bulk = begun.Value;
        var held = Directory.GetFiles(server.Folder, "*.part", SearchOption.AllDirectories).Length;
        for (var i = 0; i < 20; i++)
        {
            var composed = (await composer.ComposeAsync(i % 2 == 0 ? new DicomDataset() : Metadata(uids.Dicom(), "nowhere"), bulk, long.MaxValue, default)).Value;
            Assert.That(composed.File, Is.Null);
            Assert.That(composed.Refusal, Is.Not.Null);
        }
        Assert.That(Directory.GetFiles(server.Folder, "*.part", SearchOption.AllDirectories), Has.Length.EqualTo(held));
    }

    [Test]
    public async Task Hundreds_of_empty_data_sets_are_each_refused_and_the_good_one_among_them_is_stored()
    {
        var dicom = uids.Dicom();
        var json = $"[{string.Concat(Enumerable.Repeat("{},", 250))}{ModelJson(Metadata(dicom, "a"))}]";
        var answer = await server.Client.PostAsync(Base + "/studies", JsonType, Body("application/dicom+json", [Encoding.UTF8.GetBytes(json)], ("application/octet-stream", "a", new byte[64])));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var told = await answer.JsonAsync();
        Assert.That(told.Failures(), Has.Length.EqualTo(250));
        Assert.That(told.Items("00081199").Single().Value("00081155"), Is.EqualTo(dicom.Sop));
        await AssertNothingHeldAsync();
    }

    [Test]
    public async Task More_data_sets_than_parts_may_be_are_413()
    {
        await using var small = await StartSmallAsync(("DicomWeb:Stow:PartLimit", "3"));
        Assert.That((int)(await small.Client.PostAsync(Base + "/studies", JsonType, Body("application/dicom+json", ["[{},{},{}]"u8.ToArray()]))).StatusCode, Is.EqualTo(409));
        foreach (var texts in new byte[][][] { ["[{},{},{},{}]"u8.ToArray()], ["[{},{}]"u8.ToArray(), "[{},{}]"u8.ToArray()] })
        {
            var answer = await small.Client.PostAsync(Base + "/studies", JsonType, Body("application/dicom+json", texts));
            Assert.That((int)answer.StatusCode, Is.EqualTo(413));
            Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("3 data sets"));
        }
    }

    [Test]
    public async Task All_metadata_of_a_request_share_the_elements_one_may_have([Values] bool xml)
    {
        byte[] Long(int values) => Encoding.UTF8.GetBytes(xml
            ? $"<NativeDicomModel><DicomAttribute tag=\"00280006\" vr=\"US\">{string.Concat(Enumerable.Repeat("<Value>1</Value>", values))}</DicomAttribute></NativeDicomModel>"
            : $"[{{\"00280006\":{{\"vr\":\"US\",\"Value\":[{string.Join(',', Enumerable.Repeat("1", values))}]}}}}]");
        var type = xml ? "application/dicom+xml" : "application/dicom+json";
        Assert.That((int)(await server.Client.PostAsync(Base + "/studies", xml ? XmlType : JsonType, Body(type, [Long(300_000)]))).StatusCode, Is.EqualTo(409));
        Assert.That((int)(await server.Client.PostAsync(Base + "/studies", xml ? XmlType : JsonType, Body(type, [Long(300_000), Long(300_000)]))).StatusCode, Is.EqualTo(413));
    }

    [Test]
    public async Task Bulk_data_are_named_again_only_for_so_many_bytes()
    {
        await using var small = await StartSmallAsync(("DicomWeb:Stow:RepeatLimit", "100"));
        var one = uids.Dicom();
        DicomDataset[] all = [.. Enumerable.Range(1, 3).Select(i => Metadata(one with { Sop = $"{one.Sop}.{i}" }, "a"))];
        Task<HttpResponseMessage> Send(int count) => small.Client.PostAsync(
            Base + "/studies", JsonType, Body("application/dicom+json", [Json(all[..count])], ("application/octet-stream", "a", new byte[64])));
        var refused = await Send(3);
        Assert.That((int)refused.StatusCode, Is.EqualTo(413));
        Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("100 bytes"));
        Assert.That((await small.Client.JsonAsync($"{Base}/studies")).GetArrayLength(), Is.Zero);
        Assert.That((int)(await Send(2)).StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task A_file_that_would_become_too_large_is_refused_with_A700_before_it_is_written()
    {
        await using var small = await StartSmallAsync(("DicomWeb:InstanceLimit", "3000"));
        var dicom = uids.Dicom();
        var many = Metadata(dicom, null);
        for (var i = 0; i < 4; i++)
        {
            many.Add(new DicomElement(new DicomTag((uint)(0x00091001 + i)), DicomVr.OB, "a"));
        }
        many.Add(new DicomTag(0x00090010), DicomVr.LO, "ACME");
        var answer = await small.Client.PostAsync(
            Base + "/studies", JsonType, Body("application/dicom+json", [Json([many, Metadata(dicom with { Sop = dicom.Sop + "2" }, "a")])], ("application/octet-stream", "a", new byte[1000])));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        var told = await answer.JsonAsync();
        Assert.That(told.Failures(), Is.EqualTo(new[] { $"{0xA700}" }));
        Assert.That(told.Items("00081199").Single().Value("00081155"), Is.EqualTo(dicom.Sop + "2"));
    }

    [Test]
    public async Task Pixels_of_one_bit_need_no_more_bytes_than_their_bits_and_halved_colours_no_more_than_two_samples()
    {
        var bits = uids.Dicom() with
        {
            Rows = 3, Columns = 3, Frames = 8,
            Further = data => data.AddNumbers(DicomTag.BitsAllocated, DicomVr.US, 1).AddNumbers(DicomTag.BitsStored, DicomVr.US, 1).AddNumbers(DicomTag.HighBit, DicomVr.US, 0),
        };
        var colours = uids.Dicom() with
        {
            Further = data => data.AddNumbers(DicomTag.SamplesPerPixel, DicomVr.US, 3).AddNumbers(DicomTag.PlanarConfiguration, DicomVr.US, 0)
                .Add(DicomTag.PhotometricInterpretation, "YBR_FULL_422"),
        };
        foreach (var (dicom, length) in new[] { (bits, 9), (colours, 128) })
        {
            var few = await SendAsync(false, [Metadata(dicom, "p")], ("application/octet-stream", "p", new byte[length - 1]));
            Assert.That((int)few.StatusCode, Is.EqualTo(409), await few.Content.ReadAsStringAsync());
            var enough = await SendAsync(false, [Metadata(dicom, "p")], ("application/octet-stream", "p", new byte[length]));
            Assert.That((await enough.JsonAsync()).Items("00081199"), Has.Length.EqualTo(1), await enough.Content.ReadAsStringAsync());
        }
    }

    private static async Task<PhrServer> StartSmallAsync(params (string, string)[] settings)
    {
        var small = PhrServer.Start(settings);
        await small.PutAsync("/fhir/Patient/b1", """{"resourceType":"Patient","id":"b1"}""");
        return small;
    }

    private static DicomDataset Metadata(TestDicom dicom, string? pixels)
    {
        var data = WebTalk.ReadWhole(dicom.ToBytes());
        return pixels is null ? data : data.Add(new DicomElement(DicomTag.PixelData, DicomVr.OW, pixels));
    }

    private static byte[] Json(IEnumerable<DicomDataset> datasets) =>
        Encoding.UTF8.GetBytes($"[{string.Join(',', datasets.Select(ModelJson))}]");

    /// <summary>What our own writer makes of it, but with the addresses the data set says.</summary>
    private static string ModelJson(DicomDataset dataset)
    {
        var addresses = new Dictionary<string, string>();
        var plain = Marked(dataset, addresses);
        var text = Encoding.UTF8.GetString(DicomJson.Write(plain, bulkThreshold: int.MaxValue).ToArray("http://never"));
        // Our writer names pixels by an address however few they are.
        text = PixelAddress().Replace(text, plain.Find(DicomTag.PixelData) is { } pixels ? $"\"InlineBinary\":\"{Convert.ToBase64String(pixels.Value.Span)}\"" : "");
        foreach (var (mark, address) in addresses)
        {
            text = text.Replace($"\"InlineBinary\":\"{mark}\"", $"\"BulkDataURI\":\"{address}\"", StringComparison.Ordinal);
        }
        return text;
    }

    [GeneratedRegex("\"BulkDataURI\":\"http://never[^\"]*/bulkdata/7FE00010\"")]
    private static partial Regex PixelAddress();

    private static DicomDataset Marked(DicomDataset dataset, Dictionary<string, string> addresses)
    {
        var plain = new DicomDataset();
        foreach (var element in dataset)
        {
            if (element.BulkAddress is { } address)
            {
                var mark = Encoding.ASCII.GetBytes($"mark {addresses.Count:D7}");
                addresses[Convert.ToBase64String(mark)] = address;
                plain.Add(new DicomElement(element.Tag, element.Vr, mark));
            }
            else
            {
                plain.Add(element.Items is { } items ? new DicomElement(element.Tag, [.. items.Select(item => Marked(item, addresses))]) : element);
            }
        }
        return plain;
    }

    private static byte[] ModelXml(DicomDataset dataset)
    {
        var addresses = new Dictionary<string, string>();
        using var text = new MemoryStream();
        DicomXml.Write(text, Marked(dataset, addresses), "http://never", int.MaxValue);
        var xml = Encoding.UTF8.GetString(text.ToArray());
        foreach (var (mark, address) in addresses)
        {
            xml = xml.Replace($"<InlineBinary>{mark}</InlineBinary>", $"<BulkData uri=\"{address}\"/>", StringComparison.Ordinal);
        }
        return Encoding.UTF8.GetBytes(xml);
    }

    private static byte[] Body(string type, IEnumerable<byte[]> metadata, params IEnumerable<(string Type, string Location, byte[] Bytes)> bulk) => WebTalk.Join(
    [
        .. metadata.SelectMany(text => new object[] { $"--b1\r\nContent-Type: {type}\r\n\r\n", text, "\r\n" }),
        .. bulk.SelectMany(part => new object[] { $"--b1\r\nContent-Type: {part.Type}\r\nContent-Location: {part.Location}\r\n\r\n", part.Bytes, "\r\n" }),
        "--b1--\r\n",
    ]);

    private Task<HttpResponseMessage> SendAsync(bool xml, IReadOnlyList<DicomDataset> datasets, params IEnumerable<(string Type, string Location, byte[] Bytes)> bulk) =>
        server.Client.PostAsync(Base + "/studies", xml ? XmlType : JsonType, Body(xml ? "application/dicom+xml" : "application/dicom+json", xml ? datasets.Select(ModelXml) : [Json(datasets)], bulk));

    private async Task AssertNothingHeldAsync()
    {
        var blobs = server.Services.GetRequiredService<IBlobStore>();
        for (var i = 0; i < 50 && blobs.MadeBefore(DateTimeOffset.MaxValue).Any(blobs.IsLeased); i++)
        {
            await Task.Delay(100);
        }
        Assert.That(Directory.EnumerateFiles(server.Folder, "*.part", SearchOption.AllDirectories), Is.Empty);
    }
}

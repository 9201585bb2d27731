using System.Net;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Ranges and HEAD. RFC 9110 §14, §9.3.2</summary>
[TestFixture]
public sealed class RangeTests
{
    private const string Study = "1.2.276.13.1", Base = "/dicomweb/patients/r1", Instance = $"{Base}/studies/{Study}/series/{Study}.1/instances/{Study}.1.1";

    private static readonly byte[] File = (new TestDicom(Study, Study + ".1", Study + ".1.1")
    {
        Frames = 2, Rows = 100, Columns = 100,
        Further = data => data.AddBytes(DicomTag.PixelData, DicomVr.OB, Enumerable.Range(0, 20_000).Select(i => (byte)(i * 13)).ToArray()),
    }).ToBytes();

    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/r1", """{"resourceType":"Patient","id":"r1"}""");
        await server.StowAsync(Base, File);
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    private static IEnumerable<TestCaseData> Singles() =>
    [
        new TestCaseData(Instance, "application/dicom").SetArgDisplayNames("instance"),
        new TestCaseData(Instance + "/frames/2", "application/octet-stream").SetArgDisplayNames("frame"),
        new TestCaseData(Instance + "/bulkdata/7FE00010", "application/octet-stream").SetArgDisplayNames("bulk data"),
    ];

    [TestCaseSource(nameof(Singles))]
    public async Task A_range_of_a_single_part_is_206_with_just_those_bytes(string path, string accept)
    {
        using var all = await server.Client.GetAsync(path, accept);
        var whole = await all.Content.ReadAsByteArrayAsync();
        Assert.That(all.Headers.AcceptRanges, Is.EqualTo(new[] { "bytes" }));
        foreach (var (range, from, to) in new[]
        {
            ("bytes=0-0", 0, 1), ("bytes=5-99", 5, 100), ("bytes=100-", 100, whole.Length), ("bytes=-7", whole.Length - 7, whole.Length),
            ("bytes=3-999999999", 3, whole.Length), ("bytes=-999999999", 0, whole.Length), ("BYTES=1-2", 1, 3),
        })
        {
            using var part = await server.Client.GetAsync(path, accept, ("Range", range));
            Assert.That((int)part.StatusCode, Is.EqualTo(206), range);
            Assert.That(part.Content.Headers.ContentRange!.ToString(), Is.EqualTo($"bytes {from}-{to - 1}/{whole.Length}"));
            Assert.That(part.Content.Headers.ContentType, Is.EqualTo(all.Content.Headers.ContentType));
            Assert.That(part.Headers.ETag, Is.EqualTo(all.Headers.ETag));
            Assert.That(await part.Content.ReadAsByteArrayAsync(), Is.EqualTo(whole[from..to]), range);
        }
        foreach (var range in new[] { $"bytes={whole.Length}-", "bytes=999999999-1000000000", "bytes=-0" })
        {
            using var none = await server.Client.GetAsync(path, accept, ("Range", range));
            Assert.That((int)none.StatusCode, Is.EqualTo(416), range);
            Assert.That(none.Content.Headers.ContentRange!.ToString(), Is.EqualTo($"bytes */{whole.Length}"));
        }
        foreach (var range in new[] { "bytes=0-1,5-6", "bytes=x", "lines=1-2", "bytes=9-3", "", "bytes" })
        {
            using var ignored = await server.Client.GetAsync(path, accept, ("Range", range));
            Assert.That((int)ignored.StatusCode, Is.EqualTo(200), range);
            Assert.That(await ignored.Content.ReadAsByteArrayAsync(), Is.EqualTo(whole));
        }
    }

    [Test]
    public async Task A_range_goes_on_only_from_the_same_bytes()
    {
        using var all = await server.Client.GetAsync(Instance, "application/dicom");
        foreach (var (condition, status) in new[]
        {
            (all.Headers.ETag!.ToString(), 206), ("\"other\"", 200), ($"W/{all.Headers.ETag}", 200), ("Sat, 01 Jan 2000 00:00:00 GMT", 200),
        })
        {
            using var part = await server.Client.GetAsync(Instance, "application/dicom", ("Range", "bytes=0-9"), ("If-Range", condition));
            Assert.That((int)part.StatusCode, Is.EqualTo(status), condition);
        }
        using var known = await server.Client.GetAsync(Instance, "application/dicom", ("Range", "bytes=0-9"), ("If-None-Match", all.Headers.ETag!.ToString()));
        Assert.That((int)known.StatusCode, Is.EqualTo(304));
        using var multipart = await server.Client.GetAsync(Instance, WebTalk.Multipart, ("Range", "bytes=0-9"));
        Assert.That((int)multipart.StatusCode, Is.EqualTo(200), "a multipart has no ranges");
        Assert.That(multipart.Headers.AcceptRanges, Is.Empty);
    }

    [TestCase(Instance, "application/dicom", 200)]
    [TestCase(Instance, WebTalk.Multipart, 200)]
    [TestCase($"{Base}/studies/{Study}", WebTalk.Multipart, 200)]
    [TestCase($"{Base}/studies/{Study}/series/{Study}.1", WebTalk.Multipart, 200)]
    [TestCase(Instance + "/frames/1", "application/octet-stream", 200)]
    [TestCase(Instance + "/frames/1,2", "*/*", 200)]
    [TestCase(Instance + "/bulkdata/7FE00010", "*/*", 200)]
    [TestCase(Instance + "/frames/3", "*/*", 404)]
    [TestCase(Instance + "/frames/x", "*/*", 400)]
    [TestCase(Instance, "image/png", 406)]
    [TestCase($"{Base}/studies/1.2.3.4", "*/*", 404)]
    public async Task HEAD_answers_like_GET_without_a_body(string path, string accept, int status)
    {
        using var get = await server.Client.GetAsync(path, accept);
        using var head = await server.Client.HeadAsync(path, accept);
        Assert.That(((int)head.StatusCode, (int)get.StatusCode), Is.EqualTo((status, status)));
        Assert.That(head.Headers.ETag, Is.EqualTo(get.Headers.ETag));
        Assert.That(head.Content.Headers.ContentType, Is.EqualTo(get.Content.Headers.ContentType));
        if (status == 200)
        {
            Assert.That(head.Content.Headers.ContentLength, Is.EqualTo((await get.Content.ReadAsByteArrayAsync()).Length));
        }
        Assert.That(await head.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    [Test]
    public async Task What_was_deleted_is_410_to_who_could_see_it_and_404_to_everybody_else()
    {
        var dicom = new TestDicom("1.2.276.13.9", "1.2.276.13.9.1", "1.2.276.13.9.1.1");
        await server.StowAsync(Base, dicom.ToBytes(), (dicom with { Series = "1.2.276.13.9.2", Sop = "1.2.276.13.9.2.1" }).ToBytes());
        var found = await server.Client.GetStringAsync($"/fhir/ImagingStudy?identifier={dicom.Study}");
        var id = System.Text.Json.JsonDocument.Parse(found).RootElement.GetProperty("entry")[0].GetProperty("resource").GetProperty("id").GetString();
        Assert.That((await server.Client.DeleteAsync($"/fhir/ImagingStudy/{id}")).IsSuccessStatusCode);
        var (study, series) = ($"{Base}/studies/{dicom.Study}", $"{Base}/studies/{dicom.Study}/series/{dicom.Series}");
        string[] paths = [study, study + "/metadata", series, series + "/metadata", $"{series}/instances/{dicom.Sop}", $"{series}/instances/{dicom.Sop}/frames/1", $"{series}/instances/{dicom.Sop}/bulkdata/7FE00010"];
        using var whole = server.As(Fhir.Server.Access.Reach.Of([new("r1")]));
        using var part = server.As(Fhir.Server.Access.Reach.Of([new("r1", [new(dicom.Study, [dicom.Series])])]));
        using var other = server.As(Fhir.Server.Access.Reach.Of([new("r1", [new(Study)])]));
        foreach (var path in paths)
        {
            foreach (var (client, status) in new[] { (server.Client, 410), (whole, 410), (part, path.Contains("/series/", StringComparison.Ordinal) ? 404 : 410), (other, 404) })
            {
                using var answer = await client.GetAsync(path, "*/*");
                Assert.That((int)answer.StatusCode, Is.EqualTo(status), path);
            }
        }
        using var hidden = await other.GetAsync(study, "*/*");
        using var unknown = await other.GetAsync($"{Base}/studies/1.2.276.13.404", "*/*");
        Assert.That(await hidden.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()));

        await server.StowAsync(Base, dicom.ToBytes());
        using var back = await server.Client.GetAsync(series, "*/*");
        Assert.That(back.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var still = await server.Client.GetAsync($"{Base}/studies/{dicom.Study}/series/1.2.276.13.9.2", "*/*");
        Assert.That((int)still.StatusCode, Is.EqualTo(404), "the study is there again, that series is not");
    }
}

using System.Net;
using Fhir.Server.Access;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>WADO-RS of studies, series and instances. https://dicom.nema.org/medical/dicom/current/output/html/part18.html#sect_10.4</summary>
[TestFixture]
public sealed class RetrieveTests
{
    private const string Study = "1.2.276.4.1", Other = "1.2.276.4.2", Base = "/dicomweb/patients/w1";
    private const string One = $"{Base}/studies/{Study}/series/{Study}.1/instances/{Study}.1.1";
    private const string Explicit = DicomTransferSyntax.ExplicitLittleEndian, Implicit = DicomTransferSyntax.ImplicitLittleEndian;

    private static readonly TestDicom First = new(Study, Study + ".1", Study + ".1.1") { Rows = 64, Columns = 64 };
    private static readonly byte[][] Files =
    [
        First.ToBytes(), (First with { Sop = Study + ".1.2", InstanceNumber = 2 }).ToBytes(),
        (First with { Series = Study + ".2", Sop = Study + ".2.1", SeriesNumber = 2 }).ToBytes(),
    ];

    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/w1", """{"resourceType":"Patient","id":"w1"}""");
        await server.StowAsync(Base, Files.Append(new TestDicom(Other, Other + ".1", Other + ".1.1").ToBytes()));
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCase(null)]
    [TestCase("*/*")]
    [TestCase("multipart/related; type=\"application/dicom\"")]
    [TestCase("multipart/related; type=application/dicom")]
    [TestCase("multipart/related; type=application/dicom; transfer-syntax=*")]
    [TestCase("multipart/related; type=\"application/dicom\"; transfer-syntax=\"*\"")]
    [TestCase("multipart/related; type=\"application/dicom\";transfer-syntax=1.2.840.10008.1.2.1")]
    [TestCase("multipart/related;type=\"application/dicom\"; boundary=x, application/zip; q=0.1")]
    [TestCase("MULTIPART/RELATED; Type=\"Application/DICOM\"")]
    [TestCase("multipart/related")]
    [TestCase("application/tar, multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.4.80, multipart/related; type=\"application/dicom\"; transfer-syntax=*")]
    public async Task A_study_and_a_series_come_as_multipart_byte_for_byte(string? accept)
    {
        foreach (var (path, expected) in new[] { ($"{Base}/studies/{Study}", Files), ($"{Base}/studies/{Study}/series/{Study}.1", Files[..2]), ($"/dicomweb/studies/{Study}", Files) })
        {
            using var answer = await server.Client.GetAsync(path, accept);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
            var parts = await answer.PartsAsync();
            Assert.That(parts.Select(part => part.Body), Is.EqualTo(expected));
            Assert.That(parts.Select(part => part.ContentType), Is.All.EqualTo($"application/dicom; transfer-syntax={Explicit}"));
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Does.Contain("type=\"application/dicom\""));
        }
    }

    [TestCase("application/dicom", true)]
    [TestCase("application/dicom; transfer-syntax=*", true)]
    [TestCase("application/dicom;transfer-syntax=\"1.2.840.10008.1.2.1\"", true)]
    [TestCase("application/dicom, */*;q=0.1", true)]
    [TestCase("application/dicom, */*", true)]
    [TestCase("application/dicom, multipart/related; type=\"application/dicom\"", true)]
    [TestCase("multipart/related; type=\"application/dicom\", application/dicom", false)]
    [TestCase("multipart/related; type=\"application/dicom\"; q=0.5, application/dicom", true)]
    [TestCase("application/dicom; q=0.5, multipart/related; type=\"application/dicom\"", false)]
    [TestCase("*/*", false)]
    public async Task One_instance_comes_alone_or_as_multipart_as_it_is_preferred(string accept, bool alone)
    {
        using var answer = await server.Client.GetAsync(One, accept);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        if (alone)
        {
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo($"application/dicom; transfer-syntax={Explicit}"));
            Assert.That(answer.Content.Headers.ContentLength, Is.EqualTo(Files[0].Length));
            Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(Files[0]));
        }
        else
        {
            Assert.That((await answer.PartsAsync()).Single().Body, Is.EqualTo(Files[0]));
        }
    }

    [TestCase("multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.4.91", One)]
    [TestCase("application/dicom; transfer-syntax=1.2.840.10008.1.2", One)]
    [TestCase("application/dicom+json", One)]
    [TestCase("multipart/related; type=\"application/octet-stream\"", One)]
    [TestCase("image/jpeg", One)]
    [TestCase("text/html", One)]
    [TestCase("*/*;q=0", One)]
    [TestCase(";;;", One)]
    [TestCase("application/dicom", $"{Base}/studies/{Study}")]
    public async Task What_cannot_be_given_is_406(string accept, string path)
    {
        using var answer = await server.Client.GetAsync(path, accept);
        Assert.That((int)answer.StatusCode, Is.EqualTo(406));
    }

    [Test]
    public async Task The_accept_parameter_goes_before_the_header()
    {
        using var alone = await server.Client.GetAsync($"{One}?accept=application/dicom", "text/html");
        Assert.That(await alone.Content.ReadAsByteArrayAsync(), Is.EqualTo(Files[0]));
        using var encoded = await server.Client.GetAsync($"{One}?accept=application%2Fdicom%3Btransfer-syntax%3D*", null);
        Assert.That(await encoded.Content.ReadAsByteArrayAsync(), Is.EqualTo(Files[0]));
        using var not = await server.Client.GetAsync($"{One}?accept=image/png", "application/dicom");
        Assert.That((int)not.StatusCode, Is.EqualTo(406));
    }

    [Test]
    public async Task A_tag_that_is_shown_again_gets_304_and_another_form_has_another_tag()
    {
        foreach (var path in new[] { One, $"{Base}/studies/{Study}", $"{Base}/studies/{Study}/series/{Study}.1", $"{One}/frames/1", $"{One}/metadata", $"{One}/bulkdata/7FE00010" })
        {
            using var first = await server.Client.GetAsync(path, null);
            var tag = first.Headers.ETag!;
            Assert.That(tag.IsWeak, Is.False);
            foreach (var shown in new[] { tag.ToString(), $"W/{tag}", $"\"x\", {tag}", "*" })
            {
                using var again = await server.Client.GetAsync(path, null, ("If-None-Match", shown));
                Assert.That((int)again.StatusCode, Is.EqualTo(304), $"{path} {shown}");
                Assert.That(again.Headers.ETag, Is.EqualTo(tag));
                Assert.That(await again.Content.ReadAsByteArrayAsync(), Is.Empty);
            }
            using var other = await server.Client.GetAsync(path, null, ("If-None-Match", "\"x\""));
            Assert.That((int)other.StatusCode, Is.EqualTo(200));
            Assert.That(await other.Content.ReadAsByteArrayAsync(), Is.EqualTo(await first.Content.ReadAsByteArrayAsync()), "a strong tag promises the same bytes");
        }
        using var multipart = await server.Client.GetAsync(One, WebTalk.Multipart);
        using var alone = await server.Client.GetAsync(One, "application/dicom", ("If-None-Match", multipart.Headers.ETag!.ToString()));
        Assert.That((int)alone.StatusCode, Is.EqualTo(200));
        Assert.That(alone.Headers.Vary, Does.Contain("Accept"));
    }

    [Test]
    public async Task A_series_that_grows_has_another_tag()
    {
        var dicom = new TestDicom("1.2.276.4.3", "1.2.276.4.3.1", "1.2.276.4.3.1.1");
        var path = $"{Base}/studies/{dicom.Study}/series/{dicom.Series}";
        await server.StowAsync(Base, dicom.ToBytes());
        using var before = await server.Client.GetAsync(path, null);
        using var metadataBefore = await server.Client.GetAsync(path + "/metadata", null);
        await server.StowAsync(Base, (dicom with { Sop = dicom.Sop + "2" }).ToBytes());
        using var after = await server.Client.GetAsync(path, null, ("If-None-Match", before.Headers.ETag!.ToString()));
        Assert.That(await after.PartsAsync(), Has.Count.EqualTo(2));
        using var metadataAfter = await server.Client.GetAsync(path + "/metadata", null, ("If-None-Match", metadataBefore.Headers.ETag!.ToString()));
        Assert.That((await metadataAfter.JsonAsync()).GetArrayLength(), Is.EqualTo(2));
    }

    [TestCase($"/studies/{Study}9")]
    [TestCase("/studies/nonsense")]
    [TestCase($"/studies/{Study}/series/{Study}.9")]
    [TestCase($"/studies/{Study}/series/{Other}.1")]
    [TestCase($"/studies/{Other}/series/{Study}.1")]
    [TestCase($"/studies/{Study}/series/{Study}.1/instances/{Study}.2.1")]
    [TestCase($"/studies/{Study}/series/{Study}.2/instances/{Study}.1.1")]
    [TestCase($"/studies/{Other}/series/{Other}.1/instances/{Study}.1.1")]
    [TestCase($"/studies/{Other}/series/{Study}.1/instances/{Study}.1.1")]
    [TestCase($"/studies/{Study}/series/{Study}.1/instances/%27%20OR%201=1")]
    public async Task What_does_not_lie_there_is_404_at_every_level(string path)
    {
        foreach (var webBase in new[] { Base, "/dicomweb" })
        {
            foreach (var below in new[] { "", "/metadata" })
            {
                using var answer = await server.Client.GetAsync(webBase + path + below, "*/*");
                Assert.That((int)answer.StatusCode, Is.EqualTo(404), webBase + path + below);
            }
        }
        using var elsewhere = await server.Client.GetAsync($"/dicomweb/patients/w2{path}", "*/*");
        Assert.That((int)elsewhere.StatusCode, Is.EqualTo(404));
    }

    [Test]
    public async Task A_study_of_which_a_part_is_hidden_is_403_and_its_visible_series_200()
    {
        using var caller = server.As(Reach.Of([new("w1", [new(Study, [Study + ".1"])])]));
        foreach (var webBase in new[] { Base, "/dicomweb" })
        {
            foreach (var (path, status) in new[]
            {
                ($"/studies/{Study}", 403), ($"/studies/{Study}/metadata", 403), ($"/studies/{Study}/series/{Study}.1", 200),
                ($"/studies/{Study}/series/{Study}.1/metadata", 200), ($"/studies/{Study}/series/{Study}.1/instances/{Study}.1.1", 200),
                ($"/studies/{Study}/series/{Study}.1/instances/{Study}.1.1/frames/1", 200), ($"/studies/{Study}/series/{Study}.1/instances/{Study}.1.1/bulkdata/7FE00010", 200),
                ($"/studies/{Study}/series/{Study}.2", 404), ($"/studies/{Study}/series/{Study}.2/metadata", 404),
                ($"/studies/{Study}/series/{Study}.2/instances/{Study}.2.1", 404), ($"/studies/{Study}/series/{Study}.2/instances/{Study}.2.1/metadata", 404),
                ($"/studies/{Study}/series/{Study}.2/instances/{Study}.2.1/frames/1", 404), ($"/studies/{Study}/series/{Study}.2/instances/{Study}.2.1/bulkdata/7FE00010", 404),
                ($"/studies/{Other}", 404), ($"/studies/{Other}/series/{Other}.1", 404),
            })
            {
                using var answer = await caller.GetAsync(webBase + path, "*/*");
                Assert.That((int)answer.StatusCode, Is.EqualTo(status), webBase + path);
            }
        }
        using var hidden = await caller.GetAsync($"{Base}/studies/{Other}", "*/*");
        using var unknown = await caller.GetAsync($"{Base}/studies/1.2.3.4.5", "*/*");
        Assert.That(await hidden.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()));
        using var foreign = server.As(Reach.Of([new("w9")]));
        using var record = await foreign.GetAsync($"{Base}/studies/{Study}", "*/*");
        Assert.That(await record.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()));
        Assert.That((int)record.StatusCode, Is.EqualTo(404));
    }

    [Test]
    public async Task A_study_of_two_syntaxes_says_each_and_comes_in_one_when_it_is_asked_for()
    {
        var dicom = new TestDicom("1.2.276.4.5", "1.2.276.4.5.1", "1.2.276.4.5.1.1");
        using var file = new MemoryStream();
        var bytes = (dicom with { Sop = dicom.Sop + "2", InstanceNumber = 2 }).ToBytes();
        using var source = new MemoryStream(bytes);
        Assert.That(Part10Writer.Write(file, WebTalk.Read(bytes).Dataset, Implicit, source).Problem, Is.Null);
        Assert.That((int)(await server.StowAsync(Base, dicom.ToBytes(), file.ToArray())).StatusCode, Is.EqualTo(200));
        using var both = await server.Client.GetAsync($"{Base}/studies/{dicom.Study}", WebTalk.Multipart);
        var parts = await both.PartsAsync();
        Assert.That(parts.Select(part => part.ContentType.Split('=')[1]), Is.EqualTo(new[] { Explicit, Implicit }));
        Assert.That(parts[1].Body, Is.EqualTo(file.ToArray()));
        using var one = await server.Client.GetAsync($"{Base}/studies/{dicom.Study}", $"multipart/related; type=\"application/dicom\"; transfer-syntax={Explicit}");
        var converted = await one.PartsAsync();
        Assert.That(converted.Select(part => part.ContentType), Is.All.EqualTo($"application/dicom; transfer-syntax={Explicit}"));
        Assert.That(converted[0].Body, Is.EqualTo(parts[0].Body), "what is stored so is not touched");
        Assert.That(WebTalk.Read(converted[1].Body).TransferSyntax, Is.EqualTo(Explicit));
    }
}

using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Fhir.Server.Dicom;
using Fhir.Server.DicomWeb;
using Fhir.Server.Imaging;
using Fhir.Server.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>WADO-RS metadata and the bulk data they name. https://dicom.nema.org/medical/dicom/current/output/html/part18.html#sect_10.4.1.1.2</summary>
[TestFixture]
public sealed class MetadataTests
{
    private const string Study = "1.2.276.5.1", Base = "/dicomweb/patients/m1", Series = $"/studies/{Study}/series/{Study}.1";
    private static readonly TestDicom First = new(Study, Study + ".1", Study + ".1.1")
    {
        PatientName = "Übel^\"Q\" <b>&amp;'\u2028", Rows = 50, Columns = 50,
        Further = data => data
            .AddBytes(new DicomTag(0x0042, 0x0011), DicomVr.OB, Encoding.ASCII.GetBytes("%PDF-" + new string('x', 3000)))
            .AddSequence(new DicomTag(0x0040, 0xA730), new DicomDataset(), new DicomDataset()
                .AddBytes(new DicomTag(0x5400, 0x1010), DicomVr.OW, Enumerable.Range(0, 4000).Select(i => (byte)i).ToArray())
                .AddSequence(new DicomTag(0x0040, 0xA730), new DicomDataset().AddBytes(new DicomTag(0x0042, 0x0011), DicomVr.OB, new byte[1500])))
            .AddBytes(new DicomTag(0x0028, 0x3006), DicomVr.OW, new byte[20]),
    };

    private static readonly byte[][] Files =
    [
        First.ToBytes(), (First with { Sop = Study + ".1.2", InstanceNumber = 2, PatientName = "Yamada^Tarou=山田^太郎" }).ToBytes(),
        (First with { Series = Study + ".2", Sop = Study + ".2.1", SeriesNumber = 2, Further = null }).ToBytes(),
    ];

    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/m1", """{"resourceType":"Patient","id":"m1"}""");
        await server.StowAsync(Base, Files);
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task Metadata_are_the_JSON_of_each_file_with_the_base_of_the_request_put_in()
    {
        foreach (var webBase in new[] { Base, "/dicomweb" })
        {
            foreach (var (path, files) in new[] { ($"/studies/{Study}", Files), (Series, Files[..2]), ($"{Series}/instances/{Study}.1.2", Files[1..2]) })
            {
                using var answer = await server.Client.GetAsync($"{webBase}{path}/metadata", "application/dicom+json");
                var text = await answer.Content.ReadAsStringAsync();
                var expected = string.Join(',', files.Select(file => Encoding.UTF8.GetString(DicomJson.Write(WebTalk.Read(file).Dataset).ToArray(server.Address + webBase))));
                Assert.That(text, Is.EqualTo($"[{expected}]"));
                using var json = JsonDocument.Parse(text);
                foreach (var instance in json.RootElement.EnumerateArray())
                {
                    Assert.That(instance.EnumerateObject().Select(tag => tag.Name), Is.Ordered.Using<string>(StringComparer.Ordinal));
                }
            }
        }
    }

    [Test]
    public async Task Every_BulkDataURI_is_absolute_and_leads_to_the_bytes()
    {
        foreach (var webBase in new[] { Base, "/dicomweb" })
        {
            var metadata = await server.Client.JsonAsync($"{webBase}/studies/{Study}/metadata");
            var addresses = metadata.EnumerateArray().SelectMany((instance, i) => instance.BulkAddresses().Select(one => (one.Path, one.Address, File: Files[i]))).ToList();
            Assert.That(addresses, Has.Count.EqualTo(9));
            foreach (var (path, address, file) in addresses)
            {
                Assert.That(address, Does.StartWith($"{server.Address}{webBase}/studies/{Study}/series/").And.EndsWith("/bulkdata/" + path));
                var dicom = WebTalk.Read(file);
                using var stream = new MemoryStream(file);
                var expected = dicom.Load(dicom.Dataset.FindByPath(path)!, stream).Value.ToArray();
                using var alone = await server.Client.GetAsync(address, "application/octet-stream");
                Assert.That(await alone.Content.ReadAsByteArrayAsync(), Is.EqualTo(expected));
                Assert.That(alone.Content.Headers.ContentLength, Is.EqualTo(expected.Length));
                using var multipart = await server.Client.GetAsync(address, "multipart/related; type=\"application/pdf\", multipart/related; type=\"application/octet-stream\"");
                Assert.That((await multipart.PartsAsync()).Single().Body, Is.EqualTo(expected));
            }
        }
    }

    [TestCase("7FE00010", "image/jpeg", 406)]
    [TestCase("7FE00011", "*/*", 404)]
    [TestCase("0040A730", "*/*", 404)]
    [TestCase("0040A730/2/54001010", "*/*", 200)]
    [TestCase("0040A730/3/54001010", "*/*", 404)]
    [TestCase("0040A730/0/54001010", "*/*", 404)]
    [TestCase("0040A730/x/54001010", "*/*", 404)]
    [TestCase("0040A730/2", "*/*", 404)]
    [TestCase("0040A730/2/", "*/*", 404)]
    [TestCase("7FE00010/", "*/*", 404)]
    [TestCase("", "*/*", 404)]
    [TestCase("../../../../../../etc/passwd", "*/*", 404)]
    [TestCase("00283006", "*/*", 200)]
    [TestCase("7fe00010", "*/*", 200)]
    [TestCase("00100010", "*/*", 200)]
    public async Task A_bulk_data_path_leads_to_an_element_or_404(string path, string accept, int status)
    {
        using var answer = await server.Client.GetAsync($"{Base}{Series}/instances/{Study}.1.1/bulkdata/{path}", accept);
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
    }

    [Test]
    public async Task Gzip_is_one_member_that_every_reader_inflates_to_the_plain_text()
    {
        foreach (var path in new[] { $"/studies/{Study}/metadata", $"{Series}/metadata", $"{Series}/instances/{Study}.1.1/metadata" })
        {
            using var plain = await server.Client.GetAsync(Base + path, null);
            using var gzip = await server.Client.GetAsync(Base + path, null, ("Accept-Encoding", "gzip, deflate, br"));
            var (text, packed) = (await plain.Content.ReadAsByteArrayAsync(), await gzip.Content.ReadAsByteArrayAsync());
            Assert.That(gzip.Content.Headers.ContentEncoding, Is.EqualTo(new[] { "gzip" }));
            Assert.That(gzip.Headers.Vary, Does.Contain("Accept-Encoding"));
            Assert.That(packed, Has.Length.LessThan(text.Length));
            using var unpacked = new MemoryStream();
            using (var reader = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress))
            {
                await reader.CopyToAsync(unpacked);
            }
            Assert.That(unpacked.ToArray(), Is.EqualTo(text));
            Assert.That(await RunAsync("gzip", ["-t", "-v"], packed), Is.Not.Null, "gzip -t");
            Assert.That(await RunAsync("gzip", ["-dc"], packed), Is.EqualTo(text));
            const string Strict = "import sys,zlib\nd=zlib.decompressobj(31)\nt=d.decompress(sys.stdin.buffer.read())+d.flush()\nassert d.eof and not d.unused_data\nsys.stdout.buffer.write(t)";
            Assert.That(await RunAsync("python3", ["-c", Strict], packed), Is.EqualTo(text), "zlib, one member and nothing behind it");
        }
    }

    [TestCase(null, false)]
    [TestCase("identity", false)]
    [TestCase("br", false)]
    [TestCase("gzip", true)]
    [TestCase("*", true)]
    [TestCase("GZIP", true)]
    [TestCase("br, gzip;q=0.5", true)]
    [TestCase("gzip;q=0", false)]
    [TestCase("gzip;q=0.0", false)]
    [TestCase("gzip; q=0.000", false)]
    [TestCase("*, gzip;q=0", false)]
    [TestCase("x-gzip", false)]
    public async Task The_coding_is_what_was_asked_for(string? coding, bool gzip)
    {
        using var answer = await server.Client.GetAsync($"{Base}{Series}/metadata", null, coding is null ? [] : [("Accept-Encoding", coding)]);
        Assert.That(answer.Content.Headers.ContentEncoding, gzip ? Is.EqualTo(new[] { "gzip" }) : Is.Empty);
    }

    [Test]
    public async Task Each_base_and_coding_has_a_tag_of_its_own_and_no_other_gets_304()
    {
        var forms = new[] { (Base, "identity"), (Base, "gzip"), ("/dicomweb", "identity"), ("/dicomweb", "gzip") };
        var tags = new List<string>();
        foreach (var (webBase, coding) in forms)
        {
            using var answer = await server.Client.GetAsync($"{webBase}{Series}/metadata", null, ("Accept-Encoding", coding));
            tags.Add(answer.Headers.ETag!.ToString());
        }
        Assert.That(tags, Is.Unique);
        for (var i = 0; i < forms.Length; i++)
        {
            foreach (var tag in tags)
            {
                using var answer = await server.Client.GetAsync($"{forms[i].Item1}{Series}/metadata", null, ("Accept-Encoding", forms[i].Item2), ("If-None-Match", tag));
                Assert.That((int)answer.StatusCode, Is.EqualTo(tag == tags[i] ? 304 : 200));
            }
        }
    }

    [Test]
    public async Task Metadata_stay_valid_and_whole_while_instances_are_added()
    {
        var dicom = new TestDicom("1.2.276.5.2", "1.2.276.5.2.1", "1.2.276.5.2.1");
        var path = $"{Base}/studies/{dicom.Study}/series/{dicom.Series}/metadata";
        await server.StowAsync(Base, (dicom with { Sop = dicom.Sop + ".0", InstanceNumber = 1 }).ToBytes());
        var sending = Task.Run(async () =>
        {
            for (var i = 1; i < 20; i++)
            {
                await server.StowAsync(Base, (dicom with { Sop = $"{dicom.Sop}.{i}", InstanceNumber = i + 1 }).ToBytes());
            }
        });
        var (seen, reads) = (0, 0);
        while (!sending.IsCompleted || seen < 20)
        {
            using var answer = await server.Client.GetAsync(path, null, ("Accept-Encoding", "gzip"));
            using var reader = new GZipStream(await answer.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
            using var json = await JsonDocument.ParseAsync(reader);
            var now = json.RootElement.GetArrayLength();
            Assert.That(now, Is.GreaterThanOrEqualTo(seen));
            Assert.That(json.RootElement.EnumerateArray().Select(one => int.Parse(one.Value("00200013")!)), Is.EqualTo(Enumerable.Range(1, now)));
            (seen, reads) = (now, reads + 1);
            Assert.That(reads, Is.LessThan(20_000));
        }
        await sending;
        Assert.That(seen, Is.EqualTo(20));
    }

    [TestCase("application/dicom+xml, application/dicom+json;q=0.9", "application/dicom+json", "application/dicom+xml")]
    [TestCase("application/dicom+xml, multipart/related; type=\"application/dicom+xml\";q=0.9", "multipart/related", "application/dicom+xml")]
    public async Task XML_alone_is_for_one_instance_and_of_several_the_next_type_is_given(string accept, string ofSeveral, string ofOne)
    {
        using var several = await server.Client.GetAsync($"{Base}{Series}/metadata", accept);
        Assert.That(several.Content.Headers.ContentType!.MediaType, Is.EqualTo(ofSeveral));
        using var one = await server.Client.GetAsync($"{Base}{Series}/instances/{Study}.1.1/metadata", accept);
        Assert.That(one.Content.Headers.ContentType!.MediaType, Is.EqualTo(ofOne));
    }

    [Test]
    public async Task The_tag_of_JSON_metadata_names_the_version_of_what_files_are_described_as()
    {
        using var answer = await server.Client.GetAsync($"{Base}/studies/{Study}/metadata", "application/dicom+json");
        var rows = (await server.Services.GetRequiredService<IInstanceIndex>()
            .FindInstancesAsync(new InstanceQuery(new("m1"), Study, null, [], 0, 100, WithAttributes: false), Visibility.Everything, default)).Rows;
        string Tag(string version) => $"\"{RetrieveEndpoints.MetadataTag(rows, server.Address + Base, "json", version)}\"";
        Assert.That(answer.Headers.ETag!.ToString(), Is.EqualTo(Tag(ImagingProjection.Descriptions)));
        Assert.That(Tag(ImagingProjection.Descriptions + "1"), Is.Not.EqualTo(Tag(ImagingProjection.Descriptions)));
    }

    [TestCase("application/dicom+json", 200)]
    [TestCase("application/json", 200)]
    [TestCase("application/dicom+json; transfer-syntax=*", 200)]
    [TestCase("multipart/related; type=\"application/dicom+xml\"", 200)]
    [TestCase("application/dicom+xml", 406)]
    [TestCase("text/html, */*;q=0.1", 200)]
    [TestCase("application/*", 200)]
    [TestCase("text/xml", 406)]
    [TestCase("application/dicom", 406)]
    public async Task The_media_type_is_negotiated(string accept, int status)
    {
        using var answer = await server.Client.GetAsync($"{Base}{Series}/metadata", accept);
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
    }

    [Test]
    public async Task XML_metadata_are_a_model_an_instance_with_the_base_of_the_request_and_a_tag_of_their_own()
    {
        const string Xml = "multipart/related; type=\"application/dicom+xml\"";
        foreach (var webBase in new[] { Base, "/dicomweb" })
        {
            using var answer = await server.Client.GetAsync($"{webBase}/studies/{Study}/metadata", Xml);
            Assert.That(answer.Content.Headers.ContentType!.ToString(), Does.Contain("type=\"application/dicom+xml\""));
            var parts = await answer.PartsAsync();
            Assert.That(parts.Select(part => part.ContentType), Is.All.EqualTo("application/dicom+xml"));
            Assert.That(parts.Select(part => part.Body), Is.EqualTo(Files.Select(file =>
            {
                using var expected = new MemoryStream();
                DicomXml.Write(expected, WebTalk.Read(file).Dataset, server.Address + webBase);
                return expected.ToArray();
            })));
            using var again = await server.Client.GetAsync($"{webBase}/studies/{Study}/metadata", Xml, ("If-None-Match", answer.Headers.ETag!.ToString()));
            Assert.That((int)again.StatusCode, Is.EqualTo(304));
            using var json = await server.Client.GetAsync($"{webBase}/studies/{Study}/metadata", null, ("If-None-Match", answer.Headers.ETag!.ToString()));
            Assert.That((int)json.StatusCode, Is.EqualTo(200));
        }
        using var alone = await server.Client.GetAsync($"{Base}{Series}/instances/{Study}.1.2/metadata?accept=application/dicom+xml", null);
        Assert.That(alone.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/dicom+xml"));
        Assert.That(await alone.Content.ReadAsStringAsync(), Does.Contain("山田^太郎").Or.Contain("山田"));
    }

    [Test]
    public async Task HEAD_says_what_GET_says_and_sends_nothing()
    {
        foreach (var accept in new[] { "application/dicom+json", "multipart/related; type=\"application/dicom+xml\"" })
        {
            using var get = await server.Client.GetAsync($"{Base}{Series}/metadata", accept);
            using var head = await server.Client.HeadAsync($"{Base}{Series}/metadata", accept);
            Assert.That((int)head.StatusCode, Is.EqualTo(200));
            Assert.That(head.Headers.ETag, Is.EqualTo(get.Headers.ETag));
            Assert.That(head.Content.Headers.ContentType, Is.EqualTo(get.Content.Headers.ContentType));
            Assert.That(await head.Content.ReadAsByteArrayAsync(), Is.Empty);
        }
    }

    /// <summary>What a program makes of its input; skipped where there is none of that name.</summary>
    private static async Task<byte[]> RunAsync(string program, string[] arguments, byte[] input)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program))))
        {
            Assert.Ignore($"There is no {program} on this machine.");
        }
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = new MemoryStream();
        var copying = process.StandardOutput.BaseStream.CopyToAsync(output);
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        await copying;
        Assert.That(process.ExitCode, Is.Zero, await errors);
        return output.ToArray();
    }
}

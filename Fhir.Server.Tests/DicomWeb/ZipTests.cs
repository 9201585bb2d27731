using System.Diagnostics;
using System.IO.Compression;
using System.IO.Pipelines;
using Fhir.Server.Access;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.DicomWeb;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Studies as ZIP archives. https://dicom.nema.org/medical/dicom/current/output/html/part18.html#sect_8.6.1.3</summary>
[TestFixture]
public sealed class ZipTests
{
    private const string Study = "1.2.276.12.1", Base = "/dicomweb/patients/z1";
    private static readonly TestDicom First = new(Study, Study + ".1", Study + ".1.1") { Rows = 300, Columns = 300, PatientName = "Nobody^Knows" };

    private static readonly byte[][] Files =
        [First.ToBytes(), (First with { Sop = Study + ".1.2", InstanceNumber = 2 }).ToBytes(), (First with { Series = Study + ".2", Sop = Study + ".2.1", SeriesNumber = 2 }).ToBytes()];

    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/z1", """{"resourceType":"Patient","id":"z1"}""");
        await server.StowAsync(Base, Files);
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCase($"/studies/{Study}", 3)]
    [TestCase($"/studies/{Study}/series/{Study}.1", 2)]
    [TestCase($"/studies/{Study}/series/{Study}.1/instances/{Study}.1.1", 1)]
    public async Task Every_level_comes_as_an_archive_of_its_files(string path, int count)
    {
        foreach (var accept in new[] { "application/zip", "application/zip; transfer-syntax=*, */*;q=0.5", $"application/zip; transfer-syntax={DicomTransferSyntax.ExplicitLittleEndian}" })
        {
            using var answer = await server.Client.GetAsync(Base + path, accept);
            Assert.That((int)answer.StatusCode, Is.EqualTo(200));
            Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/zip"));
            Assert.That(answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'), Is.EqualTo(Study + ".zip"));
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            using var zip = new ZipArchive(new MemoryStream(bytes));
            Assert.That(zip.Entries.Select(entry => entry.FullName), Is.EqualTo(new[] { $"{Study}.1/{Study}.1.1.dcm", $"{Study}.1/{Study}.1.2.dcm", $"{Study}.2/{Study}.2.1.dcm" }[..count]));
            Assert.That(zip.Entries.Select(Unpack), Is.EqualTo(Files[..count]));
            using var again = await server.Client.GetAsync(Base + path, accept, ("If-None-Match", answer.Headers.ETag!.ToString()));
            Assert.That((int)again.StatusCode, Is.EqualTo(304));
            using var head = await server.Client.HeadAsync(Base + path, accept);
            Assert.That(head.Content.Headers.ContentLength, Is.EqualTo(bytes.Length), "the length is known before");
        }
    }

    [Test]
    public async Task It_is_read_by_unzip_and_by_who_reads_it_as_a_stream()
    {
        var bytes = await server.Client.GetByteArrayAsync($"{Base}/studies/{Study}?accept=application/zip");
        const string Check = """
            import sys, io, zipfile, zlib, struct
            b = sys.stdin.buffer.read()
            z = zipfile.ZipFile(io.BytesIO(b))
            assert z.testzip() is None and len(z.namelist()) == 3
            at = 0
            for name in z.namelist():
                assert b[at:at+4] == b'PK\x03\x04'
                n, x = struct.unpack('<HH', b[at+26:at+30])
                d = zlib.decompressobj(-15)
                text = d.decompress(b[at+30+n+x:])
                assert d.eof and text == z.read(name)
                at = len(b) - len(d.unused_data) + 16
            print(len(z.namelist()))
            """;
        var zip = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(zip, bytes);
            Assert.That(await RunAsync("python3", ["-c", Check], bytes), Is.EqualTo("3"));
        }
        finally
        {
            File.Delete(zip);
        }
    }

    [Test]
    public async Task It_can_be_converted_on_the_way()
    {
        var bytes = await server.Client.GetByteArrayAsync($"{Base}/studies/{Study}?accept=application/zip;transfer-syntax={CodecSyntaxes.Rle}");
        using var zip = new ZipArchive(new MemoryStream(bytes));
        Assert.That(zip.Entries, Has.Count.EqualTo(3));
        foreach (var (entry, file) in zip.Entries.Zip(Files))
        {
            var unpacked = Unpack(entry);
            Assert.That(WebTalk.Read(unpacked).TransferSyntax, Is.EqualTo(CodecSyntaxes.Rle));
            Assert.That(WebTalk.Read(unpacked).SopInstanceUid, Is.EqualTo(WebTalk.Read(file).SopInstanceUid));
        }
    }

    [Test]
    public async Task A_study_of_which_a_part_is_hidden_is_no_archive_and_its_visible_series_is()
    {
        using var caller = server.As(Reach.Of([new("z1", [new(Study, [Study + ".1"])])]));
        foreach (var (path, status) in new[] { ("", 403), ($"/series/{Study}.1", 200), ($"/series/{Study}.2", 404) })
        {
            using var answer = await caller.GetAsync($"{Base}/studies/{Study}{path}", "application/zip");
            Assert.That((int)answer.StatusCode, Is.EqualTo(status), path);
        }
    }

    [Test]
    public async Task Long_entries_and_far_ones_are_told_in_64_bits_and_the_length_is_still_known()
    {
        // With the limit so low every entry is long and every offset far.
        byte[][] contents = [[], [1], new byte[65_535], new byte[65_536], [.. Enumerable.Range(0, 200_000).Select(i => (byte)i)]];
        foreach (var limit in new[] { 0L, 1_000, 70_000, uint.MaxValue })
        {
            using var file = new MemoryStream();
            var output = PipeWriter.Create(file, new StreamPipeWriterOptions(leaveOpen: true));
            var zip = new ZipWriter(output, limit);
            for (var i = 0; i < contents.Length; i++)
            {
                await zip.AddAsync($"{i}.dcm", new HeldContent(contents[i]), default);
            }
            await zip.FinishAsync(default);
            await output.CompleteAsync();
            Assert.That(file.Length, Is.EqualTo(ZipWriter.LengthOf(contents.Select((one, i) => ($"{i}.dcm", (long)one.Length)), limit)), $"{limit}");
            using var read = new ZipArchive(file);
            Assert.That(read.Entries.Select(Unpack), Is.EqualTo(contents));
            const string Check = "import sys, io, zipfile\nz = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))\nassert z.testzip() is None\nprint(len(z.namelist()))";
            Assert.That(await RunAsync("python3", ["-c", Check], file.ToArray()), Is.EqualTo("5"));
        }
    }

    private static byte[] Unpack(ZipArchiveEntry entry)
    {
        using var unpacked = new MemoryStream();
        using var stream = entry.Open();
        stream.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    private static async Task<string> RunAsync(string program, string[] arguments, byte[] input)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program))))
        {
            Assert.Ignore($"There is no {program} on this machine.");
        }
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, await errors);
        return (await output).Trim();
    }
}

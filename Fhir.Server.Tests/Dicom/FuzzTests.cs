using System.Text;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>
/// Spoiled inputs by the thousand: nothing may be thrown, nothing may take long, and what is allocated is bounded by what came in.
/// With PHR_LONG=1 it is a hundred thousand and more of each.
/// </summary>
[NonParallelizable]
public sealed class FuzzTests
{
    private const int Few = 1500;
    private const int Many = 100_000;
    private const long BaseBytes = 256 << 10;
    private const int BytesPerByte = 150;
    private const int InflatedLimit = 64 << 10;

    private static readonly DicomReadOptions Options = new() { InflatedLimit = InflatedLimit };

    private static int Rounds => Environment.GetEnvironmentVariable("PHR_LONG") == "1" ? Many : Few;

    [Test]
    public void The_reader() => Run(1, FuzzSeeds.Files(), FuzzSeeds.DicomWords, bytes => Walk(bytes, Options));

    [Test]
    public void The_reader_of_deflated_files() => Run(2, FuzzSeeds.Deflated(), FuzzSeeds.DicomWords, bytes => Walk(bytes, Options), InflatedLimit);

    [Test]
    public void The_reader_of_json() => Run(3, FuzzSeeds.Json(), FuzzSeeds.JsonWords, bytes =>
    {
        foreach (var model in DicomJsonReader.ReadAll(bytes).Match(all => all, _ => []))
        {
            DicomJson.Write(model.Dataset).ToArray("");
        }
    });

    [Test]
    public void The_reader_of_xml() => Run(4, FuzzSeeds.Xml(), FuzzSeeds.XmlWords, bytes =>
    {
        using var source = new MemoryStream(bytes);
        if (DicomXmlReader.Read(source, Options) is { IsSuccess: true, Value: var model })
        {
            DicomXml.Write(Stream.Null, model.Dataset, "");
        }
    });

    [Test]
    public void The_reader_of_directories() => Run(5, FuzzSeeds.Directories(), FuzzSeeds.DicomWords, bytes =>
    {
        using var source = new MemoryStream(bytes);
        if (DicomDirectory.Read(source, Options) is { IsSuccess: true, Value: var directory })
        {
            Assert.That(directory.Records.Count(), Is.LessThanOrEqualTo(bytes.Length / 8));
            Assert.That(directory.Files.SelectMany(f => f.FileId), Has.None.EqualTo(".."));
        }
    });

    [Test]
    public void Stored_frame_tables() => Run(6, FuzzSeeds.FrameTables(), [[0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]], bytes =>
    {
        if (FrameTable.FromBytes(bytes) is { IsSuccess: true, Value: { Count: > 0 } table })
        {
            _ = table[0].Length + table[table.Count - 1].Ranges.Count;
            Assert.That(FrameTable.FromBytes(table.ToBytes()).IsSuccess);
        }
    });

    [Test]
    public void Text_in_every_character_set() => Run(7, FuzzSeeds.Texts(), FuzzSeeds.Escapes, bytes =>
    {
        // The first byte says which declaration.
        var set = DicomCharacterSet.Parse(Encoding.ASCII.GetBytes(FuzzSeeds.CharacterSets[bytes.Length == 0 ? 0 : bytes[0] % FuzzSeeds.CharacterSets.Length]));
        foreach (var vr in (ReadOnlySpan<DicomVr>)[DicomVr.PN, DicomVr.LT])
        {
            var text = set.Decode(vr, bytes);
            if (set.Encode(vr, text) is { } again && !text.Contains('\e'))
            {
                Assert.That(set.Decode(vr, again), Is.EqualTo(text));
            }
        }
    });

    private static void Run(int seed, IReadOnlyList<byte[]> seeds, byte[][] words, Action<byte[]> use, int further = 0)
    {
        // The dictionary is read once.
        Assert.That(DicomTag.TryParse("PatientID", out _));
        var mutation = new Mutation(seed, words);
        foreach (var whole in seeds)
        {
            use(whole);
        }

        var slowest = TimeSpan.Zero;
        var worst = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = mutation.Of(seeds);
            var allocated = 0L;
            var elapsed = Patience.Within($"Round {round} of seed {seed} took long.", () =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                Use(use, bytes, seed, round);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            });
            slowest = elapsed > slowest ? elapsed : slowest;
            worst = Math.Max(worst, Math.Max(0, allocated - BaseBytes) / (double)(bytes.Length + further + 1));
            Assert.That(allocated, Is.LessThan(BaseBytes + ((bytes.Length + (long)further) * BytesPerByte)), $"Round {round} of seed {seed} took much memory.");
        }

        TestContext.Out.WriteLine($"{Rounds} inputs, slowest {slowest.TotalMilliseconds:0.0} ms, most allocated {worst:0.0} bytes for each that came in, beyond {BaseBytes}.");
    }

    private static void Use(Action<byte[]> use, byte[] bytes, int seed, int round)
    {
        try
        {
            use(bytes);
        }
        catch (Exception thrown) when (thrown is not AssertionException)
        {
            File.WriteAllBytes(Path.Combine(Path.GetTempPath(), $"phr-fuzz-{seed}-{round}"), bytes);
            Assert.Fail($"Round {round} of seed {seed} threw {thrown}");
        }
    }

    private static void Walk(byte[] bytes, DicomReadOptions options)
    {
        using var stream = new MemoryStream(bytes);
        if (Part10Reader.Read(stream, options) is not { IsSuccess: true, Value: var file })
        {
            return;
        }

        DicomJson.Write(file.Dataset).ToArray("");
        DicomXml.Write(Stream.Null, file.Dataset, "");
        FrameTable.FromBytes(file.PixelData?.Frames?.ToBytes() ?? []);
        var source = file.IsDeflated ? null : stream;
        Part10Writer.Write(Stream.Null, file.Dataset, file.TransferSyntax, new DicomWriteOptions { Source = source, SourceIsBigEndian = file.Syntax.IsBigEndian });
        file.Dataset.UseUtf8();
    }
}

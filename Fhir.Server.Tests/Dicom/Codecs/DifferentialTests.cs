using System.Buffers;
using System.Globalization;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>Every frame of every real file is what other implementations decode.</summary>
public sealed class DifferentialTests
{
    private const string Same = "same";

    /// <summary>
    /// How far a byte of a lossy frame may be from that of another decoder. DCMTK has the same IJG code, so here nothing differs; decoders
    /// that raise chroma otherwise or round otherwise do.
    /// </summary>
    private const int LossyTolerance = 2;

    private static readonly string[] Lossy = ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.91"];

    /// <summary>The files that do not come out the same, what comes out instead, and why.</summary>
    private static readonly Dictionary<string, (string Verdict, string Why)> Explained = new()
    {
        ["fo-dicom/GH340.dcm"] = ("131072 bytes against 98304", "ACR-NEMA packed four samples in three words, retired before DICOM. We give words; GDCM gives the packed bytes."),
        ["fo-dicom/multiframe.dcm"] = (
            "frame 14: Invalid: The codestream is 55 by 240 pixels, the header says 240 by 240.", "Its 14th frame is a JPEG of another size; DCMTK gives 55 columns of it."),
        ["pydicom/badVR.dcm"] = ("400 bytes against 6000", "Number of Frames is '1A'. We take it for missing, so for 1; DCMTK gives the bytes of all 15."),
        ["pydicom-data/HTJ2KLossless_08_RGB.dcm"] = ("no oracle", "GDCM 3.0 and DCMTK 3.6 do not know HTJ2K; another test decodes it by OpenJPEG."),
        ["pydicom-data/liver_rle.dcm"] = ("no oracle", "DCMTK refuses single bits in RLE, and GDCM aborts; another test looks at it."),
        ["pydicom/meta_missing_tsyntax.dcm"] = ("Invalid: The header does not say how many rows and columns an image has.", "A structured report with a stray PixelData."),
        ["pydicom/nested_priv_SQ.dcm"] = ("Invalid: The header does not say how many rows and columns an image has.", "Made for its sequences; it has no image."),
    };

    [Test]
    public async Task Every_frame_of_every_file_is_what_others_decode()
    {
        Corpus.RequireOrSkip();
        Oracle.RequireOrSkip();
        TestCodecs.RequireOrSkip();
        var (same, others) = (0, new List<string>());
        foreach (var file in Corpus.Files())
        {
            if (await CompareAsync(file) is not { } verdict)
            {
                continue;
            }

            TestContext.Out.WriteLine($"{file}\t{verdict}");
            if (verdict == (Explained.TryGetValue(file.Name, out var known) ? known.Verdict : Same))
            {
                same++;
                continue;
            }

            others.Add($"{file}: {verdict}");
        }

        Assert.That(others, Is.Empty);
        Assert.That(same, Is.GreaterThan(80), "There were hardly any files to compare.");
    }

    [Test]
    public async Task HTJ2K_of_others_is_the_same_by_two_decoders()
    {
        TestCodecs.RequireOrSkip();
        await using var stream = Corpus.Get("pydicom-data/HTJ2KLossless_08_RGB.dcm").Open();
        var source = FrameSource.Of(Part10Reader.Read(stream).Value, stream).Value;
        var codestream = (await FrameDecoder.ReadCodestreamAsync(source, 0, default)).Value;
        var byOpenJph = (await TestCodecs.All.DecodeAsync(source.TransferSyntax, codestream, source.Layout, default)).Value;
        var byOpenJpeg = (await TestCodecs.All.DecodeAsync(CodecSyntaxes.Jpeg2000Lossless, codestream, source.Layout, default)).Value;
        Assert.That(byOpenJph.Bytes.Span.SequenceEqual(byOpenJpeg.Bytes.Span));
        Assert.That(byOpenJph.Bytes.Span.IndexOfAnyExcept(byOpenJph.Bytes.Span[0]), Is.GreaterThan(0), "An even picture would prove nothing.");
    }

    [Test]
    public async Task Single_bits_in_RLE_are_kept_as_single_bits()
    {
        await using var stream = Corpus.Get("pydicom-data/liver_rle.dcm").Open();
        var source = FrameSource.Of(Part10Reader.Read(stream).Value, stream).Value;
        var set = new List<int>();
        for (var frame = 0; frame < source.Frames.Count; frame++)
        {
            var decoded = (await new FrameDecoder(TestCodecs.All).DecodeAsync(source, frame, default)).Value;
            Assert.That((decoded.Layout.BitsAllocated, decoded.Bytes.Length), Is.EqualTo((1, 512 * 512 / 8)));
            set.Add(SampleShapes.UnpackBits(decoded.Bytes.Span, 0, 512 * 512).Sum(bit => bit));
        }

        Assert.That(set, Is.All.GreaterThan(0).And.All.LessThan(512 * 512 / 2), "A liver takes part of the picture.");
    }

    private static async Task<string?> CompareAsync(CorpusFile file)
    {
        await using var stream = file.Open();
        if (!Part10Reader.Read(stream).TryGet(out var read, out _) || read.PixelData is not { } pixels)
        {
            return null;
        }

        if (!FrameSource.Of(read, stream).TryGet(out var source, out var problem))
        {
            return $"{problem.Kind}: {problem.Text}";
        }

        var (mine, refusal) = await DecodeAsync(source);
        using var oracle = new Oracle();
        return refusal ?? (oracle.Decode(file.FullPath, read.TransferSyntax, pixels.Tag) is { } theirs
            ? Verdict(source.Layout is { SamplesPerPixel: 3, IsPlanar: true } && theirs.IsPlanar && pixels.IsEncapsulated ? Planes(mine, source.Layout) : mine, theirs.Pixels, read.TransferSyntax)
            : "no oracle");
    }

    private static async Task<(byte[] Bytes, string? Refusal)> DecodeAsync(FrameSource source)
    {
        var decoder = new FrameDecoder(TestCodecs.All);
        var bits = new BitSink();
        for (var frame = 0; frame < source.Frames.Count; frame++)
        {
            if (!(await decoder.DecodeAsync(source, frame, default)).TryGet(out var decoded, out var problem))
            {
                return ([], $"frame {frame + 1}: {problem.Kind}: {problem.Text}");
            }

            bits.Add(decoded.Bytes.Span, decoded.Layout.FrameBits);
        }

        return (bits.ToArray(), null);
    }

    private static string Verdict(byte[] mine, byte[] theirs, string syntax)
    {
        // One of the two may be padded to an even length.
        if (Math.Abs(mine.Length - theirs.Length) > 1)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{mine.Length} bytes against {theirs.Length}");
        }

        var length = Math.Min(mine.Length, theirs.Length);
        if (mine.AsSpan(0, length).SequenceEqual(theirs.AsSpan(0, length)))
        {
            return Same;
        }

        var (differing, most) = (0, 0);
        for (var i = 0; i < length; i++)
        {
            differing += mine[i] != theirs[i] ? 1 : 0;
            most = Math.Max(most, Math.Abs(mine[i] - theirs[i]));
        }

        return Lossy.Contains(syntax) && most <= LossyTolerance
            ? Same : string.Create(CultureInfo.InvariantCulture, $"{differing} of {length} bytes differ, by at most {most}");
    }

    private static byte[] Planes(byte[] pixels, PixelLayout layout)
    {
        var (planes, count, width) = (new byte[pixels.Length], layout.Rows * layout.Columns, layout.BitsAllocated / 8);
        for (var i = 0; i < pixels.Length; i++)
        {
            var (frame, within) = (i / (count * 3 * width), i % (count * 3 * width));
            var (pixel, sample, place) = (within / (3 * width), within / width % 3, within % width);
            planes[(frame * count * 3 * width) + (sample * count * width) + (pixel * width) + place] = pixels[i];
        }

        return planes;
    }

    /// <summary>Frames one after the other, also when they do not fill whole bytes.</summary>
    private sealed class BitSink
    {
        private readonly ArrayBufferWriter<byte> whole = new();
        private readonly List<bool> bits = [];

        public void Add(ReadOnlySpan<byte> frame, long count)
        {
            if (count % 8 == 0 && bits.Count == 0)
            {
                whole.Write(frame);
                return;
            }

            for (var i = 0; i < count; i++)
            {
                bits.Add((frame[i / 8] >> (i % 8) & 1) == 1);
            }
        }

        public byte[] ToArray()
        {
            foreach (var eight in bits.Chunk(8))
            {
                whole.Write<byte>([(byte)eight.Select((bit, i) => bit ? 1 << i : 0).Sum()]);
            }

            return whole.WrittenSpan.ToArray();
        }
    }
}

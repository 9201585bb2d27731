using System.Diagnostics;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Headers;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>
/// Damaged codestreams through every decoder: frames or problems come out, never exceptions, in bounded time and memory. Seeded; a few
/// hundred each, with PHR_LONG=1 a hundred thousand each.
/// </summary>
public sealed class FuzzTests
{
    private const int LongMutants = 100_000;
    private const long GrowthLimit = 400L << 20;
    private static readonly int Mutants = Environment.GetEnvironmentVariable("PHR_LONG") == "1" ? LongMutants : 200;
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Slowest = TimeSpan.FromSeconds(4);
    private static readonly ProblemKind[] Expected = [ProblemKind.Invalid, ProblemKind.NotAcceptable, ProblemKind.TooCostly];

    [TestCase(CodecSyntaxes.Rle, 8)]
    [TestCase(CodecSyntaxes.Rle, 16)]
    [TestCase(CodecSyntaxes.DeflatedFrame, 16)]
    [TestCase(CodecSyntaxes.JpegLossless, 8)]
    [TestCase(CodecSyntaxes.JpegLossless, 12)]
    [TestCase(CodecSyntaxes.JpegLossless, 16)]
    [TestCase(CodecSyntaxes.JpegLsLossless, 8)]
    [TestCase(CodecSyntaxes.JpegLsLossless, 16)]
    [TestCase(CodecSyntaxes.Jpeg2000Lossless, 8)]
    [TestCase(CodecSyntaxes.Jpeg2000Lossless, 16)]
    [TestCase(CodecSyntaxes.HtJpeg2000LosslessRpcl, 8)]
    [TestCase(CodecSyntaxes.HtJpeg2000LosslessRpcl, 16)]
    [TestCase(CodecSyntaxes.JpegXlLossless, 8)]
    [TestCase(CodecSyntaxes.JpegXlLossless, 16)]
    public async Task Damaged_frames_come_out_as_frames_or_problems(string syntax, int bits)
    {
        TestCodecs.RequireOrSkip();
        var layout = bits == 8 ? TestCodecs.Colour(24, 21) : TestCodecs.Grey(24, 21, 16, bits);
        var frame = TestCodecs.Picture(layout);
        var encoded = (await TestCodecs.All.EncodeAsync(syntax, frame, layout, default)).Value;
        await FuzzAsync(syntax, encoded.Codestream.ToArray(), encoded.Layout);
    }

    [TestCase("pydicom/SC_rgb_dcmtk_+eb+cy+np.dcm")]
    [TestCase("pydicom/JPGExtended.dcm")]
    [TestCase("pydicom/JPEGLSNearLossless_16.dcm")]
    [TestCase("pydicom/JPEG2000.dcm")]
    [TestCase("pydicom-data/JLSL_RGB_ILV0.dcm")]
    [TestCase("dicomParser/encapsulated/multi-frame/CT0012.fragmented_no_bot_jpeg_lossless.57.dcm")]
    public async Task Damaged_frames_of_real_files_come_out_as_frames_or_problems(string name)
    {
        TestCodecs.RequireOrSkip();
        await using var stream = Corpus.Get(name).Open();
        var source = FrameSource.Of(Part10Reader.Read(stream).Value, stream).Value;
        await FuzzAsync(source.TransferSyntax, (await FrameDecoder.ReadCodestreamAsync(source, 0, default)).Value, source.Layout);
    }

    [Test]
    public async Task Damaged_boxes_come_out_as_frames_or_problems()
    {
        TestCodecs.RequireOrSkip();
        var layout = TestCodecs.Grey(24, 21, 8, 8);
        await FuzzAsync(CodecSyntaxes.Jpeg2000Lossless, Boxed((await TestCodecs.All.EncodeAsync(CodecSyntaxes.Jpeg2000Lossless, TestCodecs.Picture(layout), layout, default)).Value.Codestream.Span), layout);
    }

    [Test]
    public void Boxes_that_end_anywhere_before_the_picture_are_refused()
    {
        var whole = Boxed([0xFF, 0x4F, 0xFF, 0x51]);
        for (var length = 0; length <= whole.Length; length++)
        {
            Assert.That(CodestreamHeader.Read(CodestreamKind.Jpeg2000, whole.AsSpan(0, length)).Problem?.Kind, Is.EqualTo(ProblemKind.Invalid), $"{length} bytes");
        }
    }

    /// <summary>A JP2 file: signature, file type, header, codestream. ISO/IEC 15444-1 §I.5.</summary>
    private static byte[] Boxed(ReadOnlySpan<byte> codestream) =>
    [
        0, 0, 0, 12, .. "jP  "u8, 0x0D, 0x0A, 0x87, 0x0A,
        0, 0, 0, 20, .. "ftypjp2 "u8, 0, 0, 0, 0, .. "jp2 "u8,
        0, 0, 0, 45, .. "jp2h"u8,
        0, 0, 0, 22, .. "ihdr"u8, 0, 0, 0, 24, 0, 0, 0, 21, 0, 1, 7, 7, 0, 0,
        0, 0, 0, 15, .. "colr"u8, 1, 0, 0, 0, 0, 0, 17,
        0, 0, 0, 0, .. "jp2c"u8, .. codestream,
    ];

    private static async Task FuzzAsync(string syntax, byte[] whole, PixelLayout layout)
    {
        using var sandbox = CodecSetup.Sandbox(new CodecOptions { CachePath = TestCodecs.CachePath, Deadline = Deadline });
        var codec = CodecSetup.Together(sandbox);
        var (decoded, slowest) = (0, TimeSpan.Zero);
        await codec.DecodeAsync(syntax, whole, layout, default);
        GC.Collect();
        var before = Environment.WorkingSet;
        for (var seed = 0; seed < Mutants; seed++)
        {
            var mutant = Mutate(whole, new Random(seed));
            var watch = Stopwatch.StartNew();
            var outcome = await codec.DecodeAsync(syntax, mutant, layout, default);
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
            if (outcome.TryGet(out var frame, out var problem))
            {
                decoded++;
                Assert.That(frame.Bytes.Length, Is.EqualTo(frame.Layout.FrameLength), $"seed {seed}");
            }
            else
            {
                Assert.That(problem.Kind, Is.AnyOf([.. Expected.Cast<object>()]), $"seed {seed}");
            }
        }

        GC.Collect();
        var growth = Environment.WorkingSet - before;
        TestContext.Out.WriteLine($"{decoded} of {Mutants} decoded, slowest {slowest.TotalMilliseconds:0} ms, {growth >> 20} MB more in memory");
        Assert.That(slowest, Is.LessThan(Slowest));
        Assert.That(growth, Is.LessThan(GrowthLimit));
        Assert.That((await TestCodecs.All.DecodeAsync(syntax, whole, layout, default)).Problem, Is.Null, "The next frame is decoded as ever.");
    }

    /// <summary>Bits, bytes and lengths changed; in every second one the beginning stays, so that more than the header is tried.</summary>
    private static byte[] Mutate(byte[] whole, Random random)
    {
        var first = random.Next(2) == 0 ? 0 : Math.Min(whole.Length / 2, 120);
        var bytes = whole.ToList();
        for (var change = random.Next(1, 8); change > 0; change--)
        {
            var at = random.Next(first, bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes[at] = 0xFF; break;
                case 3: bytes.Insert(at, (byte)random.Next(256)); break;
                case 4: bytes.RemoveRange(at, Math.Min(random.Next(1, 12), bytes.Count - at - (at == first ? 1 : 0))); break;
                default: bytes.RemoveRange(Math.Max(at, first + 1), bytes.Count - Math.Max(at, first + 1)); break;
            }

            if (bytes.Count <= first + 1)
            {
                break;
            }
        }

        return [.. bytes];
    }
}

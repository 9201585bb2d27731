using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>What is encoded without loss comes back as it was, in every syntax that is written, for every kind of sample it carries.</summary>
public sealed class RoundTripTests
{
    private static readonly string[] Syntaxes =
    [
        CodecSyntaxes.Rle, CodecSyntaxes.DeflatedFrame, CodecSyntaxes.EncapsulatedUncompressed, CodecSyntaxes.JpegLossless, CodecSyntaxes.JpegLsLossless,
        CodecSyntaxes.Jpeg2000Lossless, CodecSyntaxes.HtJpeg2000LosslessRpcl, CodecSyntaxes.JpegXlLossless,
    ];

    private static readonly (int Rows, int Columns)[] Sizes = [(64, 64), (33, 47), (7, 5), (2, 200), (131, 3)];

    [OneTimeSetUp]
    public void NeedCodecs() => TestCodecs.RequireOrSkip();

    [Test]
    public async Task Grey_comes_back_exactly(
        [ValueSource(nameof(Syntaxes))] string syntax, [Values(8, 16)] int allocated, [Values(0, 1, 4, 6)] int unused, [Values] bool isSigned)
    {
        foreach (var (rows, columns) in Sizes)
        {
            await ComesBackAsync(syntax, TestCodecs.Grey(rows, columns, allocated, allocated - unused, isSigned));
        }
    }

    [Test]
    public async Task Eight_bits_in_sixteen_come_back_exactly([ValueSource(nameof(Syntaxes))] string syntax, [Values] bool isSigned) =>
        await ComesBackAsync(syntax, TestCodecs.Grey(40, 30, 16, 8, isSigned));

    [Test]
    public async Task What_is_kept_above_the_bits_stored_comes_back_too([ValueSource(nameof(Syntaxes))] string syntax, [Values] bool isSigned)
    {
        var layout = TestCodecs.Grey(20, 30, 16, 12, isSigned);
        var frame = TestCodecs.Picture(layout);
        frame[101] ^= 0x50;
        await ComesBackAsync(syntax, layout, frame);
    }

    [Test]
    public async Task Colours_come_back_exactly([ValueSource(nameof(Syntaxes))] string syntax)
    {
        foreach (var (rows, columns) in Sizes)
        {
            await ComesBackAsync(syntax, TestCodecs.Colour(rows, columns));
        }
    }

    [TestCase(CodecSyntaxes.Rle)]
    [TestCase(CodecSyntaxes.JpegLsLossless)]
    [TestCase(CodecSyntaxes.Jpeg2000Lossless)]
    public async Task Colours_that_are_not_RGB_come_back_untouched(string syntax) =>
        await ComesBackAsync(syntax, TestCodecs.Colour(20, 30, interpretation: "YBR_FULL"));

    [TestCase(CodecSyntaxes.Rle)]
    [TestCase(CodecSyntaxes.JpegLossless)]
    [TestCase(CodecSyntaxes.JpegLsLossless)]
    [TestCase(CodecSyntaxes.JpegXlLossless)]
    public async Task Colours_of_sixteen_bits_come_back_exactly(string syntax) => await ComesBackAsync(syntax, TestCodecs.Colour(20, 31, 16));

    [TestCase(CodecSyntaxes.Jpeg2000Lossless)]
    [TestCase(CodecSyntaxes.HtJpeg2000LosslessRpcl)]
    public async Task Colours_of_sixteen_bits_are_refused_where_they_would_be_lost(string syntax)
    {
        var layout = TestCodecs.Colour(20, 31, 16);
        var encoded = await TestCodecs.All.EncodeAsync(syntax, TestCodecs.Picture(layout), layout, default);
        Assert.That(encoded.Problem?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
    }

    [Test]
    public async Task Planes_come_back_as_pixels([ValueSource(nameof(Syntaxes))] string syntax)
    {
        var layout = TestCodecs.Colour(6, 5, isPlanar: true);
        var planes = TestCodecs.Picture(layout);
        var encoded = (await TestCodecs.All.EncodeAsync(syntax, planes, layout, default)).Value;
        var decoded = (await TestCodecs.All.DecodeAsync(syntax, encoded.Codestream, encoded.Layout, default)).Value;
        var pixels = Enumerable.Range(0, 90).Select(i => planes[(i % 3 * 30) + (i / 3)]);
        Assert.That(decoded.Bytes.ToArray(), Is.EqualTo(decoded.Layout.IsPlanar ? planes : pixels));
    }

    [Test]
    public async Task HTJ2K_tells_the_depth_of_the_samples_and_another_decoder_reads_it([Values(5, 8, 12, 16)] int stored, [Values] bool isSigned)
    {
        var layout = TestCodecs.Grey(70, 90, stored > 8 ? 16 : 8, stored, isSigned);
        var frame = TestCodecs.Picture(layout);
        var codestream = (await TestCodecs.All.EncodeAsync(CodecSyntaxes.HtJpeg2000LosslessRpcl, frame, layout, default)).Value.Codestream;
        Assert.That(codestream.Span[42], Is.EqualTo((stored - 1) | (isSigned ? 0x80 : 0)));

        // Named JPEG 2000, the frame goes to OpenJPEG, which knows HTJ2K too, and not to OpenJPH, which wrote it.
        var decoded = await TestCodecs.All.DecodeAsync(CodecSyntaxes.Jpeg2000Lossless, codestream, layout, default);
        Assert.That(decoded.Value.Bytes.Span.SequenceEqual(frame));
    }

    private static Task ComesBackAsync(string syntax, PixelLayout layout) => ComesBackAsync(syntax, layout, TestCodecs.Picture(layout));

    private static async Task ComesBackAsync(string syntax, PixelLayout layout, byte[] frame)
    {
        var given = frame.ToArray();
        var encoded = await TestCodecs.All.EncodeAsync(syntax, frame, layout, default);
        Assert.That(encoded.Problem, Is.Null, layout.ToString());
        Assert.That(frame, Is.EqualTo(given), "The caller's frame is the caller's.");
        var decoded = await TestCodecs.All.DecodeAsync(syntax, encoded.Value.Codestream, encoded.Value.Layout, default);
        Assert.That(decoded.Problem, Is.Null, layout.ToString());
        Assert.That(decoded.Value.Bytes.Span.SequenceEqual(frame), $"{syntax} {layout}");
        Assert.That(decoded.Value.Layout.PhotometricInterpretation, Is.EqualTo(layout.PhotometricInterpretation));
    }
}

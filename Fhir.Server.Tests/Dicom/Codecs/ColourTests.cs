using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Headers;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>What decoded samples are said to be is what they are, whatever the data set says.</summary>
public sealed class ColourTests
{
    private static readonly byte[] Adobe = [0xFF, 0xEE, 0, 14, (byte)'A', (byte)'d', (byte)'o', (byte)'b', (byte)'e', 0, 100, 0, 0, 0, 0, 0];
    private static readonly byte[] Jfif = [0xFF, 0xE0, 0, 16, (byte)'J', (byte)'F', (byte)'I', (byte)'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];

    [TestCase("pydicom/SC_rgb_dcmtk_+eb+cy+np.dcm", "YBR_FULL")]
    [TestCase("pydicom/SC_rgb_jpeg_app14_dcmd.dcm", "RGB")]
    [TestCase("pydicom/examples_jpeg2k.dcm", "RGB")]
    [TestCase("pydicom-data/HTJ2KLossless_08_RGB.dcm", "RGB")]
    [TestCase("pydicom-data/JLSL_RGB_ILV0.dcm", "RGB")]
    [TestCase("fo-dicom.Codecs/Acceptance/PM5644-960x540_JPEG-Baseline_YBR422.dcm", "YBR_FULL")]
    public async Task Decoded_frames_say_what_they_are(string name, string expected)
    {
        TestCodecs.RequireOrSkip();
        await using var stream = Corpus.Get(name).Open();
        var frame = (await new FrameDecoder(TestCodecs.All).DecodeAsync(FrameSource.Of(Part10Reader.Read(stream).Value, stream).Value, 0, default)).Value;
        Assert.That((frame.Layout.PhotometricInterpretation, frame.Layout.IsPlanar), Is.EqualTo((expected, false)));
        Assert.That(frame.Bytes.Length, Is.EqualTo(frame.Layout.FrameLength));
    }

    [Test]
    public void An_Adobe_marker_outweighs_names_and_names_outweigh_JFIF()
    {
        Assert.That(IsRgb([1, 2, 3], 0x11), Is.Null, "Nothing says: the data set does.");
        Assert.That(IsRgb([1, 2, 3], 0x11, Jfif), Is.False);
        Assert.That(IsRgb([1, 2, 3], 0x22), Is.False, "Who halves chroma has some.");
        Assert.That(IsRgb([(byte)'R', (byte)'G', (byte)'B'], 0x11, Jfif), Is.True);
        Assert.That(IsRgb([1, 2, 3], 0x11, Jfif, Adobe), Is.True);
        Assert.That(IsRgb([1, 2, 3], 0x11, frame: 0xC3, markers: Jfif), Is.Null, "Lossless frames are not transformed.");
    }

    [Test]
    public async Task HTJ2K_without_a_component_transform_is_put_in_order()
    {
        TestCodecs.RequireOrSkip();

        // Encoded with the transform, then told to have none: luma and differences come out as they are in the codestream.
        var layout = TestCodecs.Colour(20, 30);
        var rgb = new byte[layout.FrameLength];
        var random = new Random(3);
        for (var i = 0; i < rgb.Length; i += 3)
        {
            (rgb[i], rgb[i + 1], rgb[i + 2]) = ((byte)random.Next(100, 150), (byte)random.Next(100, 150), (byte)random.Next(100, 150));
        }

        var codestream = (await TestCodecs.All.EncodeAsync(CodecSyntaxes.HtJpeg2000LosslessRpcl, rgb, layout, default)).Value.Codestream.ToArray();
        codestream[codestream.AsSpan().IndexOf([(byte)0xFF, (byte)0x52]) + 8] = 0;
        var decoded = (await TestCodecs.All.DecodeAsync(CodecSyntaxes.HtJpeg2000LosslessRpcl, codestream, layout with { PhotometricInterpretation = "YBR_FULL" }, default)).Value;
        var expected = new byte[rgb.Length];
        for (var i = 0; i < rgb.Length; i += 3)
        {
            // ISO/IEC 15444-1 §G.2.1; components are raised by half their range.
            var (red, green, blue) = (rgb[i] - 128, rgb[i + 1] - 128, rgb[i + 2] - 128);
            (expected[i], expected[i + 1], expected[i + 2]) = ((byte)(((red + (2 * green) + blue) >> 2) + 128), (byte)(blue - green + 128), (byte)(red - green + 128));
        }

        Assert.That(decoded.Bytes.ToArray(), Is.EqualTo(expected));
        Assert.That(decoded.Layout.PhotometricInterpretation, Is.EqualTo("YBR_FULL"));
    }

    [Test]
    public async Task Signs_come_from_the_data_set()
    {
        TestCodecs.RequireOrSkip();
        var signed = TestCodecs.Grey(20, 30, 16, 12, isSigned: true);
        var frame = TestCodecs.Picture(signed);
        var patterns = frame.ToArray();
        SampleShapes.ExtendInPlace(patterns, 16, 12, isSigned: false);
        foreach (var syntax in new[] { CodecSyntaxes.Jpeg2000Lossless, CodecSyntaxes.HtJpeg2000LosslessRpcl, CodecSyntaxes.JpegLsLossless, CodecSyntaxes.JpegLossless })
        {
            var unsignedStream = (await TestCodecs.All.EncodeAsync(syntax, patterns, signed with { IsSigned = false }, default)).Value.Codestream;
            Assert.That((await TestCodecs.All.DecodeAsync(syntax, unsignedStream, signed, default)).Value.Bytes.Span.SequenceEqual(frame), syntax);
        }

        var signedStream = (await TestCodecs.All.EncodeAsync(CodecSyntaxes.Jpeg2000Lossless, frame, signed, default)).Value.Codestream;
        var asUnsigned = await TestCodecs.All.DecodeAsync(CodecSyntaxes.Jpeg2000Lossless, signedStream, signed with { IsSigned = false }, default);
        Assert.That(asUnsigned.Value.Bytes.Span.SequenceEqual(patterns));
    }

    [Test]
    public async Task Single_bits_that_HTJ2K_calls_signed_are_single_bits()
    {
        TestCodecs.RequireOrSkip();
        var bits = SampleShapes.PackBits([.. Enumerable.Range(0, 64).Select(i => (byte)(i % 3 == 0 ? 1 : 0))]);
        var words = Enumerable.Range(0, 64).SelectMany(i => i % 3 == 0 ? new byte[] { 0xFF, 0xFF } : [0, 0]).ToArray();
        var codestream = (await TestCodecs.All.EncodeAsync(
            CodecSyntaxes.HtJpeg2000LosslessRpcl, words, TestCodecs.Grey(8, 8, 16, 16, isSigned: true), default)).Value.Codestream.ToArray();

        // The depth of the first component: one bit, signed.
        codestream[42] = 0x80;
        var layout = new PixelLayout(8, 8, 1, 1, 1, 0, false, false, "MONOCHROME2");
        var decoded = await TestCodecs.All.DecodeAsync(CodecSyntaxes.HtJpeg2000LosslessRpcl, codestream, layout, default);
        Assert.That(decoded.Value.Bytes.ToArray(), Is.EqualTo(bits));
    }

    private static bool? IsRgb(byte[] names, byte sampling, params byte[][] markers) => IsRgb(names, sampling, 0xC0, markers);

    private static bool? IsRgb(byte[] names, byte sampling, byte frame, params byte[][] markers)
    {
        byte[] stream =
        [
            0xFF, 0xD8, .. markers.SelectMany(marker => marker), 0xFF, frame, 0, 17, 8, 0, 8, 0, 8, 3, names[0], sampling, 0, names[1], 0x11, 0, names[2], 0x11, 0,
            0xFF, 0xDA, 0, 12, 3, names[0], 0, names[1], 0, names[2], 0, 0, 63, 0,
        ];
        var outcome = JpegHeader.Read(stream, CodestreamKind.Jpeg);
        return outcome.IsSuccess ? outcome.Value.IsRgb : throw new AssertionException(outcome.Problem!.Text);
    }
}

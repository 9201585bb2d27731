using CsCheck;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Formats;
using SkiaSharp;

namespace Fhir.Server.Tests.Rendering;

/// <summary>PNG and JPEG, read back by Skia, which has not written the PNG.</summary>
public sealed class FormatTests
{
    [Test]
    public void A_PNG_is_read_as_it_was_written_whatever_its_size() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 70], Gen.Bool, Gen.Byte.Array[15_000]).Sample(
            (width, height, colour, noise) =>
            {
                using var picture = Made(width, height, colour, noise);
                using var read = Decode(Write(picture, PictureFormat.Png));
                AssertSame(picture, read, 0);
            },
            iter: 100);

    [Test]
    public void A_PNG_of_many_chunks_is_read_as_it_was_written()
    {
        var noise = new byte[900 * 500 * 3];
        new Random(7).NextBytes(noise);
        using var picture = Made(900, 500, true, noise);
        var png = Write(picture, PictureFormat.Png);
        Assert.That(png, Has.Length.GreaterThan(200_000), "More than one chunk.");
        using var read = Decode(png);
        AssertSame(picture, read, 0);
    }

    [Test]
    public void Grey_of_16_bits_keeps_them()
    {
        using var target = new MemoryStream();
        PngWriter.Write(target, 3, 2, [0, 1, 256, 0x1234, 0xABCD, 0xFFFF]);
        var png = target.ToArray();
        Assert.That(png[24..26], Is.EqualTo([16, 0]), "16 bits, grey.");
        using (var half = SKBitmap.Decode(png))
        {
            Assert.That(half.GetPixel(1, 1).Red, Is.EqualTo(0xAB), "Skia keeps 8 of them.");
        }

        var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(33));
        using var rows = new System.IO.Compression.ZLibStream(new MemoryStream(png, 41, length), System.IO.Compression.CompressionMode.Decompress);
        using var plain = new MemoryStream();
        rows.CopyTo(plain);
        Assert.That(plain.ToArray(), Is.EqualTo([2, 0, 0, 0, 1, 1, 0, 2, 0x12, 0x34, 0xAB, 0xCC, 0xFE, 0xFF]), "The second row less the first.");
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_JPEG_is_nearly_what_was_written_and_grey_stays_grey(bool colour)
    {
        var smooth = Enumerable.Range(0, 64 * 64 * 3).Select(i => (byte)(i / 48)).ToArray();
        using var picture = Made(64, 64, colour, smooth);
        var jpeg = Write(picture, PictureFormat.Jpeg);
        Assert.That(jpeg[..3], Is.EqualTo([0xFF, 0xD8, 0xFF]));
        using var read = Decode(jpeg);
        AssertSame(picture, read, 6);
        using var codec = SKCodec.Create(new MemoryStream(jpeg));
        Assert.That(codec.Info.ColorType == SKColorType.Gray8, Is.EqualTo(!colour));
    }

    [Test]
    public void A_JPEG_of_less_quality_is_smaller()
    {
        var noise = new byte[128 * 128];
        new Random(7).NextBytes(noise);
        using var picture = Made(128, 128, false, noise);
        Assert.That(Write(picture, PictureFormat.Jpeg, 20), Has.Length.LessThan(Write(picture, PictureFormat.Jpeg, 95).Length / 2));
    }

    [TestCase(0)]
    [TestCase(101)]
    public void A_quality_beyond_its_limits_is_invalid(int quality)
    {
        using var picture = Made(1, 1, false, [0]);
        Assert.That(PictureEncoder.Write(Stream.Null, picture, PictureFormat.Jpeg, quality).Problem?.Kind, Is.EqualTo(ProblemKind.Invalid));
    }

    [Test]
    public void A_picture_too_wide_for_JPEG_is_refused_and_fits_into_PNG()
    {
        using var picture = Made(66_000, 1, false, new byte[66_000]);
        Assert.That(PictureEncoder.Write(Stream.Null, picture, PictureFormat.Jpeg).Problem?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
        Assert.That(PictureEncoder.Write(Stream.Null, picture, PictureFormat.Png).IsSuccess);
    }

    internal static byte[] Write(Picture picture, PictureFormat format, int quality = PictureEncoder.DefaultQuality)
    {
        using var target = new MemoryStream();
        Assert.That(PictureEncoder.Write(target, picture, format, quality).Problem, Is.Null);
        return target.ToArray();
    }

    private static Picture Made(int width, int height, bool colour, byte[] bytes)
    {
        var picture = new Picture(width, height, colour);
        bytes.AsSpan(0, picture.Pixels.Length).CopyTo(picture.Pixels);
        return picture;
    }

    private static SKBitmap Decode(byte[] file) => SKBitmap.Decode(file, new SKImageInfo { ColorType = SKColorType.Rgba8888, AlphaType = SKAlphaType.Unpremul }) ?? SKBitmap.Decode(file);

    private static void AssertSame(Picture expected, SKBitmap actual, int tolerance)
    {
        Assert.That((actual.Width, actual.Height), Is.EqualTo((expected.Width, expected.Height)));
        var pixels = expected.Pixels;
        for (var i = 0; i < expected.Width * expected.Height; i++)
        {
            var pixel = pixels.Slice(i * expected.Channels, expected.Channels);
            var colour = actual.GetPixel(i % expected.Width, i / expected.Width);
            var worst = Math.Max(Math.Abs(pixel[0] - colour.Red), Math.Max(Math.Abs(pixel[^1] - colour.Blue), Math.Abs(pixel[expected.IsColour ? 1 : 0] - colour.Green)));
            if (worst > tolerance)
            {
                Assert.Fail($"Pixel {i} is off by {worst}.");
            }
        }
    }
}

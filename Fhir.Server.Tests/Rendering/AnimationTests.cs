using CsCheck;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Colour;
using Fhir.Server.Rendering.Formats;
using SkiaSharp;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Moving pictures and colour profiles, read back by Skia.</summary>
public sealed class AnimationTests
{
    [Test]
    public void Greys_of_a_GIF_are_read_as_they_were_written_whatever_its_size() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 300], Gen.Int[1, 3], Gen.Int[0, 255], Gen.Int).Sample(
            (width, height, frames, noise, seed) =>
            {
                var random = new Random(seed);
                var pictures = Enumerable.Range(0, frames).Select(_ => Made(width, height, false, i => (byte)((i / 7) + random.Next(noise + 1)))).ToList();
                using var codec = SKCodec.Create(new MemoryStream(Write(AnimationFormat.Gif, pictures)));
                Assert.That((codec.Info.Width, codec.Info.Height, Math.Max(1, codec.FrameCount)), Is.EqualTo((width, height, frames)));
                for (var i = 0; i < frames; i++)
                {
                    Assert.That(Read(codec, i).Select(pixel => pixel.Green), Is.EqualTo(pictures[i].Pixels.ToArray()));
                }

                pictures.ForEach(picture => picture.Dispose());
            },
            iter: 60);

    [Test]
    public void A_large_GIF_whose_table_of_codes_fills_many_times_is_read_as_it_was_written()
    {
        var noise = new byte[700 * 700];
        new Random(5).NextBytes(noise);
        using var picture = Made(700, 700, false, i => noise[i]);
        using var codec = SKCodec.Create(new MemoryStream(Write(AnimationFormat.Gif, [picture])));
        Assert.That(Read(codec, 0).Select(pixel => pixel.Green), Is.EqualTo(noise));
    }

    [Test]
    public void Colours_of_a_GIF_are_near_and_its_greys_stay_grey()
    {
        using var picture = Made(256, 128, true, i => (i / 3 % 256, i / 3 / 256, i % 3) switch
        {
            (var x, < 64, _) => (byte)x,
            (var x, var y, 0) => (byte)x,
            (var x, var y, 1) => (byte)(y * 2),
            _ => 40,
        });
        using var codec = SKCodec.Create(new MemoryStream(Write(AnimationFormat.Gif, [picture])));
        var (read, pixels) = (Read(codec, 0), picture.Pixels.ToArray());
        var far = 0;
        for (var i = 0; i < read.Length; i++)
        {
            int[] off = [Math.Abs(read[i].Red - pixels[i * 3]), Math.Abs(read[i].Green - pixels[(i * 3) + 1]), Math.Abs(read[i].Blue - pixels[(i * 3) + 2])];
            far = Math.Max(far, off.Max());
            if (i < 256 * 64)
            {
                Assert.That(read[i].Red, Is.EqualTo(read[i].Green).And.EqualTo(read[i].Blue));
                Assert.That(off.Max(), Is.LessThanOrEqualTo(3));
            }
        }

        Assert.That(far, Is.LessThanOrEqualTo(24));
    }

    [Test]
    public void Frames_of_an_APNG_are_those_that_were_written_and_a_reader_that_knows_none_shows_the_first()
    {
        var pictures = Enumerable.Range(0, 3).Select(frame => Made(40, 30, true, i => (byte)(i * (frame + 3)))).ToList();
        var apng = Write(AnimationFormat.Apng, pictures);
        using var first = SKBitmap.Decode(apng);
        AssertSame(pictures[0], first);
        var (frames, sequence) = Frames(apng);
        Assert.That(frames, Has.Count.EqualTo(3));
        Assert.That(sequence, Is.EqualTo(Enumerable.Range(0, sequence.Count)));
        for (var i = 0; i < 3; i++)
        {
            using var read = SKBitmap.Decode(frames[i]);
            AssertSame(pictures[i], read);
        }
    }

    [Test]
    public void Frames_of_another_size_or_colour_are_refused()
    {
        var writer = new AnimationWriter(AnimationFormat.Gif, 3);
        using var target = new MemoryStream();
        using var one = Made(4, 4, false, _ => 1);
        using var larger = Made(5, 4, false, _ => 1);
        using var coloured = Made(4, 4, true, _ => 1);
        Assert.That(writer.Write(target, one, TimeSpan.Zero).Problem, Is.Null);
        Assert.That(writer.Write(target, larger, TimeSpan.Zero).Problem?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
        Assert.That(writer.Write(target, coloured, TimeSpan.Zero).Problem?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
    }

    [Test]
    public void A_frame_is_shown_as_long_as_the_image_says()
    {
        var (rate, cine, time, times) = (new DicomTag(0x00082144), new DicomTag(0x00180040), new DicomTag(0x00181063), new DicomTag(0x00181065));
        Assert.That(FrameTimes.Of(new DicomDataset(), 0), Is.EqualTo(TimeSpan.FromMilliseconds(100)));
        var image = new DicomDataset().AddNumbers(cine, DicomVr.IS, 50);
        Assert.That(FrameTimes.Of(image, 0), Is.EqualTo(TimeSpan.FromMilliseconds(20)));
        image.AddNumbers(time, DicomVr.DS, 33.5);
        Assert.That(FrameTimes.Of(image, 7), Is.EqualTo(TimeSpan.FromMilliseconds(33.5)));
        image.AddNumbers(times, DicomVr.DS, 0, 10, 30);
        Assert.That(Enumerable.Range(0, 4).Select(i => FrameTimes.Of(image, i).TotalMilliseconds), Is.EqualTo([10, 30, 30, 30]));
        image.AddNumbers(rate, DicomVr.IS, 4);
        Assert.That(FrameTimes.Of(image, 0), Is.EqualTo(TimeSpan.FromMilliseconds(250)));
        Assert.That(FrameTimes.Of(new DicomDataset().AddNumbers(time, DicomVr.DS, -1).AddNumbers(rate, DicomVr.IS, 0), 0), Is.EqualTo(TimeSpan.FromMilliseconds(100)));
    }

    [Test]
    public void Profiles_are_read_by_Skia_as_the_spaces_they_are_of()
    {
        foreach (var space in new[] { ColourSpace.Srgb, ColourSpace.AdobeRgb, ColourSpace.RommRgb, ColourSpace.DisplayP3 })
        {
            Assert.That(ColourSpace.IsProfileOfRgb(space.Profile.Span), Is.True);
            using var read = SKColorSpace.CreateIcc(space.Profile.ToArray());
            Assert.That(read, Is.Not.Null);
        }

        Assert.That(ColourSpace.IsNamedSrgb(ColourSpace.Srgb.Profile.Span), Is.True);
        Assert.That(ColourSpace.IsNamedSrgb(ColourSpace.AdobeRgb.Profile.Span), Is.False);
        Assert.That(ColourSpace.IsProfileOfRgb(new byte[200]), Is.False);
        byte[] white = [255, 255, 255, 0, 0, 0, 128, 128, 128];
        ColourSpace.DisplayP3.FromSrgb(white);
        Assert.That(white, Is.EqualTo([255, 255, 255, 0, 0, 0, 128, 128, 128]).Within(1), "What is grey stays grey.");
    }

    [Test]
    public void A_placeholder_can_be_as_small_as_a_pixel()
    {
        foreach (var (width, height) in new[] { (1, 1), (3, 200), (128, 128), (1024, 16) })
        {
            using var picture = Placeholder.Of("RTSTRUCT", width, height);
            Assert.That((picture.Width, picture.Height), Is.EqualTo((width, height)));
        }
    }

    private static byte[] Write(AnimationFormat format, List<Picture> pictures)
    {
        var writer = new AnimationWriter(format, pictures.Count);
        using var target = new MemoryStream();
        foreach (var picture in pictures)
        {
            Assert.That(writer.Write(target, picture, TimeSpan.FromMilliseconds(50)).Problem, Is.Null);
        }

        return target.ToArray();
    }

    private static Picture Made(int width, int height, bool colour, Func<int, byte> sample)
    {
        var picture = new Picture(width, height, colour);
        for (var i = 0; i < picture.Pixels.Length; i++)
        {
            picture.Pixels[i] = sample(i);
        }

        return picture;
    }

    private static SKColor[] Read(SKCodec codec, int frame)
    {
        using var bitmap = new SKBitmap(codec.Info.Width, codec.Info.Height);
        Assert.That(codec.GetPixels(bitmap.Info, bitmap.GetPixels(), new SKCodecOptions(frame)), Is.EqualTo(SKCodecResult.Success));
        return bitmap.Pixels;
    }

    private static void AssertSame(Picture picture, SKBitmap read) =>
        Assert.That(read.Pixels.SelectMany(pixel => new[] { pixel.Red, pixel.Green, pixel.Blue }), Is.EqualTo(picture.ToColour().Pixels.ToArray()));

    /// <summary>Each frame as a PNG of its own, and the numbers of the chunks.</summary>
    private static (List<byte[]> Frames, List<int> Sequence) Frames(byte[] apng)
    {
        var (frames, sequence, head) = (new List<MemoryStream>(), new List<int>(), apng[..33]);
        for (var at = 33; at < apng.Length;)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(apng.AsSpan(at));
            var (name, data) = (System.Text.Encoding.ASCII.GetString(apng, at + 4, 4), apng[(at + 8)..(at + 8 + length)]);
            if (name is "fcTL" or "fdAT")
            {
                sequence.Add(System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(data));
            }

            if (name == "fcTL")
            {
                frames.Add(new MemoryStream());
                frames[^1].Write(head);
            }
            else if (name is "IDAT" or "fdAT")
            {
                PngChunks.Write(frames[^1], "IDAT"u8, name == "IDAT" ? data : data.AsSpan(4));
            }

            at += length + 12;
        }

        frames.ForEach(frame => PngChunks.Write(frame, "IEND"u8, []));
        return (frames.ConvertAll(frame => frame.ToArray()), sequence);
    }
}

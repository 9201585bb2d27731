using System.Runtime.InteropServices;
using CsCheck;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Colour;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Every photometric interpretation with colours. PS3.3 §C.7.6.3.1.2 and §C.7.9.</summary>
public sealed class ColourTests
{
    [Test]
    public void RGB_is_shown_as_it_is_in_pixels_and_in_planes()
    {
        Assert.That(Painted.Image().Render(Painted.Bytes(Colour("RGB", 2), 1, 2, 3, 4, 5, 6)), Is.EqualTo([1, 2, 3, 4, 5, 6]));
        Assert.That(Painted.Image().Render(Painted.Bytes(Colour("RGB", 2) with { IsPlanar = true }, 1, 4, 2, 5, 3, 6)), Is.EqualTo([1, 2, 3, 4, 5, 6]));
    }

    [Test]
    public void RGB_of_16_bits_is_narrowed()
    {
        var layout = Painted.Layout(1, 1, photometric: "RGB", samples: 3);
        Assert.That(Painted.Image().Render(Painted.Words(layout, 0, 32896, 65535)), Is.EqualTo([0, 128, 255]));
        Assert.That(Painted.Image().Render(Painted.Words(layout with { BitsStored = 12, HighBit = 11 }, 0, 2056, 4095)), Is.EqualTo([0, 128, 255]));
    }

    // 255 = Y + 1.402 (Cr - 128) and so on, from PS3.3 §C.7.6.3.1.2 the other way round.
    [TestCase("YBR_FULL", 76, 85, 255, 254, 0, 0)]
    [TestCase("YBR_FULL", 150, 44, 21, 0, 255, 1)]
    [TestCase("YBR_FULL", 29, 255, 107, 0, 0, 254)]
    [TestCase("YBR_FULL", 128, 128, 128, 128, 128, 128)]
    [TestCase("YBR_RCT", 9, 8, 7, 9, 8, 7)]
    [TestCase("YBR_ICT", 9, 8, 7, 9, 8, 7)]
    public void Brightness_and_differences_become_colours(string photometric, byte y, byte b, byte r, int red, int green, int blue) =>
        Assert.That(Painted.Image().Render(Painted.Bytes(Colour(photometric, 1), y, b, r)), Is.EqualTo([red, green, blue]));

    [Test]
    public void Two_pixels_share_their_subsampled_colour()
    {
        var shown = Painted.Image().Render(Painted.Bytes(Colour("YBR_FULL_422", 2), 76, 128, 85, 255));
        Assert.That(shown[..3], Is.EqualTo([254, 0, 0]));
        Assert.That(shown[3..], Is.EqualTo([255, 52, 52]));
    }

    [Test]
    public void The_partial_range_goes_from_16_to_235()
    {
        var shown = Painted.Image().Render(Painted.Bytes(Colour("YBR_PARTIAL_422", 2), 16, 235, 128, 128));
        Assert.That(shown, Is.EqualTo([0, 0, 0, 255, 255, 255]));
    }

    [Test]
    public void Full_range_colours_are_the_formula_of_the_standard_rounded() =>
        Gen.Byte.Array[3].Sample(ybr =>
        {
            double y = ybr[0], b = ybr[1] - 128, r = ybr[2] - 128;
            var pixel = ybr.ToArray();
            Ybr.FromFull(pixel);
            var exact = new[] { y + (1.402 * r), y - (0.344136 * b) - (0.714136 * r), y + (1.772 * b) };
            Assert.That(pixel.Select(v => (double)v), Is.EqualTo(exact.Select(v => Math.Clamp(v, 0, 255))).Within(0.51));
        });

    [TestCase("ARGB", 4, "retired")]
    [TestCase("CMYK", 4, "retired")]
    [TestCase("HSV", 3, "HSV")]
    [TestCase("YBR_PARTIAL_420", 3, "video")]
    public void Colours_that_cannot_be_shown_are_refused_in_words(string photometric, int samples, string word)
    {
        var problem = Painted.Image().Refusal(Painted.Bytes(Painted.Layout(1, 1, bits: 8, photometric: photometric, samples: samples), new byte[8]));
        Assert.That(problem?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
        Assert.That(problem!.Text, Does.Contain(word));
    }

    [Test]
    public void A_palette_gives_its_colours_and_its_ends_to_what_is_outside()
    {
        var image = Palette(Painted.Image(), 2, 16, [0x1100, 0x2200, 0x3300], [0x4400, 0x5500, 0x6600], [0x7700, 0x8800, 0x9900]);
        Assert.That(
            image.Render(Painted.Bytes(Painted.Layout(1, 4, bits: 8, photometric: "PALETTE COLOR"), 0, 2, 3, 200)),
            Is.EqualTo([0x11, 0x44, 0x77, 0x11, 0x44, 0x77, 0x22, 0x55, 0x88, 0x33, 0x66, 0x99]));
    }

    [Test]
    public void A_palette_of_8_bits_may_lie_in_bytes_and_one_of_16_may_use_8()
    {
        var layout = Painted.Layout(1, 2, bits: 8, photometric: "PALETTE COLOR");
        var bytes = Painted.Image();
        for (uint i = 0; i < 3; i++)
        {
            bytes.AddNumbers(RenderingTags.RedPaletteDescriptor.Plus(i), DicomVr.US, 2, 0, 8)
                .AddBytes(RenderingTags.RedPaletteData.Plus(i), DicomVr.OW, new[] { (byte)(i + 1), (byte)(i + 101) });
        }

        Assert.That(bytes.Render(Painted.Bytes(layout, 0, 1)), Is.EqualTo([1, 2, 3, 101, 102, 103]));
        var words = Palette(Painted.Image(), 0, 16, [1, 101], [2, 102], [3, 103]);
        Assert.That(words.Render(Painted.Bytes(layout, 0, 1)), Is.EqualTo([1, 2, 3, 101, 102, 103]));
    }

    [Test]
    public void A_palette_that_is_missing_is_a_problem_in_words() =>
        Assert.That(Painted.Image().Refusal(Painted.Bytes(Painted.Layout(1, 2, bits: 8, photometric: "PALETTE COLOR"), 0, 1))?.Text, Does.Contain("palette"));

    [Test]
    public void The_colours_of_a_palette_are_tabulated_once_for_all_frames()
    {
        var image = Palette(Painted.Image().AsIs().Add(RenderingTags.PixelPresentation, DicomVr.CS, "COLOR"), 10, 16, [0x1100], [0x2200], [0x3300]);
        foreach (var photometric in new[] { "PALETTE COLOR", "MONOCHROME2" })
        {
            var renderer = FrameRenderer.Of(image, RenderOptions.Default).Value;
            var frame = Painted.Words(Painted.Layout(1, 1, photometric: photometric), 10);
            renderer.Render(frame, 0).Value.Dispose();
            var before = GC.GetAllocatedBytesForCurrentThread();
            using var second = renderer.Render(frame, 1).Value;
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(65536), photometric);
            Assert.That(second.Pixels.ToArray(), Is.EqualTo([0x11, 0x22, 0x33]), photometric);
        }
    }

    [Test]
    public void A_supplemental_palette_colours_only_its_own_values()
    {
        var image = Palette(Painted.Image().AsIs().Add(RenderingTags.PixelPresentation, DicomVr.CS, "COLOR"), 1000, 16, [0x1100], [0x2200], [0x3300]);
        Assert.That(image.Render(Painted.Words(50, 1000, 1001)), Is.EqualTo([50, 50, 50, 0x11, 0x22, 0x33, 255, 255, 255]));
    }

    [Test]
    public void Segments_of_words_are_values_lines_and_repetitions()
    {
        // Two values; a line of four from 20 to 60; both again by their offsets in bytes: values at 0, the line at 8.
        ushort[] segments = [0, 2, 10, 20, 1, 4, 60, 2, 2, 0, 0];
        Assert.That(Expand(segments, 16, 12), Is.EqualTo([10, 20, 30, 40, 50, 60, 10, 20, 30, 40, 50, 60]));
    }

    [Test]
    public void Segments_of_bytes_have_their_offset_in_four_bytes() =>
        Assert.That(SegmentedTable.Expand([0, 1, 5, 1, 2, 9, 2, 1, 0, 0, 0, 0], 8, 4), Is.EqualTo([5, 7, 9, 5]));

    [Test]
    public void A_falling_line_and_the_segmented_palette_of_an_image_come_out()
    {
        Assert.That(Expand([0, 1, 100, 1, 4, 0], 16, 5), Is.EqualTo([100, 75, 50, 25, 0]));
        var image = Painted.Image();
        ushort[] segments = [0, 1, 0xFF00, 1, 2, 0];
        for (uint i = 0; i < 3; i++)
        {
            image.AddNumbers(RenderingTags.RedPaletteDescriptor.Plus(i), DicomVr.US, 3, 0, 16)
                .AddBytes(RenderingTags.SegmentedRedPaletteData.Plus(i), DicomVr.OW, MemoryMarshal.AsBytes(segments.AsSpan()).ToArray());
        }

        var shown = image.Render(Painted.Bytes(Painted.Layout(1, 3, bits: 8, photometric: "PALETTE COLOR"), 0, 1, 2));
        Assert.That(shown, Is.EqualTo([255, 255, 255, 127, 127, 127, 0, 0, 0]));
    }

    [TestCase(new ushort[] { 1, 4, 60 }, TestName = "A_line_cannot_come_first")]
    [TestCase(new ushort[] { 0, 9, 1, 2 }, TestName = "Values_that_are_missing_are_not_made_up")]
    [TestCase(new ushort[] { 0, 1, 1, 2, 60000, 0, 0 }, TestName = "A_repetition_of_itself_ends")]
    [TestCase(new ushort[] { 0, 1, 1, 2, 1, 0xFFFF, 0xFFFF }, TestName = "A_repetition_from_outside_is_refused")]
    [TestCase(new ushort[] { 0, 1, 5, 0, 0, 1, 3, 9 }, TestName = "Values_of_no_length_are_refused")]
    [TestCase(new ushort[] { 0, 1, 5, 1, 0, 9, 1, 3, 9 }, TestName = "A_line_of_no_length_is_refused")]
    [TestCase(new ushort[] { 7, 1, 1 }, TestName = "An_unknown_segment_is_refused")]
    public void Damaged_segments_make_no_table(ushort[] segments) => Assert.That(Expand(segments, 16, 4), Is.Null);

    private static ushort[]? Expand(ushort[] segments, int bits, int count) => SegmentedTable.Expand(MemoryMarshal.AsBytes(segments.AsSpan()), bits, count);

    private static Fhir.Server.Dicom.Codecs.PixelLayout Colour(string photometric, int columns) =>
        Painted.Layout(1, columns, bits: 8, photometric: photometric, samples: 3);

    internal static DicomDataset Palette(DicomDataset image, int first, int bits, params ushort[][] colours)
    {
        for (uint i = 0; i < 3; i++)
        {
            image.AddNumbers(RenderingTags.RedPaletteDescriptor.Plus(i), DicomVr.US, colours[i].Length, first, bits)
                .AddBytes(RenderingTags.RedPaletteData.Plus(i), DicomVr.OW, MemoryMarshal.AsBytes(colours[i].AsSpan()).ToArray());
        }

        return image;
    }
}

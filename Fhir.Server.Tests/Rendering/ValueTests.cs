using CsCheck;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Grey;

namespace Fhir.Server.Tests.Rendering;

/// <summary>From containers to measured values: bits, signs, slopes and tables. PS3.5 §8.1, PS3.3 §C.11.1.</summary>
public sealed class ValueTests
{
    [Test]
    public void Bits_beside_the_value_are_left_out()
    {
        var layout = Painted.Layout(1, 3, stored: 8, high: 11);
        Assert.That(Painted.Image().AsIs().Render(Painted.Words(layout, 0x0FF0, 0xF00F, 0x1804 | 0x8000)), Is.EqualTo([255, 0, 128]));
    }

    [Test]
    public void The_highest_stored_bit_is_the_sign()
    {
        var layout = Painted.Layout(1, 4, stored: 12, signed: true);
        Assert.That(
            Painted.Image().Window(0, 4096, "LINEAR_EXACT").Render(Painted.Words(layout, 0x0800, 0x0000, 0x07FF, 0xF800)), Is.EqualTo([0, 128, 255, 0]));
    }

    [Test]
    public void A_value_in_any_bits_comes_out_as_it_went_in() =>
        Gen.Select(Gen.Int[1, 16], Gen.Int[0, 15], Gen.Bool, Gen.Int[0, 65535]).Where((stored, shift, _, _) => stored + shift <= 16).Sample((stored, shift, signed, any) =>
        {
            var bits = new StoredBits(16, stored, shift, signed && stored > 1);
            var code = any & ((1 << stored) - 1);
            var expected = bits.IsSigned && code >= 1 << (stored - 1) ? code - (1 << stored) : code;
            Assert.That(bits.ValueOf(bits.CodeOf((code << shift) | (any & ~(((1 << stored) - 1) << shift)))), Is.EqualTo(expected));
            Assert.That(bits.ValueOf((ulong)(uint)(code << shift)), Is.EqualTo(expected));
            Assert.That(expected, Is.InRange(bits.Lowest, bits.Highest));
        });

    [TestCase(0, -1)]
    [TestCase(99, 15)]
    [TestCase(12, 3)]
    [TestCase(16, 30)]
    public void Bits_that_cannot_be_are_mended(int stored, int high)
    {
        var bits = StoredBits.Of(Painted.Layout(1, 1, stored: stored, high: high));
        Assert.That((bits.Stored, bits.Shift), Is.EqualTo((stored is 12 ? 12 : 16, 0)));
    }

    [Test]
    public void Slope_and_intercept_come_before_the_window()
    {
        var image = Painted.Image("CT").Window(0, 2000, "LINEAR_EXACT")
            .AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, 2).AddNumbers(DicomTag.RescaleIntercept, DicomVr.DS, -1000);
        Assert.That(image.Render(Painted.Words(0, 500, 1000)), Is.EqualTo([0, 128, 255]));
    }

    [Test]
    public void A_modality_table_begins_at_a_signed_value_and_holds_its_ends()
    {
        var image = Painted.Image().AsIs().AddSequence(DicomTag.ModalityLUTSequence, [Painted.Table(-2, 16, 10, 20, 250, 40)]);
        var layout = Painted.Layout(1, 6, signed: true);
        Assert.That(image.Render(Painted.Words(layout, -9, -2, -1, 0, 1, 9)), Is.EqualTo([10, 10, 20, 250, 40, 40]));
    }

    [Test]
    public void A_VOI_table_of_12_bits_is_stretched_to_what_can_be_seen()
    {
        var image = Painted.Image().AddSequence(DicomTag.VOILUTSequence, [Painted.Table(100, 12, 0, 2048, 4095)]);
        Assert.That(image.Render(Painted.Words(0, 100, 101, 102, 999)), Is.EqualTo([0, 0, 128, 255, 255]));
    }

    [Test]
    public void A_VOI_table_after_a_falling_slope_may_begin_below_0()
    {
        var image = Painted.Image().AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, -1).AddNumbers(DicomTag.RescaleIntercept, DicomVr.DS, 0)
            .AddSequence(DicomTag.VOILUTSequence, [Painted.Table(-2, 8, 0, 100, 255)]);
        Assert.That(image.Render(Painted.Words(0, 1, 2)), Is.EqualTo([255, 100, 0]));
    }

    [Test]
    public void A_table_of_8_bits_may_lie_in_bytes_or_in_words()
    {
        var bytes = new DicomDataset().AddNumbers(DicomTag.LUTDescriptor, DicomVr.US, 4, 0, 8).AddBytes(DicomTag.LUTData, DicomVr.OW, new byte[] { 1, 2, 3, 255 });
        foreach (var item in new[] { bytes, Painted.Table(0, 8, 1, 2, 3, 255) })
        {
            var image = Painted.Image().AddSequence(DicomTag.VOILUTSequence, [item]);
            Assert.That(image.Render(Painted.Words(0, 1, 2, 3)), Is.EqualTo([1, 2, 3, 255]));
        }
    }

    [Test]
    public void A_table_that_declares_more_bits_than_it_uses_is_not_shown_dark() =>
        Assert.That(
            Painted.Image().AddSequence(DicomTag.VOILUTSequence, [Painted.Table(0, 16, 0, 1023)]).Render(Painted.Words(0, 1)), Is.EqualTo([0, 255]));

    [Test]
    public void A_table_of_65536_entries_says_0() =>
        Assert.That(Descriptor.Read(new DicomDataset().AddNumbers(DicomTag.LUTDescriptor, DicomVr.US, 0, 0, 16), DicomTag.LUTDescriptor, false), Is.EqualTo(new Descriptor(65536, 0, 16)));

    [Test]
    public void Each_frame_has_its_own_slope_and_window_where_functional_groups_say_so()
    {
        DicomDataset Group(double slope) => new DicomDataset().AddSequence(
            RenderingTags.PixelValueTransformationSequence,
            [new DicomDataset().AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, slope).AddNumbers(DicomTag.RescaleIntercept, DicomVr.DS, 0)]);
        var shared = new DicomDataset().AddSequence(RenderingTags.FrameVoiLutSequence, [new DicomDataset().AsIs()]);
        var image = Painted.Image().Window(1, 1)
            .AddSequence(RenderingTags.SharedFunctionalGroupsSequence, [shared])
            .AddSequence(RenderingTags.PerFrameFunctionalGroupsSequence, [Group(1), Group(3)]);
        var frame = Painted.Words(10, 50);
        Assert.That(image.Render(frame), Is.EqualTo([10, 50]));
        Assert.That(image.Render(frame, index: 1), Is.EqualTo([30, 150]));
    }

    [Test]
    public void A_functional_group_that_says_nothing_leaves_the_word_to_the_image()
    {
        var image = Painted.Image().AsIs().AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, 2).AddSequence(
            RenderingTags.SharedFunctionalGroupsSequence, [new DicomDataset().AddSequence(RenderingTags.PixelValueTransformationSequence, [new DicomDataset()])]);
        Assert.That(image.Render(Painted.Words(10, 50)), Is.EqualTo([20, 100]));
    }

    [Test]
    public void MONOCHROME1_and_an_inverse_presentation_show_the_lowest_value_white()
    {
        var frame = Painted.Words(Painted.Layout(1, 3, photometric: "MONOCHROME1"), 0, 100, 255);
        Assert.That(Painted.Image().AsIs().Render(frame), Is.EqualTo([255, 155, 0]));
        var inverse = Painted.Image().AsIs().Add(RenderingTags.PresentationLutShape, DicomVr.CS, "INVERSE");
        Assert.That(inverse.Render(frame), Is.EqualTo([255, 155, 0]), "Both say the same, not the opposite of each other.");
        Assert.That(inverse.Render(Painted.Words(0, 100, 255)), Is.EqualTo([255, 155, 0]));
        Assert.That(Painted.Image().AsIs().Render(Painted.Words(0, 100, 255), new RenderOptions { IsInverted = true }), Is.EqualTo([255, 155, 0]));
    }

    [Test]
    public void Single_bits_are_black_and_white() =>
        Assert.That(
            Painted.Image("SEG").Render(Painted.Bytes(Painted.Layout(2, 5, bits: 1), 0b00010001, 0b10)), Is.EqualTo([255, 0, 0, 0, 255, 0, 0, 0, 0, 255]));

    [Test]
    public void A_fractional_segment_is_white_at_its_largest_value() =>
        Assert.That(
            Painted.Image("SEG").AddNumbers(RenderingTags.MaximumFractionalValue, DicomVr.US, 200).Render(Painted.Bytes(Painted.Layout(1, 3, bits: 8), 0, 100, 200)),
            Is.EqualTo([0, 128, 255]));

    [Test]
    public async Task Packed_samples_of_12_bits_are_taken_apart()
    {
        var old = Fhir.Server.Tests.Dicom.Made.Image(bits: 12, rows: 1, columns: 4).AsIs()
            .AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[] { 0xFF, 0x00, 0x08, 0x40, 0x30, 0x00 });
        using var stream = new MemoryStream(Fhir.Server.Tests.Dicom.Made.Bytes(old));
        var file = Part10Reader.Read(stream).Value;
        var source = FrameSource.Of(file, stream).Value;
        var frame = (await new FrameDecoder(new FrameCodecs()).DecodeAsync(source, 0, default)).Value;
        Assert.That(frame.Layout.BitsAllocated, Is.EqualTo(16));
        Assert.That(file.Dataset.Render(frame), Is.EqualTo([255, 128, 64, 3]));
    }

    [Test]
    public void Signed_integers_of_32_bits_and_unsigned_ones_are_told_apart()
    {
        var bytes = new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 100, 0, 0, 0 };
        var unsigned = Painted.Image().AsIs().Render(Painted.Bytes(Painted.Layout(1, 2, bits: 32), bytes));
        var signed = Painted.Image().AsIs().Render(Painted.Bytes(Painted.Layout(1, 2, bits: 32, signed: true), bytes));
        Assert.That(unsigned, Is.EqualTo([255, 100]));
        Assert.That(signed, Is.EqualTo([0, 100]));
    }

    [Test]
    public void Float_and_double_pixels_are_shown_and_what_is_no_number_is_black()
    {
        var floats = new DicomDataset().AddBytes(DicomTag.FloatPixelData, DicomVr.OF, new byte[4]).Window(0.5, 1, "LINEAR_EXACT");
        Assert.That(
            floats.Render(Painted.Floats(Painted.Layout(1, 5, bits: 32), 0, 0.5f, 1, float.NaN, float.PositiveInfinity)), Is.EqualTo([0, 128, 255, 0, 255]));
        var doubles = new DicomDataset().AddBytes(DicomTag.DoubleFloatPixelData, DicomVr.OD, new byte[8]).Window(0.5, 1, "LINEAR_EXACT");
        var bytes = new[] { 0.0, 0.5, 1.0 }.SelectMany(BitConverter.GetBytes).ToArray();
        Assert.That(doubles.Render(Painted.Bytes(Painted.Layout(1, 3, bits: 64), bytes)), Is.EqualTo([0, 128, 255]));
    }

    [Test]
    public void A_table_for_all_containers_shows_what_one_by_one_would() =>
        Gen.Select(Gen.Int[1, 16], Gen.Bool, Gen.Double[-100, 100], Gen.Double[1, 5000], Gen.Int[0, 65535].Array[1, 40]).Sample((stored, signed, center, width, values) =>
        {
            var layout = Painted.Layout(1, values.Length, stored: stored, signed: signed);
            var bits = StoredBits.Of(layout);
            var pipeline = new GreyPipeline(new Rescale(1.5, -7), new LinearWindow(center, width), new Inversion());
            var expected = new byte[values.Length];
            pipeline.Apply([.. values.Select(v => bits.ValueOf(bits.CodeOf(v)))], expected);
            var table = pipeline.ToTable(bits);
            Assert.That(values.Select(v => table[v]), Is.EqualTo(expected));
        });
}

using Fhir.Server.Dicom;
using Fhir.Server.Rendering;

namespace Fhir.Server.Tests.Rendering;

/// <summary>What an image without a window looks like.</summary>
public sealed class DefaultRangeTests
{
    [Test]
    public void Values_of_8_bits_are_shown_as_they_are() =>
        Assert.That(Painted.Image().Render(Painted.Bytes(Painted.Layout(1, 3, bits: 8), 7, 100, 200)), Is.EqualTo([7, 100, 200]));

    [Test]
    public void A_few_extreme_values_do_not_darken_the_rest()
    {
        var values = Enumerable.Range(0, 1000).Select(i => i == 0 ? 60000 : 100 + (i % 101)).ToArray();
        var shown = Painted.Image("MR").Render(Painted.Words(values));
        Assert.That(shown[0], Is.EqualTo(255));
        Assert.That(shown.Skip(1).Max() - shown.Skip(1).Min(), Is.EqualTo(255));
    }

    [Test]
    public void Padding_says_nothing_about_the_brightness()
    {
        var values = Enumerable.Range(0, 400).Select(i => i < 200 ? 0xF830 : 1000 + i).ToArray();
        var layout = Painted.Layout(1, values.Length, signed: true);
        var with = Painted.Image("MR").AddNumbers(DicomTag.PixelPaddingValue, DicomVr.US, 0xF830);
        var shown = with.Render(Painted.Words(layout, values));
        Assert.That(shown[205], Is.LessThan(10));
        Assert.That(shown[390], Is.GreaterThan(235));
        Assert.That(Painted.Image("MR").Render(Painted.Words(layout, values))[205], Is.GreaterThan(100), "Without it the padding counts.");
    }

    [Test]
    public void A_range_of_padding_is_left_out_as_a_whole()
    {
        var values = Enumerable.Range(0, 400).Select(i => i < 200 ? i % 50 : 1000 + i).ToArray();
        var image = Painted.Image("MR").AddNumbers(DicomTag.PixelPaddingValue, DicomVr.US, 0).AddNumbers(RenderingTags.PixelPaddingRangeLimit, DicomVr.US, 49);
        Assert.That(image.Render(Painted.Words(values))[205], Is.LessThan(10));
    }

    [Test]
    public void A_body_in_Hounsfield_units_is_shown_by_its_soft_tissue()
    {
        var image = Painted.Image("CT").AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, 1).AddNumbers(DicomTag.RescaleIntercept, DicomVr.DS, -1024);
        var values = Enumerable.Range(0, 300).Select(i => i < 100 ? 24 : 1024 + i).ToArray();
        values[150] = 1024 + 40;
        Assert.That(image.Render(Painted.Words(values))[150], Is.EqualTo(128).Within(1));
    }

    [TestCase(0, 0)]
    [TestCase(700, 255)]
    public void An_image_of_one_value_is_black_or_white(int value, int expected) =>
        Assert.That(Painted.Image().Render(Painted.Words(value, value)), Is.All.EqualTo(expected));

    [Test]
    public void All_frames_of_a_cine_share_the_range_of_the_first()
    {
        var renderer = FrameRenderer.Of(Painted.Image("MR"), RenderOptions.Default).Value;
        using var first = renderer.Render(Painted.Words(0, 1000), 0).Value;
        using var second = renderer.Render(Painted.Words(0, 500), 1).Value;
        Assert.That(second.Pixels.ToArray(), Is.EqualTo([0, 128]));
    }

    [Test]
    public void Floats_without_a_window_are_shown_from_their_lowest_to_their_highest()
    {
        var image = new DicomDataset().AddBytes(DicomTag.FloatPixelData, DicomVr.OF, new byte[4]);
        var shown = image.Render(Painted.Floats(Painted.Layout(1, 4, bits: 32), -1e-3f, float.NaN, 0, 1e-3f));
        Assert.That(shown, Is.EqualTo([0, 0, 128, 255]));
    }

    [Test]
    public void Counts_begin_at_nothing_even_where_compression_left_a_little_below()
    {
        var layout = Painted.Layout(1, 4, signed: true);
        Assert.That(Painted.Image("NM").Render(Painted.Words(layout, -3, 0, 100, 200)), Is.EqualTo([0, 0, 128, 255]));
        Assert.That(Painted.Image("NM").Render(Painted.Words(layout, -200, -200, 0, 200)), Is.EqualTo([0, 0, 128, 255]), "A difference of two.");
    }

    [Test]
    public void A_window_of_real_numbers_is_exact_whatever_its_function_is_called()
    {
        var image = new DicomDataset().AddBytes(DicomTag.FloatPixelData, DicomVr.OF, new byte[4]).Window(0.5, 1, "LINEAR");
        Assert.That(image.Render(Painted.Floats(Painted.Layout(1, 3, bits: 32), 0, 0.5f, 1)), Is.EqualTo([0, 128, 255]));
    }
}

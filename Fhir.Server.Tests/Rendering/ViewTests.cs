using CsCheck;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Views;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Part, turn and size. PS3.18 §8.3.5.1.3.</summary>
public sealed class ViewTests
{
    // 1 2 3
    // 4 5 6
    private static readonly byte[] Six = [1, 2, 3, 4, 5, 6];

    [TestCase("3,2,0,0,3,2", new byte[] { 1, 2, 3, 4, 5, 6 })]
    [TestCase("3,2,0,0,-3,2", new byte[] { 3, 2, 1, 6, 5, 4 })]
    [TestCase("3,2,,,,-2", new byte[] { 4, 5, 6, 1, 2, 3 })]
    [TestCase("2,2,1,0", new byte[] { 2, 3, 5, 6 })]
    [TestCase("1,1,2,1,-1,-1", new byte[] { 6 })]
    [TestCase("2,1,0.5,0,1,1", new byte[] { 1, 2 })]
    public void A_part_is_cut_out_and_turned_round_by_negative_sizes(string viewport, byte[] expected) =>
        Assert.That(Painted.Image().Render(Frame(), new RenderOptions { Viewport = Viewport.Parse(viewport).Value }), Is.EqualTo(expected));

    [Test]
    public void Colours_stay_together_when_turned_round() =>
        Assert.That(
            Painted.Image().Render(
                Painted.Bytes(Painted.Layout(1, 2, bits: 8, photometric: "RGB", samples: 3), 1, 2, 3, 4, 5, 6), new RenderOptions { Viewport = new Viewport(2, 1, 0, 0, -2) }),
            Is.EqualTo([4, 5, 6, 1, 2, 3]));

    [TestCase("3,2,3,0")]
    [TestCase("3,2,0,0,3,0")]
    [TestCase("3,2,-5,0,3,2")]
    [TestCase("0,2")]
    [TestCase("3")]
    [TestCase("3,2,1")]
    [TestCase("3,2,0,0,1")]
    [TestCase("3.5,2")]
    [TestCase("8193,2")]
    [TestCase("3,2,NaN,0,1,1")]
    public void A_part_that_makes_no_sense_is_invalid(string viewport)
    {
        var parsed = Viewport.Parse(viewport);
        var problem = parsed.Problem ?? Painted.Image().Refusal(Frame(), new RenderOptions { Viewport = parsed.Value });
        Assert.That(problem?.Kind, Is.EqualTo(ProblemKind.Invalid));
    }

    [TestCase(100, 100, 100, 50)]
    [TestCase(40, 10, 20, 10)]
    [TestCase(400, 400, 400, 200)]
    public void A_picture_fits_into_its_viewport_and_keeps_its_shape(int width, int height, int wide, int high)
    {
        using var picture = Painted.Image().Picture(Blank(100, 200), new RenderOptions { Viewport = new Viewport(width, height) });
        Assert.That((picture.Width, picture.Height), Is.EqualTo((wide, high)));
    }

    [TestCase(0x00280034u, 2, 1, 10, 20)]
    [TestCase(0x00280034u, 1, 2, 20, 10)]
    [TestCase(0x00280030u, 0.5, 0.25, 10, 20)]
    [TestCase(0x00181164u, 1, 4, 40, 10)]
    [TestCase(0x00280030u, 1, 1.001, 10, 10)]
    [TestCase(0x00280030u, 0, 1, 10, 10)]
    [TestCase(0x00280034u, 9000, 1, 10, 10)]
    public void Pixels_that_are_not_square_are_stretched_and_none_is_lost(uint tag, double vertical, double horizontal, int width, int height)
    {
        var image = Painted.Image().AddNumbers(new DicomTag(tag), tag == 0x00280034 ? DicomVr.IS : DicomVr.DS, vertical, horizontal);
        using var picture = image.Picture(Blank(10, 10));
        Assert.That((picture.Width, picture.Height), Is.EqualTo((width, height)));
    }

    [Test]
    public void Making_smaller_takes_all_pixels_into_account()
    {
        var frame = new byte[64 * 64];
        for (var i = 0; i < frame.Length; i++)
        {
            frame[i] = (byte)(i % 8 == 0 ? 200 : 0);
        }

        var shown = Painted.Image().Render(Painted.Bytes(Painted.Layout(64, 64, bits: 8), frame), new RenderOptions { Viewport = new Viewport(8, 8) });
        Assert.That(shown, Is.All.InRange(15, 40), "One white column in eight is dark grey from afar, wherever it lies.");
    }

    [Test]
    public void Making_larger_goes_straight_from_pixel_to_pixel() =>
        Assert.That(
            Painted.Image().Render(Painted.Bytes(Painted.Layout(1, 2, bits: 8), 0, 100), new RenderOptions { Viewport = new Viewport(4, 2) }),
            Is.EqualTo([0, 25, 75, 100, 0, 25, 75, 100]));

    [Test]
    public void An_even_picture_stays_even_in_any_size() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 60], Gen.Int[1, 90], Gen.Int[1, 90], Gen.Byte, Gen.Bool).Sample((width, height, wide, high, value, colour) =>
        {
            var picture = new Picture(width, height, colour);
            picture.Pixels.Fill(value);
            using var scaled = Scaling.To(picture, wide, high);
            Assert.That((scaled.Width, scaled.Height), Is.EqualTo((wide, high)));
            Assert.That(scaled.Pixels.ToArray(), Is.All.EqualTo(value));
        });

    [Test]
    public void Points_go_where_their_pixels_go() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Bool, Gen.Bool).Sample((x, y, quarters, mirror, over) =>
        {
            var picture = new Picture(5, 4, false);
            picture.Pixels.Clear();
            picture.Row(y)[x] = 255;
            using var view = new View(picture, 1);
            Assert.That(view.Cut(-1, -2, 8, 9), Is.Null);
            view.Turn(quarters);
            if (mirror)
            {
                view.Mirror();
            }

            if (over)
            {
                view.TurnOver();
            }

            var point = view.Of(x + 0.5, y + 0.5);
            Assert.That(view.Picture.Row((int)point.Y)[(int)point.X], Is.EqualTo(255));
        });

    private static Fhir.Server.Dicom.Codecs.DecodedFrame Frame() => Painted.Bytes(Painted.Layout(2, 3, bits: 8), Six);

    private static Fhir.Server.Dicom.Codecs.DecodedFrame Blank(int rows, int columns) => Painted.Bytes(Painted.Layout(rows, columns, bits: 8), new byte[rows * columns]);
}

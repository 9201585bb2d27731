using Fhir.Server.Dicom;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Marks;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Overlays and shutters. PS3.3 §C.9.2 and §C.7.6.11.</summary>
public sealed class MarkTests
{
    [Test]
    public void An_overlay_lies_where_its_origin_says_and_is_cut_at_the_edge()
    {
        var image = Overlay(Painted.Image(), rows: 2, columns: 2, origin: [2, 3], data: [0b1111, 0]);
        Assert.That(Rows(image, 3, 3), Is.EqualTo(["...", "..#", "..#"]));
    }

    [Test]
    public void An_overlay_may_begin_before_the_image()
    {
        var image = Overlay(Painted.Image(), rows: 2, columns: 2, origin: [0, 0], data: [0b1000, 0]);
        Assert.That(Rows(image, 2, 2), Is.EqualTo(["#.", ".."]));
    }

    [Test]
    public void Overlays_can_be_left_out() =>
        Assert.That(Rows(Overlay(Painted.Image(), 1, 1, [1, 1], [1, 0]), 1, 2, new RenderOptions { ShowsOverlays = false }), Is.EqualTo([".."]));

    [Test]
    public void A_region_is_drawn_half_way_to_white()
    {
        var image = Overlay(Painted.Image(), 1, 1, [1, 1], [1, 0]).Add(RenderingTags.Overlay(0, 0x0040), DicomVr.CS, "R");
        Assert.That(image.Render(Painted.Bytes(Painted.Layout(1, 2, bits: 8), 0, 0)), Is.EqualTo([128, 0]));
    }

    [Test]
    public void A_plane_in_an_unused_bit_of_the_pixels_is_found()
    {
        var image = Painted.Image().AsIs()
            .AddNumbers(RenderingTags.Overlay(1, 0x0010), DicomVr.US, 1).AddNumbers(RenderingTags.Overlay(1, 0x0011), DicomVr.US, 3)
            .AddNumbers(RenderingTags.Overlay(1, 0x0100), DicomVr.US, 16).AddNumbers(RenderingTags.Overlay(1, 0x0102), DicomVr.US, 14);
        var layout = Painted.Layout(1, 3, stored: 12);
        Assert.That(image.Render(Painted.Words(layout, 0x4007, 0x8008, 0x0009)), Is.EqualTo([255, 8, 9]));
    }

    [Test]
    public void A_plane_may_lie_in_the_lowest_bit_below_the_value()
    {
        var image = Painted.Image().AsIs()
            .AddNumbers(RenderingTags.Overlay(0, 0x0010), DicomVr.US, 1).AddNumbers(RenderingTags.Overlay(0, 0x0011), DicomVr.US, 2)
            .AddNumbers(RenderingTags.Overlay(0, 0x0100), DicomVr.US, 16).AddNumbers(RenderingTags.Overlay(0, 0x0102), DicomVr.US, 0);
        Assert.That(image.Render(Painted.Words(Painted.Layout(1, 2, stored: 12, high: 15), 0x0071, 0x0080)), Is.EqualTo([255, 8]));
    }

    [Test]
    public void A_pixel_is_filled_when_its_middle_lies_within()
    {
        using var picture = new Picture(6, 5, false);
        picture.Pixels.Clear();
        new Canvas(picture).Fill([new(1.4f, 1.4f), new(4.4f, 1.4f), new(4.4f, 3.6f), new(1.4f, 3.6f)]);
        Assert.That(
            picture.Pixels.ToArray().Chunk(6).Select(row => string.Concat(row.Select(v => v == 255 ? '#' : '.'))),
            Is.EqualTo(["......", ".###..", ".###..", ".###..", "......"]));
    }

    [Test]
    public void Frames_of_an_overlay_belong_to_frames_of_the_image()
    {
        var image = Overlay(Painted.Image(), 1, 2, [1, 1], [0b1001, 0])
            .AddNumbers(RenderingTags.Overlay(0, 0x0015), DicomVr.IS, 2).AddNumbers(RenderingTags.Overlay(0, 0x0051), DicomVr.US, 2);
        var frame = Painted.Bytes(Painted.Layout(1, 2, bits: 8), 0, 0);
        Assert.That(image.Render(frame, index: 0), Is.EqualTo([0, 0]));
        Assert.That(image.Render(frame, index: 1), Is.EqualTo([255, 0]));
        Assert.That(image.Render(frame, index: 2), Is.EqualTo([0, 255]));
        Assert.That(image.Render(frame, index: 3), Is.EqualTo([0, 0]));
    }

    [Test]
    public void An_overlay_that_is_shorter_than_it_says_harms_nobody() =>
        Assert.That(Rows(Overlay(Painted.Image(), 400, 400, [1, 1], [1, 0]), 2, 2), Is.EqualTo(["#.", ".."]));

    [Test]
    public void A_rectangular_shutter_covers_its_edges_and_what_is_beyond()
    {
        var image = Shutter("RECTANGULAR")
            .AddNumbers(RenderingTags.ShutterLeftVerticalEdge, DicomVr.IS, 1).AddNumbers(RenderingTags.ShutterRightVerticalEdge, DicomVr.IS, 4)
            .AddNumbers(RenderingTags.ShutterUpperHorizontalEdge, DicomVr.IS, 0).AddNumbers(RenderingTags.ShutterLowerHorizontalEdge, DicomVr.IS, 3);
        Assert.That(Rows(image, 3, 5, light: 255), Is.EqualTo([".##..", ".##..", "....."]));
    }

    [Test]
    public void A_circular_shutter_leaves_a_circle()
    {
        var image = Shutter("CIRCULAR").AddNumbers(RenderingTags.CenterOfCircularShutter, DicomVr.IS, 3, 3).AddNumbers(RenderingTags.RadiusOfCircularShutter, DicomVr.IS, 2);
        Assert.That(Rows(image, 5, 6, light: 255), Is.EqualTo(["..#...", ".###..", "#####.", ".###..", "..#..."]));
    }

    [Test]
    public void A_polygonal_shutter_leaves_a_polygon()
    {
        var image = Shutter("POLYGONAL").AddNumbers(RenderingTags.VerticesOfPolygonalShutter, DicomVr.IS, 1, 1, 1, 5, 5, 1);
        Assert.That(Rows(image, 5, 5, light: 255), Is.EqualTo(["#####", "####.", "###..", "##...", "....."]));
    }

    [Test]
    public void A_shutter_has_the_shade_it_asks_for()
    {
        var image = Shutter("CIRCULAR").AddNumbers(RenderingTags.CenterOfCircularShutter, DicomVr.IS, 1, 1)
            .AddNumbers(RenderingTags.RadiusOfCircularShutter, DicomVr.IS, 0).AddNumbers(RenderingTags.ShutterPresentationValue, DicomVr.US, 0x8000);
        Assert.That(image.Render(Painted.Bytes(Painted.Layout(1, 2, bits: 8), 9, 9)), Is.EqualTo([9, 128]));
    }

    internal static DicomDataset Overlay(DicomDataset image, int rows, int columns, double[] origin, byte[] data) => image
        .AddNumbers(RenderingTags.Overlay(0, 0x0010), DicomVr.US, rows).AddNumbers(RenderingTags.Overlay(0, 0x0011), DicomVr.US, columns)
        .Add(RenderingTags.Overlay(0, 0x0040), DicomVr.CS, "G").AddNumbers(RenderingTags.Overlay(0, 0x0050), DicomVr.SS, origin)
        .AddNumbers(RenderingTags.Overlay(0, 0x0100), DicomVr.US, 1).AddNumbers(RenderingTags.Overlay(0, 0x0102), DicomVr.US, 0)
        .AddBytes(RenderingTags.Overlay(0, 0x3000), DicomVr.OW, data);

    private static DicomDataset Shutter(string shape) => Painted.Image().Add(RenderingTags.ShutterShape, DicomVr.CS, shape);

    /// <summary>An image of one value, seen from afar: # for white.</summary>
    private static string[] Rows(DicomDataset image, int rows, int columns, RenderOptions? options = null, byte light = 0)
    {
        var frame = new byte[rows * columns];
        frame.AsSpan().Fill(light);
        var shown = image.Render(Painted.Bytes(Painted.Layout(rows, columns, bits: 8), frame), options);
        return [.. shown.Chunk(columns).Select(row => string.Concat(row.Select(v => v == 255 ? '#' : '.')))];
    }
}

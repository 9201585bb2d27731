using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Softcopy presentation states. PS3.3 §A.33, PS3.4 §N.2.</summary>
public sealed class PresentationStateTests
{
    private const string Grayscale = "1.2.840.10008.5.1.4.1.1.11.1";

    [Test]
    public void A_state_about_another_image_is_refused() =>
        Assert.That(Painted.Image().Refusal(Frame(), With(State(image: "9.9")))?.Kind, Is.EqualTo(ProblemKind.Invalid));

    [TestCase("1.2.840.10008.5.1.4.1.1.11.4")]
    [TestCase("1.2.840.10008.5.1.4.1.1.2")]
    public void Another_kind_of_state_is_refused(string kind) =>
        Assert.That(Painted.Image().Refusal(Frame(), With(State(kind)))?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));

    [Test]
    public void Its_window_and_slope_replace_those_of_the_image()
    {
        var image = Painted.Image().Window(1, 1).AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, 7).AddNumbers(DicomTag.RescaleIntercept, DicomVr.DS, 7);
        var state = State().AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, 2).AddNumbers(DicomTag.RescaleIntercept, DicomVr.DS, 0)
            .AddSequence(RenderingTags.SoftcopyVoiLutSequence, [new DicomDataset().AsIs()]);
        Assert.That(image.Render(Frame(), With(state)), Is.EqualTo([2, 4, 6, 8, 10, 12]));
    }

    [Test]
    public void What_a_state_does_not_say_is_not_taken_from_the_image()
    {
        var own = new DicomDataset().AddSequence(RenderingTags.FrameVoiLutSequence, [new DicomDataset().Window(1, 1)]);
        var image = Painted.Image("CT").Window(1, 1).AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, -7).AddNumbers(DicomTag.RescaleIntercept, DicomVr.DS, 7)
            .AddSequence(RenderingTags.SharedFunctionalGroupsSequence, [own]);
        var frame = Painted.Words(Painted.Layout(1, 3, stored: 12, photometric: "MONOCHROME1"), 0, 2048, 4095);
        Assert.That(image.Render(frame, With(State())), Is.EqualTo([0, 128, 255]));
        var sloped = State().AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, -2).AddNumbers(DicomTag.RescaleIntercept, DicomVr.DS, 5);
        Assert.That(image.Render(frame, With(sloped)), Is.EqualTo([255, 127, 0]));
        var tabled = State().AddSequence(DicomTag.ModalityLUTSequence, [Painted.Table(2047, 8, 0, 51, 255)]);
        Assert.That(image.Render(frame, With(tabled)), Is.EqualTo([0, 51, 255]));
    }

    [Test]
    public void A_window_for_another_image_or_frame_is_not_used()
    {
        var other = new DicomDataset().Window(1, 1).AddSequence(RenderingTags.ReferencedImageSequence, [Reference("9.9")]);
        var second = new DicomDataset().Window(1, 1).AddSequence(
            RenderingTags.ReferencedImageSequence, [Reference(Painted.Uid).AddNumbers(RenderingTags.ReferencedFrameNumber, DicomVr.IS, 2)]);
        var state = State().AddSequence(RenderingTags.SoftcopyVoiLutSequence, [other, second, new DicomDataset().AsIs()]);
        Assert.That(Painted.Image().Render(Frame(), With(state)), Is.EqualTo([1, 2, 3, 4, 5, 6]));
        Assert.That(Painted.Image().Render(Frame(), With(state), index: 1), Is.EqualTo([255, 255, 255, 255, 255, 255]));
    }

    [Test]
    public void Its_presentation_shape_counts_and_not_what_the_image_calls_its_lowest_value()
    {
        var image = Painted.Image().AsIs();
        var frame = Painted.Bytes(Painted.Layout(1, 2, bits: 8, photometric: "MONOCHROME1"), 0, 200);
        Assert.That(image.Render(frame, With(State().Add(RenderingTags.PresentationLutShape, DicomVr.CS, "IDENTITY"))), Is.EqualTo([0, 200]));
        Assert.That(image.Render(frame, With(State().Add(RenderingTags.PresentationLutShape, DicomVr.CS, "INVERSE"))), Is.EqualTo([255, 55]));
    }

    [Test]
    public void A_presentation_table_goes_over_the_brightness()
    {
        var state = State().AddSequence(RenderingTags.PresentationLutSequence, [Painted.Table(0, 8, 255, 0, 100)]);
        Assert.That(Painted.Image().AsIs().Render(Painted.Bytes(Painted.Layout(1, 3, bits: 8), 0, 128, 255), With(state)), Is.EqualTo([255, 0, 100]));
    }

    [TestCase(90, "N", new byte[] { 4, 1, 5, 2, 6, 3 })]
    [TestCase(180, "N", new byte[] { 6, 5, 4, 3, 2, 1 })]
    [TestCase(270, "N", new byte[] { 3, 6, 2, 5, 1, 4 })]
    [TestCase(0, "Y", new byte[] { 3, 2, 1, 6, 5, 4 })]
    [TestCase(90, "Y", new byte[] { 1, 4, 2, 5, 3, 6 })]
    public void The_image_is_turned_clockwise_and_then_mirrored(int rotation, string flip, byte[] expected)
    {
        var state = State().AddNumbers(RenderingTags.ImageRotation, DicomVr.US, rotation).Add(RenderingTags.ImageHorizontalFlip, DicomVr.CS, flip);
        Assert.That(Painted.Image().Render(Frame(), With(state)), Is.EqualTo(expected));
    }

    [Test]
    public void The_displayed_area_is_cut_out_and_black_outside_the_image()
    {
        Assert.That(Painted.Image().Render(Frame(), With(Area(2, 1, 3, 2))), Is.EqualTo([2, 3, 5, 6]));
        Assert.That(Painted.Image().Render(Frame(), With(Area(3, 2, 2, 1))), Is.EqualTo([2, 3, 5, 6]), "Turned by 180° the corners are named the other way round.");
        Assert.That(Painted.Image().Render(Frame(), With(Area(0, 1, 2, 1))), Is.EqualTo([0, 1, 2]));
    }

    [Test]
    public void A_part_of_a_viewport_is_a_part_of_what_the_state_shows() =>
        Assert.That(Painted.Image().Render(Frame(), With(Area(2, 1, 3, 2)) with { Viewport = new Viewport(1, 1, 1, 1, 1, 1) }), Is.EqualTo([6]));

    [Test]
    public void An_overlay_of_the_image_is_shown_only_when_the_state_activates_it()
    {
        var image = MarkTests.Overlay(Painted.Image(), 1, 1, [1, 1], [1, 0]);
        Assert.That(image.Render(Frame(), With(State()))[0], Is.EqualTo(1));
        Assert.That(image.Render(Frame(), With(State().Add(RenderingTags.Overlay(0, 0x1001), DicomVr.CS, "LAYER1")))[0], Is.EqualTo(255));
    }

    [Test]
    public void Its_shutter_replaces_the_image_s()
    {
        var state = State().Add(RenderingTags.ShutterShape, DicomVr.CS, "RECTANGULAR").AddNumbers(RenderingTags.ShutterLeftVerticalEdge, DicomVr.IS, 2);
        Assert.That(Painted.Image().Render(Frame(), With(state)), Is.EqualTo([0, 0, 3, 0, 0, 6]));
    }

    [Test]
    public void Pixels_get_the_shape_the_state_gives_them()
    {
        var area = new DicomDataset().AddNumbers(RenderingTags.PresentationPixelSpacing, DicomVr.DS, 1, 2);
        using var picture = Painted.Image().Picture(Frame(), With(State().AddSequence(RenderingTags.DisplayedAreaSelectionSequence, [area])));
        Assert.That((picture.Width, picture.Height), Is.EqualTo((6, 2)));
    }

    [Test]
    public void A_pseudo_colour_state_colours_the_brightness()
    {
        var state = ColourTests.Palette(State("1.2.840.10008.5.1.4.1.1.11.3"), 0, 16, [0x0000, 0xFF00], [0x1000, 0x1000], [0xFF00, 0x0000]);
        Assert.That(Painted.Image().AsIs().Render(Painted.Bytes(Painted.Layout(1, 2, bits: 8), 0, 255), With(state)), Is.EqualTo([0, 16, 255, 255, 16, 0]));
    }

    [Test]
    public void A_figure_lies_where_the_image_went()
    {
        var line = new DicomDataset().Add(RenderingTags.GraphicAnnotationUnits, DicomVr.CS, "PIXEL").Add(RenderingTags.GraphicType, DicomVr.CS, "POLYLINE")
            .AddNumbers(RenderingTags.GraphicData, DicomVr.FL, 0.5, 4.5, 39.5, 4.5);
        var state = Annotated(RenderingTags.GraphicObjectSequence, line).AddNumbers(RenderingTags.ImageRotation, DicomVr.US, 90);
        var shown = Painted.Image().Render(Painted.Bytes(Painted.Layout(20, 40, bits: 8), new byte[800]), With(state));
        var white = shown.Chunk(20).Select(row => string.Concat(row.Select(v => v == 255 ? '#' : '.'))).Distinct().ToArray();
        Assert.That(white, Is.EqualTo(["...............#...."]), "Row 5 from above becomes column 5 from the right.");
    }

    // The first pixel goes from 0\0 to 1\1, PS3.3 §C.10.5: middles of pixels end with a half.
    [TestCase("CIRCLE", new double[] { 19.5, 9.5, 27.5, 9.5 })]
    [TestCase("ELLIPSE", new double[] { 11.5, 9.5, 27.5, 9.5, 19.5, 5.5, 19.5, 13.5 })]
    public void Round_figures_go_round(string type, double[] points)
    {
        var figure = new DicomDataset().Add(RenderingTags.GraphicAnnotationUnits, DicomVr.CS, "PIXEL").Add(RenderingTags.GraphicType, DicomVr.CS, type)
            .AddNumbers(RenderingTags.GraphicData, DicomVr.FL, points);
        var shown = Painted.Image().Render(Painted.Bytes(Painted.Layout(20, 40, bits: 8), new byte[800]), With(Annotated(RenderingTags.GraphicObjectSequence, figure)));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shown[(9 * 40) + 27], Is.EqualTo(255), "Right.");
            Assert.That(shown[(9 * 40) + 11], Is.EqualTo(255), "Left.");
            Assert.That(shown[(9 * 40) + 19], Is.Zero, "Middle.");
        }
    }

    [Test]
    public void Words_are_written_in_their_box_and_can_be_left_out()
    {
        var text = new DicomDataset().Add(RenderingTags.UnformattedTextValue, DicomVr.ST, "I")
            .Add(RenderingTags.BoundingBoxAnnotationUnits, DicomVr.CS, "DISPLAY")
            .AddNumbers(RenderingTags.BoundingBoxTopLeft, DicomVr.FL, 0.1, 0.1).AddNumbers(RenderingTags.BoundingBoxBottomRight, DicomVr.FL, 0.9, 0.5);
        var options = With(Annotated(RenderingTags.TextObjectSequence, text));
        var frame = Painted.Bytes(Painted.Layout(20, 20, bits: 8), new byte[400]);
        var shown = Painted.Image().Render(frame, options);
        var rows = shown.Chunk(20).Select(row => string.Concat(row.Select(v => v == 255 ? '#' : '.'))).Skip(2).Take(7).Select(row => row[2..7]);
        Assert.That(rows, Is.EqualTo([".###.", "..#..", "..#..", "..#..", "..#..", "..#..", ".###."]));
        Assert.That(Painted.Image().Render(frame, options with { ShowsAnnotations = false }), Is.All.Zero);
    }

    private static Fhir.Server.Dicom.Codecs.DecodedFrame Frame() => Painted.Bytes(Painted.Layout(2, 3, bits: 8), 1, 2, 3, 4, 5, 6);

    private static RenderOptions With(DicomDataset state) => new() { PresentationState = state };

    private static DicomDataset Reference(string uid) => new DicomDataset().Add(DicomTag.ReferencedSOPInstanceUID, DicomVr.UI, uid);

    private static DicomDataset State(string kind = Grayscale, string image = Painted.Uid) => new DicomDataset().Add(DicomTag.SOPClassUID, kind).AddSequence(
        DicomTag.ReferencedSeriesSequence, [new DicomDataset().AddSequence(RenderingTags.ReferencedImageSequence, [Reference(image)])]);

    private static DicomDataset Area(int left, int top, int right, int bottom) => State().AddSequence(
        RenderingTags.DisplayedAreaSelectionSequence,
        [
            new DicomDataset().AddNumbers(RenderingTags.DisplayedAreaTopLeft, DicomVr.SL, left, top)
                .AddNumbers(RenderingTags.DisplayedAreaBottomRight, DicomVr.SL, right, bottom),
        ]);

    private static DicomDataset Annotated(DicomTag sequence, DicomDataset item) =>
        State().AddSequence(RenderingTags.GraphicAnnotationSequence, [new DicomDataset().AddSequence(sequence, [item])]);
}

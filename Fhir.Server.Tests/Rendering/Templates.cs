using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Rendering;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Images and presentation states with something of everything, to be tampered with.</summary>
internal static class Templates
{
    public static DicomDataset Image(Random random)
    {
        var image = Painted.Image(Pick(random, "CT", "MR", "SEG", "NM", "RTDOSE", "US"))
            .AddNumbers(DicomTag.PixelPaddingValue, DicomVr.US, random.Next(65536)).AddNumbers(DicomTag.PixelSpacing, DicomVr.DS, 1 + random.Next(3), 1);
        Maybe(random, () => image.Window(random.Next(-100, 3000), random.Next(0, 4000), Pick(random, "LINEAR", "SIGMOID", "LINEAR_EXACT")));
        Maybe(random, () => image.AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, random.NextDouble() * 4).AddNumbers(DicomTag.RescaleIntercept, DicomVr.DS, random.Next(-1024, 1)));
        Maybe(random, () => image.AddSequence(DicomTag.ModalityLUTSequence, [Table(random)]));
        Maybe(random, () => image.AddSequence(DicomTag.VOILUTSequence, [Table(random)]));
        Maybe(random, () => MarkTests.Overlay(image, 1 + random.Next(9), 1 + random.Next(9), [random.Next(-3, 9), random.Next(-3, 9)], new byte[random.Next(12)]));
        Maybe(random, () => Shutter(image, random));
        Maybe(random, () => ColourTests.Palette(image, random.Next(9), 16, Entries(random), Entries(random), Entries(random)).Add(RenderingTags.PixelPresentation, DicomVr.CS, "COLOR"));
        Maybe(random, () => Segmented(image, random));
        Maybe(random, () => image.AddSequence(RenderingTags.PerFrameFunctionalGroupsSequence, [new DicomDataset().AddSequence(RenderingTags.FrameVoiLutSequence, [new DicomDataset().AsIs()])]));
        return image;
    }

    public static DicomDataset State(Random random)
    {
        var reference = new DicomDataset().Add(DicomTag.ReferencedSOPInstanceUID, DicomVr.UI, Painted.Uid);
        var state = new DicomDataset().Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.11." + (1 + random.Next(3)))
            .AddSequence(DicomTag.ReferencedSeriesSequence, [new DicomDataset().AddSequence(RenderingTags.ReferencedImageSequence, [reference])])
            .AddNumbers(RenderingTags.ImageRotation, DicomVr.US, random.Next(5) * 90).Add(RenderingTags.ImageHorizontalFlip, DicomVr.CS, Pick(random, "Y", "N"));
        Maybe(random, () => state.AddSequence(RenderingTags.SoftcopyVoiLutSequence, [new DicomDataset().AddSequence(DicomTag.VOILUTSequence, [Table(random)])]));
        Maybe(random, () => state.AddSequence(RenderingTags.PresentationLutSequence, [Table(random)]));
        Maybe(random, () => ColourTests.Palette(state, 0, 16, Entries(random), Entries(random), Entries(random)));
        Maybe(random, () => Shutter(state, random));
        Maybe(random, () => state.AddSequence(
            RenderingTags.DisplayedAreaSelectionSequence,
            [
                new DicomDataset().AddNumbers(RenderingTags.DisplayedAreaTopLeft, DicomVr.SL, random.Next(-9, 9), random.Next(-9, 9))
                    .AddNumbers(RenderingTags.DisplayedAreaBottomRight, DicomVr.SL, random.Next(-9, 40), random.Next(-9, 40)),
            ]));
        var figure = new DicomDataset().Add(RenderingTags.GraphicAnnotationUnits, DicomVr.CS, Pick(random, "PIXEL", "DISPLAY"))
            .Add(RenderingTags.GraphicType, DicomVr.CS, Pick(random, "POINT", "POLYLINE", "INTERPOLATED", "CIRCLE", "ELLIPSE"))
            .Add(RenderingTags.GraphicFilled, DicomVr.CS, Pick(random, "Y", "N"))
            .AddNumbers(RenderingTags.GraphicData, DicomVr.FL, [.. Enumerable.Range(0, 2 * random.Next(7)).Select(_ => (double)random.Next(-9, 40))]);
        var text = new DicomDataset().Add(RenderingTags.UnformattedTextValue, DicomVr.ST, "Fémur\r\n左").Add(RenderingTags.AnchorPointVisibility, DicomVr.CS, "Y")
            .AddNumbers(RenderingTags.AnchorPoint, DicomVr.FL, random.Next(-9, 40), random.Next(-9, 40))
            .AddNumbers(RenderingTags.BoundingBoxTopLeft, DicomVr.FL, random.Next(-9, 40), 3).AddNumbers(RenderingTags.BoundingBoxBottomRight, DicomVr.FL, 9, random.Next(40));
        return state.AddSequence(
            RenderingTags.GraphicAnnotationSequence,
            [new DicomDataset().AddSequence(RenderingTags.GraphicObjectSequence, [figure]).AddSequence(RenderingTags.TextObjectSequence, [text])]);
    }

    public static RenderOptions Options(Random random, DicomDataset? state) => new()
    {
        PresentationState = state,
        VoiIndex = random.Next(3),
        IsInverted = random.Next(2) == 0,
        Captions = (Captions)random.Next(4),
        Viewport = random.Next(2) == 0 ? null : new Viewport(1 + random.Next(40), 1 + random.Next(40), random.Next(-3, 9), random.Next(-3, 9), random.Next(-9, 20), random.Next(-9, 20)),
    };

    public static PixelLayout Layout(Random random)
    {
        var bits = new[] { 1, 8, 12, 16, 16, 16, 32, 64 }[random.Next(8)];
        var samples = random.Next(4) == 0 ? 3 : 1;
        var photometric = samples == 3 ? Pick(random, "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "HSV") : Pick(random, "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "");
        return new PixelLayout(
            random.Next(0, 24), random.Next(1, 24), samples, bits, random.Next(-1, bits + 3), random.Next(-1, bits + 3), random.Next(2) == 0, random.Next(2) == 0, photometric);
    }

    private static DicomDataset Table(Random random) => Painted.Table(random.Next(-9, 9), 8 + random.Next(9), Entries(random));

    private static ushort[] Entries(Random random) => [.. Enumerable.Range(0, 1 + random.Next(40)).Select(_ => (ushort)random.Next(65536))];

    private static void Shutter(DicomDataset holder, Random random) => holder
        .Add(RenderingTags.ShutterShape, DicomVr.CS, [.. Enumerable.Repeat<string[]>(["RECTANGULAR", "CIRCULAR", "POLYGONAL", "BITMAP"], 1 + random.Next(3)).SelectMany(one => one)])
        .AddNumbers(RenderingTags.ShutterLeftVerticalEdge, DicomVr.IS, random.Next(-9, 30)).AddNumbers(RenderingTags.ShutterLowerHorizontalEdge, DicomVr.IS, random.Next(-9, 30))
        .AddNumbers(RenderingTags.CenterOfCircularShutter, DicomVr.IS, random.Next(-9, 30), random.Next(30)).AddNumbers(RenderingTags.RadiusOfCircularShutter, DicomVr.IS, random.Next(30))
        .AddNumbers(RenderingTags.VerticesOfPolygonalShutter, DicomVr.IS, [.. Enumerable.Range(0, random.Next(9)).Select(_ => (double)random.Next(-9, 30))])
        .AddNumbers(RenderingTags.ShutterOverlayGroup, DicomVr.US, 0x6000);

    private static void Segmented(DicomDataset image, Random random)
    {
        for (uint i = 0; i < 3; i++)
        {
            image.AddNumbers(RenderingTags.RedPaletteDescriptor.Plus(i), DicomVr.US, 12, 0, random.Next(2) == 0 ? 8 : 16)
                .AddBytes(RenderingTags.SegmentedRedPaletteData.Plus(i), DicomVr.OW, new byte[] { 0, 0, (byte)(random.Next(4) == 0 ? 0 : 2), 0, 10, 0, 20, 0, 1, 0, 4, 0, 60, 0, 2, 0, 2, 0, 0, 0, 0, 0 });
        }
    }

    private static string Pick(Random random, params string[] words) => words[random.Next(words.Length)];

    private static void Maybe(Random random, Action add)
    {
        if (random.Next(3) == 0)
        {
            add();
        }
    }
}

using Fhir.Server.Dicom;

namespace Fhir.Server.Rendering;

/// <summary>Attributes of pixels and their presentation that only this room reads. PS3.6.</summary>
internal static class RenderingTags
{
    public static readonly DicomTag ReferencedImageSequence = new(0x00081140);
    public static readonly DicomTag ReferencedFrameNumber = new(0x00081160);
    public static readonly DicomTag PixelPresentation = new(0x00089205);
    public static readonly DicomTag ImagerPixelSpacing = new(0x00181164);
    public static readonly DicomTag NominalScannedPixelSpacing = new(0x00182010);
    public static readonly DicomTag PixelAspectRatio = new(0x00280034);
    public static readonly DicomTag PixelPaddingRangeLimit = new(0x00280121);
    public static readonly DicomTag FloatPixelPaddingValue = new(0x00280122);
    public static readonly DicomTag DoubleFloatPixelPaddingValue = new(0x00280123);
    public static readonly DicomTag FloatPixelPaddingRangeLimit = new(0x00280124);
    public static readonly DicomTag DoubleFloatPixelPaddingRangeLimit = new(0x00280125);
    public static readonly DicomTag VoiLutFunction = new(0x00281056);
    public static readonly DicomTag SoftcopyVoiLutSequence = new(0x00283110);
    public static readonly DicomTag PixelMeasuresSequence = new(0x00289110);
    public static readonly DicomTag FrameVoiLutSequence = new(0x00289132);
    public static readonly DicomTag PixelValueTransformationSequence = new(0x00289145);
    public static readonly DicomTag MaximumFractionalValue = new(0x0062000E);
    public static readonly DicomTag DoseGridScaling = new(0x3004000E);
    public static readonly DicomTag PresentationLutSequence = new(0x20500010);
    public static readonly DicomTag PresentationLutShape = new(0x20500020);
    public static readonly DicomTag SharedFunctionalGroupsSequence = new(0x52009229);
    public static readonly DicomTag PerFrameFunctionalGroupsSequence = new(0x52009230);

    /// <summary>Red; green and blue follow. PS3.3 §C.7.6.3.1.5.</summary>
    public static readonly DicomTag RedPaletteDescriptor = new(0x00281101);

    /// <summary>Red; green and blue follow. PS3.3 §C.7.6.3.1.6.</summary>
    public static readonly DicomTag RedPaletteData = new(0x00281201);

    /// <summary>Red; green and blue follow. PS3.3 §C.7.9.2.</summary>
    public static readonly DicomTag SegmentedRedPaletteData = new(0x00281221);

    public static readonly DicomTag ShutterShape = new(0x00181600);
    public static readonly DicomTag ShutterLeftVerticalEdge = new(0x00181602);
    public static readonly DicomTag ShutterRightVerticalEdge = new(0x00181604);
    public static readonly DicomTag ShutterUpperHorizontalEdge = new(0x00181606);
    public static readonly DicomTag ShutterLowerHorizontalEdge = new(0x00181608);
    public static readonly DicomTag CenterOfCircularShutter = new(0x00181610);
    public static readonly DicomTag RadiusOfCircularShutter = new(0x00181612);
    public static readonly DicomTag VerticesOfPolygonalShutter = new(0x00181620);
    public static readonly DicomTag ShutterPresentationValue = new(0x00181622);
    public static readonly DicomTag ShutterOverlayGroup = new(0x00181623);

    public static readonly DicomTag GraphicAnnotationSequence = new(0x00700001);
    public static readonly DicomTag BoundingBoxAnnotationUnits = new(0x00700003);
    public static readonly DicomTag AnchorPointAnnotationUnits = new(0x00700004);
    public static readonly DicomTag GraphicAnnotationUnits = new(0x00700005);
    public static readonly DicomTag UnformattedTextValue = new(0x00700006);
    public static readonly DicomTag TextObjectSequence = new(0x00700008);
    public static readonly DicomTag GraphicObjectSequence = new(0x00700009);
    public static readonly DicomTag BoundingBoxTopLeft = new(0x00700010);
    public static readonly DicomTag BoundingBoxBottomRight = new(0x00700011);
    public static readonly DicomTag AnchorPoint = new(0x00700014);
    public static readonly DicomTag AnchorPointVisibility = new(0x00700015);
    public static readonly DicomTag GraphicData = new(0x00700022);
    public static readonly DicomTag GraphicType = new(0x00700023);
    public static readonly DicomTag GraphicFilled = new(0x00700024);
    public static readonly DicomTag ImageHorizontalFlip = new(0x00700041);
    public static readonly DicomTag ImageRotation = new(0x00700042);
    public static readonly DicomTag DisplayedAreaTopLeft = new(0x00700052);
    public static readonly DicomTag DisplayedAreaBottomRight = new(0x00700053);
    public static readonly DicomTag DisplayedAreaSelectionSequence = new(0x0070005A);
    public static readonly DicomTag PresentationPixelSpacing = new(0x00700101);
    public static readonly DicomTag PresentationPixelAspectRatio = new(0x00700102);

    /// <summary>An attribute of an overlay group, given that of 6000. PS3.5 §7.6.</summary>
    public static DicomTag Overlay(int plane, ushort element) => new((ushort)(0x6000 + (plane * 2)), element);

    /// <summary>The tag so many elements on: green and blue after red.</summary>
    public static DicomTag Plus(this DicomTag tag, uint elements) => new(tag.Value + elements);
}

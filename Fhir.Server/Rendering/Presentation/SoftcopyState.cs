using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering.Grey;
using Fhir.Server.Rendering.Marks;
using Fhir.Server.Rendering.Views;

namespace Fhir.Server.Rendering.Presentation;

/// <summary>A grayscale, colour or pseudo-colour softcopy presentation state, as far as one image is concerned. PS3.3 §A.33.1 to §A.33.3.</summary>
internal sealed class SoftcopyState
{
    private const string Grayscale = "1.2.840.10008.5.1.4.1.1.11.1";
    private const string Colour = "1.2.840.10008.5.1.4.1.1.11.2";
    private const string PseudoColour = "1.2.840.10008.5.1.4.1.1.11.3";
    private readonly string imageUid;

    private SoftcopyState(DicomDataset dataset, string imageUid)
    {
        (Dataset, this.imageUid) = (dataset, imageUid);
    }

    /// <summary>The presentation state.</summary>
    public DicomDataset Dataset { get; }

    /// <summary>Its palette colours the image.</summary>
    public bool IsPseudoColour => Dataset.GetString(DicomTag.SOPClassUID) == PseudoColour;

    /// <summary>Takes a state; fails when it is of another kind or not about the image.</summary>
    public static Outcome<SoftcopyState> Of(DicomDataset dataset, DicomDataset image)
    {
        if (dataset.GetString(DicomTag.SOPClassUID) is not (Grayscale or Colour or PseudoColour))
        {
            return Problem.NotAcceptable("Only grayscale, colour and pseudo-colour softcopy presentation states can be applied.");
        }

        var uid = image.GetString(DicomTag.SOPInstanceUID) ?? string.Empty;
        var isAboutIt = dataset.Items(DicomTag.ReferencedSeriesSequence).SelectMany(series => series.Items(RenderingTags.ReferencedImageSequence))
            .Any(one => one.GetString(DicomTag.ReferencedSOPInstanceUID) == uid);
        return isAboutIt ? new SoftcopyState(dataset, uid) : Problem.Invalid("The presentation state is not about this image.");
    }

    /// <summary>Its modality transformation; null when it has none, then there is none, whatever the image has. PS3.4 §N.2.</summary>
    public GreyStage? Modality(bool isSigned) => ModalityStage.Of(Dataset, isSigned);

    /// <summary>Its window or table for the image; null when it has none, then the image's own is not used either. PS3.3 §C.11.8, PS3.4 §N.2.1.3.</summary>
    public GreyStage? Voi(int index, MeasuredValues measured, int frame) =>
        For(RenderingTags.SoftcopyVoiLutSequence, frame).Select(item => VoiStage.Of(item, index, measured)).FirstOrDefault(stage => stage is not null);

    /// <summary>What its presentation LUT does; null when it has none, then values are seen as they are. PS3.3 §C.11.6.</summary>
    public GreyStage? Presentation()
    {
        if (Dataset.Items(RenderingTags.PresentationLutSequence) is [var item, ..] && LookupTable.Read(item, false) is { } table)
        {
            return new PresentationTable(table);
        }

        return Dataset.GetString(RenderingTags.PresentationLutShape) switch
        {
            "INVERSE" => new Inversion(),
            "IDENTITY" => GreyStage.Nothing,
            _ => null,
        };
    }

    /// <summary>An overlay of the image is shown only where the state puts it into a layer. PS3.3 §C.11.7.</summary>
    public bool Shows(OverlayPlane plane) => Dataset.GetString(RenderingTags.Overlay(plane.Number, 0x1001)) is not null;

    /// <summary>The overlays the state brings itself, but for the one that is a shutter.</summary>
    public IEnumerable<OverlayPlane> Overlays()
    {
        var shutter = Dataset.GetInt32(RenderingTags.ShutterOverlayGroup);
        return OverlayPlane.Of(Dataset, null).Where(plane => plane.Layer is not null && 0x6000 + (plane.Number * 2) != shutter);
    }

    /// <summary>The displayed area, then the turn, then the mirror. PS3.3 §C.10.4 and §C.10.6.</summary>
    public Problem? Arrange(View view, int frame)
    {
        if (For(RenderingTags.DisplayedAreaSelectionSequence, frame).FirstOrDefault() is { } area && DisplayedArea.Apply(area, view) is { } problem)
        {
            return problem;
        }

        view.Turn((Dataset.GetInt32(RenderingTags.ImageRotation) ?? 0) switch
        {
            90 => 1,
            180 => 2,
            270 => 3,
            _ => 0,
        });
        if (Dataset.GetString(RenderingTags.ImageHorizontalFlip) == "Y")
        {
            view.Mirror();
        }

        return null;
    }

    /// <summary>Draws its text and figures. PS3.3 §C.10.5.</summary>
    public void Annotate(View view, int frame)
    {
        var canvas = new Canvas(view.Picture);
        foreach (var item in For(RenderingTags.GraphicAnnotationSequence, frame))
        {
            GraphicAnnotations.Draw(item, view, canvas);
        }
    }

    /// <summary>The items of a sequence that are for all images, or for this frame of this one.</summary>
    private IEnumerable<DicomDataset> For(DicomTag sequence, int frame) => Dataset.Items(sequence).Where(item =>
    {
        var images = item.Items(RenderingTags.ReferencedImageSequence);
        return images.Count == 0 || images.Any(image => image.GetString(DicomTag.ReferencedSOPInstanceUID) == imageUid
            && (image.GetDoubles(RenderingTags.ReferencedFrameNumber) is not { Count: > 0 } frames || frames.Contains(frame + 1)));
    });
}

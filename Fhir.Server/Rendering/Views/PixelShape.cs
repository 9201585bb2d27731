using Fhir.Server.Dicom;

namespace Fhir.Server.Rendering.Views;

/// <summary>How high a pixel is, measured by its width. PS3.3 §C.7.6.3.1.7 and §10.7.1.3.</summary>
internal static class PixelShape
{
    private const double Enough = 0.01;
    private const double Most = 20;

    /// <summary>1 for squares, and where nothing sensible is said.</summary>
    public static double Of(FrameAttributes attributes)
    {
        var image = attributes.Image;
        return Ratio(image.GetDoubles(RenderingTags.PixelAspectRatio))
            ?? Ratio(attributes.Group(RenderingTags.PixelMeasuresSequence).GetDoubles(DicomTag.PixelSpacing))
            ?? Ratio(image.GetDoubles(RenderingTags.ImagerPixelSpacing))
            ?? Ratio(image.GetDoubles(RenderingTags.NominalScannedPixelSpacing)) ?? 1;
    }

    /// <summary>Of a vertical and a horizontal size; null when they are no shape.</summary>
    public static double? Ratio(IReadOnlyList<double> sizes)
    {
        if (sizes is not [> 0 and var vertical, > 0 and var horizontal, ..])
        {
            return null;
        }

        var ratio = vertical / horizontal;
        return !double.IsFinite(ratio) || ratio is > Most or < 1 / Most ? null : Math.Abs(ratio - 1) < Enough ? 1 : ratio;
    }
}

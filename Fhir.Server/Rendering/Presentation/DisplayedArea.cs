using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering.Views;

namespace Fhir.Server.Rendering.Presentation;

/// <summary>The part of an image a presentation state shows, and the shape of its pixels. PS3.3 §C.10.4.</summary>
internal static class DisplayedArea
{
    /// <summary>Corners count from 1 and are named as they lie after turning, so either may be the smaller. Size modes are left to the viewport.</summary>
    public static Problem? Apply(DicomDataset area, View view)
    {
        var shape = PixelShape.Ratio(area.GetDoubles(RenderingTags.PresentationPixelSpacing)) ?? PixelShape.Ratio(area.GetDoubles(RenderingTags.PresentationPixelAspectRatio));
        if (shape is { } ratio)
        {
            view.Reshape(ratio);
        }

        var (one, other) = (area.GetDoubles(RenderingTags.DisplayedAreaTopLeft), area.GetDoubles(RenderingTags.DisplayedAreaBottomRight));
        if (one.Count < 2 || other.Count < 2 || one.Concat(other).Any(value => Math.Abs(value) > 1e6))
        {
            return null;
        }

        var (left, top) = ((int)Math.Min(one[0], other[0]) - 1, (int)Math.Min(one[1], other[1]) - 1);
        var (right, bottom) = ((int)Math.Max(one[0], other[0]), (int)Math.Max(one[1], other[1]));
        return view.Cut(left, top, right - left, bottom - top);
    }
}

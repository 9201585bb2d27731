using Fhir.Server.Dicom;

namespace Fhir.Server.Rendering;

/// <summary>How long each frame of a multi-frame image is shown. PS3.3 §C.7.6.5.</summary>
public static class FrameTimes
{
    private static readonly DicomTag RecommendedDisplayFrameRate = new(0x00082144);
    private static readonly DicomTag CineRate = new(0x00180040);
    private static readonly DicomTag FrameTime = new(0x00181063);
    private static readonly DicomTag FrameTimeVector = new(0x00181065);
    private static readonly TimeSpan Untold = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The rate that is recommended for showing; else the times in which the frames were taken, each its own or all the same; else the
    /// rate of the cine; a tenth of a second where nothing is told.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="frame">The frame, counted from 0.</param>
    public static TimeSpan Of(DicomDataset image, int frame)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (Rate(image, RecommendedDisplayFrameRate) is { } recommended)
        {
            return recommended;
        }

        // Each entry is the time since the frame before: a frame is shown until the next one was taken, the last as long as it took.
        if (image.GetDoubles(FrameTimeVector) is { Count: > 1 } times && Span(times[Math.Min(frame + 1, times.Count - 1)]) is { } own)
        {
            return own;
        }

        return (image.GetDouble(FrameTime) is { } all ? Span(all) : null) ?? Rate(image, CineRate) ?? Untold;
    }

    private static TimeSpan? Rate(DicomDataset image, DicomTag tag) => image.GetDouble(tag) is > 0 and var rate ? Span(1000 / rate) : null;

    private static TimeSpan? Span(double milliseconds) =>
        double.IsFinite(milliseconds) && milliseconds > 0 ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, 60_000)) : null;
}

using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>An image a presentation state is about. PS3.3 §C.11.11.</summary>
/// <param name="SeriesInstanceUid">Its series, in the study of the state.</param>
/// <param name="SopInstanceUid">The image.</param>
/// <param name="Frames">The frames meant, counted from 0; empty for all.</param>
public sealed record StateReference(string SeriesInstanceUid, string SopInstanceUid, IReadOnlyList<int> Frames)
{
    private const string States = "1.2.840.10008.5.1.4.1.1.11.";

    /// <summary>Whether a SOP class is one of presentation states, of whatever kind.</summary>
    public static bool IsState(string sopClassUid)
    {
        ArgumentNullException.ThrowIfNull(sopClassUid);
        return sopClassUid.StartsWith(States, StringComparison.Ordinal);
    }

    /// <summary>The references of a state, in its order.</summary>
    internal static Outcome<IReadOnlyList<StateReference>> Of(DicomDataset state)
    {
        if (state.GetString(DicomTag.SOPClassUID) is not (States + "1" or States + "2" or States + "3"))
        {
            return Problem.NotAcceptable("Only grayscale, colour and pseudo-colour softcopy presentation states can be rendered.");
        }
        var found = new List<StateReference>();
        foreach (var series in state.Items(DicomTag.ReferencedSeriesSequence))
        {
            foreach (var image in series.Items(RenderingTags.ReferencedImageSequence))
            {
                if (series.GetString(DicomTag.SeriesInstanceUID) is { } uid && image.GetString(DicomTag.ReferencedSOPInstanceUID) is { } sop)
                {
                    found.Add(new StateReference(uid, sop, [.. image.GetDoubles(RenderingTags.ReferencedFrameNumber)
                        .Where(number => number is >= 1 and <= int.MaxValue).Select(number => (int)number - 1)]));
                }
            }
        }
        return found.Count == 0 ? Problem.NotAcceptable("The presentation state names no image.") : found;
    }
}

using Fhir.Server.Dicom;

namespace Fhir.Server.Rendering.Grey;

/// <summary>Finds the window or table that an image, a functional group or a presentation state asks for. PS3.3 §C.11.2 and §C.7.6.16.2.10.</summary>
internal static class VoiStage
{
    /// <summary>A window as a stage.</summary>
    public static GreyStage Of(VoiWindow window) => window.Function switch
    {
        VoiFunction.Sigmoid => new SigmoidWindow(window.Center, window.Width),
        VoiFunction.LinearExact => new LinearRange(window.Center - (window.Width / 2), window.Center + (window.Width / 2)),
        _ => new LinearWindow(window.Center, window.Width),
    };

    /// <summary>
    /// One of the tables, or else one of the windows; null when there is no usable one. Tables come first: who made one had a reason.
    /// </summary>
    /// <param name="holder">Where they stand.</param>
    /// <param name="index">Which, counted from 0; the last if there are fewer.</param>
    /// <param name="measured">What they are applied to.</param>
    public static GreyStage? Of(DicomDataset holder, int index, MeasuredValues measured)
    {
        var tables = holder.Items(DicomTag.VOILUTSequence);
        if (tables.Count > 0 && LookupTable.Read(tables[Math.Min(index, tables.Count - 1)], measured.AreSigned) is { } table)
        {
            return new VoiTable(table);
        }

        var (centers, widths) = (holder.GetDoubles(DicomTag.WindowCenter), holder.GetDoubles(DicomTag.WindowWidth));
        var count = Math.Min(centers.Count, widths.Count);
        if (count == 0)
        {
            return null;
        }

        index = Math.Min(index, count - 1);
        return Window(centers[index], widths[index], VoiWindow.FunctionOf(holder.GetString(RenderingTags.VoiLutFunction)) ?? VoiFunction.Linear, measured);
    }

    /// <summary>The formula of whole numbers takes 1 off the width; for real numbers, and windows narrower than 1, the exact one is meant.</summary>
    private static GreyStage? Window(double center, double width, VoiFunction function, MeasuredValues measured)
    {
        var isExact = function == VoiFunction.Linear && (width < 1 || measured.AreReal);
        var window = new VoiWindow(center, width, isExact ? VoiFunction.LinearExact : function);
        return window.IsValid ? Of(window) : null;
    }
}

/// <summary>What a window or table is applied to.</summary>
/// <param name="AreSigned">They may be negative.</param>
/// <param name="AreReal">They are no whole numbers: float pixels.</param>
internal readonly record struct MeasuredValues(bool AreSigned, bool AreReal);

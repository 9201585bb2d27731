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
    /// <param name="isSigned">What the tables are applied to may be negative.</param>
    public static GreyStage? Of(DicomDataset holder, int index, bool isSigned)
    {
        var tables = holder.Items(DicomTag.VOILUTSequence);
        if (tables.Count > 0 && LookupTable.Read(tables[Math.Min(index, tables.Count - 1)], isSigned) is { } table)
        {
            return new VoiTable(table);
        }

        var (centers, widths) = (holder.GetDoubles(DicomTag.WindowCenter), holder.GetDoubles(DicomTag.WindowWidth));
        var count = Math.Min(centers.Count, widths.Count);
        return count == 0 ? null : Window(centers[Math.Min(index, count - 1)], widths[Math.Min(index, count - 1)], holder.GetString(RenderingTags.VoiLutFunction));
    }

    /// <summary>Windows narrower than 1 are written by those who mean real numbers.</summary>
    private static GreyStage? Window(double center, double width, string? function)
    {
        var kind = VoiWindow.FunctionOf(function) ?? VoiFunction.Linear;
        var window = new VoiWindow(center, width, kind == VoiFunction.Linear && width < 1 ? VoiFunction.LinearExact : kind);
        return window.IsValid ? Of(window) : null;
    }
}

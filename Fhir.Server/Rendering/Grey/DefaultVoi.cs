using Fhir.Server.Dicom;

namespace Fhir.Server.Rendering.Grey;

/// <summary>A sensible range where none is given. The standard leaves it to whoever shows the image.</summary>
internal static class DefaultVoi
{
    private static readonly LinearRange SoftTissue = new(-160, 240);

    /// <summary>The range of a frame, in measured values.</summary>
    public static GreyStage Of(FrameAttributes attributes, GreySamples samples, GreyStage modality)
    {
        if (attributes.Modality == "SEG")
        {
            return new LinearRange(0, Math.Max(1, attributes.Image.GetDouble(RenderingTags.MaximumFractionalValue) ?? samples.Bits.Highest));
        }

        if (samples.IsNarrow && samples.Bits.Stored <= 8)
        {
            return Measured(modality, samples.Bits.Lowest, samples.Bits.Highest);
        }

        var statistics = Statistics.Of(samples, Padding.Of(attributes.Image, samples));
        return attributes.Modality switch
        {
            "CT" when modality is Rescale && HasSoftTissue(modality, statistics) => SoftTissue,
            // Counts and doses: nothing is black, and the few high ones matter.
            "PT" or "NM" or "RTDOSE" => Measured(modality, FromNothing(statistics), statistics.Highest),
            _ => Measured(modality, statistics.Dark, statistics.Bright, statistics.Lowest, statistics.Highest),
        };
    }

    /// <summary>No transformation: all that the stored bits, or the table before, can say lies between black and white. PS3.4 §N.2.1.3.</summary>
    public static GreyStage Whole(GreyStage modality, double low, double high) =>
        modality is ModalityTable table ? new LinearRange(0, table.Table.Highest) : new LinearRange(Math.Min(low, high), Math.Max(low, high));

    /// <summary>Values on both sides of water, as a slice of a body has in Hounsfield units.</summary>
    private static bool HasSoftTissue(GreyStage modality, Statistics statistics) =>
        modality.Of(statistics.Dark) < -100 && modality.Of(statistics.Bright) is > 20 and < 4000;

    /// <summary>Nothing, or the lowest value where it is far below; a little below is what lossy compression leaves.</summary>
    private static double FromNothing(Statistics statistics) => statistics.Dark < -0.1 * statistics.Highest ? statistics.Lowest : 0;

    private static LinearRange Measured(GreyStage modality, params ReadOnlySpan<double> stored)
    {
        for (var i = 0; i + 1 < stored.Length; i += 2)
        {
            var (one, other) = (modality.Of(stored[i]), modality.Of(stored[i + 1]));
            if (one != other && double.IsFinite(one) && double.IsFinite(other))
            {
                return new LinearRange(Math.Min(one, other), Math.Max(one, other));
            }
        }

        // All alike: nothing is black, anything is white.
        var value = modality.Of(stored[0]);
        return value > 0 ? new LinearRange(0, value) : new LinearRange(double.IsFinite(value) ? value : 0, (double.IsFinite(value) ? value : 0) + 1);
    }
}

using Fhir.Server.Dicom;

namespace Fhir.Server.Rendering.Grey;

/// <summary>Stored values that fill up the image where nothing was measured; they say nothing about its brightness. PS3.3 §C.7.5.1.1.2.</summary>
internal readonly record struct Padding(double Low, double High)
{
    /// <summary>No value is padding.</summary>
    public static Padding None { get; } = new(double.PositiveInfinity, double.NegativeInfinity);

    public bool Contains(double value) => value >= Low && value <= High;

    public static Padding Of(DicomDataset image, GreySamples samples)
    {
        var (valueTag, limitTag) = samples.Kind switch
        {
            SampleKind.Floats => (RenderingTags.FloatPixelPaddingValue, RenderingTags.FloatPixelPaddingRangeLimit),
            SampleKind.Doubles => (RenderingTags.DoubleFloatPixelPaddingValue, RenderingTags.DoubleFloatPixelPaddingRangeLimit),
            _ => (DicomTag.PixelPaddingValue, RenderingTags.PixelPaddingRangeLimit),
        };
        if (image.GetDouble(valueTag) is not { } value)
        {
            return None;
        }

        var limit = image.GetDouble(limitTag) ?? value;
        if (samples.IsNarrow)
        {
            // Written as US or SS, whichever the writer thought right: the bits count.
            value = samples.Bits.ValueOf(samples.Bits.CodeOf((int)value & 0xFFFF));
            limit = samples.Bits.ValueOf(samples.Bits.CodeOf((int)limit & 0xFFFF));
        }

        return new Padding(Math.Min(value, limit), Math.Max(value, limit));
    }
}

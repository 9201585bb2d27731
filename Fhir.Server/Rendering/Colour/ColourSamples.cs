using System.Runtime.InteropServices;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Rendering.Grey;

namespace Fhir.Server.Rendering.Colour;

/// <summary>Puts samples of three a pixel into bytes, pixel by pixel, whatever order and size they came in. PS3.3 §C.7.6.3.1.3.</summary>
internal static class ColourSamples
{
    /// <summary>Samples that lie pixel by pixel, or plane after plane.</summary>
    public static void Take(DecodedFrame frame, Span<byte> target)
    {
        var layout = frame.Layout;
        var bits = StoredBits.Of(layout) with { IsSigned = false };
        var pixels = layout.Rows * layout.Columns;
        if (bits is { Allocated: 8, Stored: 8 } && !layout.IsPlanar)
        {
            frame.Bytes.Span[..target.Length].CopyTo(target);
            return;
        }

        var (pixelStep, sampleStep) = layout.IsPlanar ? (1, pixels) : (3, 1);
        if (bits.Allocated == 8)
        {
            Take(frame.Bytes.Span, bits, pixelStep, sampleStep, target);
        }
        else
        {
            Take(MemoryMarshal.Cast<byte, ushort>(frame.Bytes.Span), bits, pixelStep, sampleStep, target);
        }
    }

    /// <summary>Two brightnesses, then the two differences they share. PS3.3 §C.7.6.3.1.2.</summary>
    public static void TakeSubsampled(ReadOnlySpan<byte> bytes, Span<byte> target) => SampleShapes.SpreadChroma(bytes, target);

    private static void Take(ReadOnlySpan<byte> samples, StoredBits bits, int pixelStep, int sampleStep, Span<byte> target)
    {
        var table = Narrowing(bits);
        for (int pixel = 0, to = 0; to < target.Length; pixel += pixelStep, to += 3)
        {
            target[to] = table[samples[pixel]];
            target[to + 1] = table[samples[pixel + sampleStep]];
            target[to + 2] = table[samples[pixel + (2 * sampleStep)]];
        }
    }

    private static void Take(ReadOnlySpan<ushort> samples, StoredBits bits, int pixelStep, int sampleStep, Span<byte> target)
    {
        var table = Narrowing(bits);
        for (int pixel = 0, to = 0; to < target.Length; pixel += pixelStep, to += 3)
        {
            target[to] = table[samples[pixel]];
            target[to + 1] = table[samples[pixel + sampleStep]];
            target[to + 2] = table[samples[pixel + (2 * sampleStep)]];
        }
    }

    /// <summary>The full range of the stored bits becomes the full range of a byte.</summary>
    private static byte[] Narrowing(StoredBits bits) =>
        new GreyPipeline(GreyStage.Nothing, new LinearRange(0, bits.Highest), GreyStage.Nothing).ToTable(bits);
}

using System.Buffers.Binary;

namespace Fhir.Server.Dicom.Codecs;

/// <summary>How many bits the samples of a frame take in truth.</summary>
internal static class SampleDepth
{
    /// <summary>
    /// The bits stored, when all samples keep to them; all that are allocated, when something else is kept above them, as overlays
    /// were, for without loss means without any.
    /// </summary>
    public static int Of(ReadOnlySpan<byte> samples, PixelLayout layout)
    {
        var bits = layout.BitsStored;
        if (layout.HighBit != bits - 1 || bits == layout.BitsAllocated || (layout.IsSigned && bits == 1))
        {
            return layout.BitsAllocated;
        }

        var (low, high) = layout.IsSigned ? (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) : (0, (1 << bits) - 1);
        var width = layout.BitsAllocated / 8;
        for (var i = 0; i + width <= samples.Length; i += width)
        {
            int value = (width, layout.IsSigned) switch
            {
                (1, false) => samples[i],
                (1, true) => (sbyte)samples[i],
                (_, false) => BinaryPrimitives.ReadUInt16LittleEndian(samples[i..]),
                _ => BinaryPrimitives.ReadInt16LittleEndian(samples[i..]),
            };
            if (value < low || value > high)
            {
                return layout.BitsAllocated;
            }
        }

        return bits;
    }
}

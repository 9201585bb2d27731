namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>Joins frames that end within a byte, the lowest bit of which comes first. PS3.5 §8.1.1.</summary>
internal sealed class BitQueue
{
    private int kept;
    private int keptBits;

    /// <summary>Adds a frame; what fills whole bytes comes back.</summary>
    public ReadOnlyMemory<byte> Add(ReadOnlyMemory<byte> frame, long bits)
    {
        if (keptBits == 0 && bits % 8 == 0)
        {
            return frame;
        }

        var whole = new byte[(keptBits + bits) / 8];
        var to = 0;
        var from = frame.Span;
        for (var i = 0; i < from.Length; i++)
        {
            var count = (int)Math.Min(8, bits - (i * 8L));
            kept |= (from[i] & ((1 << count) - 1)) << keptBits;
            keptBits += count;
            if (keptBits >= 8)
            {
                whole[to++] = (byte)kept;
                (kept, keptBits) = (kept >> 8, keptBits - 8);
            }
        }

        return whole;
    }

    /// <summary>The last byte, when one has begun.</summary>
    public byte[] Rest() => keptBits == 0 ? [] : [(byte)kept];
}

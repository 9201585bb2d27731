using System.Runtime.InteropServices;

namespace Fhir.Server.Rendering.Grey;

/// <summary>Spreads samples that do not fill bytes. PS3.5 §8.1.1: the first sample is in the lowest bits.</summary>
internal static class Unpacking
{
    /// <summary>Bits to bytes of 0 and 1.</summary>
    public static void Bits(ReadOnlySpan<byte> bits, Span<byte> target)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = (byte)((bits[i >> 3] >> (i & 7)) & 1);
        }
    }

    /// <summary>Samples of some bits, less than 16, to words.</summary>
    public static void Words(ReadOnlySpan<byte> packed, int bits, Span<byte> target)
    {
        var words = MemoryMarshal.Cast<byte, ushort>(target);
        var mask = (1 << bits) - 1;
        for (var i = 0; i < words.Length; i++)
        {
            var at = (long)i * bits;
            var first = (int)(at >> 3);
            var three = packed[first] | (ByteAt(packed, first + 1) << 8) | (ByteAt(packed, first + 2) << 16);
            words[i] = (ushort)((three >> (int)(at & 7)) & mask);
        }
    }

    private static int ByteAt(ReadOnlySpan<byte> bytes, int index) => index < bytes.Length ? bytes[index] : 0;
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Fhir.Server.Dicom.Codecs;

/// <summary>Other shapes for the same samples: bits, bytes and words, planes and pixels. All words are little endian. PS3.5 §8.1.</summary>
public static class SampleShapes
{
    /// <summary>One byte a pixel becomes one bit, the first pixel the lowest. PS3.5 §8.1.1.</summary>
    public static byte[] PackBits(ReadOnlySpan<byte> pixels)
    {
        var bits = new byte[(pixels.Length + 7) / 8];
        for (var i = 0; i < pixels.Length; i++)
        {
            if (pixels[i] != 0)
            {
                bits[i >> 3] |= (byte)(1 << (i & 7));
            }
        }

        return bits;
    }

    /// <summary>One bit a pixel becomes one byte, 0 or 1.</summary>
    /// <param name="bits">Where they are.</param>
    /// <param name="first">The first bit wanted.</param>
    /// <param name="count">How many; those beyond the end are 0.</param>
    public static byte[] UnpackBits(ReadOnlySpan<byte> bits, int first, int count)
    {
        var pixels = new byte[count];
        for (var (i, bit) = (0, first); i < count && bit >> 3 < bits.Length; i++, bit++)
        {
            pixels[i] = (byte)((bits[bit >> 3] >> (bit & 7)) & 1);
        }

        return pixels;
    }

    /// <summary>Samples of 12 bits without gaps, the first in the lowest bits, become words.</summary>
    public static byte[] SpreadTwelve(ReadOnlySpan<byte> packed)
    {
        var words = new byte[packed.Length * 2 / 3 * 2];
        for (var (i, to) = (0, 0); to < words.Length; to += 2, i += (to & 2) == 0 ? 2 : 1)
        {
            var two = packed[i] | (packed[i + 1] << 8);
            BinaryPrimitives.WriteUInt16LittleEndian(words.AsSpan(to), (ushort)((to & 2) == 0 ? two & 0xFFF : two >> 4));
        }

        return words;
    }

    /// <summary>Planes become pixels: all of the first kind, all of the second, … become one of each. PS3.3 §C.7.6.3.1.3.</summary>
    /// <param name="planes">The planes, one after the other.</param>
    /// <param name="samples">How many planes.</param>
    /// <param name="width">Bytes of a sample.</param>
    public static byte[] Interleave(ReadOnlySpan<byte> planes, int samples, int width)
    {
        var pixels = new byte[planes.Length];
        var count = planes.Length / (samples * width);
        for (var sample = 0; sample < samples; sample++)
        {
            for (var (i, from, to) = (0, sample * count * width, sample * width); i < count; i++, from += width, to += samples * width)
            {
                planes.Slice(from, width).CopyTo(pixels.AsSpan(to));
            }
        }

        return pixels;
    }

    /// <summary>Bytes become words of the same value.</summary>
    public static byte[] Widen(ReadOnlySpan<byte> samples, bool isSigned)
    {
        var words = new byte[samples.Length * 2];
        var target = MemoryMarshal.Cast<byte, short>(words.AsSpan());
        for (var i = 0; i < samples.Length; i++)
        {
            Write(target, i, isSigned ? (sbyte)samples[i] : samples[i]);
        }

        return words;
    }

    /// <summary>The low bytes of words.</summary>
    public static byte[] Narrow(ReadOnlySpan<byte> words)
    {
        var samples = new byte[words.Length / 2];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = words[i * 2];
        }

        return samples;
    }

    /// <summary>Two chroma samples for two pixels, <c>Y Y Cb Cr</c>, become three samples each. PS3.3 §C.7.6.3.1.2.</summary>
    public static byte[] SpreadChroma(ReadOnlySpan<byte> subsampled)
    {
        var pixels = new byte[subsampled.Length / 4 * 6];
        SpreadChroma(subsampled, pixels);
        return pixels;
    }

    /// <summary>The same into pixels that are there already, as many as there are.</summary>
    public static void SpreadChroma(ReadOnlySpan<byte> subsampled, Span<byte> pixels)
    {
        for (var (from, to) = (0, 0); from + 4 <= subsampled.Length && to + 6 <= pixels.Length; from += 4, to += 6)
        {
            var (blue, red) = (subsampled[from + 2], subsampled[from + 3]);
            (pixels[to], pixels[to + 1], pixels[to + 2]) = (subsampled[from], blue, red);
            (pixels[to + 3], pixels[to + 4], pixels[to + 5]) = (subsampled[from + 1], blue, red);
        }
    }

    /// <summary>Makes the bits above the lowest ones of each sample repeat the sign, or zero.</summary>
    internal static void ExtendInPlace(Span<byte> samples, int bitsAllocated, int bits, bool isSigned)
    {
        if (bits >= bitsAllocated)
        {
            return;
        }

        if (bitsAllocated == 8)
        {
            var shift = 32 - bits;
            for (var i = 0; i < samples.Length; i++)
            {
                samples[i] = (byte)(isSigned ? samples[i] << shift >> shift : samples[i] & ((1 << bits) - 1));
            }

            return;
        }

        ExtendWords(MemoryMarshal.Cast<byte, short>(samples), bits, isSigned);
    }

    /// <summary>Adds to every word; for data moved between signed and unsigned.</summary>
    internal static void AddInPlace(Span<byte> words, int value)
    {
        var samples = MemoryMarshal.Cast<byte, short>(words);
        for (var i = 0; i < samples.Length; i++)
        {
            Write(samples, i, (short)(Read(samples, i) + value));
        }
    }

    private static void ExtendWords(Span<short> words, int bits, bool isSigned)
    {
        var shift = 32 - bits;
        for (var i = 0; i < words.Length; i++)
        {
            var value = Read(words, i);
            Write(words, i, (short)(isSigned ? value << shift >> shift : value & ((1 << bits) - 1)));
        }
    }

    private static int Read(Span<short> words, int i) => BitConverter.IsLittleEndian ? words[i] : BinaryPrimitives.ReverseEndianness(words[i]);

    private static void Write(Span<short> words, int i, short value) =>
        words[i] = BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
}

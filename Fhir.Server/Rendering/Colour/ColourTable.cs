using Fhir.Server.Rendering.Grey;
using System.Runtime.InteropServices;

namespace Fhir.Server.Rendering.Colour;

/// <summary>Colours for every container of at most 16 bits, as 0xBBGGRR.</summary>
internal static class ColourTable
{
    /// <summary>For PALETTE COLOR.</summary>
    public static uint[] Of(StoredBits bits, Palette palette)
    {
        var table = new uint[1 << bits.Allocated];
        for (var container = 0; container < table.Length; container++)
        {
            table[container] = palette[bits.ValueOf(bits.CodeOf(container))];
        }

        return table;
    }

    /// <summary>Grey, but for the values that have a colour. PS3.3 §C.7.6.3.1.6 and §C.8.16.2.1.2.</summary>
    public static uint[] Supplemental(StoredBits bits, byte[] grey, Palette palette)
    {
        var table = new uint[grey.Length];
        for (var container = 0; container < table.Length; container++)
        {
            var value = bits.ValueOf(bits.CodeOf(container));
            table[container] = value >= palette.First && value < palette.First + palette.Count ? palette[value] : grey[container] * 0x010101u;
        }

        return table;
    }

    /// <summary>The brightness chooses the colour. PS3.3 §A.33.3.</summary>
    public static uint[] Pseudo(byte[] grey, Palette palette)
    {
        var table = new uint[grey.Length];
        for (var container = 0; container < table.Length; container++)
        {
            table[container] = palette[palette.First + Math.Floor(grey[container] / 255.0 * (palette.Count - 1))];
        }

        return table;
    }

    /// <summary>Paints samples by it.</summary>
    public static void Paint(GreySamples samples, uint[] table, Span<byte> target)
    {
        var words = samples.Kind == SampleKind.Words ? MemoryMarshal.Cast<byte, ushort>(samples.Bytes) : default;
        for (int i = 0, to = 0; to < target.Length; i++, to += 3)
        {
            var colour = table[words.IsEmpty ? samples.Bytes[i] : words[i]];
            (target[to], target[to + 1], target[to + 2]) = ((byte)colour, (byte)(colour >> 8), (byte)(colour >> 16));
        }
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Fhir.Server.Dicom;

/// <summary>What was odd while reading; each thing once, and not too many.</summary>
internal sealed class ReadWarnings
{
    private readonly List<string> texts;

    public ReadWarnings() => texts = [];

    public ReadWarnings(IEnumerable<string> earlier) => texts = [.. earlier];

    public IReadOnlyList<string> Texts => texts;

    public void Add(string text)
    {
        if (texts.Count < 32 && !texts.Contains(text))
        {
            texts.Add(text);
        }
    }
}

/// <summary>Pixels come across while reading.</summary>
internal readonly record struct FoundPixels(DicomTag Tag, long Offset, long Length, bool IsBigEndian);

/// <summary>Turns numbers round between byte orders. PS3.5 §7.3.</summary>
internal static class ByteOrder
{
    public static void Turn(Span<byte> bytes, int unit)
    {
        switch (unit)
        {
            case 2:
                var shorts = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                var ints = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                var longs = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
            default:
                break;
        }
    }
}

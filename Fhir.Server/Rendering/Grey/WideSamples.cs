using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Fhir.Server.Rendering.Grey;

/// <summary>Samples for which no table can be made, taken as numbers a piece at a time.</summary>
internal static class WideSamples
{
    /// <summary>How many are taken at once.</summary>
    public const int Piece = 4096;

    /// <summary>Takes samples from one on, as many as fit.</summary>
    public static void Take(SampleKind kind, StoredBits bits, ReadOnlySpan<byte> frame, int first, Span<double> target)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = One(kind, bits, frame, first + i);
        }
    }

    /// <summary>Takes one sample.</summary>
    public static double One(SampleKind kind, StoredBits bits, ReadOnlySpan<byte> frame, int index) => kind switch
    {
        SampleKind.Floats => BinaryPrimitives.ReadSingleLittleEndian(frame[(index * 4)..]),
        SampleKind.Doubles => BinaryPrimitives.ReadDoubleLittleEndian(frame[(index * 8)..]),
        SampleKind.Integers => bits.ValueOf((ulong)BinaryPrimitives.ReadUInt32LittleEndian(frame[(index * 4)..])),
        SampleKind.LongIntegers => bits.ValueOf(BinaryPrimitives.ReadUInt64LittleEndian(frame[(index * 8)..])),
        SampleKind.Words => bits.ValueOf(bits.CodeOf(MemoryMarshal.Read<ushort>(frame[(index * 2)..]))),
        _ => bits.ValueOf(bits.CodeOf(frame[index])),
    };
}

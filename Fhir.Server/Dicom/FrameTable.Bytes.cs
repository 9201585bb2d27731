using System.Buffers;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <content>
/// The table as bytes: version, kind, then numbers of 7 bits a byte, low ones first. Native: offset, length, bits a frame, frames.
/// Encapsulated: frames, then for each its pieces, then for each piece the gap since the last one's end (zigzag) and its length.
/// </content>
public sealed partial class FrameTable
{
    private const byte Version = 1;
    private static readonly Problem Damaged = Problem.Invalid("A stored frame table is damaged.");

    /// <summary>A few bytes for each frame, the version first.</summary>
    public byte[] ToBytes()
    {
        var target = new ArrayBufferWriter<byte>(ranges is null ? 32 : 16 + (ranges.Length * 4) + Count);
        target.Write([Version, ranges is null ? (byte)0 : (byte)1]);
        if (ranges is null)
        {
            Put(target, offset);
            Put(target, length);
            Put(target, frameBits);
            Put(target, Count);
            return target.WrittenSpan.ToArray();
        }

        Put(target, Count);
        var end = 0L;
        for (var frame = 0; frame < Count; frame++)
        {
            Put(target, firsts![frame + 1] - firsts[frame]);
            for (var i = firsts[frame]; i < firsts[frame + 1]; i++)
            {
                var gap = ranges[i].Offset - end;
                Put(target, (gap << 1) ^ (gap >> 63));
                Put(target, ranges[i].Length);
                end = ranges[i].End;
            }
        }

        return target.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static Outcome<FrameTable> FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2 || bytes[0] != Version || bytes[1] > 1)
        {
            return Damaged;
        }

        var rest = bytes[2..];
        return bytes[1] == 0 ? ReadNative(rest) : ReadEncapsulated(rest);
    }

    private static Outcome<FrameTable> ReadNative(ReadOnlySpan<byte> rest)
    {
        if (!Take(ref rest, out var offset) || !Take(ref rest, out var length) || !Take(ref rest, out var bits)
            || !Take(ref rest, out var count) || !rest.IsEmpty || bits == 0 || count > int.MaxValue
            || length > long.MaxValue / 16 || offset > long.MaxValue - length || (Int128)bits * count > ((Int128)length * 8) + bits)
        {
            return Damaged;
        }

        return new FrameTable((int)count, offset, length, bits);
    }

    private static Outcome<FrameTable> ReadEncapsulated(ReadOnlySpan<byte> rest)
    {
        // Every frame and every piece takes at least a byte, so the length of the table bounds what is allocated.
        if (!Take(ref rest, out var count) || count > rest.Length)
        {
            return Damaged;
        }

        var firsts = new int[count + 1];
        var ranges = new List<BulkValue>((int)count);
        var end = 0L;
        for (var frame = 0; frame < count; frame++)
        {
            if (!Take(ref rest, out var pieces) || pieces > rest.Length)
            {
                return Damaged;
            }

            for (; pieces > 0; pieces--)
            {
                if (!Take(ref rest, out var zigzag) || !Take(ref rest, out var length))
                {
                    return Damaged;
                }

                var start = end + ((zigzag >> 1) ^ -(zigzag & 1));
                if (start < 0 || start > long.MaxValue - length)
                {
                    return Damaged;
                }

                ranges.Add(new BulkValue(start, length));
                end = start + length;
            }

            firsts[frame + 1] = ranges.Count;
        }

        return rest.IsEmpty ? new FrameTable(firsts, [.. ranges]) : Damaged;
    }

    private static void Put(ArrayBufferWriter<byte> target, long value)
    {
        var left = (ulong)value;
        for (; left >= 0x80; left >>= 7)
        {
            target.Write([(byte)(left | 0x80)]);
        }

        target.Write([(byte)left]);
    }

    private static bool Take(ref ReadOnlySpan<byte> rest, out long value)
    {
        var found = 0UL;
        for (var i = 0; i < rest.Length && i < 9; i++)
        {
            found |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                value = (long)found;
                return true;
            }
        }

        value = 0;
        return false;
    }
}

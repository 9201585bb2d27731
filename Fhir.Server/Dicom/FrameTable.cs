using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>The bytes of one frame.</summary>
/// <param name="Ranges">Its pieces in order; together they are the frame.</param>
/// <param name="BitOffset">Bits to leave out at the beginning of the first byte; other than 0 only for native frames that do not
/// fill whole bytes, such as 1-bit ones. PS3.5 §8.1.1.</param>
/// <param name="BitLength">Bits of the frame; null for encapsulated frames, whose pieces count as they are.</param>
public readonly record struct FrameLocation(IReadOnlyList<BulkValue> Ranges, int BitOffset, long? BitLength)
{
    /// <summary>Bytes to read.</summary>
    public long Length => Ranges.Sum(r => r.Length);
}

/// <summary>Where each frame of an instance lies. Immutable; kept with the instance as bytes.</summary>
public sealed partial class FrameTable
{
    private readonly long offset;
    private readonly long length;
    private readonly long frameBits;
    private readonly int[]? firsts;
    private readonly BulkValue[]? ranges;

    private FrameTable(int count, long offset, long length, long frameBits)
    {
        (Count, this.offset, this.length, this.frameBits) = (count, offset, length, frameBits);
    }

    private FrameTable(int[] firsts, BulkValue[] ranges)
    {
        (Count, this.firsts, this.ranges) = (firsts.Length - 1, firsts, ranges);
    }

    /// <summary>How many frames.</summary>
    public int Count { get; }

    /// <summary>Bytes it takes in memory.</summary>
    internal long Size => 64 + ((firsts?.Length ?? 0) * sizeof(int)) + ((ranges?.Length ?? 0) * 2L * sizeof(long));

    /// <summary>The frames are fragments.</summary>
    public bool IsEncapsulated => ranges is not null;

    /// <summary>A frame, counted from 0. The last native one may be shorter than its bits when the file was cut off.</summary>
    public FrameLocation this[int frame]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(frame);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, Count);
            if (ranges is not null)
            {
                return new FrameLocation(new ArraySegment<BulkValue>(ranges, firsts![frame], firsts[frame + 1] - firsts[frame]), 0, null);
            }

            var firstBit = frame * frameBits;
            var first = firstBit >> 3;
            var end = Math.Min((firstBit + frameBits + 7) >> 3, length);
            return new FrameLocation([new BulkValue(offset + first, end - first)], (int)(firstBit & 7), frameBits);
        }
    }

    /// <summary>Frames one after the other without gaps, of which the last may be cut off.</summary>
    internal static FrameTable Native(long offset, long length, long frameBits, int frames)
    {
        var whole = ((Int128)length * 8) + frameBits - 1;
        var present = length == 0 ? 0 : (int)Int128.Min(frames, whole / frameBits);
        return new FrameTable(present, offset, length, frameBits);
    }

    /// <summary>Frames of fragments, of which each has those from its first one to that of the next.</summary>
    internal static FrameTable Encapsulated(IReadOnlyList<BulkValue> fragments, IReadOnlyList<int> starts) =>
        new([.. starts, fragments.Count], [.. fragments]);
}

using System.Buffers.Binary;

namespace Fhir.Server.Rendering.Colour;

/// <summary>A table written as runs: values, lines, and repetitions of earlier runs. PS3.3 §C.7.9.2.</summary>
internal ref struct SegmentedTable
{
    private const int Discrete = 0;
    private const int Linear = 1;
    private const int Indirect = 2;

    private readonly ReadOnlySpan<byte> data;
    private readonly int size;
    private readonly ushort[] entries;
    private int count;

    private SegmentedTable(ReadOnlySpan<byte> data, int size, int entryCount)
    {
        this.data = data;
        this.size = size;
        entries = new ushort[entryCount];
    }

    /// <summary>All entries; null when the data are damaged or make fewer.</summary>
    /// <param name="data">The segments.</param>
    /// <param name="bits">Bits of an entry: 8, then a segment is made of bytes, or 16, then of words.</param>
    /// <param name="entryCount">How many entries there must be.</param>
    public static ushort[]? Expand(ReadOnlySpan<byte> data, int bits, int entryCount)
    {
        var table = new SegmentedTable(data, bits <= 8 ? 1 : 2, entryCount);
        var at = 0;
        while (table.count < entryCount && table.Left(at) >= 2)
        {
            if (!table.Run(ref at, mayRepeat: true))
            {
                return null;
            }
        }

        return table.count == entryCount ? table.entries : null;
    }

    private readonly int Left(int at) => (data.Length - at) / size;

    private readonly int Read(ref int at)
    {
        var value = size == 1 ? data[at] : BinaryPrimitives.ReadUInt16LittleEndian(data[at..]);
        at += size;
        return value;
    }

    /// <summary>One segment; it may not make more entries than are left, nor none: so the entries bound the work.</summary>
    private bool Run(ref int at, bool mayRepeat)
    {
        if (Left(at) < 2)
        {
            return false;
        }

        var (kind, length) = (Read(ref at), Read(ref at));
        return length > 0 && kind switch
        {
            Discrete => Values(ref at, length),
            Linear => Line(ref at, length),
            Indirect when mayRepeat => Repeat(ref at, length),
            _ => false,
        };
    }

    private bool Values(ref int at, int length)
    {
        if (Left(at) < length || length > entries.Length - count)
        {
            return false;
        }

        for (; length > 0; length--)
        {
            entries[count++] = (ushort)Read(ref at);
        }

        return true;
    }

    /// <summary>From the last entry, which is not repeated, straight to a value. A line cannot come first.</summary>
    private bool Line(ref int at, int length)
    {
        if (Left(at) < 1 || length > entries.Length - count || count == 0)
        {
            return false;
        }

        var (start, end) = (entries[count - 1], Read(ref at));
        for (var i = 1; i <= length; i++)
        {
            entries[count++] = (ushort)Math.Round(start + ((end - start) * (double)i / length), MidpointRounding.AwayFromZero);
        }

        return true;
    }

    /// <summary>So many segments from an offset in bytes; those may not repeat others, so this ends.</summary>
    private bool Repeat(ref int at, int segments)
    {
        var parts = 4 / size;
        if (Left(at) < parts)
        {
            return false;
        }

        var from = BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);
        at += 4;
        if (from >= data.Length)
        {
            return false;
        }

        for (var there = (int)from; segments > 0; segments--)
        {
            if (!Run(ref there, mayRepeat: false))
            {
                return false;
            }
        }

        return true;
    }
}

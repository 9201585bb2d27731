namespace Fhir.Server.Rendering.Formats;

/// <summary>
/// Chooses 256 colours for a frame: 64 greys, of which most medical pictures are made, and up to 192 others by halving boxes of
/// colours at their median until there are enough.
/// </summary>
internal sealed class GifColours
{
    public const int TableLength = 256 * 3;
    private const int Greys = 64;
    private const int Others = 256 - Greys;
    private const int Bins = 1 << 15;

    /// <summary>Channels as near as this are grey to the eye.</summary>
    private const int GreyTolerance = 8;

    private readonly int[] counts = new int[Bins];
    private readonly long[] sums = new long[Bins * 3];
    private readonly byte[] indexOf = new byte[Bins];

    /// <summary>Fills the table of colours and the index of each pixel.</summary>
    public void Reduce(ReadOnlySpan<byte> rgb, Span<byte> table, Span<byte> indices)
    {
        Array.Clear(counts);
        Array.Clear(sums);
        for (var i = 0; i < rgb.Length; i += 3)
        {
            if (!IsGrey(rgb[i], rgb[i + 1], rgb[i + 2]))
            {
                var bin = BinOf(rgb[i], rgb[i + 1], rgb[i + 2]);
                counts[bin]++;
                sums[bin * 3] += rgb[i];
                sums[(bin * 3) + 1] += rgb[i + 1];
                sums[(bin * 3) + 2] += rgb[i + 2];
            }
        }

        table.Clear();
        for (var i = 0; i < Greys; i++)
        {
            table.Slice(i * 3, 3).Fill((byte)(i * 255 / (Greys - 1)));
        }

        Fill(table);
        for (int i = 0, j = 0; i < rgb.Length; i += 3, j++)
        {
            var (red, green, blue) = (rgb[i], rgb[i + 1], rgb[i + 2]);
            indices[j] = IsGrey(red, green, blue)
                ? (byte)(((red + green + blue) * (Greys - 1) + 382) / 765) : indexOf[BinOf(red, green, blue)];
        }
    }

    private void Fill(Span<byte> table)
    {
        var used = Enumerable.Range(0, Bins).Where(bin => counts[bin] > 0).ToArray();
        var boxes = used.Length == 0 ? [] : Halve(used);
        Span<long> sum = stackalloc long[3];
        for (var i = 0; i < boxes.Count; i++)
        {
            var bins = used.AsSpan(boxes[i].Start, boxes[i].Length);
            long count = 0;
            sum.Clear();
            foreach (var bin in bins)
            {
                indexOf[bin] = (byte)(Greys + i);
                count += counts[bin];
                for (var channel = 0; channel < 3; channel++)
                {
                    sum[channel] += sums[(bin * 3) + channel];
                }
            }

            for (var channel = 0; channel < 3; channel++)
            {
                table[((Greys + i) * 3) + channel] = (byte)((sum[channel] + (count / 2)) / count);
            }
        }
    }

    private List<Box> Halve(int[] used)
    {
        var boxes = new List<Box> { BoxOf(used, 0, used.Length) };
        while (boxes.Count < Others)
        {
            var largest = boxes.MaxBy(box => box.Weight)!;
            if (largest.Weight == 0)
            {
                break;
            }

            boxes.Remove(largest);
            var channel = largest.Channel;
            Array.Sort(used, largest.Start, largest.Length, Comparer<int>.Create((one, other) => Level(one, channel) - Level(other, channel)));
            var half = Median(used, largest);
            boxes.Add(BoxOf(used, largest.Start, half - largest.Start));
            boxes.Add(BoxOf(used, half, largest.Start + largest.Length - half));
        }

        return boxes;
    }

    /// <summary>Where the second half of the pixels begins; both sides keep at least one colour.</summary>
    private int Median(int[] used, Box box)
    {
        var end = box.Start + box.Length;
        var half = 0L;
        for (var i = box.Start; i < end; i++)
        {
            half += counts[used[i]];
        }

        half /= 2;
        var at = box.Start;
        for (var seen = 0L; at < end - 1 && seen + counts[used[at]] <= half; at++)
        {
            seen += counts[used[at]];
        }

        return Math.Clamp(at, box.Start + 1, end - 1);
    }

    private Box BoxOf(int[] used, int start, int length)
    {
        var (longest, channel, count) = (0, 0, 0L);
        for (var one = 0; one < 3; one++)
        {
            var (lowest, highest) = (31, 0);
            foreach (var bin in used.AsSpan(start, length))
            {
                lowest = Math.Min(lowest, Level(bin, one));
                highest = Math.Max(highest, Level(bin, one));
            }

            if (highest - lowest > longest)
            {
                (longest, channel) = (highest - lowest, one);
            }
        }

        foreach (var bin in used.AsSpan(start, length))
        {
            count += counts[bin];
        }

        return new Box(start, length, channel, length > 1 ? longest * count : 0);
    }

    private static bool IsGrey(byte red, byte green, byte blue) =>
        Math.Max(red, Math.Max(green, blue)) - Math.Min(red, Math.Min(green, blue)) <= GreyTolerance;

    private static int BinOf(byte red, byte green, byte blue) => ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3);

    private static int Level(int bin, int channel) => (bin >> (10 - (channel * 5))) & 31;

    private sealed record Box(int Start, int Length, int Channel, long Weight);
}

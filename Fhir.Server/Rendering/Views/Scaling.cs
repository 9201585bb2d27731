using System.Buffers;
using System.Numerics;

namespace Fhir.Server.Rendering.Views;

/// <summary>
/// Makes pictures larger or smaller: between pixels straight, over many pixels by their weighted mean, so that nothing is skipped.
/// Rows first, many samples at once, then columns of the rows that are left. Needs no native code, so that it is alike everywhere.
/// </summary>
internal static class Scaling
{
    /// <summary>The picture in another size; the one given is given back.</summary>
    public static Picture To(Picture picture, int width, int height)
    {
        if (width == picture.Width && height == picture.Height)
        {
            return picture;
        }

        var scaled = new Picture(width, height, picture.IsColour);
        var (rows, columns) = (Taps.Of(picture.Height, height), Taps.Of(picture.Width, width));
        var sums = ArrayPool<float>.Shared.Rent(picture.Width * picture.Channels);
        var sum = sums.AsSpan(0, picture.Width * picture.Channels);
        for (var row = 0; row < height; row++)
        {
            sum.Clear();
            for (var tap = 0; tap < rows.Counts[row]; tap++)
            {
                Add(picture.Row(rows.Firsts[row] + tap), rows.Weight(row, tap), sum);
            }

            if (picture.IsColour)
            {
                Gather3(sum, columns, scaled.Row(row));
            }
            else
            {
                Gather1(sum, columns, scaled.Row(row));
            }
        }

        ArrayPool<float>.Shared.Return(sums);
        picture.Dispose();
        return scaled;
    }

    private static void Add(ReadOnlySpan<byte> row, float weight, Span<float> sum)
    {
        var i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(row[i..]), out var low, out var high);
            AddWords(low, weight, sum[i..]);
            AddWords(high, weight, sum[(i + Vector<ushort>.Count)..]);
        }

        for (; i < row.Length; i++)
        {
            sum[i] += row[i] * weight;
        }
    }

    private static void AddWords(Vector<ushort> words, float weight, Span<float> sum)
    {
        Vector.Widen(words, out var low, out var high);
        var next = sum[Vector<float>.Count..];
        (new Vector<float>(sum) + (Vector.ConvertToSingle(low) * weight)).CopyTo(sum);
        (new Vector<float>(next) + (Vector.ConvertToSingle(high) * weight)).CopyTo(next);
    }

    private static void Gather1(ReadOnlySpan<float> sum, Taps taps, Span<byte> target)
    {
        for (var i = 0; i < target.Length; i++)
        {
            var (total, first) = (0.5f, taps.Firsts[i]);
            for (var tap = 0; tap < taps.Counts[i]; tap++)
            {
                total += sum[first + tap] * taps.Weight(i, tap);
            }

            target[i] = (byte)total;
        }
    }

    private static void Gather3(ReadOnlySpan<float> sum, Taps taps, Span<byte> target)
    {
        for (var i = 0; i < target.Length / 3; i++)
        {
            var (red, green, blue, at) = (0.5f, 0.5f, 0.5f, taps.Firsts[i] * 3);
            for (var tap = 0; tap < taps.Counts[i]; tap++, at += 3)
            {
                var weight = taps.Weight(i, tap);
                red += sum[at] * weight;
                green += sum[at + 1] * weight;
                blue += sum[at + 2] * weight;
            }

            (target[i * 3], target[(i * 3) + 1], target[(i * 3) + 2]) = ((byte)red, (byte)green, (byte)blue);
        }
    }
}

/// <summary>Which pixels of a line go into each pixel of a longer or shorter one, and how much: a triangle around its place.</summary>
/// <param name="Firsts">The first, for each.</param>
/// <param name="Counts">How many, for each.</param>
/// <param name="Weights">How much; together 1 for each.</param>
/// <param name="Most">The most any has.</param>
internal sealed record Taps(int[] Firsts, int[] Counts, float[] Weights, int Most)
{
    public static Taps Of(int from, int to)
    {
        var ratio = (double)from / to;
        var reach = Math.Max(1, ratio);
        var most = ((int)Math.Ceiling(reach) * 2) + 1;
        var (firsts, counts, weights) = (new int[to], new int[to], new float[to * most]);
        for (var i = 0; i < to; i++)
        {
            var center = (i + 0.5) * ratio;
            firsts[i] = Math.Max(0, (int)Math.Ceiling(center - reach - 0.5));
            var last = Math.Min(from - 1, (int)Math.Floor(center + reach - 0.5));
            counts[i] = Math.Min(most, last - firsts[i] + 1);
            Fill(weights.AsSpan(i * most, counts[i]), firsts[i], center, reach);
        }

        return new Taps(firsts, counts, weights, most);
    }

    public float Weight(int index, int tap) => Weights[(index * Most) + tap];

    private static void Fill(Span<float> weights, int first, double center, double reach)
    {
        var total = 0.0;
        for (var tap = 0; tap < weights.Length; tap++)
        {
            var weight = Math.Max(0, 1 - (Math.Abs(first + tap + 0.5 - center) / reach));
            weights[tap] = (float)weight;
            total += weight;
        }

        foreach (ref var weight in weights)
        {
            weight = (float)(weight / total);
        }
    }
}

using System.Buffers;
using System.Runtime.InteropServices;

namespace Fhir.Server.Rendering.Grey;

/// <summary>Where the stored values of a frame lie, padding left out.</summary>
/// <param name="Lowest">The lowest.</param>
/// <param name="Dark">Few are lower.</param>
/// <param name="Bright">Few are higher.</param>
/// <param name="Highest">The highest.</param>
internal readonly record struct Statistics(double Lowest, double Dark, double Bright, double Highest)
{
    private const double DarkShare = 0.01;
    private const double BrightShare = 0.99;
    private const int SampleLimit = 1 << 16;

    public static Statistics Of(GreySamples samples, Padding padding) =>
        samples.IsNarrow ? OfNarrow(samples, padding) : OfWide(samples, padding);

    /// <summary>Counts every value.</summary>
    private static Statistics OfNarrow(GreySamples samples, Padding padding)
    {
        var counts = ArrayPool<int>.Shared.Rent(1 << samples.Bits.Allocated);
        try
        {
            counts.AsSpan().Clear();
            if (samples.Kind == SampleKind.Bytes)
            {
                Count(samples.Bytes[..samples.Count], counts);
            }
            else
            {
                Count(MemoryMarshal.Cast<byte, ushort>(samples.Bytes)[..samples.Count], counts);
            }

            return Walk(counts.AsSpan(0, 1 << samples.Bits.Allocated), samples.Bits, padding);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(counts);
        }
    }

    private static void Count(ReadOnlySpan<byte> samples, int[] counts)
    {
        foreach (var sample in samples)
        {
            counts[sample]++;
        }
    }

    private static void Count(ReadOnlySpan<ushort> samples, int[] counts)
    {
        foreach (var sample in samples)
        {
            counts[sample]++;
        }
    }

    private static Statistics Walk(ReadOnlySpan<int> counts, StoredBits bits, Padding padding)
    {
        // By value from the lowest; signed values begin in the upper half of the codes.
        var byValue = new int[1 << bits.Stored];
        var offset = bits.IsSigned ? byValue.Length / 2 : 0;
        var total = 0L;
        for (var container = 0; container < counts.Length; container++)
        {
            var value = counts[container] == 0 ? 0 : bits.ValueOf(bits.CodeOf(container));
            if (counts[container] > 0 && !padding.Contains(value))
            {
                byValue[(int)value + offset] += counts[container];
                total += counts[container];
            }
        }

        if (total == 0)
        {
            return default;
        }

        var (found, seen) = (new double[4], 0L);
        Span<long> ranks = [0, (long)(total * DarkShare), Math.Min(total - 1, (long)(total * BrightShare)), total - 1];
        for (int i = 0, next = 0; i < byValue.Length && next < 4; i++)
        {
            for (seen += byValue[i]; next < 4 && seen > ranks[next]; next++)
            {
                found[next] = i - offset;
            }
        }

        return new Statistics(found[0], found[1], found[2], found[3]);
    }

    /// <summary>Sorts some of the values, evenly spread over the frame; the ends are of all.</summary>
    private static Statistics OfWide(GreySamples samples, Padding padding)
    {
        var step = Math.Max(1, samples.Count / SampleLimit);
        var some = new List<double>(Math.Min(samples.Count, SampleLimit * 2));
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var i = 0; i < samples.Count; i++)
        {
            var value = WideSamples.One(samples.Kind, samples.Bits, samples.Bytes, i);
            if (!double.IsFinite(value) || padding.Contains(value))
            {
                continue;
            }

            (low, high) = (Math.Min(low, value), Math.Max(high, value));
            if (i % step == 0)
            {
                some.Add(value);
            }
        }

        if (some.Count == 0)
        {
            return double.IsFinite(low) ? new Statistics(low, low, high, high) : default;
        }

        some.Sort();
        return new Statistics(low, some[(int)(some.Count * DarkShare)], some[Math.Min(some.Count - 1, (int)(some.Count * BrightShare))], high);
    }
}

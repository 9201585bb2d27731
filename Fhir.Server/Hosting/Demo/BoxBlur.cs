namespace Fhir.Server.Hosting.Demo;

/// <summary>The mean over a square around each pixel, taken twice, which looks nearly like a bell. At the borders the last pixel repeats.</summary>
internal static class BoxBlur
{
    public static double[] Twice(double[] pixels, int columns, int rows, int reach) => Once(Once(pixels, columns, rows, reach), columns, rows, reach);

    private static double[] Once(double[] pixels, int columns, int rows, int reach)
    {
        var across = new double[pixels.Length];
        for (var row = 0; row < rows; row++)
        {
            Along(pixels.AsSpan(row * columns, columns), across.AsSpan(row * columns, columns), 1, reach);
        }
        var both = new double[pixels.Length];
        Along(across, both, columns, reach);
        return both;
    }

    /// <summary>Running means over lines of <paramref name="width"/> numbers, all columns of a line at once.</summary>
    private static void Along(ReadOnlySpan<double> from, Span<double> to, int width, int reach)
    {
        var last = (from.Length / width) - 1;
        var sums = new double[width];
        for (var line = -reach - 1; line < reach; line++)
        {
            Sum(from.Slice(Math.Clamp(line, 0, last) * width, width), default, sums);
        }
        for (var line = 0; line <= last; line++)
        {
            Sum(from.Slice(Math.Min(line + reach, last) * width, width), from.Slice(Math.Max(line - reach - 1, 0) * width, width), sums);
            for (var i = 0; i < width; i++)
            {
                to[(line * width) + i] = sums[i] / ((2 * reach) + 1);
            }
        }
    }

    private static void Sum(ReadOnlySpan<double> comes, ReadOnlySpan<double> goes, double[] sums)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] += comes[i] - (goes.IsEmpty ? 0 : goes[i]);
        }
    }
}

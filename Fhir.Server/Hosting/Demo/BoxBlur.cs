namespace Fhir.Server.Hosting.Demo;

/// <summary>The mean over a square around each pixel, taken twice, which looks nearly like a bell. At the borders the last pixel repeats.</summary>
internal static class BoxBlur
{
    public static double[] Twice(double[] pixels, int columns, int rows, int reach) => Once(Once(pixels, columns, rows, reach), columns, rows, reach);

    private static double[] Once(double[] pixels, int columns, int rows, int reach)
    {
        var across = new double[pixels.Length];
        for (var start = 0; start < pixels.Length; start += columns)
        {
            AlongRow(pixels, across, start, columns - 1, reach);
        }
        return DownColumns(across, columns, rows - 1, reach);
    }

    private static void AlongRow(double[] from, double[] to, int start, int last, int reach)
    {
        var sum = from[start] * (reach + 1);
        for (var i = 0; i < reach; i++)
        {
            sum += from[start + Math.Min(i, last)];
        }
        for (var i = 0; i <= last; i++)
        {
            var (comes, goes) = (i + reach, i - reach - 1);
            sum += from[start + (comes < last ? comes : last)] - from[start + (goes > 0 ? goes : 0)];
            to[start + i] = sum / ((2 * reach) + 1);
        }
    }

    /// <summary>All columns at once, line by line.</summary>
    private static double[] DownColumns(double[] from, int columns, int last, int reach)
    {
        var (to, sums) = (new double[from.Length], new double[columns]);
        for (var line = -reach - 1; line < reach; line++)
        {
            var start = Math.Clamp(line, 0, last) * columns;
            for (var i = 0; i < columns; i++)
            {
                sums[i] += from[start + i];
            }
        }
        for (var line = 0; line <= last; line++)
        {
            var (comes, goes, start) = (Math.Min(line + reach, last) * columns, Math.Max(line - reach - 1, 0) * columns, line * columns);
            for (var i = 0; i < columns; i++)
            {
                sums[i] += from[comes + i] - from[goes + i];
                to[start + i] = sums[i] / ((2 * reach) + 1);
            }
        }
        return to;
    }
}

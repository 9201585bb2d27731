namespace Fhir.Server.Hosting.Demo;

/// <summary>The scanner that takes axial slices of <see cref="HeadPhantom"/>, from the neck upwards.</summary>
internal static class HeadScan
{
    public const int Slices = 80, Size = 256, Intercept = -1024;

    /// <summary>In mm; the field of view is 240 mm.</summary>
    public const double Spacing = 0.9375, SliceSpacing = 2, FirstSlice = -46;

    /// <summary>Where two neighbours differ by more Hounsfield units than this, a voxel is looked at more closely.</summary>
    private const double Edge = 90;

    /// <summary>Deviation of the noise in Hounsfield units.</summary>
    private const double Noise = 2.6;

    private static readonly HeadPhantom Head = new(HeadTissues.Hounsfield);

    /// <summary>The centre of the first voxel of a slice. PS3.3 §C.7.6.2.1.1</summary>
    public static Place Origin(int slice) => new(-(Size - 1) * Spacing / 2, -(Size - 1) * Spacing / 2, FirstSlice + (slice * SliceSpacing));

    /// <summary>The stored values of a slice, row by row: Hounsfield units less <see cref="Intercept"/>.</summary>
    public static short[] Slice(int slice)
    {
        var origin = Origin(slice);
        var rough = new double[Size * Size];
        Parallel.For(0, Size, row =>
        {
            for (var column = 0; column < Size; column++)
            {
                rough[(row * Size) + column] = Head.At(origin + new Place(column * Spacing, row * Spacing, 0));
            }
        });
        var stored = new short[Size * Size];
        Parallel.For(0, Size, row =>
        {
            for (var column = 0; column < Size; column++)
            {
                var value = Settled(rough, origin, row, column) + (Noise * HashNoise.Grain(column, row, slice));
                stored[(row * Size) + column] = (short)Math.Clamp(Math.Round(value) - Intercept, 0, 4095);
            }
        });
        return stored;
    }

    /// <summary>The mean over the voxel where it lies on an edge: two more places in it, one above and one below its middle.</summary>
    private static double Settled(double[] rough, in Place origin, int row, int column)
    {
        var here = rough[(row * Size) + column];
        if (Contrast(rough, row, column, here) < Edge)
        {
            return here;
        }
        const double Aside = Spacing / 4, Above = SliceSpacing / 3;
        var centre = origin + new Place(column * Spacing, row * Spacing, 0);
        var sum = Head.At(centre + new Place(Aside, Aside, Above))
            + Head.At(centre + new Place(-Aside, -Aside, -Above));
        return (here + sum) / 3;
    }

    private static double Contrast(double[] rough, int row, int column, double here)
    {
        var most = 0.0;
        for (var (i, end) = (Math.Max(row - 1, 0), Math.Min(row + 1, Size - 1)); i <= end; i++)
        {
            for (var (j, last) = (Math.Max(column - 1, 0), Math.Min(column + 1, Size - 1)); j <= last; j++)
            {
                most = Math.Max(most, Math.Abs(rough[(i * Size) + j] - here));
            }
        }
        return most;
    }
}

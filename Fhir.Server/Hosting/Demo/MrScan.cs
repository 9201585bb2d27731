using System.Runtime.CompilerServices;

namespace Fhir.Server.Hosting.Demo;

/// <summary>The scanner that takes thick axial slices of <see cref="HeadPhantom"/> in one sequence, from the neck upwards.</summary>
internal sealed class MrScan(MrSequence sequence)
{
    public const int Slices = 22, Size = 256, BitsStored = 12;

    /// <summary>In mm; the field of view is 240 mm, and between slices is a gap of 1.5 mm.</summary>
    public const double Spacing = 0.9375, Thickness = 5, SliceSpacing = 6.5, FirstSlice = -40;

    /// <summary>Deviation of the noise in each of the two channels of the receiver.</summary>
    private const double Noise = 9;

    private readonly HeadPhantom head = new(sequence.Tissues);

    /// <summary>The centre of the first voxel of a slice. PS3.3 §C.7.6.2.1.1</summary>
    public static Place Origin(int slice) => new(-(Size - 1) * Spacing / 2, -(Size - 1) * Spacing / 2, FirstSlice + (slice * SliceSpacing));

    /// <summary>The stored values of a slice, row by row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ushort[] Slice(int slice)
    {
        var signal = Resolve(Excite(Origin(slice)));
        var image = (sequence.Series * 100) + slice;
        var stored = new ushort[Size * Size];
        for (var i = 0; i < stored.Length; i++)
        {
            var (row, column) = (i / Size, i % Size);
            var real = signal[i] + (Noise * HashNoise.Grain(column, row, image));
            var imaginary = Noise * HashNoise.Grain(column, row, -image);
            stored[i] = (ushort)Math.Min(Math.Round(Math.Sqrt((real * real) + (imaginary * imaginary))), (1 << BitsStored) - 1);
        }
        return stored;
    }

    /// <summary>
    /// The signal as the coil receives it. Voxels are looked at in turn above and below the middle of the slice, as on a chessboard;
    /// <see cref="Smooth"/> makes one thick slice of both.
    /// </summary>
    private double[] Excite(Place origin)
    {
        var signal = new double[Size * Size];
        Parallel.For(0, Size, row =>
        {
            for (var column = 0; column < Size; column++)
            {
                var above = ((row + column) & 1) == 0 ? Thickness / 6 : -Thickness / 6;
                var place = origin + new Place(column * Spacing, row * Spacing, above);
                var received = head.At(place);
                signal[(row * Size) + column] = received > 0 ? received * Sensitivity(place) : 0;
            }
        });
        return signal;
    }

    /// <summary>Of the coil: better near its rim, and nowhere quite even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Sensitivity(in Place p) =>
        0.94 + (((p.X * p.X) + (p.Y * p.Y)) / 110000) - (Math.Max(0, -10 - p.Z) / 200) + (0.09 * HashNoise.Smooth(p, 110, 81));

    /// <summary>As sharp as the matrix allows, with a faint overshoot at edges.</summary>
    private static double[] Resolve(double[] signal)
    {
        var smooth = Smooth(signal);
        var smoother = Smooth(smooth);
        for (var i = 0; i < smooth.Length; i++)
        {
            smooth[i] += 0.7 * (smooth[i] - smoother[i]);
        }
        return smooth;
    }

    /// <summary>Weights of 1, 2, 1 in both directions, which leave nothing of a chessboard. What wraps around at a border is air.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double[] Smooth(double[] from)
    {
        var across = new double[from.Length];
        for (var i = 1; i < from.Length - 1; i++)
        {
            across[i] = (from[i - 1] + (2 * from[i]) + from[i + 1]) / 4;
        }
        var to = new double[from.Length];
        for (var i = Size; i < from.Length - Size; i++)
        {
            to[i] = (across[i - Size] + (2 * across[i]) + across[i + Size]) / 4;
        }
        return to;
    }
}

using System.Runtime.CompilerServices;

namespace Fhir.Server.Hosting.Demo;

/// <summary>
/// Noise that is the same on every machine: integers are hashed, and what follows are only operations IEEE 754 rounds exactly.
/// </summary>
internal static class HashNoise
{
    private const uint StepX = 0x9E3779B1u, StepY = 0x85EBCA77u, StepZ = 0xC2B2AE3Du, StepSeed = 0x27D4EB2Fu;

    /// <summary>A number from -1 to 1 for a place on a lattice.</summary>
    public static double At(int x, int y, int z, uint seed) => Unit((((uint)x * StepX) ^ ((uint)y * StepY)) + ((uint)z * StepZ) + (seed * StepSeed));

    /// <summary>A number from -1 to 1 that changes smoothly over about <paramref name="grain"/> mm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Smooth(in Place p, double grain, uint seed)
    {
        var (x, y, z) = (p.X / grain, p.Y / grain, p.Z / grain);
        var (floorX, floorY, floorZ) = (Math.Floor(x), Math.Floor(y), Math.Floor(z));
        var (i, j, k) = ((int)floorX, (int)floorY, (int)floorZ);
        var (u, v, w) = (Ease(x - floorX), Ease(y - floorY), Ease(z - floorZ));
        var (west, north, low) = ((uint)i * StepX, (uint)j * StepY, ((uint)k * StepZ) + (seed * StepSeed));
        return Lerp(Square(west, north, low, u, v), Square(west, north, low + StepZ, u, v), w);
    }

    /// <summary>The noise of a detector: about normal, deviation 1, each pixel a little like its neighbours.</summary>
    public static double Grain(int column, int row, int image)
    {
        var sum = At(column, row, image, 1) + At(column + 1, row, image, 1) + At(column, row + 1, image, 1) + At(column + 1, row + 1, image, 1);
        return (sum + At(column, row, image, 2)) * 0.775;
    }

    private static double Square(uint west, uint north, uint level, double u, double v)
    {
        var (south, east) = (north + StepY, west + StepX);
        return Lerp(
            Lerp(Unit((west ^ north) + level), Unit((east ^ north) + level), u),
            Lerp(Unit((west ^ south) + level), Unit((east ^ south) + level), u),
            v);
    }

    private static double Unit(uint hash)
    {
        hash = (hash ^ (hash >> 15)) * 0x7FEB352Du;
        hash = (hash ^ (hash >> 14)) * 0x846CA68Bu;
        return ((int)(hash ^ (hash >> 16))) * (1.0 / int.MaxValue);
    }

    private static double Ease(double t) => t * t * t * ((t * ((6 * t) - 15)) + 10);

    private static double Lerp(double from, double to, double share) => from + ((to - from) * share);
}

using System.Runtime.CompilerServices;

namespace Fhir.Server.Hosting.Demo;

/// <summary>
/// Noise that is the same on every machine: integers are hashed, and what follows are only operations IEEE 754 rounds exactly.
/// </summary>
internal static class HashNoise
{
    private const uint StepX = 0x9E3779B1u, StepY = 0x85EBCA77u, StepZ = 0xC2B2AE3Du;

    /// <summary>32 well-mixed bits of three whole numbers.</summary>
    public static uint Hash(int x, int y, int z, uint seed)
    {
        var hash = seed ^ 0x5BD1E995u;
        hash = Mix(hash + ((uint)x * StepX));
        hash = Mix(hash + ((uint)y * StepY));
        return Mix(hash + ((uint)z * StepZ));
    }

    /// <summary>A number from -1 to 1 for a place on a lattice.</summary>
    public static double At(int x, int y, int z, uint seed) => (Hash(x, y, z, seed) * (2.0 / uint.MaxValue)) - 1;

    /// <summary>A number from -1 to 1 that changes smoothly over about <paramref name="grain"/> mm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Smooth(in Place p, double grain, uint seed)
    {
        var (x, y, z) = (p.X / grain, p.Y / grain, p.Z / grain);
        var (floorX, floorY, floorZ) = (Math.Floor(x), Math.Floor(y), Math.Floor(z));
        var (i, j, k) = ((int)floorX, (int)floorY, (int)floorZ);
        var (u, v, w) = (Ease(x - floorX), Ease(y - floorY), Ease(z - floorZ));
        var (west, north, low) = ((uint)i * StepX, (uint)j * StepY, ((uint)k * StepZ) + (seed * 0x27D4EB2Fu));
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

    private static uint Mix(uint hash)
    {
        hash ^= hash >> 16;
        hash *= 0x7FEB352Du;
        hash ^= hash >> 15;
        hash *= 0x846CA68Bu;
        return hash ^ (hash >> 16);
    }

    private static double Ease(double t) => t * t * t * ((t * ((6 * t) - 15)) + 10);

    private static double Lerp(double from, double to, double share) => from + ((to - from) * share);
}

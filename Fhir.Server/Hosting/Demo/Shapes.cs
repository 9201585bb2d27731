using System.Runtime.CompilerServices;

namespace Fhir.Server.Hosting.Demo;

/// <summary>An ellipsoid along the axes of the body.</summary>
internal readonly struct Ellipsoid
{
    private readonly Place centre;
    private readonly Place inverse;

    public Ellipsoid(Place centre, Place radii)
    {
        this.centre = centre;
        inverse = new Place(1 / radii.X, 1 / radii.Y, 1 / radii.Z);
    }

    /// <summary>Distance to the surface to first order, negative inside: value of the implicit function over its slope.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Distance(in Place p)
    {
        var (x, y, z) = ((p.X - centre.X) * inverse.X, (p.Y - centre.Y) * inverse.Y, (p.Z - centre.Z) * inverse.Z);
        var norm = Math.Sqrt((x * x) + (y * y) + (z * z));
        var (slopeX, slopeY, slopeZ) = (x * inverse.X, y * inverse.Y, z * inverse.Z);
        var slope = Math.Sqrt((slopeX * slopeX) + (slopeY * slopeY) + (slopeZ * slopeZ));
        return norm * (norm - 1) / (slope + 1e-9);
    }
}

/// <summary>A round tube between two places, which may taper.</summary>
internal readonly struct Tube(Place from, Place to, double fromRadius, double toRadius)
{
    private readonly Place along = to - from;
    private readonly double perLength = 1 / Place.Dot(to - from, to - from);

    public Place From => from;

    public Place To => to;

    public double FromRadius => fromRadius;

    public double ToRadius => toRadius;

    /// <summary>Distance to the surface, negative inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Distance(in Place p)
    {
        var away = p - from;
        var share = Math.Clamp(Place.Dot(away, along) * perLength, 0, 1);
        return (away - (along * share)).Length - (fromRadius + ((toRadius - fromRadius) * share));
    }

    /// <summary>Tubes through places in a row, each with its radius.</summary>
    public static Tube[] Through(params ReadOnlySpan<(double X, double Y, double Z, double Radius)> stops)
    {
        var tubes = new Tube[stops.Length - 1];
        for (var i = 0; i < tubes.Length; i++)
        {
            var (a, b) = (stops[i], stops[i + 1]);
            tubes[i] = new Tube(new Place(a.X, a.Y, a.Z), new Place(b.X, b.Y, b.Z), a.Radius, b.Radius);
        }
        return tubes;
    }
}

/// <summary>Putting shapes together by their distances.</summary>
internal static class Solids
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Nearest(this Tube[] tubes, in Place p)
    {
        var nearest = double.MaxValue;
        foreach (ref readonly var tube in tubes.AsSpan())
        {
            nearest = Math.Min(nearest, tube.Distance(p));
        }
        return nearest;
    }

    /// <summary>The union with the crease filled over about <paramref name="blend"/> mm.</summary>
    public static double Melt(double a, double b, double blend)
    {
        var overlap = Math.Max(blend - Math.Abs(a - b), 0) / blend;
        return Math.Min(a, b) - (overlap * overlap * blend * 0.25);
    }

    /// <summary>0 below <paramref name="low"/>, 1 above <paramref name="high"/>, smooth between.</summary>
    public static double Step(double low, double high, double value)
    {
        var t = Math.Clamp((value - low) / (high - low), 0, 1);
        return t * t * (3 - (2 * t));
    }

    public static double Lerp(double from, double to, double share) => from + ((to - from) * share);

    /// <summary>Paints a tissue over another one; a surface within the width of a voxel mixes both, as partial volume does.</summary>
    public static double Paint(this double below, double tissue, double distance, double softness = 1.1)
    {
        var share = Math.Clamp(0.5 - (distance / softness), 0, 1);
        return below + ((tissue - below) * share);
    }
}

using System.Runtime.CompilerServices;
using static Fhir.Server.Hosting.Demo.Solids;

namespace Fhir.Server.Hosting.Demo;

/// <summary>
/// A heart that never was, at one moment of its beat, cut through its four chambers as seen from its apex: left ventricle right in the
/// picture, atria below. X runs across in mm, Z away from the transducer, and Y is nothing.
/// </summary>
internal sealed class EchoHeart
{
    private const double Blood = 0.003, Muscle = 0.13, Lining = 0.75, Leaflet = 0.55, Around = 0.08, Pericardium = 0.9, ChestWall = 0.5;
    private const double MiddleOfLeft = 18, MiddleOfRight = -19, Upright = 0.07;

    private readonly double contraction;
    private readonly double mitralPlane;
    private readonly double tricuspidPlane;
    private readonly Ellipsoid leftVentricle;
    private readonly Ellipsoid leftWall;
    private readonly Ellipsoid rightVentricle;
    private readonly Ellipsoid rightWall;
    private readonly Ellipsoid leftAtrium;
    private readonly Ellipsoid rightAtrium;
    private readonly Tube[] leaflets;

    /// <param name="contraction">Of the ventricles, from 0 to 1.</param>
    /// <param name="opening">Of the valves, from 0 to 1.</param>
    public EchoHeart(double contraction, double opening)
    {
        this.contraction = contraction;
        (mitralPlane, tricuspidPlane) = (100 - (13 * contraction), 94 - (16 * contraction));
        leftVentricle = Chamber(MiddleOfLeft, 74 - (4 * contraction), 23 - (7.5 * contraction), 43 - (7 * contraction));
        leftWall = Chamber(MiddleOfLeft, 74 - (4 * contraction), 32 - (3 * contraction), 52 - (4.5 * contraction));
        rightVentricle = Chamber(MiddleOfRight + (3 * contraction), 79 - (3 * contraction), 20 - (3 * contraction), 37 - (4 * contraction));
        rightWall = Chamber(MiddleOfRight + (3 * contraction), 79 - (3 * contraction), 24.5 - (2.5 * contraction), 42 - (4 * contraction));
        var (leftDepth, rightDepth) = (19 + (4 * contraction), 19 + (4.5 * contraction));
        leftAtrium = Chamber(MiddleOfLeft, mitralPlane + leftDepth - 4, 19 + (2 * contraction), leftDepth);
        rightAtrium = Chamber(MiddleOfRight - 1, tricuspidPlane + rightDepth - 4, 18 + (2 * contraction), rightDepth);
        leaflets = [.. Valve(MiddleOfLeft, mitralPlane, 17 - (2 * contraction), 21, opening), .. Valve(MiddleOfRight, tricuspidPlane, 16 - contraction, 17, opening)];
    }

    /// <summary>How strongly a place sends the beam back, from 0 to about 1.</summary>
    /// <param name="p">The place.</param>
    /// <param name="rest">Where its matter lies when the heart is full.</param>
    /// <param name="beam">The direction of the beam there, of length 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double EchoAt(in Place p, in Place rest, in Place beam)
    {
        var here = Upturned(p);
        var cavity = CavityDistance(here);
        var echo = cavity < -5 ? Blood : WallAt(p, rest, beam, here, cavity);
        echo = cavity < 3 ? echo.Paint(Leaflet, leaflets.Nearest(here), 1.8) : echo;
        return echo + NearAt(p);
    }

    /// <summary>Muscle with its lining, what is around the heart, and the border of blood.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double WallAt(in Place p, in Place rest, in Place beam, in Place here, double cavity)
    {
        var heart = HeartDistance(here);
        var patchy = HashNoise.Smooth(rest, 15, 92);
        var rough = 1.5 * HashNoise.Smooth(rest, 7, 91);
        var lung = Step(2, 30, heart);
        var echo = (Around * (1 - (0.75 * lung)) * (1 + (0.7 * patchy))).Paint(Muscle * (1 + (0.5 * patchy)), heart, 2.5);
        if (Math.Abs(cavity) < 4 || Math.Abs(heart) < 4)
        {
            var ahead = Upturned(p + beam);
            echo += Lining * (0.55 + (0.45 * patchy)) * Facing(CavityDistance(ahead) - cavity) * Line(cavity + rough - 1, 2.2) * Step(1, -1, heart);
            echo += Pericardium * (0.6 + (0.4 * patchy)) * Facing(HeartDistance(ahead) - heart) * Line(heart - 0.8, 2.6);
        }
        return echo.Paint(Blood, cavity + rough, 2.6);
    }

    /// <summary>The chest wall, and how it echoes again in what lies behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double NearAt(in Place p)
    {
        var away = p.Length;
        var wall = away < 24 ? ChestWall * Step(-3, 5, 12 + (2 * HashNoise.Smooth(p, 9, 93)) - away) : 0;
        return wall + (0.025 * Step(65, 12, away) * (1 + HashNoise.Smooth(new(p.X / 3, 0, p.Z), 6, 97)));
    }

    /// <summary>Where the matter of a place lies when the heart is full, so that speckle moves with it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Place AtRest(in Place p)
    {
        var pulled = contraction * Step(28, 95, p.Z) * Step(175, 115, p.Z);
        var squeezed = 0.30 * contraction * Step(60, 25, Math.Abs(p.X - MiddleOfLeft)) * Step(120, 90, p.Z);
        return new(p.X + ((p.X - MiddleOfLeft) * squeezed), 0, p.Z + (12 * pulled));
    }

    /// <summary>The axis of a heart is a little inclined.</summary>
    private static Place Upturned(in Place p) => new(p.X - (Upright * (p.Z - 75)), 0, p.Z);

    private static Ellipsoid Chamber(double x, double z, double across, double along) => new(new(x, 0, z), new(across, 1e6, along));

    /// <summary>Two leaflets from the ring inwards: to each other when closed, into the ventricle when open.</summary>
    private static Tube[] Valve(double middle, double plane, double ring, double length, double opening)
    {
        var (gap, rise) = (Lerp(0.5, 0.72 * ring, opening), Lerp(5, length, opening));
        var (belly, slack) = (Lerp(0.55 * ring, 0.95 * ring, opening), Lerp(4.5, 0.5 * length, opening));
        return
        [
            .. Tube.Through((middle - ring, 0, plane, 1.6), (middle - belly, 0, plane - slack, 0.9), (middle - gap, 0, plane - rise, 1)),
            .. Tube.Through((middle + ring, 0, plane, 1.6), (middle + belly, 0, plane - slack, 0.9), (middle + gap, 0, plane - rise, 1)),
        ];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double CavityDistance(in Place here)
    {
        var left = Math.Max(leftVentricle.Distance(here), here.Z - mitralPlane - 3);
        var right = Math.Max(Math.Max(rightVentricle.Distance(here), -leftWall.Distance(here)), here.Z - tricuspidPlane - 3);
        var atria = Math.Min(
            Math.Max(leftAtrium.Distance(here), mitralPlane - here.Z - 3), Math.Max(rightAtrium.Distance(here), tricuspidPlane - here.Z - 3));
        return Math.Min(Math.Min(left, right), atria);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double HeartDistance(in Place here)
    {
        var ventricles = Melt(leftWall.Distance(here), rightWall.Distance(here), 6);
        var atria = Melt(leftAtrium.Distance(here), rightAtrium.Distance(here), 8) - 3;
        return Melt(ventricles, atria, 8);
    }

    /// <summary>From 0.06 where a surface runs along the beam to 1 where it faces it.</summary>
    private static double Facing(double slope) => 0.06 + (0.94 * Math.Min(1, slope * slope));

    private static double Line(double distance, double width)
    {
        var rest = Math.Max(0, 1 - (distance * distance / (width * width)));
        return rest * rest;
    }
}

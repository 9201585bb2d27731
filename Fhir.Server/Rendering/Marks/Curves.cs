using System.Numerics;

namespace Fhir.Server.Rendering.Marks;

/// <summary>Curves as many short lines. PS3.3 §C.10.5.1.2.</summary>
internal static class Curves
{
    private const int Steps = 96;

    /// <summary>By its middle and a point on it.</summary>
    public static Vector2[] Circle(Vector2 middle, Vector2 point)
    {
        var radius = Vector2.Distance(middle, point);
        return Around(middle, new Vector2(radius, 0), new Vector2(0, radius));
    }

    /// <summary>By the ends of its long axis, then those of its short one.</summary>
    public static Vector2[] Ellipse(ReadOnlySpan<Vector2> ends) =>
        Around((ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2, (ends[3] - ends[2]) / 2);

    /// <summary>Smoothly through points, as Catmull and Rom do.</summary>
    public static Vector2[] Through(ReadOnlySpan<Vector2> points)
    {
        const int Between = 8;
        var curve = new Vector2[((points.Length - 1) * Between) + 1];
        for (var i = 0; i < curve.Length; i++)
        {
            var (segment, t) = (Math.Min(i / Between, points.Length - 2), 0f);
            t = (i - (segment * Between)) / (float)Between;
            var (before, from, to, after) = (points[Math.Max(0, segment - 1)], points[segment], points[segment + 1], points[Math.Min(points.Length - 1, segment + 2)]);
            curve[i] = 0.5f * ((2 * from) + ((to - before) * t) + (((2 * before) - (5 * from) + (4 * to) - after) * t * t)
                + (((3 * from) - before - (3 * to) + after) * t * t * t));
        }

        return curve;
    }

    private static Vector2[] Around(Vector2 middle, Vector2 one, Vector2 other)
    {
        var points = new Vector2[Steps + 1];
        for (var i = 0; i <= Steps; i++)
        {
            var (sine, cosine) = MathF.SinCos(MathF.Tau * i / Steps);
            points[i] = middle + (one * cosine) + (other * sine);
        }

        return points;
    }
}

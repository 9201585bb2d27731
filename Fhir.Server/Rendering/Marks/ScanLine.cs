using System.Numerics;

namespace Fhir.Server.Rendering.Marks;

/// <summary>Where a closed polygon crosses a horizontal line.</summary>
internal sealed class ScanLine
{
    private readonly List<double> crossings = [];

    /// <summary>The crossings from left to right; what lies between the first and the second of each two is inside. Valid until asked again.</summary>
    public IReadOnlyList<double> Cross(ReadOnlySpan<Vector2> points, double y)
    {
        crossings.Clear();
        for (var i = 0; i < points.Length; i++)
        {
            var (one, other) = (points[i], points[(i + 1) % points.Length]);
            if (one.Y <= y != other.Y <= y)
            {
                crossings.Add(one.X + ((y - one.Y) / ((double)other.Y - one.Y) * ((double)other.X - one.X)));
            }
        }

        crossings.Sort();
        return crossings;
    }
}

using System.Numerics;

namespace Fhir.Server.Rendering.Marks;

/// <summary>
/// Draws white lines and letters with a dark edge on a picture, so that they can be seen on anything. Without native code. Whoever
/// asks for more than a picture can hold gets only a part of it.
/// </summary>
internal sealed class Canvas(Picture picture)
{
    private const byte Light = 255;
    private const byte Dark = 0;
    private const int CrossSize = 4;

    /// <summary>Pixels and edges that are looked at, all together.</summary>
    private long effort = 200_000_000;

    /// <summary>A line through points, as thick as the picture is large.</summary>
    public void Polyline(ReadOnlySpan<Vector2> points)
    {
        var thickness = 1 + (Math.Min(picture.Width, picture.Height) / 600);
        for (var i = 0; i + 1 < points.Length; i++)
        {
            Line(points[i], points[i + 1], thickness + 2, Dark);
        }

        for (var i = 0; i + 1 < points.Length; i++)
        {
            Line(points[i], points[i + 1], thickness, Light);
        }
    }

    /// <summary>A mark at a point.</summary>
    public void Cross(Vector2 point)
    {
        Polyline([point - new Vector2(CrossSize, 0), point + new Vector2(CrossSize, 0)]);
        Polyline([point - new Vector2(0, CrossSize), point + new Vector2(0, CrossSize)]);
    }

    /// <summary>All pixels whose middle lies within points.</summary>
    public void Fill(ReadOnlySpan<Vector2> points)
    {
        var line = new ScanLine();
        for (var row = 0; row < picture.Height && Spend(points.Length); row++)
        {
            var crossings = line.Cross(points, row + 0.5);
            for (var i = 0; i + 1 < crossings.Count; i += 2)
            {
                var (from, end) = (FirstFrom(crossings[i]), FirstFrom(crossings[i + 1]));
                picture.Row(row)[(from * picture.Channels)..(end * picture.Channels)].Fill(Light);
            }
        }
    }

    /// <summary>Letters from an upper left corner; each dot of a letter is so many pixels.</summary>
    public void Text(ReadOnlySpan<char> text, int x, int y, int size)
    {
        foreach (var shade in (ReadOnlySpan<byte>)[Dark, Light])
        {
            for (var i = 0; i < text.Length && x + (i * Glyphs.Advance * size) < picture.Width; i++)
            {
                Letter(text[i], x + (i * Glyphs.Advance * size), y, size, shade);
            }
        }
    }

    /// <summary>A filled rectangle.</summary>
    public void Box(int x, int y, int width, int height, byte shade)
    {
        var (left, right) = (Math.Clamp(x, 0, picture.Width), Math.Clamp(x + width, 0, picture.Width));
        if (!Spend(1 + ((long)Math.Max(0, right - left) * height)))
        {
            return;
        }

        for (var row = Math.Max(0, y); row < Math.Min(picture.Height, y + height) && left < right; row++)
        {
            picture.Row(row)[(left * picture.Channels)..(right * picture.Channels)].Fill(shade);
        }
    }

    private void Letter(char letter, int x, int y, int size, byte shade)
    {
        var edge = shade == Dark ? 1 : 0;
        for (var row = 0; row < Glyphs.Height; row++)
        {
            var dots = Glyphs.Row(letter, row);
            for (var column = 0; column < Glyphs.Width; column++)
            {
                if ((dots >> (Glyphs.Width - 1 - column) & 1) != 0)
                {
                    Box(x + (column * size) - edge, y + (row * size) - edge, size + (2 * edge), size + (2 * edge), shade);
                }
            }
        }
    }

    /// <summary>Only the part that can be seen is walked: points may be anywhere.</summary>
    private void Line(Vector2 from, Vector2 to, int thickness, byte shade)
    {
        if (!IsNear(from) || !IsNear(to))
        {
            return;
        }

        var steps = (int)Math.Ceiling(Math.Max(Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y)));
        for (var i = 0; i <= steps && effort > 0; i++)
        {
            var point = Vector2.Lerp(from, to, steps == 0 ? 0 : (float)i / steps);
            Box((int)MathF.Floor(point.X) - (thickness / 2), (int)MathF.Floor(point.Y) - (thickness / 2), thickness, thickness, shade);
        }
    }

    /// <summary>The first pixel whose middle lies at a place or right of it.</summary>
    private int FirstFrom(double x) => (int)Math.Clamp(Math.Ceiling(x - 0.5), 0, picture.Width);

    private bool Spend(long pixels) => (effort -= pixels) >= 0;

    private static bool IsNear(Vector2 point) =>
        Math.Abs(point.X) <= 4f * Viewport.Limit && Math.Abs(point.Y) <= 4f * Viewport.Limit;
}

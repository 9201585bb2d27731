using System.Globalization;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Rendering;

/// <summary>How large the picture shall be, and which part of the image it shows. PS3.18 §8.3.5.1.3.</summary>
/// <param name="Width">Pixels across at most; the shape of the image is kept.</param>
/// <param name="Height">Pixels down at most.</param>
/// <param name="SourceX">First column of the part, counted from 0.</param>
/// <param name="SourceY">First row of the part.</param>
/// <param name="SourceWidth">Columns of the part; negative turns it left to right; null for all that are left.</param>
/// <param name="SourceHeight">Rows of the part; negative turns it upside down; null for all that are left.</param>
public sealed record Viewport(
    int Width, int Height, double SourceX = 0, double SourceY = 0, double? SourceWidth = null, double? SourceHeight = null)
{
    /// <summary>The most pixels a side may have.</summary>
    public const int Limit = 8192;

    private static readonly Problem Unreadable = Problem.Invalid(
        "A viewport is width,height or width,height,x,y,w,h: whole numbers from 1 to 8192 for the size, then the part of the image, of which x and y may be empty.");

    /// <summary>Reads <c>vw,vh</c> or <c>vw,vh,sx,sy,sw,sh</c>; of the last four any may be empty.</summary>
    public static Outcome<Viewport> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length is not (2 or 4 or 6) || !TrySize(parts[0], out var width) || !TrySize(parts[1], out var height))
        {
            return Unreadable;
        }

        var source = new double?[4];
        for (var i = 2; i < parts.Length; i++)
        {
            if (parts[i].Length == 0)
            {
                continue;
            }

            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value) || Math.Abs(value) > 1e6)
            {
                return Unreadable;
            }

            source[i - 2] = value;
        }

        return source[2] is 0 || source[3] is 0 ? Unreadable : new Viewport(width, height, source[0] ?? 0, source[1] ?? 0, source[2], source[3]);
    }

    private static bool TrySize(string text, out int size) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) && size is >= 1 and <= Limit;
}

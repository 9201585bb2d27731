using Fhir.Server.Rendering.Marks;

namespace Fhir.Server.Rendering;

/// <summary>A drawn picture in place of one for what has none: a sheet of paper with a word on it. PS3.18 §10.4.1.1.4.</summary>
public static class Placeholder
{
    private const byte Ground = 32;
    private const byte Paper = 96;
    private const byte Line = 128;

    /// <summary>Draws one.</summary>
    /// <param name="word">A short word, as <c>SR</c> or <c>PDF</c>.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    public static Picture Of(string word, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var picture = new Picture(width, height, false);
        picture.Pixels.Fill(Ground);
        var canvas = new Canvas(picture);
        var side = Math.Min(width, height);
        var (left, top) = ((width - (side * 5 / 8)) / 2, (height - (side * 7 / 8)) / 2);
        canvas.Box(left, top, side * 5 / 8, side * 7 / 8, Paper);
        foreach (var row in (ReadOnlySpan<int>)[1, 2, 7, 8])
        {
            canvas.Box(left + (side / 12), top + (row * side * 7 / 80), (side * 5 / 8) - (side / 6), Math.Max(1, side / 64), Line);
        }

        var size = Math.Max(1, side / 2 / Math.Max(1, word.Length * Glyphs.Advance));
        canvas.Text(word, (width - (word.Length * Glyphs.Advance * size)) / 2, (height - (Glyphs.Height * size)) / 2, size);
        return picture;
    }
}

using Fhir.Server.Rendering.Marks;

namespace Fhir.Server.Rendering;

/// <summary>One place of a contact sheet.</summary>
/// <param name="Thumbnail">A picture no larger than the place; null when there is none. It stays its owner's.</param>
/// <param name="Label">What is written below it.</param>
/// <param name="Reason">What is written in place of a picture.</param>
public sealed record ContactSheetCell(Picture? Thumbnail, string Label, string? Reason);

/// <summary>Many small pictures on one, each with its label, to be looked over by a person.</summary>
public static class ContactSheet
{
    private const byte Ground = 40;
    private const byte Place = 0;
    private const int Gap = 4;
    private const int LabelLines = 2;
    private const int ReasonLines = 6;

    /// <summary>A full sheet has no more pixels than a picture may have.</summary>
    /// <param name="columns">Pictures in a row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="size">Pixels across and down for each.</param>
    public static bool Fits(int columns, int rows, int size)
    {
        var (width, height) = SizeOf(columns, rows, size);
        return width * height <= RenderOptions.PixelLimit;
    }

    /// <summary>Puts cells into rows of so many columns; they must fit.</summary>
    /// <param name="cells">What to show, in order.</param>
    /// <param name="columns">Pictures in a row.</param>
    /// <param name="size">Pixels across and down for each.</param>
    public static Picture Of(IReadOnlyList<ContactSheetCell> cells, int columns, int size)
    {
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        var (across, down) = (size + Gap, size + (LabelLines * Glyphs.LineHeight) + Gap);
        var rows = Math.Max(1, (cells.Count + columns - 1) / columns);
        ArgumentOutOfRangeException.ThrowIfEqual(Fits(columns, rows, size), false, nameof(size));
        var (width, height) = SizeOf(columns, rows, size);
        var sheet = new Picture((int)width, (int)height, true);
        sheet.Pixels.Fill(Ground);
        var canvas = new Canvas(sheet);
        for (var i = 0; i < cells.Count; i++)
        {
            var (x, y) = ((i % columns * across) + Gap, (i / columns * down) + Gap);
            canvas.Box(x, y, size, size, Place);
            if (cells[i].Thumbnail is { } thumbnail)
            {
                Put(thumbnail, sheet, x + ((size - thumbnail.Width) / 2), y + ((size - thumbnail.Height) / 2));
            }

            Write(canvas, cells[i].Reason, x + 2, y + 2, size - 2, ReasonLines);
            Write(canvas, cells[i].Label, x, y + size + 2, size, LabelLines);
        }

        return sheet;
    }

    private static (long Width, long Height) SizeOf(int columns, int rows, int size) =>
        (((long)columns * (size + Gap)) + Gap, ((long)rows * (size + (LabelLines * Glyphs.LineHeight) + Gap)) + Gap);

    private static void Put(Picture thumbnail, Picture sheet, int x, int y)
    {
        for (var row = Math.Max(0, -y); row < Math.Min(thumbnail.Height, sheet.Height - y); row++)
        {
            var from = thumbnail.Row(row);
            var to = sheet.Row(row + y);
            for (var column = Math.Max(0, -x); column < Math.Min(thumbnail.Width, sheet.Width - x); column++)
            {
                var pixel = from.Slice(column * thumbnail.Channels, thumbnail.Channels);
                (to[(column + x) * 3], to[((column + x) * 3) + 1], to[((column + x) * 3) + 2]) = (pixel[0], pixel[thumbnail.IsColour ? 1 : 0], pixel[^1]);
            }
        }
    }

    /// <summary>Broken where the place ends; what does not fit is left out.</summary>
    private static void Write(Canvas canvas, string? text, int x, int y, int width, int lines)
    {
        var letters = Math.Max(1, width / Glyphs.Advance);
        for (var line = 0; line < lines && line * letters < text?.Length; line++)
        {
            canvas.Text(text.AsSpan(line * letters, Math.Min(letters, text.Length - (line * letters))), x, y + (line * Glyphs.LineHeight), 1);
        }
    }
}

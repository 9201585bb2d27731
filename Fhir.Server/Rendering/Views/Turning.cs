using System.Runtime.InteropServices;

namespace Fhir.Server.Rendering.Views;

/// <summary>Turns, mirrors and cuts pictures. What is made new replaces what was given, which is given back.</summary>
internal static class Turning
{
    /// <summary>Left becomes right.</summary>
    public static void Mirror(Picture picture)
    {
        for (var row = 0; row < picture.Height; row++)
        {
            if (picture.IsColour)
            {
                MemoryMarshal.Cast<byte, Rgb>(picture.Row(row)).Reverse();
            }
            else
            {
                picture.Row(row).Reverse();
            }
        }
    }

    /// <summary>Top becomes bottom.</summary>
    public static void TurnOver(Picture picture)
    {
        Span<byte> kept = new byte[picture.Width * picture.Channels];
        for (var (top, bottom) = (0, picture.Height - 1); top < bottom; top++, bottom--)
        {
            picture.Row(top).CopyTo(kept);
            picture.Row(bottom).CopyTo(picture.Row(top));
            kept.CopyTo(picture.Row(bottom));
        }
    }

    /// <summary>A quarter turn clockwise.</summary>
    public static Picture Quarter(Picture picture)
    {
        var turned = new Picture(picture.Height, picture.Width, picture.IsColour);
        var channels = picture.Channels;
        for (var row = 0; row < picture.Height; row++)
        {
            var from = picture.Row(row);
            for (var column = 0; column < picture.Width; column++)
            {
                from.Slice(column * channels, channels).CopyTo(turned.Row(column)[((picture.Height - 1 - row) * channels)..]);
            }
        }

        picture.Dispose();
        return turned;
    }

    /// <summary>A part; what lies outside is black.</summary>
    public static Picture Cut(Picture picture, int left, int top, int width, int height)
    {
        if (left == 0 && top == 0 && width == picture.Width && height == picture.Height)
        {
            return picture;
        }

        var part = new Picture(width, height, picture.IsColour);
        part.Pixels.Clear();
        var (first, end) = (Math.Max(0, -left), Math.Min(width, picture.Width - left));
        for (var row = Math.Max(0, -top); row < Math.Min(height, picture.Height - top) && first < end; row++)
        {
            picture.Row(row + top)[((first + left) * picture.Channels)..((end + left) * picture.Channels)].CopyTo(part.Row(row)[(first * picture.Channels)..]);
        }

        picture.Dispose();
        return part;
    }

    private readonly record struct Rgb(byte Red, byte Green, byte Blue);
}

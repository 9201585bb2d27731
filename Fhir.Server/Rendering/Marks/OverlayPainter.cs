namespace Fhir.Server.Rendering.Marks;

/// <summary>Draws overlay planes: graphics in white, regions half way to white. PS3.3 §C.9.2.1.</summary>
internal static class OverlayPainter
{
    private const byte White = 255;

    /// <summary>Draws a plane over a picture in the image's own size.</summary>
    public static void Paint(OverlayPlane plane, int frame, Picture picture)
    {
        if (!plane.IsOver(frame))
        {
            return;
        }

        var (rows, columns) = plane.Within(picture);
        for (var row = rows.First; row < rows.End; row++)
        {
            var target = picture.Row(row + plane.Top);
            for (var column = columns.First; column < columns.End; column++)
            {
                if (plane.IsSet(row, column, frame))
                {
                    Mark(target.Slice((column + plane.Left) * picture.Channels, picture.Channels), plane.IsRegion);
                }
            }
        }
    }

    private static void Mark(Span<byte> pixel, bool half)
    {
        foreach (ref var sample in pixel)
        {
            sample = half ? (byte)((sample + White + 1) / 2) : White;
        }
    }
}

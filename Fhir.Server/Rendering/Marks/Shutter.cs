using System.Numerics;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Rendering.Marks;

/// <summary>What shall not be seen at the edges of an image. Several shapes together leave what lies in all of them. PS3.3 §C.7.6.11.</summary>
internal static class Shutter
{
    private const int ShapeCount = 4;
    private const int VertexLimit = 4096;

    /// <summary>Edges that are looked at in all rows together; as many corners as there may be fit on a picture as high as a viewport.</summary>
    private const long EdgeLimit = (long)VertexLimit * Viewport.Limit;

    /// <summary>Covers what a data set's shutter hides, in a picture of the image's own size; a problem when that would take too long.</summary>
    public static Problem? Cover(DicomDataset holder, Picture picture)
    {
        // Of presentation values only their upper byte can be shown.
        var shade = (byte)Math.Clamp((holder.GetInt32(RenderingTags.ShutterPresentationValue) ?? 0) >> 8, 0, 255);
        foreach (var shape in holder.GetStrings(RenderingTags.ShutterShape).Distinct().Take(ShapeCount))
        {
            switch (shape)
            {
                case "RECTANGULAR":
                    CoverRectangle(holder, picture, shade);
                    break;
                case "CIRCULAR":
                    CoverCircle(holder, picture, shade);
                    break;
                case "POLYGONAL" when CoverPolygon(holder, picture, shade) is { } problem:
                    return problem;
                case "BITMAP":
                    CoverBitmap(holder, picture, shade);
                    break;
            }
        }

        return null;
    }

    private static void CoverRectangle(DicomDataset holder, Picture picture, byte shade)
    {
        // The edges themselves are covered; rows and columns count from 1.
        var left = holder.GetInt32(RenderingTags.ShutterLeftVerticalEdge) ?? 0;
        var right = (holder.GetInt32(RenderingTags.ShutterRightVerticalEdge) ?? (picture.Width + 1)) - 1;
        var upper = holder.GetInt32(RenderingTags.ShutterUpperHorizontalEdge) ?? 0;
        var lower = (holder.GetInt32(RenderingTags.ShutterLowerHorizontalEdge) ?? (picture.Height + 1)) - 1;
        for (var row = 0; row < picture.Height; row++)
        {
            CoverBut(picture, row, row >= upper && row < lower ? left : 0, row >= upper && row < lower ? right : 0, shade);
        }
    }

    private static void CoverCircle(DicomDataset holder, Picture picture, byte shade)
    {
        var center = holder.GetDoubles(RenderingTags.CenterOfCircularShutter);
        if (center.Count < 2 || holder.GetDouble(RenderingTags.RadiusOfCircularShutter) is not { } radius)
        {
            return;
        }

        for (var row = 0; row < picture.Height; row++)
        {
            var down = row + 1 - center[0];
            var reach = (radius * radius) - (down * down);
            var half = reach >= 0 ? Math.Sqrt(reach) : -1;
            CoverBut(picture, row, half < 0 ? 0 : Bound(Math.Ceiling(center[1] - half) - 1), half < 0 ? 0 : Bound(Math.Floor(center[1] + half)), shade);
        }
    }

    private static Problem? CoverPolygon(DicomDataset holder, Picture picture, byte shade)
    {
        var values = holder.GetDoubles(RenderingTags.VerticesOfPolygonalShutter);
        var count = values.Count / 2;
        if (count < 3)
        {
            return null;
        }

        if (count > VertexLimit || (long)count * picture.Height > EdgeLimit)
        {
            return Problem.TooCostly("The shutter of the image has more corners than can be drawn.");
        }

        // Middles of pixels are whole numbers here, the first is 0.
        var corners = new Vector2[count];
        for (var i = 0; i < count; i++)
        {
            corners[i] = new Vector2((float)values[(i * 2) + 1] - 1, (float)values[i * 2] - 1);
        }

        var line = new ScanLine();
        for (var row = 0; row < picture.Height; row++)
        {
            var crossings = line.Cross(corners, row);
            var from = 0;
            for (var i = 0; i + 1 < crossings.Count; i += 2)
            {
                Fill(picture, row, from, Bound(Math.Ceiling(crossings[i])), shade);
                from = Bound(Math.Floor(crossings[i + 1])) + 1;
            }

            Fill(picture, row, from, picture.Width, shade);
        }

        return null;
    }

    /// <summary>An overlay plane whose set bits are covered. PS3.3 §C.7.6.15.</summary>
    private static void CoverBitmap(DicomDataset holder, Picture picture, byte shade)
    {
        var group = holder.GetInt32(RenderingTags.ShutterOverlayGroup);
        if (OverlayPlane.Of(holder, null).FirstOrDefault(one => 0x6000 + (one.Number * 2) == group) is not { } plane)
        {
            return;
        }

        var (rows, columns) = plane.Within(picture);
        for (var row = rows.First; row < rows.End; row++)
        {
            for (var column = columns.First; column < columns.End; column++)
            {
                if (plane.IsSet(row, column, 0))
                {
                    Fill(picture, row + plane.Top, column + plane.Left, column + plane.Left + 1, shade);
                }
            }
        }
    }

    private static int Bound(double column) => (int)Math.Clamp(column, -1, ushort.MaxValue);

    private static void CoverBut(Picture picture, int row, int from, int end, byte shade)
    {
        Fill(picture, row, 0, from, shade);
        Fill(picture, row, Math.Max(from, end), picture.Width, shade);
    }

    private static void Fill(Picture picture, int row, int from, int end, byte shade)
    {
        (from, end) = (Math.Clamp(from, 0, picture.Width), Math.Clamp(end, 0, picture.Width));
        if (from < end)
        {
            picture.Row(row)[(from * picture.Channels)..(end * picture.Channels)].Fill(shade);
        }
    }
}

using System.Numerics;
using Fhir.Server.Dicom;
using Fhir.Server.Rendering.Marks;
using Fhir.Server.Rendering.Views;

namespace Fhir.Server.Rendering.Presentation;

/// <summary>Draws the figures and words of a presentation state. PS3.3 §C.10.5.</summary>
internal static class GraphicAnnotations
{
    private const int ObjectLimit = 10_000;

    /// <summary>Draws one item of the Graphic Annotation Sequence.</summary>
    public static void Draw(DicomDataset item, View view, Canvas canvas)
    {
        foreach (var figure in item.Items(RenderingTags.GraphicObjectSequence).Take(ObjectLimit))
        {
            DrawFigure(figure, view, canvas);
        }

        foreach (var text in item.Items(RenderingTags.TextObjectSequence).Take(ObjectLimit))
        {
            DrawText(text, view, canvas);
        }
    }

    private static void DrawFigure(DicomDataset figure, View view, Canvas canvas)
    {
        var points = Points(figure, RenderingTags.GraphicData, RenderingTags.GraphicAnnotationUnits, view);
        var isFilled = figure.GetString(RenderingTags.GraphicFilled) == "Y";
        switch (figure.GetString(RenderingTags.GraphicType))
        {
            case "POINT" when points.Length > 0:
                canvas.Cross(points[0]);
                break;
            case "POLYLINE" when points.Length > 1:
                Draw(canvas, points, isFilled);
                break;
            case "INTERPOLATED" when points.Length > 1:
                Draw(canvas, Curves.Through(points), isFilled);
                break;
            case "CIRCLE" when points.Length > 1:
                // A circle of the image: turned and stretched with it.
                Draw(canvas, Curves.Circle(points[0], points[1]), isFilled);
                break;
            case "ELLIPSE" when points.Length > 3:
                Draw(canvas, Curves.Ellipse(points), isFilled);
                break;
        }
    }

    private static void Draw(Canvas canvas, ReadOnlySpan<Vector2> points, bool isFilled)
    {
        if (isFilled)
        {
            canvas.Fill(points);
        }

        canvas.Polyline(points);
    }

    private static void DrawText(DicomDataset text, View view, Canvas canvas)
    {
        var words = text.GetString(RenderingTags.UnformattedTextValue);
        var box = Box(text, view);
        var anchor = Points(text, RenderingTags.AnchorPoint, RenderingTags.AnchorPointAnnotationUnits, view);
        if (words is null || (box is null && anchor.Length == 0))
        {
            return;
        }

        var lines = words.ReplaceLineEndings("\n").Split('\n');
        var size = Glyphs.SizeFor(box is { } b ? (b.End.Y - b.Start.Y) / lines.Length : view.Picture.Height / 40f);
        var place = box?.Start ?? (anchor[0] + new Vector2(size * 2));
        for (var i = 0; i < lines.Length; i++)
        {
            canvas.Text(lines[i], (int)place.X, (int)place.Y + (i * Glyphs.LineHeight * size), size);
        }

        if (anchor.Length > 0 && box is not null && text.GetString(RenderingTags.AnchorPointVisibility) == "Y")
        {
            canvas.Polyline([place, anchor[0]]);
        }
    }

    private static (Vector2 Start, Vector2 End)? Box(DicomDataset text, View view)
    {
        var one = Points(text, RenderingTags.BoundingBoxTopLeft, RenderingTags.BoundingBoxAnnotationUnits, view);
        var other = Points(text, RenderingTags.BoundingBoxBottomRight, RenderingTags.BoundingBoxAnnotationUnits, view);
        return one.Length == 0 || other.Length == 0 ? null : (Vector2.Min(one[0], other[0]), Vector2.Max(one[0], other[0]));
    }

    /// <summary>In the image the first pixel goes from 0\0 to 1\1, so its middle is 0.5\0.5; of the display, all of it is 0 to 1. PS3.3 §C.10.5.</summary>
    private static Vector2[] Points(DicomDataset item, DicomTag data, DicomTag units, View view)
    {
        var values = item.GetDoubles(data);
        var isDisplay = item.GetString(units) == "DISPLAY";
        var points = new Vector2[values.Count / 2];
        for (var i = 0; i < points.Length; i++)
        {
            var (x, y) = (values[i * 2], values[(i * 2) + 1]);
            points[i] = isDisplay ? new Vector2((float)x * view.Picture.Width, (float)y * view.Picture.Height) : view.Of(x, y);
        }

        return points;
    }
}

using System.Numerics;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Rendering.Views;

/// <summary>
/// A picture on its way from the image's own pixels to those that are sent, and where each point of the image has gone.
/// Points count from 0 at the upper left corner of the first pixel. PS3.18 §8.3.5.1.3, PS3.4 §N.2.
/// </summary>
internal sealed class View(Picture picture, double pixelShape) : IDisposable
{
    private double shape = pixelShape;

    /// <summary>As it is now.</summary>
    public Picture Picture { get; private set; } = picture;

    /// <summary>From points of the image to points of the picture.</summary>
    public Matrix3x2 Place { get; private set; } = Matrix3x2.Identity;

    /// <summary>The pixels have another shape than the image says.</summary>
    public void Reshape(double pixelShape) => shape = pixelShape;

    /// <summary>A part of the image; what lies outside it is black.</summary>
    public Problem? Cut(int left, int top, int width, int height)
    {
        if (width < 1 || height < 1 || (long)width * height > RenderOptions.PixelLimit)
        {
            return Problem.Invalid("The part of the image that is asked for is empty or too large.");
        }

        if (left >= Picture.Width || top >= Picture.Height || left + width <= 0 || top + height <= 0)
        {
            return Problem.Invalid("The part that is asked for lies outside the image.");
        }

        Picture = Turning.Cut(Picture, left, top, width, height);
        Place *= Matrix3x2.CreateTranslation(-left, -top);
        return null;
    }

    /// <summary>Quarter turns clockwise. PS3.3 §C.10.6.</summary>
    public void Turn(int quarters)
    {
        for (; quarters > 0; quarters--)
        {
            // What was down points left now.
            Place *= new Matrix3x2(0, 1, -1, 0, Picture.Height, 0);
            Picture = Turning.Quarter(Picture);
            shape = 1 / shape;
        }
    }

    /// <summary>Left becomes right.</summary>
    public void Mirror()
    {
        Place *= new Matrix3x2(-1, 0, 0, 1, Picture.Width, 0);
        Turning.Mirror(Picture);
    }

    /// <summary>Top becomes bottom.</summary>
    public void TurnOver()
    {
        Place *= new Matrix3x2(1, 0, 0, -1, 0, Picture.Height);
        Turning.TurnOver(Picture);
    }

    /// <summary>The part and the turns of a viewport; its size comes last.</summary>
    public Problem? Show(Viewport viewport)
    {
        var left = (int)Math.Floor(viewport.SourceX);
        var top = (int)Math.Floor(viewport.SourceY);
        var right = viewport.SourceWidth is { } width ? (int)Math.Ceiling(viewport.SourceX + Math.Abs(width)) : Picture.Width;
        var bottom = viewport.SourceHeight is { } height ? (int)Math.Ceiling(viewport.SourceY + Math.Abs(height)) : Picture.Height;
        if (Cut(left, top, right - left, bottom - top) is { } problem)
        {
            return problem;
        }

        if (viewport.SourceWidth < 0)
        {
            Mirror();
        }

        if (viewport.SourceHeight < 0)
        {
            TurnOver();
        }

        return null;
    }

    /// <summary>Square pixels, and as large as fits; in its own size when none is given, with no row or column lost.</summary>
    public Problem? Fit(Viewport? viewport)
    {
        var (width, height) = (Picture.Width * Math.Max(1, 1 / shape), Picture.Height * Math.Max(1, shape));
        if (viewport is not null)
        {
            var scale = Math.Min(viewport.Width / width, viewport.Height / height);
            (width, height) = (width * scale, height * scale);
        }

        var (across, down) = ((int)Math.Max(1, Math.Round(width)), (int)Math.Max(1, Math.Round(height)));
        if ((long)across * down > RenderOptions.PixelLimit)
        {
            return Problem.TooCostly("The picture would be too large.");
        }

        Place *= Matrix3x2.CreateScale((float)across / Picture.Width, (float)down / Picture.Height);
        Picture = Scaling.To(Picture, across, down);
        return null;
    }

    /// <summary>Where a point has gone.</summary>
    public Vector2 Of(double x, double y) => Vector2.Transform(new Vector2((float)x, (float)y), Place);

    public void Dispose() => Picture.Dispose();
}

using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering.Colour;
using Fhir.Server.Rendering.Marks;
using Fhir.Server.Rendering.Presentation;
using Fhir.Server.Rendering.Views;

namespace Fhir.Server.Rendering;

/// <summary>
/// Turns the frames of one image into pictures. Make one for an image and the same options, and use it for all its frames. Safe for
/// many threads. The steps are those of PS3.4 §N.2 and PS3.18 §8.3.5: values, brightness, overlays, shutter, part, turn, size, annotations.
/// </summary>
public sealed class FrameRenderer
{
    private readonly DicomDataset image;
    private readonly RenderOptions options;
    private readonly SoftcopyState? state;
    private readonly GreyFrames grey;

    private FrameRenderer(DicomDataset image, RenderOptions options, SoftcopyState? state)
    {
        (this.image, this.options, this.state) = (image, options, state);
        grey = new GreyFrames(options, state);
    }

    /// <summary>Makes a renderer; fails when the presentation state is none, or not about the image.</summary>
    /// <param name="image">The image, with its tables and overlays loaded: <see cref="RenderingParts"/>.</param>
    /// <param name="options">How it shall look.</param>
    public static Outcome<FrameRenderer> Of(DicomDataset image, RenderOptions options)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Window is { IsValid: false })
        {
            return Problem.Invalid("The window makes no sense.");
        }

        if (options.VoiIndex < 0)
        {
            return Problem.Invalid("Windows are counted from 0.");
        }

        if (options.PresentationState is not { } dataset)
        {
            return new FrameRenderer(image, options, null);
        }

        return SoftcopyState.Of(dataset, image).Match<Outcome<FrameRenderer>>(state => new FrameRenderer(image, options, state), problem => problem);
    }

    /// <summary>Renders a frame.</summary>
    /// <param name="frame">Its samples.</param>
    /// <param name="index">Which frame it is, counted from 0.</param>
    public Outcome<Picture> Render(DecodedFrame frame, int index)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        if (Refuse(frame) is { } refusal)
        {
            return refusal;
        }

        var attributes = new FrameAttributes(image, index);
        var painted = frame.Layout.SamplesPerPixel == 1 ? grey.Paint(attributes, frame) : ColourPainter.Paint(frame);
        if (!painted.TryGet(out var picture, out var problem))
        {
            return problem;
        }

        var view = new View(picture, PixelShape.Of(attributes));
        if (Finish(view, frame, index) is not { } failure)
        {
            return view.Picture;
        }

        view.Dispose();
        return failure;
    }

    private static Problem? Refuse(DecodedFrame frame)
    {
        var layout = frame.Layout;
        if (layout.Rows < 1 || layout.Columns < 1 || layout.BitsAllocated < 1)
        {
            return Problem.Invalid("The image does not say how large it is.");
        }

        if ((long)layout.Rows * layout.Columns > RenderOptions.PixelLimit)
        {
            return Problem.TooCostly("The image has more pixels than can be shown at once.");
        }

        if (layout.PhotometricInterpretation is "ARGB" or "CMYK" || layout.SamplesPerPixel is not (1 or 3))
        {
            return Problem.NotAcceptable("Images of this many samples a pixel, such as the retired ARGB and CMYK, cannot be shown.");
        }

        return frame.Bytes.Length < layout.FrameLength ? Problem.Invalid("There are fewer pixels than the image says.") : null;
    }

    private Problem? Finish(View view, DecodedFrame frame, int index)
    {
        if (options.IsInverted)
        {
            view.Picture.Invert();
        }

        if ((Mark(view.Picture, frame, index) ?? state?.Arrange(view, index)) is { } problem)
        {
            return problem;
        }

        if (options.Viewport is { } viewport && view.Show(viewport) is { } outside)
        {
            return outside;
        }

        if (view.Fit(options.Viewport) is { } tooLarge)
        {
            return tooLarge;
        }

        if (options.ShowsAnnotations)
        {
            state?.Annotate(view, index);
        }

        CaptionWriter.Write(options.Captions, image, view.Picture);

        return null;
    }

    /// <summary>Overlays of the image and of the state, then the shutter over both.</summary>
    private Problem? Mark(Picture picture, DecodedFrame frame, int index)
    {
        if (options.ShowsOverlays)
        {
            foreach (var plane in OverlayPlane.Of(image, frame).Where(plane => state?.Shows(plane) ?? true))
            {
                OverlayPainter.Paint(plane, index, picture);
            }

            foreach (var plane in state?.Overlays() ?? [])
            {
                OverlayPainter.Paint(plane, index, picture);
            }
        }

        return Shutter.Cover(state?.Dataset ?? image, picture);
    }
}

using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering.Colour;
using Fhir.Server.Rendering.Grey;
using Fhir.Server.Rendering.Presentation;

namespace Fhir.Server.Rendering;

/// <summary>
/// Paints frames of one sample a pixel: grey, or coloured by a palette. Keeps the last table, and the range it found where the image
/// gives no window, so that the frames of a cine are alike and each costs one look into a table for a pixel. Safe for many threads.
/// </summary>
internal sealed class GreyFrames(RenderOptions options, SoftcopyState? state)
{
    private const string Palettes = "PALETTE COLOR";
    private Table? last;
    private GreyStage? foundRange;

    private bool IsPseudoColour => state is { IsPseudoColour: true };

    /// <summary>Paints a frame whose length has been checked.</summary>
    public Outcome<Picture> Paint(FrameAttributes attributes, DecodedFrame frame)
    {
        if (!GreySamples.Of(attributes.Image, frame).TryGet(out var samples, out var problem))
        {
            return problem;
        }

        return frame.Layout.PhotometricInterpretation == Palettes ? PaintPalette(attributes, samples, frame.Layout) : PaintGrey(attributes, samples, frame.Layout);
    }

    private static Outcome<Picture> PaintPalette(FrameAttributes attributes, GreySamples samples, PixelLayout layout)
    {
        if (!samples.IsNarrow)
        {
            return Problem.NotAcceptable($"A palette for pixels of {layout.BitsAllocated} bits cannot be shown.");
        }

        return Palette.Read(attributes.Image, samples.Bits.IsSigned).TryGet(out var palette, out var problem)
            ? PaintColours(samples, ColourTable.Of(samples.Bits, palette), layout) : problem;
    }

    private static Outcome<Picture> PaintColours(GreySamples samples, uint[] table, PixelLayout layout)
    {
        var picture = new Picture(layout.Columns, layout.Rows, true);
        ColourTable.Paint(samples, table, picture.Pixels);
        return picture;
    }

    private Outcome<Picture> PaintGrey(FrameAttributes attributes, GreySamples samples, PixelLayout layout)
    {
        var pipeline = PipelineOf(attributes, samples, layout);
        if (!samples.IsNarrow)
        {
            var wide = new Picture(layout.Columns, layout.Rows, false);
            GreyPainter.Paint(samples, pipeline, wide.Pixels);
            return wide;
        }

        var table = TableOf(samples.Bits, pipeline);
        if (ColoursOf(attributes, samples.Bits, table) is { } colours)
        {
            return colours.TryGet(out var coloured, out var problem) ? PaintColours(samples, coloured, layout) : problem;
        }

        var picture = new Picture(layout.Columns, layout.Rows, false);
        GreyPainter.Paint(samples, table, picture.Pixels);
        return picture;
    }

    /// <summary>Colours on top of grey; null for plain grey.</summary>
    private Outcome<uint[]>? ColoursOf(FrameAttributes attributes, StoredBits bits, byte[] table)
    {
        if (IsPseudoColour)
        {
            return Palette.Read(state!.Dataset, false).Match<Outcome<uint[]>>(palette => ColourTable.Pseudo(table, palette), problem => problem);
        }

        if (attributes.Image.GetString(RenderingTags.PixelPresentation) is not ("COLOR" or "MIXED") || !Palette.IsIn(attributes.Image))
        {
            return null;
        }

        return Palette.Read(attributes.Image, bits.IsSigned)
            .Match<Outcome<uint[]>>(palette => ColourTable.Supplemental(bits, table, palette), problem => problem);
    }

    private GreyPipeline PipelineOf(FrameAttributes attributes, GreySamples samples, PixelLayout layout)
    {
        var modality = state?.Modality(samples.Bits.IsSigned) ?? ModalityStage.Of(attributes, samples.Bits.IsSigned);
        return new GreyPipeline(modality, VoiOf(attributes, samples, modality), PresentationOf(attributes, layout));
    }

    /// <summary>What is asked for, what the presentation state says, what the frame says, what the image says, what fits.</summary>
    private GreyStage VoiOf(FrameAttributes attributes, GreySamples samples, GreyStage modality)
    {
        var measured = new MeasuredValues(modality.Of(samples.Bits.Lowest) < 0, samples.Kind is SampleKind.Floats or SampleKind.Doubles);
        if (options.Window is { } window)
        {
            return VoiStage.Of(window);
        }

        return state?.Voi(options.VoiIndex, measured, attributes.Frame)
            ?? VoiStage.Of(attributes.Group(RenderingTags.FrameVoiLutSequence), options.VoiIndex, measured)
            ?? VoiStage.Of(attributes.Image, options.VoiIndex, measured)
            ?? (foundRange ??= DefaultVoi.Of(attributes, samples, modality));
    }

    /// <summary>A presentation state speaks of what is seen, whatever the image calls its lowest value. PS3.3 §C.11.6.</summary>
    private GreyStage PresentationOf(FrameAttributes attributes, PixelLayout layout)
    {
        if (state?.Presentation() is { } stated)
        {
            return stated;
        }

        var isInverse = layout.PhotometricInterpretation == "MONOCHROME1" || attributes.Image.GetString(RenderingTags.PresentationLutShape) == "INVERSE";
        return isInverse ? new Inversion() : GreyStage.Nothing;
    }

    private byte[] TableOf(StoredBits bits, GreyPipeline pipeline)
    {
        var known = last;
        if (known is null || known.Bits != bits || known.Pipeline != pipeline)
        {
            last = known = new Table(bits, pipeline, pipeline.ToTable(bits));
        }

        return known.Bytes;
    }

    private sealed record Table(StoredBits Bits, GreyPipeline Pipeline, byte[] Bytes);
}

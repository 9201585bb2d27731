using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering.Colour;
using Fhir.Server.Rendering.Grey;
using Fhir.Server.Rendering.Presentation;

namespace Fhir.Server.Rendering;

/// <summary>
/// Paints frames of one sample a pixel: grey, or coloured by a palette. Keeps the last tables, and the range it found where the image
/// gives no window, so that the frames of a cine are alike and each costs one look into a table for a pixel. That range is of the frame
/// that was painted first, whichever it was: who wants frames to look the same in another run begins with the same one. Safe for many threads.
/// </summary>
internal sealed class GreyFrames(RenderOptions options, SoftcopyState? state)
{
    private const string Palettes = "PALETTE COLOR";
    private Table? last;
    private Colours? lastColours;
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

    private Outcome<Picture> PaintPalette(FrameAttributes attributes, GreySamples samples, PixelLayout layout)
    {
        if (!samples.IsNarrow)
        {
            return Problem.NotAcceptable($"A palette for pixels of {layout.BitsAllocated} bits cannot be shown.");
        }

        return Tabulated(samples.Bits, null, attributes.Image, palette => ColourTable.Of(samples.Bits, palette)).TryGet(out var table, out var problem)
            ? PaintColours(samples, table, layout) : problem;
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
            return Tabulated(bits, table, state!.Dataset, palette => ColourTable.Pseudo(table, palette));
        }

        if (attributes.Image.GetString(RenderingTags.PixelPresentation) is not ("COLOR" or "MIXED") || !Palette.IsIn(attributes.Image))
        {
            return null;
        }

        return Tabulated(bits, table, attributes.Image, palette => ColourTable.Supplemental(bits, table, palette));
    }

    /// <summary>The colours of the one palette there is: made when the bits or the grey table they stand on are new.</summary>
    private Outcome<uint[]> Tabulated(StoredBits bits, byte[]? grey, DicomDataset holder, Func<Palette, uint[]> tabulate)
    {
        if (lastColours is { } known && known.Bits == bits && known.Grey == grey)
        {
            return known.Table;
        }

        if (!Palette.Read(holder, holder != state?.Dataset && bits.IsSigned).TryGet(out var palette, out var problem))
        {
            return problem;
        }

        var made = new Colours(bits, grey, tabulate(palette));
        lastColours = made;
        return made.Table;
    }

    private GreyPipeline PipelineOf(FrameAttributes attributes, GreySamples samples, PixelLayout layout)
    {
        var isSigned = samples.Bits.IsSigned;
        var modality = state is null ? ModalityStage.Of(attributes, isSigned) : state.Modality(isSigned) ?? GreyStage.Nothing;
        return new GreyPipeline(modality, VoiOf(attributes, samples, modality), PresentationOf(attributes, layout));
    }

    /// <summary>
    /// What is asked for; else what the presentation state says, and nothing of the image's own; without a state what the frame says,
    /// what the image says, what fits. PS3.4 §N.2.1.3.
    /// </summary>
    private GreyStage VoiOf(FrameAttributes attributes, GreySamples samples, GreyStage modality)
    {
        var (low, high) = (modality.Of(samples.Bits.Lowest), modality.Of(samples.Bits.Highest));
        var isReal = samples.Kind is SampleKind.Floats or SampleKind.Doubles;
        var measured = new MeasuredValues(Math.Min(low, high) < 0, isReal);
        if (options.Window is { } window)
        {
            return VoiStage.Of(window);
        }

        if (state is not null && (state.Voi(options.VoiIndex, measured, attributes.Frame) ?? (isReal ? null : DefaultVoi.Whole(modality, low, high))) is { } stated)
        {
            return stated;
        }

        return (state is null ? OwnVoi(attributes, measured) : null)
            ?? foundRange ?? Interlocked.CompareExchange(ref foundRange, DefaultVoi.Of(attributes, samples, modality), null) ?? foundRange!;
    }

    private GreyStage? OwnVoi(FrameAttributes attributes, MeasuredValues measured) =>
        VoiStage.Of(attributes.Group(RenderingTags.FrameVoiLutSequence), options.VoiIndex, measured)
        ?? VoiStage.Of(attributes.Image, options.VoiIndex, measured);

    /// <summary>A presentation state speaks of what is seen, whatever the image calls its lowest value. PS3.3 §C.11.6, PS3.4 §N.2.1.4.</summary>
    private GreyStage PresentationOf(FrameAttributes attributes, PixelLayout layout)
    {
        if (state is not null)
        {
            return state.Presentation() ?? GreyStage.Nothing;
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

    private sealed record Colours(StoredBits Bits, byte[]? Grey, uint[] Table);
}

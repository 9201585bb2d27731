using System.Runtime.InteropServices;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>
/// How one frame is encoded without loss: what the module is told and given, and what is mended in the codestream it gives. What it
/// would lose in silence is refused here. PS3.5 §8.2.
/// </summary>
internal sealed class EncodePlan
{
    private readonly PixelLayout result;
    private readonly (int Precision, bool IsSigned)? mended;

    private EncodePlan(CodecJob job, ReadOnlyMemory<byte> samples, PixelLayout result, (int Precision, bool IsSigned)? mended) =>
        (Job, Samples, this.result, this.mended) = (job, samples, result, mended);

    public CodecJob Job { get; }

    public ReadOnlyMemory<byte> Samples { get; }

    public static string? FunctionFor(string transferSyntax) => transferSyntax switch
    {
        CodecSyntaxes.JpegLossless => "EncodeJpeg",
        CodecSyntaxes.JpegLsLossless => "EncodeJpegLs",
        CodecSyntaxes.Jpeg2000Lossless => "EncodeJpeg2000",
        CodecSyntaxes.HtJpeg2000Lossless or CodecSyntaxes.HtJpeg2000LosslessRpcl => "EncodeHtJpeg2000",
        CodecSyntaxes.JpegXlLossless => "EncodeJpegXl",
        _ => null,
    };

    public static Outcome<EncodePlan> Make(string transferSyntax, ReadOnlyMemory<byte> frame, PixelLayout layout)
    {
        var kind = CodecSyntaxes.KindOf(transferSyntax)!.Value;
        if (frame.Length != layout.FrameLength)
        {
            return Problem.Invalid("The frame is not as long as its layout says.");
        }

        if (CannotEncode(kind, layout) is { } problem)
        {
            return problem;
        }

        var bytes = layout.IsPlanar ? SampleShapes.Interleave(frame.Span, layout.SamplesPerPixel, layout.BitsAllocated / 8) : frame.ToArray();
        return Make(FunctionFor(transferSyntax)!, kind, bytes, layout.AsDecoded());
    }

    public EncodedFrame Finish(byte[] codestream)
    {
        if (mended is { } told)
        {
            // (marker SOC, marker SIZ, length, capabilities, eight sizes, number of components) precede the depth of the first one.
            const int Depth = 42;
            codestream[Depth] = (byte)((told.Precision - 1) | (told.IsSigned ? 0x80 : 0));
        }

        return new EncodedFrame(codestream, result);
    }

    private static Problem? CannotEncode(CodestreamKind kind, PixelLayout layout)
    {
        if (layout.BitsAllocated is not (8 or 16) || layout.IsSubsampled || layout.SamplesPerPixel is not (1 or 3))
        {
            return Problem.NotAcceptable("Only samples of 8 and 16 bits in one or three colours can be encoded so.");
        }

        var isColour = layout.SamplesPerPixel == 3;
        return kind switch
        {
            CodestreamKind.Jpeg2000 or CodestreamKind.HtJpeg2000 when isColour && (layout.BitsAllocated > 8 || layout.IsSigned) =>
                Problem.NotAcceptable("JPEG 2000 in colours of more than 8 bits, or signed ones, cannot be encoded here."),
            CodestreamKind.HtJpeg2000 or CodestreamKind.Jpeg when isColour && layout.PhotometricInterpretation != "RGB" =>
                Problem.NotAcceptable("Colours other than RGB cannot be encoded so."),
            CodestreamKind.Jpeg2000 when layout.Rows < 2 || layout.Columns < 2 =>
                Problem.NotAcceptable("JPEG 2000 of a single line cannot be encoded here."),
            _ => null,
        };
    }

    private static Outcome<EncodePlan> Make(string function, CodestreamKind kind, byte[] bytes, PixelLayout layout)
    {
        var bits = SampleDepth.Of(bytes, layout);
        var isRgb = layout is { SamplesPerPixel: 3, PhotometricInterpretation: "RGB" };
        var isTransformed = isRgb && (kind is CodestreamKind.Jpeg2000 or CodestreamKind.HtJpeg2000);
        EncodePlan Plan(int allocated, int stored, byte[] samples, bool isSigned, (int, bool)? mended = null) => new(
            new CodecJob(function, layout.Rows, layout.Columns, layout.SamplesPerPixel, allocated, stored, isSigned, isRgb), samples,
            isTransformed ? layout with { PhotometricInterpretation = "YBR_RCT" } : layout, mended);
        switch (kind)
        {
            case CodestreamKind.JpegXl:
                return Plan(layout.BitsAllocated, layout.BitsAllocated, bytes, false);
            case CodestreamKind.JpegLs:
                return Plan(Math.Max(bits, 2), bits, Masked(bytes, layout, Math.Max(bits, 2)), false);
            case CodestreamKind.Jpeg:
                var depth = bits <= 8 && (bits == 8 || !layout.IsSigned) ? 8 : bits <= 12 && (bits == 12 || !layout.IsSigned) ? 12 : 16;
                depth = Math.Min(depth, layout.BitsAllocated);
                return Plan(depth > 8 ? 16 : 8, depth, Masked(bytes, layout, depth), false);
            case CodestreamKind.Jpeg2000 when bits > 8:
                return Plan(16, bits, bytes, layout.IsSigned);
            case CodestreamKind.Jpeg2000 or CodestreamKind.HtJpeg2000 when layout.SamplesPerPixel == 3 || (bits == 8 && !layout.IsSigned):
                return Plan(8, 8, Masked(bytes, layout, 8), false);
            case CodestreamKind.HtJpeg2000 when bits == 16:
                return Plan(16, 16, bytes, layout.IsSigned);
            default:
                // The module knows only some depths. Centred on zero, as the codestream keeps them anyway, samples are coded in words,
                // and the header is told the depth they have.
                var words = layout.BitsAllocated == 8 ? SampleShapes.Widen(bytes, layout.IsSigned) : bytes;
                if (!layout.IsSigned)
                {
                    SampleShapes.AddInPlace(words, -(1 << (bits - 1)));
                }

                return Plan(16, 16, words, true, (bits, layout.IsSigned));
        }
    }

    /// <summary>The lowest bits of each sample, in bytes when there are no more than 8.</summary>
    private static byte[] Masked(byte[] bytes, PixelLayout layout, int bits)
    {
        var samples = bits <= 8 && layout.BitsAllocated == 16 ? SampleShapes.Narrow(bytes) : bytes;
        SampleShapes.ExtendInPlace(samples, bits <= 8 ? 8 : 16, bits, isSigned: false);
        return samples;
    }
}

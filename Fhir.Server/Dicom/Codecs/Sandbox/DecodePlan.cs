using System.Runtime.InteropServices;
using Fhir.Server.Dicom.Codecs.Headers;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>
/// How one codestream is decoded: what the module is told, and what is made of what it gives. The module's decoders have ways of their
/// own, so what they would get wrong in silence is refused here. PS3.5 §8.2.
/// </summary>
internal sealed class DecodePlan
{
    private readonly CodestreamKind kind;
    private readonly CodestreamHeader header;
    private readonly PixelLayout layout;

    private DecodePlan(CodestreamKind kind, CodestreamHeader header, PixelLayout layout, CodecJob job) =>
        (this.kind, this.header, this.layout, Job) = (kind, header, layout, job);

    public CodecJob Job { get; }

    private bool IsByLine => kind == CodestreamKind.HtJpeg2000 && header.Components > 1 && !header.IsTransformed;

    public static Outcome<DecodePlan> Make(string transferSyntax, CodestreamKind kind, CodestreamHeader header, PixelLayout layout)
    {
        if ((header.Contradicts(layout) ?? CannotDecode(kind, header, layout)) is { } problem)
        {
            return problem;
        }

        // HTJ2K of 8 bits is cut off below zero by the module; in words it is not.
        var allocated = header.Precision <= 8 && !(kind == CodestreamKind.HtJpeg2000 && header.IsSigned) ? 8 : 16;
        var job = new CodecJob(
            FunctionFor(kind), header.Rows, header.Columns, header.Components, allocated, header.Precision, header.IsSigned, false);
        return new DecodePlan(kind, header, layout with { IsPlanar = false, PhotometricInterpretation = InterpretationOf(transferSyntax, header, layout) }, job);
    }

    /// <summary>Makes the frame of what the module gave, whose length has been checked.</summary>
    public DecodedFrame Finish(CodecResult result)
    {
        var (bytes, width) = (result.Bytes, Job.Allocated / 8);
        bytes = header.IsByPlane ? SampleShapes.Interleave(bytes, header.Components, width) : IsByLine ? GatherLines(bytes, width) : bytes;
        bytes = kind == CodestreamKind.JpegXl ? Unscale(bytes) : bytes;
        bytes = Fit(bytes);
        if (header.IsSigned != layout.IsSigned && layout.BitsAllocated > 1 && (header.Precision == layout.BitsStored || kind is CodestreamKind.Jpeg2000 or CodestreamKind.HtJpeg2000))
        {
            // What a sample means the data set says, not the codestream.
            SampleShapes.ExtendInPlace(bytes, layout.BitsAllocated, header.Precision, layout.IsSigned);
        }

        return new DecodedFrame(bytes, layout) { IsDamaged = result.IsDamaged };
    }

    private static string FunctionFor(CodestreamKind kind) => kind switch
    {
        CodestreamKind.Jpeg => "DecodeJpeg",
        CodestreamKind.JpegLs => "DecodeJpegLs",
        CodestreamKind.Jpeg2000 => "DecodeJpeg2000",
        CodestreamKind.HtJpeg2000 => "DecodeHtJpeg2000",
        _ => "DecodeJpegXl",
    };

    private static Problem? CannotDecode(CodestreamKind kind, CodestreamHeader header, PixelLayout layout)
    {
        if (layout.BitsAllocated > 16)
        {
            return Problem.NotAcceptable("Compressed samples of more than 16 bits cannot be decoded here.");
        }

        if (kind == CodestreamKind.Jpeg2000 && (header.Components is not (1 or 3) || header is { Components: 3, Precision: > 8 }))
        {
            return Problem.NotAcceptable("JPEG 2000 in colours of more than 8 bits cannot be decoded here.");
        }

        return header.IsUneven ? Problem.NotAcceptable("JPEG 2000 whose components differ in size or depth cannot be decoded here.") : null;
    }

    /// <summary>What is true of the decoded samples: transforms the decoder undid are gone, chroma is there for every pixel.</summary>
    private static string InterpretationOf(string transferSyntax, CodestreamHeader header, PixelLayout layout)
    {
        var said = layout.PhotometricInterpretation;
        if (header.Components != 3)
        {
            return said;
        }

        if (header.IsRgb is { } isRgb)
        {
            return isRgb ? "RGB" : "YBR_FULL";
        }

        // The decoder of JPEG XL undoes YCbCr by itself; only the lossless syntax may carry it as plain samples.
        var isUndone = CodecSyntaxes.KindOf(transferSyntax) == CodestreamKind.JpegXl && transferSyntax != CodecSyntaxes.JpegXlLossless;
        return isUndone || said is "YBR_RCT" or "YBR_ICT" or "XYB" ? "RGB"
            : said is "YBR_FULL_422" or "YBR_PARTIAL_422" or "YBR_PARTIAL_420" ? "YBR_FULL" : said;
    }

    private byte[] Fit(byte[] bytes) => (Job.Allocated, layout.BitsAllocated) switch
    {
        (8, 16) => SampleShapes.Widen(bytes, header.IsSigned),
        (16, 8) => SampleShapes.Narrow(bytes),
        (8, 1) => SampleShapes.PackBits(bytes),
        (16, 1) => SampleShapes.PackBits(SampleShapes.Narrow(bytes)),
        _ => bytes,
    };

    /// <summary>
    /// Without a component transform the module takes the lines of the first component for the first lines of all: line k of what it
    /// gave is line k mod height of component k / height.
    /// </summary>
    private byte[] GatherLines(byte[] bytes, int width)
    {
        var gathered = new byte[bytes.Length];
        var (samples, step) = (header.Components, header.Components * width);
        for (var k = 0; k < header.Rows * samples; k++)
        {
            var from = (k / samples * header.Columns * step) + (k % samples * width);
            var to = (k % header.Rows * header.Columns * step) + (k / header.Rows * width);
            for (var x = 0; x < header.Columns; x++, from += step, to += step)
            {
                bytes.AsSpan(from, width).CopyTo(gathered.AsSpan(to));
            }
        }

        return gathered;
    }

    /// <summary>The module stretches samples to 8 or 16 bits; this puts them back, exactly.</summary>
    private byte[] Unscale(byte[] bytes)
    {
        var (full, own) = ((1 << Job.Allocated) - 1, (1 << header.Precision) - 1);
        if (own == full)
        {
            return bytes;
        }

        if (Job.Allocated == 8)
        {
            return [.. bytes.Select(sample => (byte)(((sample * own) + (full / 2)) / full))];
        }

        var words = MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan());
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = (ushort)(((words[i] * (long)own) + (full / 2)) / full);
        }

        return bytes;
    }
}

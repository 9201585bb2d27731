using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>Frames decoded and encoded anew, one at a time and in order.</summary>
internal sealed class EncodedFrames(WholeFrames frames, IFrameCodec codec, string target, bool wasLossy)
{
    private int next;

    public string Target => target;

    /// <summary>How many frames there are.</summary>
    public int Count => frames.Count;

    /// <summary>Bytes they would take without compression.</summary>
    public long NativeLength => frames.NativeLength;

    /// <summary>Whether all have been given.</summary>
    public bool IsAtEnd => next == Count;

    public async ValueTask<Outcome<EncodedFrame>> NextAsync(CancellationToken cancellationToken)
    {
        var encoded = await EncodeAsync(next, cancellationToken);
        next++;
        return encoded;
    }

    /// <summary>Any frame, counted from 0.</summary>
    public async ValueTask<Outcome<EncodedFrame>> EncodeAsync(int frame, CancellationToken cancellationToken)
    {
        if (!(await frames.ReadAsync(frame, cancellationToken)).TryGet(out var decoded, out var problem))
        {
            return problem;
        }

        var ready = ForEncoding(decoded);
        return await codec.EncodeAsync(target, ready.Bytes, ready.Layout, cancellationToken);
    }

    /// <summary>
    /// Chroma for every pixel, which costs nothing; and RGB where the target carries no other colours, which rounds, and so is done only
    /// to pictures that have been through a lossy compression already.
    /// </summary>
    private DecodedFrame ForEncoding(DecodedFrame frame)
    {
        var (bytes, layout) = (frame.Bytes, frame.Layout);
        if (layout is { IsSubsampled: true, PhotometricInterpretation: "YBR_FULL_422", BitsAllocated: 8 })
        {
            (bytes, layout) = (SampleShapes.SpreadChroma(bytes.Span), layout.AsDecoded());
        }

        var wantsRgb = CodecSyntaxes.KindOf(target) is CodestreamKind.HtJpeg2000 or CodestreamKind.Jpeg;
        return wantsRgb && wasLossy && layout is { PhotometricInterpretation: "YBR_FULL", BitsAllocated: 8, IsPlanar: false }
            ? new DecodedFrame(ToRgb(bytes), layout with { PhotometricInterpretation = "RGB" }) : new DecodedFrame(bytes, layout);
    }

    private static byte[] ToRgb(ReadOnlyMemory<byte> ybr)
    {
        var rgb = ybr.ToArray();
        Ybr.FromFull(rgb);
        return rgb;
    }
}

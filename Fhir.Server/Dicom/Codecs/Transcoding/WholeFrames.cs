using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>Frames on their way into another file. There nobody could see any more that one is damaged, so such a one is refused.</summary>
internal sealed class WholeFrames(FrameDecoder decoder, FrameSource source)
{
    /// <summary>How many there are.</summary>
    public int Count => source.Frames.Count;

    /// <summary>Bytes they would take without compression.</summary>
    public long NativeLength => source.Layout.FrameLength * Count;

    /// <summary>A frame, counted from 0.</summary>
    public async ValueTask<Outcome<DecodedFrame>> ReadAsync(int frame, CancellationToken cancellationToken) =>
        (await decoder.DecodeAsync(source, frame, cancellationToken)).Match<Outcome<DecodedFrame>>(
            decoded => decoded.IsDamaged ? Problem.Invalid($"Frame {frame + 1} is damaged or cut off: another file would hide that.") : decoded,
            problem => problem);
}

using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Managed;

/// <summary>Encapsulated Uncompressed: native frames, each in fragments of its own. PS3.5 §A.4.11.</summary>
public sealed class UncompressedFrameCodec : IFrameCodec
{
    /// <inheritdoc/>
    public bool CanDecode(string transferSyntaxUid) => transferSyntaxUid == CodecSyntaxes.EncapsulatedUncompressed;

    /// <inheritdoc/>
    public bool CanEncode(string transferSyntaxUid) => transferSyntaxUid == CodecSyntaxes.EncapsulatedUncompressed;

    /// <inheritdoc/>
    public ValueTask<Outcome<DecodedFrame>> DecodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> codestream, PixelLayout layout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return ValueTask.FromResult(layout.FrameTooLarge() is { } problem ? problem : Take(codestream, layout));
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<EncodedFrame>> EncodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> frame, PixelLayout layout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return ValueTask.FromResult<Outcome<EncodedFrame>>(frame.Length == layout.FrameLength
            ? new EncodedFrame(frame, layout) : Problem.Invalid("The frame is not as long as its layout says."));
    }

    private static Outcome<DecodedFrame> Take(ReadOnlyMemory<byte> codestream, PixelLayout layout)
    {
        if (codestream.Length >= layout.FrameLength)
        {
            return new DecodedFrame(codestream[..(int)layout.FrameLength], layout);
        }

        var padded = new byte[layout.FrameLength];
        codestream.CopyTo(padded);
        return new DecodedFrame(padded, layout) { IsDamaged = true };
    }
}

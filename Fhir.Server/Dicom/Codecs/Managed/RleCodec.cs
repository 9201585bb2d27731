using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Managed;

/// <summary>RLE Lossless: one run-length coded segment for each byte of a sample. PS3.5 Annex G.</summary>
public sealed class RleCodec : IFrameCodec
{
    /// <inheritdoc/>
    public bool CanDecode(string transferSyntaxUid) => transferSyntaxUid == CodecSyntaxes.Rle;

    /// <inheritdoc/>
    public bool CanEncode(string transferSyntaxUid) => transferSyntaxUid == CodecSyntaxes.Rle;

    /// <inheritdoc/>
    public ValueTask<Outcome<DecodedFrame>> DecodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> codestream, PixelLayout layout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(layout);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(layout.FrameTooLarge() is { } problem ? problem : RleDecoder.Decode(codestream.Span, layout));
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<EncodedFrame>> EncodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> frame, PixelLayout layout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(layout);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(RleEncoder.Encode(frame.Span, layout));
    }
}

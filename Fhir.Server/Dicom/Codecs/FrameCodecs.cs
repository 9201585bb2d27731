using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs;

/// <summary>Several codecs as one: the first that can does it.</summary>
public sealed class FrameCodecs(params IReadOnlyList<IFrameCodec> codecs) : IFrameCodec
{
    /// <inheritdoc/>
    public bool CanDecode(string transferSyntaxUid) => codecs.Any(codec => codec.CanDecode(transferSyntaxUid));

    /// <inheritdoc/>
    public bool CanEncode(string transferSyntaxUid) => codecs.Any(codec => codec.CanEncode(transferSyntaxUid));

    /// <inheritdoc/>
    public string? Hindrance(string transferSyntaxUid) => codecs.Select(codec => codec.Hindrance(transferSyntaxUid)).FirstOrDefault(reason => reason is not null);

    /// <inheritdoc/>
    public ValueTask<Outcome<DecodedFrame>> DecodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> codestream, PixelLayout layout, CancellationToken cancellationToken) =>
        codecs.FirstOrDefault(codec => codec.CanDecode(transferSyntaxUid)) is { } able
            ? able.DecodeAsync(transferSyntaxUid, codestream, layout, cancellationToken)
            : ValueTask.FromResult<Outcome<DecodedFrame>>(Refuse("Frames of this transfer syntax cannot be decoded here.", transferSyntaxUid));

    /// <inheritdoc/>
    public ValueTask<Outcome<EncodedFrame>> EncodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> frame, PixelLayout layout, CancellationToken cancellationToken) =>
        codecs.FirstOrDefault(codec => codec.CanEncode(transferSyntaxUid)) is { } able
            ? able.EncodeAsync(transferSyntaxUid, frame, layout, cancellationToken)
            : ValueTask.FromResult<Outcome<EncodedFrame>>(Refuse("Frames cannot be encoded into this transfer syntax here.", transferSyntaxUid));

    private Problem Refuse(string what, string transferSyntaxUid) =>
        Problem.NotAcceptable(Hindrance(transferSyntaxUid) is { } reason ? $"{what} {reason}" : what);
}

using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>
/// Writes a file in another transfer syntax: Explicit VR Little Endian, or any that frames can be encoded into. Frames pass one by one.
/// PS3.5 §10, Annex A.
/// </summary>
public sealed class Transcoder(IFrameCodec codec)
{
    private readonly FrameDecoder decoder = new(codec);

    /// <summary>Whether the target can be written at all here and now.</summary>
    public bool CanWrite(string transferSyntaxUid) =>
        transferSyntaxUid == DicomTransferSyntax.ExplicitLittleEndian || codec.CanEncode(transferSyntaxUid);

    /// <summary>Finds out whether and how a file can be written so; the first frame is decoded for that.</summary>
    /// <param name="file">As it was read.</param>
    /// <param name="stream">Where it was read from; needed until it is written.</param>
    /// <param name="target">The wanted transfer syntax.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What can be written; <see cref="ProblemKind.NotAcceptable"/> when the target does not carry the pixels, or they cannot be decoded here.</returns>
    public async ValueTask<Outcome<TranscodedFile>> PrepareAsync(DicomFile file, Stream stream, string target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!CanWrite(target))
        {
            return Problem.NotAcceptable("This server does not write that transfer syntax.");
        }

        if (file.SopClassUid is null || file.SopInstanceUid is null)
        {
            return Problem.Invalid("A data set without SOP Class UID and SOP Instance UID cannot be a file.");
        }

        var isNative = target == DicomTransferSyntax.ExplicitLittleEndian;
        if (file.PixelData is not { IsEncapsulated: true } pixels)
        {
            return isNative ? new TranscodedFile(file, stream, new CopiedPixels())
                : file.PixelData?.Tag == DicomTag.PixelData ? await ReencodeAsync(file, stream, target, cancellationToken)
                : Problem.NotAcceptable("Only pixels that are whole numbers can be compressed.");
        }

        return pixels.Tag == DicomTag.PixelData ? await ReencodeAsync(file, stream, target, cancellationToken)
            : Problem.NotAcceptable("Compressed pixels of this kind cannot be decoded here.");
    }

    /// <summary>Whether frames of the transfer syntax can be read here and now: native ones always.</summary>
    public bool CanRead(string transferSyntaxUid) => !DicomTransferSyntax.Of(transferSyntaxUid).IsEncapsulated || codec.CanDecode(transferSyntaxUid);

    /// <summary>What keeps this server from reading or writing a transfer syntax just now, for people; null when nothing is known to.</summary>
    public string? Hindrance(string transferSyntaxUid) => codec.Hindrance(transferSyntaxUid);

    /// <summary>The frames of a file one by one in another transfer syntax, as <see cref="PrepareAsync"/> would put them into a file.</summary>
    /// <returns>The frames; <see cref="ProblemKind.NotAcceptable"/> when the target is not written here, and the problem when there are no frames to be found.</returns>
    public Outcome<TranscodedFrames> Frames(DicomFile file, Stream stream, string target)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!CanWrite(target))
        {
            return Problem.NotAcceptable("This server does not write that transfer syntax.");
        }

        if (file.PixelData is { } pixels && pixels.Tag != DicomTag.PixelData)
        {
            return Problem.NotAcceptable("Only pixels that are whole numbers can be given in another transfer syntax frame by frame.");
        }

        if (!FrameSource.Of(file, stream).TryGet(out var source, out var problem))
        {
            return problem;
        }

        var whole = new WholeFrames(decoder, source);
        return new TranscodedFrames(whole, target == DicomTransferSyntax.ExplicitLittleEndian ? null : new EncodedFrames(whole, codec, target, WasLossy(file)));
    }

    private async ValueTask<Outcome<TranscodedFile>> ReencodeAsync(DicomFile file, Stream stream, string target, CancellationToken cancellationToken)
    {
        if (!FrameSource.Of(file, stream).TryGet(out var source, out var problem))
        {
            return problem;
        }

        if (source.Frames.Count == 0)
        {
            return Problem.Invalid("The instance has no frame.");
        }

        var whole = new WholeFrames(decoder, source);
        if (target == DicomTransferSyntax.ExplicitLittleEndian)
        {
            return (await whole.ReadAsync(0, cancellationToken)).Match<Outcome<TranscodedFile>>(
                first => new TranscodedFile(file, stream, new NativePixels(whole, first)), reason => reason);
        }

        var frames = new EncodedFrames(whole, codec, target, WasLossy(file));
        return (await frames.NextAsync(cancellationToken)).Match<Outcome<TranscodedFile>>(
            first => new TranscodedFile(file, stream, new EncapsulatedPixels(frames, first)), reason => reason);
    }

    private static bool WasLossy(DicomFile file) =>
        CodecSyntaxes.IsAlwaysLossy(file.TransferSyntax) || file.Dataset.GetString(DicomTag.LossyImageCompression) == "01";
}

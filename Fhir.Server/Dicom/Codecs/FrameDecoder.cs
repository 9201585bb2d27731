using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs;

/// <summary>Gives frames of an opened instance as native samples, whatever they are kept as. PS3.5 §8, §A.4.</summary>
public sealed class FrameDecoder(IFrameCodec codec)
{
    /// <summary>A frame, counted from 0, in little endian and cut out of its words and bytes.</summary>
    /// <returns>The frame; a problem when it cannot be decoded here, is damaged or too large.</returns>
    public async ValueTask<Outcome<DecodedFrame>> DecodeAsync(FrameSource source, int frame, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (frame < 0 || frame >= source.Frames.Count)
        {
            return Problem.NotFound();
        }

        if (source.Layout.FrameTooLarge() is { } tooLarge)
        {
            return tooLarge;
        }

        if (!source.Frames.IsEncapsulated)
        {
            return source.Layout.PhotometricInterpretation == "YBR_PARTIAL_420"
                ? Problem.NotAcceptable("Native frames with a quarter of the chroma cannot be read here.")
                : await NativeFrames.ReadAsync(source, frame, cancellationToken);
        }

        if (!(await ReadCodestreamAsync(source, frame, cancellationToken)).TryGet(out var codestream, out var problem))
        {
            return problem;
        }

        var outcome = await codec.DecodeAsync(SyntaxOf(source.TransferSyntax, codestream), codestream, source.Layout, cancellationToken);
        return outcome.TryGet(out var decoded, out _) && decoded.Bytes.Length != decoded.Layout.FrameLength
            ? Problem.Invalid("The decoded frame is not as long as it should be.") : outcome;
    }

    /// <summary>The fragments of a frame, joined.</summary>
    public static async ValueTask<Outcome<byte[]>> ReadCodestreamAsync(FrameSource source, int frame, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        var location = source.Frames[frame];
        if (location.Length > PixelLayout.FrameLimit)
        {
            return Problem.TooCostly("The frame is longer than this server decodes.");
        }

        var bytes = new byte[location.Length];
        var at = 0;
        foreach (var range in location.Ranges)
        {
            source.Stream.Position = range.Offset;
            at += await source.Stream.ReadAtLeastAsync(bytes.AsMemory(at, (int)range.Length), (int)range.Length, throwOnEndOfStream: false, cancellationToken);
        }

        return at < bytes.Length ? Problem.Invalid("The file is shorter than when it was read.") : bytes;
    }

    /// <summary>A file that encapsulates its frames but names a native transfer syntax is believed by what its frames begin with.</summary>
    private static string SyntaxOf(string declared, ReadOnlySpan<byte> codestream) =>
        DicomTransferSyntax.Of(declared).IsEncapsulated ? declared : codestream switch
        {
            [0xFF, 0xD8, ..] when codestream[..Math.Min(codestream.Length, 4096)].IndexOf([(byte)0xFF, (byte)0xF7]) >= 0 => CodecSyntaxes.JpegLsLossless,
            [0xFF, 0xD8, ..] => CodecSyntaxes.JpegLossless,
            [0xFF, 0x4F, 0xFF, 0x51, ..] => CodecSyntaxes.Jpeg2000Lossless,
            _ => declared,
        };
}

using System.IO.Compression;
using System.Runtime.InteropServices;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Managed;

/// <summary>Deflated Image Frame Compression: each frame a raw deflate stream of its native bytes. PS3.5 §A.4.13.</summary>
public sealed class DeflatedFrameCodec : IFrameCodec
{
    /// <inheritdoc/>
    public bool CanDecode(string transferSyntaxUid) => transferSyntaxUid == CodecSyntaxes.DeflatedFrame;

    /// <inheritdoc/>
    public bool CanEncode(string transferSyntaxUid) => transferSyntaxUid == CodecSyntaxes.DeflatedFrame;

    /// <inheritdoc/>
    public ValueTask<Outcome<DecodedFrame>> DecodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> codestream, PixelLayout layout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(layout);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(layout.FrameTooLarge() is { } problem ? problem : Inflate(codestream, layout));
    }

    /// <inheritdoc/>
    public ValueTask<Outcome<EncodedFrame>> EncodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> frame, PixelLayout layout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(layout);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(frame.Length == layout.FrameLength
            ? Deflate(frame.Span, layout) : Problem.Invalid("The frame is not as long as its layout says."));
    }

    private static Outcome<DecodedFrame> Inflate(ReadOnlyMemory<byte> codestream, PixelLayout layout)
    {
        var bytes = new byte[layout.FrameLength];
        try
        {
            using var source = new MemoryStream(AsArray(codestream).Array!, AsArray(codestream).Offset, codestream.Length, writable: false);
            using var inflated = new DeflateStream(source, CompressionMode.Decompress);
            var filled = inflated.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return filled == 0 ? Problem.Invalid("The deflated frame is empty.") : new DecodedFrame(bytes, layout) { IsDamaged = filled < bytes.Length };
        }
        catch (InvalidDataException)
        {
            return Problem.Invalid("The deflated frame is damaged.");
        }
    }

    private static Outcome<EncodedFrame> Deflate(ReadOnlySpan<byte> frame, PixelLayout layout)
    {
        using var target = new MemoryStream();
        using (var deflated = new DeflateStream(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflated.Write(frame);
        }

        return new EncodedFrame(target.ToArray(), layout);
    }

    private static ArraySegment<byte> AsArray(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out var segment) ? segment : memory.ToArray();
}

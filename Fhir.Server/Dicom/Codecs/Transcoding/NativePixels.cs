using System.Buffers.Binary;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>Decoded frames one after the other, without a gap even where they do not fill whole bytes. PS3.5 §8.1.1.</summary>
internal sealed class NativePixels(WholeFrames frames, DecodedFrame first) : TranscodedPixels
{
    private const int HeaderLength = 12;

    public override string TransferSyntax => DicomTransferSyntax.ExplicitLittleEndian;

    public override PixelLayout Layout => first.Layout;

    public override long Length => HeaderLength + ValueLength;

    private long ValueLength => ((Layout.FrameBits * frames.Count) + 15) / 16 * 2;

    public override ValueTask<Problem?> BeginAsync(bool canSeek, CancellationToken cancellationToken) => ValueTask.FromResult(
        ValueLength > 0xFFFFFFFE ? Problem.NotAcceptable("The pixels are more than a file without compression can hold.") : null);

    public override async ValueTask<Problem?> WriteAsync(ElementOutput output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(Header(), cancellationToken);
        var bits = new BitQueue();
        for (var frame = 0; frame < frames.Count; frame++)
        {
            var outcome = frame == 0 ? first : await frames.ReadAsync(frame, cancellationToken);
            if (!outcome.TryGet(out var decoded, out var problem))
            {
                return problem;
            }

            if (decoded.Layout != Layout)
            {
                return Problem.Invalid("The frames of the instance are not all of one kind.");
            }

            await output.WriteAsync(bits.Add(decoded.Bytes, Layout.FrameBits), cancellationToken);
        }

        var rest = bits.Rest();
        var written = ((Layout.FrameBits * frames.Count) + 7) / 8;
        return await output.WriteAsync((written & 1) == 0 ? rest : [.. rest, 0], cancellationToken);
    }

    private byte[] Header()
    {
        var header = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt16LittleEndian(header, DicomTag.PixelData.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), DicomTag.PixelData.Element);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), (ushort)(Layout.BitsAllocated > 8 ? DicomVr.OW : DicomVr.OB));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), (uint)ValueLength);
        return header;
    }
}

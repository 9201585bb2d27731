using System.Buffers.Binary;

namespace Fhir.Server.Rendering.Formats;

/// <summary>Writes the chunks of an animated PNG: each frame is made as a PNG of its own, whose data are taken. See https://www.w3.org/TR/png-3/#apng-frame-based-animation</summary>
internal sealed class ApngFrames(int frames)
{
    private const int SignatureLength = 8;
    private const int HeaderLength = SignatureLength + 25;
    private const int ChunkOverhead = 12;
    private int sequence;

    /// <summary>Writes a frame, with what goes before the first and behind the last.</summary>
    public void Write(Stream target, Picture picture, TimeSpan duration, bool isFirst, bool isLast)
    {
        using var png = new MemoryStream();
        PngWriter.Write(png, picture);
        var bytes = png.GetBuffer().AsSpan(0, (int)png.Length);
        if (isFirst)
        {
            target.Write(bytes[..HeaderLength]);
            Span<byte> control = stackalloc byte[8];
            BinaryPrimitives.WriteInt32BigEndian(control, frames);
            BinaryPrimitives.WriteInt32BigEndian(control[4..], 0);
            PngChunks.Write(target, "acTL"u8, control);
        }

        Control(target, picture, duration);
        for (var at = HeaderLength; at < bytes.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
            if (bytes.Slice(at + 4, 4).SequenceEqual("IDAT"u8))
            {
                Data(target, bytes.Slice(at, length + ChunkOverhead), isFirst);
            }

            at += length + ChunkOverhead;
        }

        if (isLast)
        {
            PngChunks.Write(target, "IEND"u8, []);
        }
    }

    /// <summary>Size, place and time of a frame; what was there before is replaced.</summary>
    private void Control(Stream target, Picture picture, TimeSpan duration)
    {
        Span<byte> control = stackalloc byte[26];
        control.Clear();
        BinaryPrimitives.WriteInt32BigEndian(control, sequence++);
        BinaryPrimitives.WriteInt32BigEndian(control[4..], picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(control[8..], picture.Height);
        BinaryPrimitives.WriteUInt16BigEndian(control[20..], (ushort)Math.Round(duration.TotalMilliseconds));
        BinaryPrimitives.WriteUInt16BigEndian(control[22..], 1000);
        PngChunks.Write(target, "fcTL"u8, control);
    }

    private void Data(Stream target, Span<byte> chunk, bool isFirst)
    {
        if (isFirst)
        {
            target.Write(chunk);
            return;
        }

        // The number of the chunk takes the place of its old name, which has as many bytes.
        var data = chunk[4..^4];
        BinaryPrimitives.WriteInt32BigEndian(data, sequence++);
        PngChunks.Write(target, "fdAT"u8, data);
    }
}

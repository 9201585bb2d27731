using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs;

/// <summary>Cuts frames out of native pixel data. PS3.5 §8.1.1.</summary>
internal static class NativeFrames
{
    public static async ValueTask<Outcome<DecodedFrame>> ReadAsync(FrameSource source, int frame, CancellationToken cancellationToken)
    {
        var location = source.Frames[frame];
        var range = location.Ranges[0];

        // Words that are turned begin where the pixels do, a frame need not begin with one.
        var lead = (int)((range.Offset - source.Start) % source.WordLength);
        var trail = (int)((source.WordLength - ((lead + range.Length) % source.WordLength)) % source.WordLength);
        var words = new byte[lead + range.Length + trail];
        source.Stream.Position = range.Offset - lead;
        var read = await source.Stream.ReadAtLeastAsync(words, words.Length, throwOnEndOfStream: false, cancellationToken);
        ByteOrder.Turn(words, source.WordLength);
        return Cut(words.AsSpan(lead, (int)range.Length), location, source.Layout, isShort: read < lead + range.Length);
    }

    private static DecodedFrame Cut(ReadOnlySpan<byte> bytes, FrameLocation location, PixelLayout layout, bool isShort)
    {
        var frame = new byte[layout.FrameLength];
        var present = bytes;
        if (location.BitOffset > 0)
        {
            present = SampleShapes.PackBits(SampleShapes.UnpackBits(bytes, location.BitOffset, (int)layout.FrameBits));
        }

        present = present[..Math.Min(present.Length, frame.Length)];
        present.CopyTo(frame);
        if (layout.FrameBits % 8 is > 0 and var used && present.Length == frame.Length)
        {
            // The rest of the last byte belongs to the next frame.
            frame[^1] &= (byte)((1 << (int)used) - 1);
        }

        var isCutOff = isShort || (bytes.Length * 8L) - location.BitOffset < layout.FrameBits;
        return layout.BitsAllocated == 12
            ? new DecodedFrame(SampleShapes.SpreadTwelve(frame), layout with { BitsAllocated = 16 }) { IsDamaged = isCutOff }
            : new DecodedFrame(frame, layout) { IsDamaged = isCutOff };
    }
}

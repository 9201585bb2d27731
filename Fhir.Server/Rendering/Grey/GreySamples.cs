using System.Buffers;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Rendering.Grey;

/// <summary>The samples of a frame of one sample a pixel, in bytes, words or wider. Give it back with Dispose.</summary>
internal sealed class GreySamples : IDisposable
{
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly byte[]? rented;

    private GreySamples(SampleKind kind, StoredBits bits, int count, ReadOnlyMemory<byte> bytes, byte[]? rented)
    {
        (Kind, Bits, Count, this.bytes, this.rented) = (kind, bits, count, bytes, rented);
    }

    /// <summary>Never <see cref="SampleKind.Packed"/>.</summary>
    public SampleKind Kind { get; }

    /// <summary>Where the value lies in each.</summary>
    public StoredBits Bits { get; }

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>A table for every container can be made.</summary>
    public bool IsNarrow => Kind is SampleKind.Bytes or SampleKind.Words;

    /// <summary>Their bytes.</summary>
    public ReadOnlySpan<byte> Bytes => bytes.Span;

    /// <summary>Takes a frame whose length has been checked.</summary>
    public static Outcome<GreySamples> Of(DicomDataset image, DecodedFrame frame)
    {
        var layout = frame.Layout;
        var count = layout.Rows * layout.Columns;
        switch (SampleKinds.Of(image, layout))
        {
            case null:
                return Problem.NotAcceptable($"Pixels of {layout.BitsAllocated} bits cannot be shown.");
            case SampleKind.Packed when layout.BitsAllocated == 1:
                var spread = ArrayPool<byte>.Shared.Rent(count);
                Unpacking.Bits(frame.Bytes.Span, spread.AsSpan(0, count));
                return new GreySamples(SampleKind.Bytes, new StoredBits(8, 1, 0, false), count, spread.AsMemory(0, count), spread);
            case SampleKind.Packed:
                var words = ArrayPool<byte>.Shared.Rent(count * 2);
                Unpacking.Words(frame.Bytes.Span, layout.BitsAllocated, words.AsSpan(0, count * 2));
                return new GreySamples(SampleKind.Words, StoredBits.Of(layout, 16), count, words.AsMemory(0, count * 2), words);
            case { } kind:
                return new GreySamples(kind, StoredBits.Of(layout, layout.BitsAllocated), count, frame.Bytes, null);
        }
    }

    public void Dispose()
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}

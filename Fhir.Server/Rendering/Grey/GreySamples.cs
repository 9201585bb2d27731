using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Rendering.Grey;

/// <summary>The samples of a frame of one sample a pixel, in bytes, words or wider.</summary>
internal sealed class GreySamples
{
    private readonly ReadOnlyMemory<byte> bytes;

    private GreySamples(SampleKind kind, StoredBits bits, int count, ReadOnlyMemory<byte> bytes)
    {
        (Kind, Bits, Count, this.bytes) = (kind, bits, count, bytes);
    }

    /// <summary>How they lie.</summary>
    public SampleKind Kind { get; }

    /// <summary>Where the value lies in each.</summary>
    public StoredBits Bits { get; }

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>A table for every container can be made.</summary>
    public bool IsNarrow => Kind is SampleKind.Bytes or SampleKind.Words;

    /// <summary>Their bytes.</summary>
    public ReadOnlySpan<byte> Bytes => bytes.Span;

    /// <summary>Takes a frame whose length has been checked; single bits become bytes.</summary>
    public static Outcome<GreySamples> Of(DicomDataset image, DecodedFrame frame)
    {
        var layout = frame.Layout;
        var count = layout.Rows * layout.Columns;
        if (layout.BitsAllocated == 1)
        {
            return new GreySamples(SampleKind.Bytes, new StoredBits(8, 1, 0, false), count, SampleShapes.UnpackBits(frame.Bytes.Span, 0, count));
        }

        return SampleKinds.Of(image, layout) is { } kind
            ? new GreySamples(kind, StoredBits.Of(layout), count, frame.Bytes)
            : Problem.NotAcceptable($"Pixels of {layout.BitsAllocated} bits cannot be shown.");
    }
}

using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;

namespace Fhir.Server.Rendering.Grey;

/// <summary>How single samples are to be taken from the bytes of a frame.</summary>
internal enum SampleKind
{
    /// <summary>A byte each.</summary>
    Bytes,

    /// <summary>Two bytes each.</summary>
    Words,

    /// <summary>Four bytes each.</summary>
    Integers,

    /// <summary>Eight bytes each.</summary>
    LongIntegers,

    /// <summary>Float Pixel Data. PS3.3 §C.7.6.24.</summary>
    Floats,

    /// <summary>Double Float Pixel Data. PS3.3 §C.7.6.25.</summary>
    Doubles,
}

/// <summary>Tells kinds apart.</summary>
internal static class SampleKinds
{
    /// <summary>The kind of a frame; null when there is no such thing.</summary>
    public static SampleKind? Of(DicomDataset image, PixelLayout layout) => layout.BitsAllocated switch
    {
        8 => SampleKind.Bytes,
        16 => SampleKind.Words,
        32 when image.Contains(DicomTag.FloatPixelData) && !image.Contains(DicomTag.PixelData) => SampleKind.Floats,
        64 when image.Contains(DicomTag.DoubleFloatPixelData) && !image.Contains(DicomTag.PixelData) => SampleKind.Doubles,
        32 => SampleKind.Integers,
        64 => SampleKind.LongIntegers,
        _ => null,
    };
}

namespace Fhir.Server.Dicom.Codecs;

/// <summary>How the samples of one frame lie: the Image Pixel module without the pixels. PS3.3 §C.7.6.3.</summary>
/// <param name="Rows">Pixels from top to bottom, at least 1.</param>
/// <param name="Columns">Pixels from left to right, at least 1.</param>
/// <param name="SamplesPerPixel">1, 3 or (retired) 4.</param>
/// <param name="BitsAllocated">Bits kept for a sample: 1, 8, 16, 32 or 64; 12 in files from before DICOM, of which decoding makes 16.</param>
/// <param name="BitsStored">Bits of a sample that mean something.</param>
/// <param name="HighBit">Where the highest of them is, counted from 0.</param>
/// <param name="IsSigned">Samples are in two's complement.</param>
/// <param name="IsPlanar">All samples of one kind come together; only with more than one sample a pixel.</param>
/// <param name="PhotometricInterpretation">What the samples mean, as <c>MONOCHROME2</c> or <c>YBR_FULL_422</c>.</param>
public sealed partial record PixelLayout(
    int Rows, int Columns, int SamplesPerPixel, int BitsAllocated, int BitsStored, int HighBit, bool IsSigned, bool IsPlanar, string PhotometricInterpretation)
{
    /// <summary>Bits of one native frame. A <c>YBR_FULL_422</c> frame that is not compressed keeps two chroma samples for two pixels. PS3.3 §C.7.6.3.1.2.</summary>
    public long FrameBits => (long)Rows * Columns * BitsAllocated * (IsSubsampled ? 2 : SamplesPerPixel);

    /// <summary>Bytes of one native frame, the last filled up.</summary>
    public long FrameLength => (FrameBits + 7) / 8;

    /// <summary>Chroma is kept for every second pixel of a row; only of frames that are not compressed.</summary>
    public bool IsSubsampled => SamplesPerPixel == 3 && PhotometricInterpretation is "YBR_FULL_422" or "YBR_PARTIAL_422";
}

namespace Fhir.Server.Dicom;

/// <summary>Where the pixels of an instance are. PS3.5 §8 and §A.4.</summary>
/// <param name="Tag">PixelData, FloatPixelData or DoubleFloatPixelData.</param>
/// <param name="Offset">First byte of the value; of the first item when encapsulated. From the beginning of the file, or of the
/// inflated data set when the file is deflated.</param>
/// <param name="Length">Bytes of the value as they are there, items and all.</param>
/// <param name="IsEncapsulated">The value is fragments.</param>
/// <param name="IsBigEndian">Words of native pixels have their high byte first.</param>
/// <param name="NativeFrameLength">Bytes of one native frame; null when encapsulated, when the header does not say, or when
/// frames do not fill whole bytes.</param>
/// <param name="Frames">Where each frame is; null when that cannot be told.</param>
public sealed record PixelDataLocation(
    DicomTag Tag, long Offset, long Length, bool IsEncapsulated, bool IsBigEndian, long? NativeFrameLength, FrameTable? Frames);

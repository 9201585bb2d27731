namespace Fhir.Server.Dicom.Codecs;

/// <summary>One frame without compression.</summary>
/// <param name="Bytes">Samples in little endian, exactly <see cref="PixelLayout.FrameLength"/> bytes of <paramref name="Layout"/>.</param>
/// <param name="Layout">How they lie now: what decoding changed (the photometric interpretation, planes) is told here.</param>
public sealed record DecodedFrame(ReadOnlyMemory<byte> Bytes, PixelLayout Layout)
{
    /// <summary>Samples were missing or damaged; zeros stand for them, or what the decoder made of it.</summary>
    public bool IsDamaged { get; init; }
}

namespace Fhir.Server.Dicom.Codecs.Headers;

/// <summary>
/// What the markers of a JPEG tell of its colours: an Adobe marker before component names before a JFIF marker or halved chroma.
/// Lossless frames are not transformed, so they tell nothing but by an Adobe marker.
/// </summary>
internal sealed class JpegColour
{
    private bool? adobeSaysRgb;
    private bool isNamedRgb;
    private bool isJfif;
    private bool isSubsampled;
    private bool isLossless;

    public bool? IsRgb => adobeSaysRgb ?? (isNamedRgb ? true : !isLossless && (isJfif || isSubsampled) ? false : null);

    public void Note(int marker, ReadOnlySpan<byte> segment)
    {
        isJfif |= marker == 0xE0 && segment.StartsWith("JFIF\0"u8);
        if (marker == 0xEE && segment.Length >= 12 && segment.StartsWith("Adobe"u8))
        {
            adobeSaysRgb = segment[11] == 0;
        }
    }

    public void NoteFrame(int marker, ReadOnlySpan<byte> components, int count)
    {
        isLossless = marker is 0xC3 or 0xC7 or 0xCB or 0xCF or 0xF7;
        isNamedRgb = count == 3 && components[0] == 'R' && components[3] == 'G' && components[6] == 'B';
        for (var i = 1; i < count; i++)
        {
            isSubsampled |= components[(i * 3) + 1] != components[1];
        }
    }
}

namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>Luma and chroma of full range to red, green and blue, 8 bits each. PS3.3 §C.7.6.3.1.2.</summary>
internal static class Ybr
{
    private const int Half = 1 << 15;

    public static byte[] ToRgb(ReadOnlySpan<byte> ybr)
    {
        var rgb = new byte[ybr.Length];
        for (var i = 0; i + 2 < ybr.Length; i += 3)
        {
            var (luma, blue, red) = (ybr[i] << 16, ybr[i + 1] - 128, ybr[i + 2] - 128);
            rgb[i] = Clamp(luma + (91881 * red));
            rgb[i + 1] = Clamp(luma - (22554 * blue) - (46802 * red));
            rgb[i + 2] = Clamp(luma + (116130 * blue));
        }

        return rgb;
    }

    private static byte Clamp(int value) => (byte)Math.Clamp((value + Half) >> 16, 0, 255);
}

namespace Fhir.Server.Dicom.Codecs;

/// <summary>Brightness and two colour differences become red, green and blue, in place. PS3.3 §C.7.6.3.1.2.</summary>
internal static class Ybr
{
    // ITU-R BT.601 in sixteenths of a bit: 1.402, 0.344136, 0.714136, 1.772 and their like for the partial range.
    private const int Half = 1 << 15;

    /// <summary>All three use 0 to 255.</summary>
    public static void FromFull(Span<byte> pixels)
    {
        for (var i = 0; i + 2 < pixels.Length; i += 3)
        {
            var pixel = pixels.Slice(i, 3);
            Put(pixel, pixel[0] << 16, pixel[1] - 128, pixel[2] - 128, 91881, 22554, 46802, 116130);
        }
    }

    /// <summary>Brightness uses 16 to 235, the others 16 to 240.</summary>
    public static void FromPartial(Span<byte> pixels)
    {
        for (var i = 0; i + 2 < pixels.Length; i += 3)
        {
            var pixel = pixels.Slice(i, 3);
            Put(pixel, (pixel[0] - 16) * 76309, pixel[1] - 128, pixel[2] - 128, 104597, 25675, 53279, 132201);
        }
    }

    private static void Put(Span<byte> pixel, int brightness, int blue, int red, int redToRed, int blueToGreen, int redToGreen, int blueToBlue)
    {
        brightness += Half;
        pixel[0] = Clamp((brightness + (red * redToRed)) >> 16);
        pixel[1] = Clamp((brightness - (blue * blueToGreen) - (red * redToGreen)) >> 16);
        pixel[2] = Clamp((brightness + (blue * blueToBlue)) >> 16);
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);
}

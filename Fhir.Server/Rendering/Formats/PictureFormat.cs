using Fhir.Server.Outcomes;

namespace Fhir.Server.Rendering.Formats;

/// <summary>What pictures can be written as. PS3.18 §8.7.4.</summary>
public enum PictureFormat
{
    /// <summary>image/png; without loss.</summary>
    Png,

    /// <summary>image/jpeg.</summary>
    Jpeg,
}

/// <summary>Writes pictures.</summary>
public static class PictureEncoder
{
    /// <summary>What a JPEG has when nobody asks for more or less.</summary>
    public const int DefaultQuality = 90;

    /// <summary>A JPEG may be at most 65,500 pixels wide or high.</summary>
    private const int JpegSideLimit = 65500;

    /// <summary>The format can be written on this machine.</summary>
    public static bool CanWrite(PictureFormat format) => format == PictureFormat.Png || JpegWriter.IsAvailable;

    /// <summary>Writes a picture. Quality, from 1 to 100, is for JPEG alone.</summary>
    public static Outcome<Done> Write(Stream target, Picture picture, PictureFormat format, int quality = DefaultQuality)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (quality is < 1 or > 100)
        {
            return Problem.Invalid("The quality is a number from 1 to 100.");
        }

        if (format == PictureFormat.Jpeg)
        {
            return Math.Max(picture.Width, picture.Height) > JpegSideLimit
                ? Problem.NotAcceptable("The picture is too large for JPEG.")
                : JpegWriter.Write(target, picture, quality);
        }

        PngWriter.Write(target, picture);
        return new Done();
    }
}

using System.Buffers;
using Fhir.Server.Outcomes;
using SkiaSharp;

namespace Fhir.Server.Rendering.Formats;

/// <summary>Writes baseline JPEG by Skia, which is given finished pixels and never a codestream. See https://www.w3.org/Graphics/JPEG/itu-t81.pdf</summary>
internal static class JpegWriter
{
    private const int FineQuality = 90;

    private static readonly Lazy<bool> IsSkiaThere = new(() =>
    {
        try
        {
            return SKImageInfo.PlatformColorType != SKColorType.Unknown;
        }
        catch (Exception missing) when (missing is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException or BadImageFormatException)
        {
            return false;
        }
    });

    /// <summary>The native library is there for this machine.</summary>
    public static bool IsAvailable => IsSkiaThere.Value;

    /// <summary>Writes a picture; <see cref="ProblemKind.NotAcceptable"/> where there is no Skia.</summary>
    public static Outcome<Done> Write(Stream target, Picture picture, int quality)
    {
        if (!IsAvailable)
        {
            return Problem.NotAcceptable("JPEG cannot be made on this machine; PNG can.");
        }

        var sampling = quality >= FineQuality ? SKJpegEncoderDownsample.Downsample444 : SKJpegEncoderDownsample.Downsample420;
        var options = new SKJpegEncoderOptions(quality, sampling, SKJpegEncoderAlphaOption.Ignore);
        return picture.IsColour ? WriteColour(target, picture, options) : Encode(target, picture.Pixels, picture.Width, picture.Height, SKColorType.Gray8, options);
    }

    private static Outcome<Done> WriteColour(Stream target, Picture picture, SKJpegEncoderOptions options)
    {
        var four = ArrayPool<byte>.Shared.Rent(picture.Width * picture.Height * 4);
        try
        {
            var from = picture.Pixels;
            var to = four.AsSpan();
            for (int i = 0, j = 0; i < from.Length; i += 3, j += 4)
            {
                (to[j], to[j + 1], to[j + 2], to[j + 3]) = (from[i], from[i + 1], from[i + 2], 255);
            }

            return Encode(target, four.AsSpan(0, picture.Width * picture.Height * 4), picture.Width, picture.Height, SKColorType.Rgb888x, options);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(four);
        }
    }

    private static unsafe Outcome<Done> Encode(Stream target, Span<byte> pixels, int width, int height, SKColorType colour, SKJpegEncoderOptions options)
    {
        fixed (byte* address = pixels)
        {
            using var pixmap = new SKPixmap(new SKImageInfo(width, height, colour, SKAlphaType.Opaque), (nint)address);
            using var encoded = new SKDynamicMemoryWStream();
            if (!pixmap.Encode(encoded, options))
            {
                return Problem.NotAcceptable("The picture cannot be written as JPEG.");
            }

            using var data = encoded.DetachAsData();
            target.Write(data.Span);
            return new Done();
        }
    }
}

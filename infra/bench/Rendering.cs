using System.Diagnostics;
using System.Runtime.InteropServices;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Formats;

namespace Bench;

/// <summary>Rendering in this process, one thread: from a decoded frame to the bytes of a picture. Medians.</summary>
internal static class Rendering
{
    private const int Warm = 60;
    private const int PerRound = 40;

    public static void Measure(Plan plan, Figures figures)
    {
        var image = new DicomDataset().Add(DicomTag.Modality, "CT").AddNumbers(DicomTag.RescaleSlope, DicomVr.DS, 1).AddNumbers(DicomTag.RescaleIntercept, DicomVr.DS, -1024);
        var windowed = new RenderOptions { Window = new VoiWindow(40, 400) };
        var frame = Slice(512);
        var radiograph = Slice(2048);
        Time("512², 16 bits: window alone", 3, frame, windowed, null);
        Time("512², 16 bits: window and PNG", 3, frame, windowed, PictureFormat.Png);
        Time("512², 16 bits: window and JPEG of quality 90", 3, frame, windowed, PictureFormat.Jpeg);
        Time("512², 16 bits: no window given, PNG", 4, frame, RenderOptions.Default, PictureFormat.Png);
        Time("512², 16 bits: thumbnail of 256², JPEG", 3, frame, windowed with { Viewport = new Viewport(256, 256) }, PictureFormat.Jpeg);
        Time("2048², 16 bits: window and PNG", 40, radiograph, windowed, PictureFormat.Png);
        Time("2048², 16 bits: window and JPEG", 40, radiograph, windowed, PictureFormat.Jpeg);
        Time("2048², 16 bits: thumbnail of 256², JPEG", 20, radiograph, windowed with { Viewport = new Viewport(256, 256) }, PictureFormat.Jpeg);

        void Time(string name, double most, DecodedFrame decoded, RenderOptions options, PictureFormat? format)
        {
            using var target = new MemoryStream(1 << 20);
            var times = new List<double>();
            for (var i = 0; i < Warm + (plan.Rounds * PerRound); i++)
            {
                var began = Stopwatch.GetTimestamp();
                // A renderer of its own each time, as a request has: the table is made anew.
                using var picture = FrameRenderer.Of(image, options).Value.Render(decoded, 0).Value;
                target.SetLength(0);
                if (format is { } wanted)
                {
                    PictureEncoder.Write(target, picture, wanted);
                }

                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            figures.Limit(format is null ? name : $"{name}, {target.Length / 1000} KB", times.Skip(Warm).Order().ElementAt(plan.Rounds * PerRound / 2), most, "ms");
        }
    }

    /// <summary>A body of soft tissue with a ring of bone and noise, in air.</summary>
    private static DecodedFrame Slice(int side)
    {
        var random = new Random(1);
        var words = new ushort[side * side];
        for (var i = 0; i < words.Length; i++)
        {
            var (x, y) = (((i % side) - (side / 2.0)) / side, ((i / side) - (side / 2.0)) / side);
            var distance = Math.Sqrt((x * x) + (y * y * 1.6));
            var value = distance > 0.44 ? 30 : distance > 0.4 ? 1900 : 1050 + (40 * Math.Sin(x * 40) * Math.Cos(y * 30));
            words[i] = (ushort)(value + random.Next(-8, 9));
        }

        return new DecodedFrame(MemoryMarshal.AsBytes(words.AsSpan()).ToArray(), new PixelLayout(side, side, 1, 16, 12, 11, false, false, "MONOCHROME2"));
    }
}

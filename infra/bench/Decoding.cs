using System.Buffers.Binary;
using System.Diagnostics;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Imaging;

namespace Bench;

/// <summary>Milliseconds to decode one slice of a CT, 512 by 512 in 16 bits, in each syntax, beside twice what native code took.</summary>
internal static class Decoding
{
    private const int Side = 512;
    private const int Tries = 30;

    /// <summary>Transfer syntax, name, and the milliseconds GDCM took in process for such a slice; for HTJ2K, which it cannot, those of JPEG lossless.</summary>
    private static readonly (string Syntax, string Name, double Native)[] Syntaxes =
    [
        (CodecSyntaxes.JpegLossless, "JPEG lossless .70", 6.2),
        (CodecSyntaxes.JpegLsLossless, "JPEG-LS .80", 5.4),
        (CodecSyntaxes.Jpeg2000Lossless, "JPEG 2000 .90", 11.5),
        (CodecSyntaxes.HtJpeg2000LosslessRpcl, "HTJ2K .202", 6.2),
        (CodecSyntaxes.Rle, "RLE .5", 8.7),
    ];

    public static void Measure(Plan plan, Figures figures) => MeasureAsync(plan, figures).GetAwaiter().GetResult();

    private static async Task MeasureAsync(Plan plan, Figures figures)
    {
        var options = new CodecOptions { CachePath = Path.Combine(plan.Folder, "cache") };
        Directory.CreateDirectory(plan.Folder);
        figures.Limit("codecs compiled, once a machine", await PrepareAsync(options), 30_000, "ms");
        figures.Limit("codecs loaded from the cache", await PrepareAsync(options), 250, "ms");
        using var sandbox = CodecSetup.Sandbox(options);
        var codec = CodecSetup.Together(sandbox);
        var layout = new PixelLayout(Side, Side, 1, 16, 12, 11, true, false, "MONOCHROME2");
        var slice = MakeSlice();
        foreach (var (syntax, name, native) in Syntaxes)
        {
            var encoded = (await codec.EncodeAsync(syntax, slice, layout, default)).Value;
            var encoding = await BestAsync(() => codec.EncodeAsync(syntax, slice, layout, default));
            var decoding = await BestAsync(() => codec.DecodeAsync(syntax, encoded.Codestream, encoded.Layout, default));
            figures.Limit($"decode a 512² CT from {name} ({encoded.Codestream.Length / 1024} KB; encoded in {encoding:0.0} ms)", decoding, native * 2, "ms");
        }
    }

    private static async Task<double> PrepareAsync(CodecOptions options)
    {
        var watch = Stopwatch.StartNew();
        using var sandbox = CodecSetup.Sandbox(options);
        await sandbox.PrepareAsync();
        return watch.Elapsed.TotalMilliseconds;
    }

    private static async Task<double> BestAsync<T>(Func<ValueTask<T>> work)
    {
        var best = double.MaxValue;
        for (var i = 0; i < Tries; i++)
        {
            var watch = Stopwatch.StartNew();
            await work();
            best = Math.Min(best, watch.Elapsed.TotalMilliseconds);
        }

        return best;
    }

    /// <summary>A body with organs and the noise of a scanner in air without any.</summary>
    private static byte[] MakeSlice()
    {
        var random = new Random(1);
        var bytes = new byte[Side * Side * 2];
        for (var i = 0; i < Side * Side; i++)
        {
            var (x, y) = ((i % Side) - (Side / 2), (i / Side) - (Side / 2));
            var isBody = ((x * x) / 1.4) + (y * y) < 200 * 200;
            var organ = ((x - 60) * (x - 60)) + (y * y) < 70 * 70 ? 40 : ((x + 60) * (x + 60)) + (y * y) < 60 * 60 ? -800 : 0;
            var noise = random.Next(-9, 10) + random.Next(-9, 10);
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(i * 2), (short)(isBody ? organ + (x / 16) + noise : -1000));
        }

        return bytes;
    }
}

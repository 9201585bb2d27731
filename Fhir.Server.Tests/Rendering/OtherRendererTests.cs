using System.Diagnostics;
using Fhir.Server.Dicom;
using Fhir.Server.Rendering;

namespace Fhir.Server.Tests.Rendering;

/// <summary>The same files through dcmj2pnm of DCMTK, which shares no code with this room: by the image's own window or table, or in colour.</summary>
public sealed class OtherRendererTests
{
    private const double Near = 1.0;
    private const double NearLossy = 3.0;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Where the two differ, and why.</summary>
    private static readonly Dictionary<string, string> Different = new()
    {
    };

    private static readonly DicomTag[] Shapes =
    [
        DicomTag.PixelSpacing, RenderingTags.PixelAspectRatio, RenderingTags.ImagerPixelSpacing, RenderingTags.NominalScannedPixelSpacing,
    ];

    [Test]
    public async Task Pictures_are_those_of_DCMTK()
    {
        Corpus.RequireOrSkip();
        var program = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "dcmj2pnm")).FirstOrDefault(File.Exists);
        if (program is null)
        {
            Assert.Ignore("There is no dcmj2pnm of DCMTK on this machine.");
        }

        using var pictures = await CorpusPictures.OpenOrSkipAsync();
        var (compared, wrong) = (0, new List<string>());
        foreach (var file in Corpus.Files())
        {
            if (await CompareAsync(program!, file, pictures) is not { } difference)
            {
                continue;
            }

            compared++;
            TestContext.Out.WriteLine($"{file.Name}\t{difference:0.000}");
            var limit = file.TransferSyntax is "1.2.840.10008.1.2.4.50" or "1.2.840.10008.1.2.4.51" ? NearLossy : Near;
            if (difference > limit != Different.ContainsKey(file.Name))
            {
                wrong.Add($"{file.Name}: {difference:0.00}");
            }
        }

        Assert.That(wrong, Is.Empty);
        Assert.That(compared, Is.GreaterThan(50));
    }

    /// <summary>The mean difference of a sample; null where the other has no picture or there is no window to agree on.</summary>
    private static async Task<double?> CompareAsync(string program, CorpusFile file, CorpusPictures pictures)
    {
        using var stream = file.Open();
        if (!Part10Reader.Read(stream).TryGet(out var read, out _) || read.PixelData is null || VoiOf(read.Dataset) is not { } voi)
        {
            return null;
        }

        foreach (var shape in Shapes)
        {
            read.Dataset.Remove(shape);
        }

        var outcome = await pictures.RenderAsync(read, stream, new RenderOptions { ShowsOverlays = false });
        if (!outcome.TryGet(out var picture, out _))
        {
            return null;
        }

        using (picture)
        {
            return await RunAsync(program, [.. voi, "-O", "+F", "1", file.FullPath]) is { } other ? Pnm.Difference(other, picture) : null;
        }
    }

    private static string[]? VoiOf(DicomDataset dataset) =>
        dataset.GetInt32(DicomTag.SamplesPerPixel) == 3 || dataset.GetString(DicomTag.PhotometricInterpretation) == "PALETTE COLOR" ? []
        : dataset.Items(DicomTag.VOILUTSequence).Count > 0 ? ["+Wl", "1"]
        : dataset.GetDouble(DicomTag.WindowWidth) is >= 1 ? ["+Wi", "1"] : null;

    private static async Task<byte[]?> RunAsync(string program, IReadOnlyList<string> arguments)
    {
        var target = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
            foreach (var argument in arguments.Append(target))
            {
                start.ArgumentList.Add(argument);
            }

            using var process = Process.Start(start)!;
            using var patience = new CancellationTokenSource(Patience);
            await Task.WhenAll(process.StandardError.ReadToEndAsync(patience.Token), process.StandardOutput.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? await File.ReadAllBytesAsync(target) : null;
        }
        finally
        {
            File.Delete(target);
        }
    }
}

/// <summary>A picture as DCMTK writes it. See https://netpbm.sourceforge.net/doc/pgm.html</summary>
internal static class Pnm
{
    /// <summary>The mean difference of a sample; 255 when the sizes differ.</summary>
    public static double Difference(byte[] file, Picture picture)
    {
        var words = new List<string>();
        var at = 0;
        while (words.Count < 4)
        {
            var end = Array.FindIndex(file, at, b => b is (byte)' ' or (byte)'\n');
            var word = System.Text.Encoding.ASCII.GetString(file, at, end - at);
            at = word.StartsWith('#') ? Array.IndexOf(file, (byte)'\n', at) + 1 : end + 1;
            if (word.Length > 0 && !word.StartsWith('#'))
            {
                words.Add(word);
            }
        }

        var samples = file.AsSpan(at);
        if (words[1] != $"{picture.Width}" || words[2] != $"{picture.Height}" || words[0] != (picture.IsColour ? "P6" : "P5") || samples.Length != picture.Pixels.Length)
        {
            return 255;
        }

        var sum = 0L;
        for (var i = 0; i < samples.Length; i++)
        {
            sum += Math.Abs(samples[i] - picture.Pixels[i]);
        }

        return (double)sum / samples.Length;
    }
}

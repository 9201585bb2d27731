using System.Diagnostics;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Formats;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Every real file has a picture, or a reason a person understands, in bounded time and memory.</summary>
public sealed class CorpusRenderingTests
{
    private const long MemoryLimit = 256L << 20;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    /// <summary>What has pixels and still no picture, and why that is right.</summary>
    private static readonly Dictionary<string, string> NoPicture = new()
    {
        ["pydicom/meta_missing_tsyntax.dcm"] = "its pixel data come without rows and columns",
        ["pydicom/nested_priv_SQ.dcm"] = "its pixel data come without rows and columns",
    };

    [Test]
    public async Task Every_file_has_a_picture_or_a_reason_a_person_understands()
    {
        Corpus.RequireOrSkip();
        using var pictures = await CorpusPictures.OpenOrSkipAsync();
        foreach (var file in Corpus.Files())
        {
            using var stream = file.Open();
            if (!Part10Reader.Read(stream).TryGet(out var read, out _))
            {
                continue;
            }

            var before = GC.GetTotalAllocatedBytes(true);
            var watch = Stopwatch.StartNew();
            var outcome = await pictures.RenderAsync(read, stream, RenderOptions.Default);
            if (outcome.TryGet(out var picture, out var problem))
            {
                PictureEncoder.Write(Stream.Null, picture, PictureFormat.Png);
                picture.Dispose();
            }

            TestContext.Out.WriteLine($"{file.Name}\t{watch.ElapsedMilliseconds} ms\t{(GC.GetTotalAllocatedBytes(true) - before) >> 20} MB\t{problem?.Text}");
            Check(file, read, problem, watch.Elapsed, GC.GetTotalAllocatedBytes(true) - before);
        }
    }

    [Test]
    public async Task All_frames_of_the_multi_frame_files_have_pictures()
    {
        Corpus.RequireOrSkip();
        using var pictures = await CorpusPictures.OpenOrSkipAsync();
        foreach (var file in Corpus.Files().Where(file => file.Size.Split('x') is [_, _, var frames] && int.TryParse(frames, out var count) && count is > 1 and < 40))
        {
            using var stream = file.Open();
            var read = Part10Reader.Read(stream).Value;
            for (var frame = 0; frame < read.PixelData!.Frames!.Count; frame++)
            {
                var outcome = await pictures.RenderAsync(read, stream, RenderOptions.Default, frame);
                Assert.That(outcome.Problem, Is.Null, $"{file.Name} {frame}");
                outcome.Value.Dispose();
            }
        }
    }

    private static void Check(CorpusFile file, DicomFile read, Problem? problem, TimeSpan time, long memory)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(time, Is.LessThan(TimeLimit), file.Name);
            Assert.That(memory, Is.LessThan(MemoryLimit), file.Name);
            if (problem is null)
            {
                return;
            }

            Assert.That(problem.Text, Does.EndWith(".").And.Length.GreaterThan(15), file.Name);
            Assert.That(problem.Kind, Is.AnyOf(ProblemKind.NotAcceptable, ProblemKind.Invalid), file.Name);
            Assert.That(read.PixelData is null || NoPicture.ContainsKey(file.Name), $"{file.Name}: {problem.Text}");
        }
    }
}

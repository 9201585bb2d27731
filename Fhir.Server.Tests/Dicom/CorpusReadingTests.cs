using System.Diagnostics;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Real files.</summary>
public sealed class CorpusReadingTests
{
    [Test]
    public void Every_file_is_read_or_refused_with_a_reason_and_quickly()
    {
        Corpus.RequireOrSkip();
        foreach (var file in Corpus.Files())
        {
            var watch = Stopwatch.StartNew();
            using var stream = file.Open();
            var outcome = Part10Reader.Read(stream);
            TestContext.Out.WriteLine(outcome.Match(
                f => $"{file.Name}\t{f.TransferSyntax}\t{f.Dataset.Count}\t{f.PixelData?.Frames?.Count}\t{string.Join(" ", f.Warnings)}",
                p => $"{file.Name}\tREFUSED {p.Kind}: {p.Text}"));
            Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(2)), file.Name);
        }
    }
}

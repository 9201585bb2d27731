using System.Text.Json;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Every file of the corpus says the same to us as to DCMTK.</summary>
public sealed class DifferentialTests
{
    private const double LeastShare = 0.98;

    private static readonly DicomReadOptions Loaded = new() { BulkThreshold = 1 << 20 };

    /// <summary>Where the two differ, and why. Whoever adds a line knows the reason.</summary>
    private static readonly Dictionary<string, string> Explained = new()
    {
        ["fo-dicom/GH1301.dcm"] = "Patient's Sex is a Chinese character in GB18030, where only ASCII may be; DCMTK leaves it in bytes that are no UTF-8.",
        ["fo-dicom/charset/chrSQEncoding.dcm"] = "An item is in ISO 2022 IR 87, for which DCMTK has no table here: it writes the bytes as they are.",
    };

    [Test]
    public void Metadata_are_those_dcm2json_writes()
    {
        Corpus.RequireOrSkip();
        Dcmtk.RequireOrSkip("dcm2json");
        var differing = Corpus.Files().Select(file => (file.Name, Differences: Differences(file))).Where(pair => pair.Differences.Count > 0).ToList();
        differing.ForEach(pair => TestContext.Out.WriteLine($"{pair.Name}: {string.Join("; ", pair.Differences.Take(6))}"));
        TestContext.Out.WriteLine($"{differing.Count} of {Corpus.Files().Count} differ");
        Assert.That(differing.Select(pair => pair.Name), Is.SubsetOf(Explained.Keys));
        Assert.That(differing, Has.Count.LessThanOrEqualTo((1 - LeastShare) * Corpus.Files().Count));
    }

    private static IReadOnlyList<string> Differences(CorpusFile file)
    {
        using var stream = file.Open();
        var outcome = Part10Reader.Read(stream, Loaded);
        using var theirs = ForeignJson.Of(file.FullPath, outcome.IsSuccess ? Missing(outcome.Value) : 0);
        if (!outcome.IsSuccess || theirs.Document is not { } document)
        {
            return outcome.IsSuccess ? ["DCMTK refuses it: " + theirs.Complaint] : theirs.Document is null ? [] : ["We refuse it: " + outcome.Problem!.Text];
        }

        if (theirs.IsInLatin1)
        {
            ReadInLatin1(outcome.Value.Dataset);
            outcome.Value.Dataset.Add(DicomTag.SpecificCharacterSet, "ISO_IR 100");
        }

        using var ours = JsonDocument.Parse(DicomJson.Write(outcome.Value.Dataset, Loaded.BulkThreshold).ToArray(""));
        return JsonDifference.Between(ours.RootElement, document.RootElement);
    }

    /// <summary>What is cut off; DCMTK refuses such a file, and is given it whole.</summary>
    private static int Missing(DicomFile file) =>
        file.PixelData is { IsEncapsulated: false, NativeFrameLength: { } length, Frames.Count: 1 } pixels ? (int)Math.Max(0, length - pixels.Length) : 0;

    private static void ReadInLatin1(DicomDataset dataset)
    {
        dataset.Remove(DicomTag.SpecificCharacterSet);
        foreach (var item in dataset.Elements.SelectMany(element => element.Items ?? []))
        {
            ReadInLatin1(item);
        }
    }
}

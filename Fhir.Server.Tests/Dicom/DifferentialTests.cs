using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Every file of the corpus says the same to us as to DCMTK.</summary>
public sealed partial class DifferentialTests
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
    public void Metadata_are_those_dcm2json_writes() => Check("dcm2json", ["-ee"], (ours, theirs) =>
    {
        using var left = JsonDocument.Parse(DicomJson.Write(ours, Loaded.BulkThreshold).ToArray(""));
        using var right = JsonDocument.Parse(PointAtEnd().Replace(NotANumber().Replace(theirs, "\"NaN\""), "$1.0"));
        return JsonDifference.Between(left.RootElement, right.RootElement);
    });

    [Test]
    public void The_native_model_is_what_dcm2xml_writes_but_for_directories() => Check("dcm2xml", ["-nat", "+Xn", "+Eb", "+M", "+U8"], (ours, theirs) =>
    {
        using var left = new MemoryStream();
        DicomXml.Write(left, ours, "", Loaded.BulkThreshold);
        return XmlDifference.Between(XDocument.Parse(Encoding.UTF8.GetString(left.ToArray())), XDocument.Parse(Control().Replace(theirs, "\uFFFD")));
    });

    private static void Check(string command, string[] options, Func<DicomDataset, string, IReadOnlyList<string>> differences)
    {
        Corpus.RequireOrSkip();
        Dcmtk.RequireOrSkip(command);
        var differing = new List<string>();
        foreach (var file in Corpus.Files())
        {
            if (file.Name.Contains("DICOMDIR", StringComparison.Ordinal) && command == "dcm2xml")
            {
                // It has no Native DICOM Model for them.
                continue;
            }

            if (Differences(file, command, options, differences) is { Count: > 0 } found)
            {
                differing.Add(file.Name);
                TestContext.Out.WriteLine($"{file.Name}: {string.Join("; ", found.Take(6))}");
            }
        }

        TestContext.Out.WriteLine($"{differing.Count} of {Corpus.Files().Count} differ");
        Assert.That(differing, Is.SubsetOf(Explained.Keys));
        Assert.That(differing, Has.Count.LessThanOrEqualTo((1 - LeastShare) * Corpus.Files().Count));
    }

    private static IReadOnlyList<string> Differences(
        CorpusFile file, string command, string[] options, Func<DicomDataset, string, IReadOnlyList<string>> differences)
    {
        using var stream = file.Open();
        var outcome = Part10Reader.Read(stream, Loaded);
        var theirs = ForeignModel.Of(file.FullPath, outcome.IsSuccess ? Missing(outcome.Value) : 0, command, options);
        if (!outcome.IsSuccess || theirs.Text is not { } text)
        {
            return outcome.IsSuccess ? ["DCMTK refuses it: " + theirs.Complaint] : theirs.Text is null ? [] : ["We refuse it: " + outcome.Problem!.Text];
        }

        if (theirs.IsInLatin1)
        {
            ReadInLatin1(outcome.Value.Dataset);
            outcome.Value.Dataset.Add(DicomTag.SpecificCharacterSet, "ISO_IR 100");
        }

        return differences(outcome.Value.Dataset, text);
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

    /// <summary>A decimal string such as "2." goes into its JSON as it is, and so does what is no number; JSON has neither.</summary>
    [GeneratedRegex(@"(?<=^\s*-?)(\d+)\.(?=,?\s*$)", RegexOptions.Multiline)]
    private static partial Regex PointAtEnd();

    [GeneratedRegex(@"(?<=^\s*)-?nan(?=,?\s*$)", RegexOptions.Multiline)]
    private static partial Regex NotANumber();

    /// <summary>Control characters go into its XML as they are, or as references XML does not allow.</summary>
    [GeneratedRegex(@"[\x00-\x08\x0B\x0C\x0E-\x1F]|&#(?:[0-8]|1[124-9]|2\d|3[01]);")]
    private static partial Regex Control();
}

using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Real files: of scanners, of other libraries, and some that are damaged on purpose.</summary>
public sealed class CorpusReadingTests
{
    private const string CtImage = "cornerstone3D/CTImage.dcm_";
    private static readonly string[] Refused = ["pydicom/no_meta.dcm"];

    [Test]
    public void Every_file_is_read_or_refused_with_a_reason_quickly_and_within_256_megabytes()
    {
        Corpus.RequireOrSkip();
        foreach (var file in Corpus.Files())
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var outcome = default(Outcome<DicomFile>);
            Patience.Within(file.Name, () => outcome = ReadAndWrite(file));
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            TestContext.Out.WriteLine(outcome.Match(
                f => $"{file.Name}\t{f.TransferSyntax}\t{f.Dataset.Count}\t{f.PixelData?.Frames?.Count}\t{string.Join(" ", f.Warnings)}",
                p => $"{file.Name}\tREFUSED {p.Kind}: {p.Text}"));
            Assert.That(allocated, Is.LessThan(256 << 20), file.Name);
            Assert.That(outcome.IsSuccess, Is.EqualTo(!Refused.Contains(file.Name)), file.Name);
        }
    }

    private static Outcome<DicomFile> ReadAndWrite(CorpusFile file)
    {
        using var stream = file.Open();
        var outcome = Part10Reader.Read(stream);
        if (outcome.IsSuccess)
        {
            DicomJson.Write(outcome.Value.Dataset).ToArray("");
            DicomXml.Write(Stream.Null, outcome.Value.Dataset, "");
        }

        return outcome;
    }

    [Test]
    public void Syntax_modality_and_frames_are_those_of_the_index()
    {
        Corpus.RequireOrSkip();
        foreach (var file in Corpus.Files().Where(f => !Refused.Contains(f.Name)))
        {
            using var stream = file.Open();
            var read = Part10Reader.Read(stream).Value;
            using (Assert.EnterMultipleScope())
            {
                if (file.TransferSyntax.StartsWith('1'))
                {
                    Assert.That(read.TransferSyntax, Is.EqualTo(file.TransferSyntax), file.Name);
                }

                if (file.Modality is not ("-" or "?"))
                {
                    Assert.That(read.Dataset.GetString(DicomTag.Modality), Is.EqualTo(file.Modality), file.Name);
                }

                if (read.PixelData is { } pixels && file.Size.Split('x') is [_, _, var frames] && int.TryParse(frames, out var count))
                {
                    Assert.That(pixels.Frames?.Count, Is.EqualTo(count), file.Name);
                }
            }
        }
    }

    [Test]
    public void The_beginning_of_each_file_tells_where_its_data_set_begins()
    {
        Corpus.RequireOrSkip();
        foreach (var file in Corpus.Files().Where(f => !Refused.Contains(f.Name)))
        {
            using var stream = file.Open();
            var read = Part10Reader.Read(stream).Value;
            var first = new byte[4096];
            stream.Position = 0;
            var length = stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
            Assert.That(Part10Reader.LooksLikeDicom(first.AsSpan(0, Math.Min(length, 512))), file.Name);
            Assert.That(Part10Reader.DataSetOffset(first.AsSpan(0, length)), Is.EqualTo(read.DataSetOffset > 0 ? read.DataSetOffset : null), file.Name);
        }
    }

    [Test]
    public void Each_file_written_again_says_the_same()
    {
        Corpus.RequireOrSkip();
        foreach (var file in Corpus.Files().Where(f => !Refused.Contains(f.Name)))
        {
            using var stream = file.Open();
            var read = Part10Reader.Read(stream).Value;
            if (read.Dataset.GetString(DicomTag.SOPInstanceUID) is null || read.Dataset.GetString(DicomTag.SOPClassUID) is null)
            {
                continue;
            }

            using var target = new MemoryStream();
            var syntax = read.PixelData is { IsEncapsulated: true } ? read.TransferSyntax : DicomTransferSyntax.ExplicitLittleEndian;
            Assert.That(Part10Writer.Write(target, read.Dataset, syntax, stream, read.Syntax.IsBigEndian).Problem, Is.Null, file.Name);
            var again = Part10Reader.Read(target).Value;
            var left = DicomJson.Write(read.Dataset).ToArray("");
            Assert.That(DicomJson.Write(again.Dataset).ToArray("").AsSpan().SequenceEqual(left), file.Name);
            Assert.That(again.PixelData?.Frames?.Count, Is.EqualTo(read.PixelData?.Frames?.Count), file.Name);
        }
    }

    [TestCase("chrArab", "قباني^لنزار")]
    [TestCase("chrFren", "Buc^Jérôme")]
    [TestCase("chrGB2312", "Zhang^XiaoDong=张^小东=")]
    [TestCase("chrGreek", "Διονυσιος")]
    [TestCase("chrH31", "Yamada^Tarou=山田^太郎=やまだ^たろう")]
    [TestCase("chrI2", "Hong^Gildong=洪^吉洞=홍^길동")]
    [TestCase("chrJapMulti", "やまだ^たろう")]
    [TestCase("chrRuss", "Люкceмбypг")]
    [TestCase("chrX1", "Wang^XiaoDong=王^小東=")]
    public void Names_come_out_right(string name, string expected)
    {
        using var stream = Corpus.Get($"fo-dicom/charset/{name}.dcm").Open();
        Assert.That(Part10Reader.Read(stream).Value.Dataset.GetString(DicomTag.PatientName), Is.EqualTo(expected));
    }

    [Test]
    public void Items_with_a_character_set_of_their_own_are_read_in_it()
    {
        using var stream = Corpus.Get("fo-dicom/charset/chrSQEncoding.dcm").Open();
        var item = Part10Reader.Read(stream).Value.Dataset.Items(new DicomTag(0x00321064))[0];
        Assert.That(item.GetPersonName(DicomTag.PatientName)!.Ideographic, Is.EqualTo("山田^太郎"));
    }

    [Test]
    public void Pixels_are_the_same_high_byte_first_and_deflated()
    {
        using var stream = Corpus.Get(CtImage + "BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm").Open();
        using var other = Corpus.Get(CtImage + "DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99.dcm").Open();
        var big = Part10Reader.Read(stream).Value;
        var deflated = Part10Reader.Read(other).Value;
        var pixels = big.Load(big.Dataset.Find(DicomTag.PixelData)!, stream).Value;
        Assert.That(big.PixelData!.IsBigEndian);
        Assert.That(pixels.Span.SequenceEqual(deflated.Dataset.Find(DicomTag.PixelData)!.Value.Span));
        Assert.That(big.Dataset.GetDoubles(DicomTag.PixelSpacing), Is.EqualTo(deflated.Dataset.GetDoubles(DicomTag.PixelSpacing)));
        Assert.That(big.Dataset.GetInt32(DicomTag.Rows), Is.EqualTo(512));
    }
}

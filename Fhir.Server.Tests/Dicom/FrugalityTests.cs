using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>What the reading of a header may allocate. Time is measured by infra/bench, for it depends on the machine.</summary>
[NonParallelizable]
public sealed class FrugalityTests
{
    private const int MostBytes = 50_000;
    private const int Elements = 220;

    [TestCase(DicomTransferSyntax.ExplicitLittleEndian)]
    [TestCase(DicomTransferSyntax.ImplicitLittleEndian)]
    public void The_header_of_an_instance_of_512_kilobytes_takes_little_memory(string syntax)
    {
        var dataset = Made.Image(1, rows: 512, columns: 512).AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[512 * 512 * 2]);
        for (ushort i = 0; i < Elements; i++)
        {
            dataset.Add(new DicomTag(0x0009, (ushort)(0x1000 + i)), DicomVr.LO, "A value of usual length");
        }

        var allocated = Allocated(dataset.AddSequence(DicomTag.ProcedureCodeSequence, new DicomDataset().Add(DicomTag.CodeValue, "A")).Bytes(syntax));
        TestContext.Out.WriteLine($"{allocated} bytes for {dataset.Count} elements");
        Assert.That(allocated, Is.LessThanOrEqualTo(MostBytes));
    }

    [Test]
    public void So_does_that_of_every_real_file_of_about_that_size()
    {
        Corpus.RequireOrSkip();
        foreach (var file in Corpus.Files().Where(f => new FileInfo(f.FullPath).Length is > 400_000 and < 700_000))
        {
            var allocated = Allocated(File.ReadAllBytes(file.FullPath));
            TestContext.Out.WriteLine($"{file.Name}: {allocated}");
            Assert.That(allocated, Is.LessThanOrEqualTo(MostBytes), file.Name);
        }
    }

    /// <summary>The second reading counts: what is kept for good and the pooled buffer are there then.</summary>
    private static long Allocated(byte[] bytes)
    {
        var allocated = 0L;
        for (var round = 0; round < 2; round++)
        {
            using var stream = new MemoryStream(bytes);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(Part10Reader.Read(stream).IsSuccess);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return allocated;
    }
}

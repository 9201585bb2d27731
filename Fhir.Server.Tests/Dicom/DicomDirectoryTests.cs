using System.Buffers.Binary;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>PS3.3 Annex F, and what discs make of it.</summary>
public sealed class DicomDirectoryTests
{
    private static readonly string[] Whole = ["PATIENT A", "STUDY", "SERIES", "IMAGE 1", "IMAGE 2", "PATIENT B", "STUDY", "SERIES", "IMAGE 1"];

    [TestCase("DICOMDIR", 2, 31)]
    [TestCase("DICOMDIR-reordered", 2, 31)]
    [TestCase("DICOMDIR-implicit", 2, 31)]
    [TestCase("DICOMDIR-nopatient", 0, 31)]
    [TestCase("DICOMDIR-empty.dcm", 0, 0)]
    public void Those_of_the_corpus_are_read(string name, int patients, int files)
    {
        using var stream = Corpus.Get("cd-dicomdirtests/" + name).Open();
        var directory = DicomDirectory.Read(stream).Value;
        TestContext.Out.WriteLine(string.Join(" ", directory.Warnings));
        Assert.That(directory.Roots.Count(r => r.Type == "PATIENT"), Is.EqualTo(patients));
        Assert.That(directory.Files.Count(), Is.EqualTo(files));
        foreach (var record in directory.Files)
        {
            var path = Path.Combine([Path.GetDirectoryName(Corpus.Get("cd-dicomdirtests/DICOMDIR").FullPath)!, .. record.FileId]);
            if (File.Exists(path))
            {
                using var file = File.OpenRead(path);
                Assert.That(Part10Reader.Read(file).Value.SopInstanceUid, Is.EqualTo(record.SopInstanceUid));
            }
        }
    }

    [Test]
    public void Offsets_make_the_tree() => AssertTree(Bytes(), Whole, warnings: 0);

    [Test]
    public void Without_offsets_the_order_makes_it() => AssertTree(Changed((_, _) => 0), Whole);

    [Test]
    public void Offsets_that_are_all_wrong_alike_are_put_right() => AssertTree(Changed((_, old) => old == 0 ? 0 : old - 128), Whole);

    [Test]
    public void Wrong_offsets_lose_no_record() => AssertTree(Changed((_, old) => old == 0 ? 0 : old + 2), Whole);

    [Test]
    public void A_circle_is_gone_round_once()
    {
        var first = Offsets(Bytes())[0];
        AssertTree(Changed((i, old) => i < 2 ? old : first), null);
    }

    [Test]
    public void Big_endian_and_implicit_ones_are_read()
    {
        var explicitly = Bytes().Read();
        using var target = new MemoryStream();
        var meta = Part10Writer.Meta(DicomDirectory.SopClass, "1.2", DicomTransferSyntax.ImplicitLittleEndian);
        Assert.That(Part10Writer.Write(target, explicitly.Dataset, meta, DicomWriteOptions.Default).IsSuccess);
        AssertTree(target.ToArray(), Whole);
        AssertTree(BigEndian.Turned(explicitly), Whole);
    }

    [Test]
    public void Records_not_in_use_are_left_out_and_what_is_below_them_is_not()
    {
        var bytes = Bytes();
        var at = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x04, 0, 0x10, 0x14, (byte)'U', (byte)'S', 2, 0, 0xFF, 0xFF]);
        bytes[at + 8] = bytes[at + 9] = 0;
        var directory = Read(bytes);
        Assert.That(directory.Roots.Select(r => r.Type), Is.EqualTo(new[] { "STUDY", "PATIENT" }));
    }

    [TestCase("..\\..\\ETC", 0)]
    [TestCase("C:\\A", 0)]
    [TestCase("DICOM/A/B", 3)]
    [TestCase(".\\A\\\\B", 2)]
    [TestCase("im1.dcm;1", 1)]
    public void A_file_id_never_leads_out_of_the_disc(string id, int components)
    {
        var record = new DicomDataset().Add(DicomTag.DirectoryRecordType, "IMAGE").Add(DicomTag.ReferencedFileID, DicomVr.CS, id);
        Assert.That(DirectoryFileId.RecordOf(record, new ReadWarnings()).FileId, Has.Count.EqualTo(components));
    }

    [Test]
    public void Another_file_is_none()
    {
        using var stream = new MemoryStream(Made.Image().Bytes());
        Assert.That(DicomDirectory.Read(stream).IsSuccess, Is.False);
    }

    private static byte[] Bytes()
    {
        var builder = new DicomDirectoryBuilder("TEST");
        builder.Add(DirectoryInstance.Of("A", 1), DicomTransferSyntax.ExplicitLittleEndian, "DICOM", "A1");
        builder.Add(DirectoryInstance.Of("A", 2), DicomTransferSyntax.ExplicitLittleEndian, "DICOM", "A2");
        builder.Add(DirectoryInstance.Of("B", 1), DicomTransferSyntax.ExplicitLittleEndian, "DICOM", "B1");
        using var target = new MemoryStream();
        Assert.That(builder.Write(target).Problem, Is.Null);
        return target.ToArray();
    }

    private static List<uint> Offsets(byte[] bytes)
    {
        var found = new List<uint>();
        ForEachOffset(bytes, (_, old) =>
        {
            found.Add(old);
            return old;
        });
        return found;
    }

    private static byte[] Changed(Func<int, uint, uint> change)
    {
        var bytes = Bytes();
        ForEachOffset(bytes, change);
        return bytes;
    }

    /// <summary>(0004,1200), (0004,1202), and each (0004,1400) and (0004,1420), all UL of four bytes.</summary>
    private static void ForEachOffset(byte[] bytes, Func<int, uint, uint> change)
    {
        var index = 0;
        for (var at = 132; at + 12 <= bytes.Length; at++)
        {
            if (bytes.AsSpan(at, 8) is [4, 0, 0, 0x12 or 0x14, (byte)'U', (byte)'L', 4, 0] or [4, 0, 2, 0x12, (byte)'U', (byte)'L', 4, 0]
                or [4, 0, 0x20, 0x14, (byte)'U', (byte)'L', 4, 0])
            {
                var value = bytes.AsSpan(at + 8, 4);
                BinaryPrimitives.WriteUInt32LittleEndian(value, change(index++, BinaryPrimitives.ReadUInt32LittleEndian(value)));
            }
        }
    }

    private static void AssertTree(byte[] bytes, string[]? expected, int? warnings = null)
    {
        var directory = Read(bytes);
        if (expected is not null)
        {
            Assert.That(directory.Records.Select(Text), Is.EqualTo(expected));
        }

        Assert.That(directory.Records.Count(), Is.EqualTo(Whole.Length));
        Assert.That(directory.Warnings, warnings is null ? Is.Not.Null : Has.Count.EqualTo(warnings));
    }

    private static string Text(DicomDirectoryRecord record) =>
        $"{record.Type} {record.Dataset.GetString(DicomTag.PatientID)}{record.Dataset.GetString(DicomTag.InstanceNumber)}".TrimEnd();

    private static DicomDirectory Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var outcome = DicomDirectory.Read(stream);
        Assert.That(outcome.Problem, Is.Null);
        return outcome.Value;
    }
}

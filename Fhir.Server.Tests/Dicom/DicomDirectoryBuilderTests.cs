using System.Text.RegularExpressions;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>PS3.3 Annex F and PS3.10 §8, written by us and checked by others.</summary>
public sealed partial class DicomDirectoryBuilderTests
{
    [Test]
    public void Another_toolkit_finds_every_record_where_the_offsets_say([Values] bool undefinedLengths)
    {
        Dcmtk.RequireOrSkip("dcmdump");
        using var file = Dcmtk.Temporary(Bytes(Rich(), new DicomWriteOptions { UndefinedLengths = undefinedLengths }));
        var (output, complaint) = Dcmtk.Run("dcmdump", "+L", file.Path);
        Assert.That(output, Is.Not.Null, complaint);
        Assert.That(complaint, Is.Empty);
        var records = Offset().Matches(output!).Select(m => long.Parse(m.Groups[1].Value)).ToList();
        var links = Link().Matches(output!).Select(m => (Tag: m.Groups[1].Value, To: long.Parse(m.Groups[2].Value))).ToList();
        Assert.That(records, Has.Count.EqualTo(3 * 3 + 11).And.Unique);
        Assert.That(links.Where(l => l.To != 0).Select(l => l.To).Distinct(), Is.SubsetOf(records));

        // From the first root and as a next or a child, every record is reached exactly once.
        var reached = links.Where(l => l.Tag != "1202" && l.To != 0).Select(l => l.To).ToList();
        Assert.That(reached, Is.EquivalentTo(records));
    }

    [Test]
    public void Another_toolkit_finds_the_keys_it_wants()
    {
        Dcmtk.RequireOrSkip("dcmdump");
        using var file = Dcmtk.Temporary(Bytes(Rich()));
        var output = Dcmtk.Run("dcmdump", "+L", file.Path).Output!;
        Assert.That(output, Does.Contain("[KEY OBJECT DOC]").And.Contain("[ENCAP DOC]").And.Contain("[PRESENTATION]").And.Contain("[SR DOCUMENT]")
            .And.Contain("[RT DOSE]").And.Contain("[PRIVATE]").And.Contain("[19000101]").And.Contain("[UNKNOWN3]"));
    }

    [Test]
    public void A_disc_of_the_corpus_listed_anew_says_what_its_own_directory_says()
    {
        using var own = Corpus.Get("cd-dicomdirtests/DICOMDIR").Open();
        var theirs = DicomDirectory.Read(own).Value;
        var builder = new DicomDirectoryBuilder(theirs.FileSetId!);
        foreach (var record in theirs.Files)
        {
            using var file = Corpus.Get("cd-dicomdirtests/" + string.Join('/', record.FileId)).Open();
            var read = Part10Reader.Read(file).Value;
            Assert.That(builder.Add(read.Dataset, read.TransferSyntax, [.. record.FileId]).Problem, Is.Null);
        }

        using var target = new MemoryStream(Bytes(builder));
        var ours = DicomDirectory.Read(target).Value;
        Assert.That(ours.Warnings, Is.Empty);
        Assert.That(ours.Files.Select(Text).Order(), Is.EqualTo(theirs.Files.Select(Text).Order()));
        Assert.That(ours.Records.Select(r => r.Type).Order(), Is.EqualTo(theirs.Records.Select(r => r.Type).Order()));

        static string Text(DicomDirectoryRecord record) =>
            string.Join('\\', record.FileId) + record.SopClassUid + record.SopInstanceUid + record.TransferSyntax + record.Dataset.GetString(DicomTag.InstanceNumber);
    }

    [Test]
    public void Keys_without_a_value_are_made_up_here_and_only_here()
    {
        var bare = new DicomDataset().Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7").Add(DicomTag.SOPInstanceUID, "1.2.3")
            .Add(DicomTag.StudyInstanceUID, "1.2.1").Add(DicomTag.SeriesInstanceUID, "1.2.2").AddNumbers(DicomTag.Rows, DicomVr.US, 1);
        var count = bare.Count;
        var builder = new DicomDirectoryBuilder();
        builder.Add(bare, DicomTransferSyntax.ExplicitLittleEndian, "A");
        using var file = new MemoryStream(Bytes(builder));
        var records = DicomDirectory.Read(file).Value.Records.Select(r => r.Dataset).ToList();
        Assert.That(records[0].GetString(DicomTag.PatientID), Is.EqualTo("UNKNOWN1"));
        Assert.That(records[1].GetString(DicomTag.StudyDate), Is.EqualTo("19000101"));
        Assert.That(records[1].GetString(DicomTag.StudyID), Is.EqualTo("1"));
        Assert.That(records[2].GetString(DicomTag.SeriesNumber), Is.EqualTo("1"));
        Assert.That(records[3].GetString(DicomTag.InstanceNumber), Is.EqualTo("1"));
        Assert.That(bare, Has.Count.EqualTo(count));
    }

    [TestCase("ISO_IR 100", "Müller^Jörg")]
    [TestCase("ISO_IR 144", "Люкceмбypг")]
    [TestCase("ISO_IR 192", "山田^太郎")]
    [TestCase("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎")]
    public void A_name_keeps_its_character_set(string set, string name)
    {
        var builder = new DicomDirectoryBuilder();
        var instance = new DicomDataset().Add(DicomTag.SpecificCharacterSet, DicomVr.CS, set);
        foreach (var element in DirectoryInstance.Of("A", 1))
        {
            instance.Add(element);
        }

        builder.Add(instance.Add(DicomTag.PatientName, name), DicomTransferSyntax.ExplicitLittleEndian, "A");
        using var file = new MemoryStream(Bytes(builder));
        var patient = DicomDirectory.Read(file).Value.Roots[0].Dataset;
        Assert.That(patient.GetString(DicomTag.PatientName), Is.EqualTo(name));
        Assert.That(string.Join('\\', patient.GetStrings(DicomTag.SpecificCharacterSet)), Is.EqualTo(set));
    }

    [Test]
    public void Names_that_no_disc_has_are_refused_and_so_are_an_empty_disc_and_two_files_of_one_name()
    {
        var builder = new DicomDirectoryBuilder();
        Assert.That(builder.Write(Stream.Null).IsSuccess, Is.False);
        foreach (var wrong in new string[][] { [], ["a"], ["A.DCM"], ["ABCDEFGHI"], [""], ["A", "B", "C", "D", "E", "F", "G", "H", "I"] })
        {
            Assert.That(builder.Add(DirectoryInstance.Of("A", 1), DicomTransferSyntax.ExplicitLittleEndian, wrong).IsSuccess, Is.False);
        }

        Assert.That(builder.Add(DirectoryInstance.Of("A", 1), DicomTransferSyntax.ExplicitLittleEndian, "A").IsSuccess);
        Assert.That(builder.Add(DirectoryInstance.Of("A", 2), DicomTransferSyntax.ExplicitLittleEndian, "A").IsSuccess, Is.False);
        Assert.That(builder.Add(new DicomDataset(), DicomTransferSyntax.ExplicitLittleEndian, "B").IsSuccess, Is.False);
    }

    [Test]
    public void An_id_that_was_made_up_is_never_that_of_another_patient()
    {
        var builder = new DicomDirectoryBuilder();
        Add(DirectoryInstance.Of("UNKNOWN2", 1), "A");
        var nameless = DirectoryInstance.Of("X", 2);
        nameless.Remove(DicomTag.PatientID);
        Add(nameless, "B");
        Add(DirectoryInstance.Of("UNKNOWN3", 3), "C");
        foreach (var _ in Enumerable.Range(0, 2))
        {
            using var file = new MemoryStream(Bytes(builder));
            var ids = DicomDirectory.Read(file).Value.Records.Where(r => r.Type == "PATIENT").Select(r => r.Dataset.GetString(DicomTag.PatientID));
            Assert.That(ids, Is.EqualTo(new[] { "UNKNOWN2", "UNKNOWN4", "UNKNOWN3" }));
        }

        void Add(DicomDataset instance, string name) =>
            Assert.That(builder.Add(instance, DicomTransferSyntax.ExplicitLittleEndian, name).Problem, Is.Null);
    }

    [TestCase("lower")]
    [TestCase("SEVENTEEN_LETTERS")]
    [TestCase("BACK\\SLASH")]
    public void A_disc_has_a_name_that_discs_can_have(string name) => Assert.That(() => new DicomDirectoryBuilder(name), Throws.ArgumentException);

    [Test]
    public void The_same_files_make_the_same_bytes()
    {
        var once = Bytes(Rich());
        Assert.That(Bytes(Rich()), Is.EqualTo(once));
    }

    /// <summary>Three patients, one without an ID; values of odd and no length; many kinds of records.</summary>
    private static DicomDirectoryBuilder Rich()
    {
        const string Storage = "1.2.840.10008.5.1.4.1.1.";
        var builder = new DicomDirectoryBuilder("ODD");
        var number = 0;
        foreach (var kind in new[] { "7", "88.11", "88.59", "104.1", "11.1", "481.2", "9.1.1", "66", "66.1" })
        {
            number++;
            Assert.That(builder.Add(DirectoryInstance.Of("A", number, Storage + kind), DicomTransferSyntax.ExplicitLittleEndian, "D", $"A{number}").Problem, Is.Null);
        }

        var odd = DirectoryInstance.Of("B", 1, "1.2.3.4").Add(DicomTag.PatientName, "Odd").Add(DicomTag.StudyDescription, "").Add(DicomTag.StudyDate, "");
        odd.Remove(DicomTag.Rows);
        builder.Add(odd, DicomTransferSyntax.ExplicitLittleEndian, "B");
        builder.Add(DirectoryInstance.Of("C", 1).Add(DicomTag.PatientID, ""), DicomTransferSyntax.ImplicitLittleEndian, "C");
        return builder;
    }

    private static byte[] Bytes(DicomDirectoryBuilder builder, DicomWriteOptions? options = null)
    {
        using var target = new MemoryStream();
        Assert.That(builder.Write(target, options).Problem, Is.Null);
        return target.ToArray();
    }

    [GeneratedRegex(@"#  offset=\$(\d+)")]
    private static partial Regex Offset();

    [GeneratedRegex(@"\(0004,(1200|1202|1400|1420)\) up (\d+)")]
    private static partial Regex Link();
}

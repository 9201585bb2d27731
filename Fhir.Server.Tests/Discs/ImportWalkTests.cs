using Fhir.Server.Dicom;
using Fhir.Server.Discs;

namespace Fhir.Server.Tests.Discs;

/// <summary>What may lie on a disc. PS3.10 §8, and whatever else people burn.</summary>
public sealed class ImportWalkTests
{
    private DiscFolder disc = null!;

    [SetUp]
    public void Insert() => disc = new DiscFolder();

    [TearDown]
    public void Eject() => disc.Dispose();

    [Test]
    public void Dicom_is_told_by_what_is_inside_whatever_the_name()
    {
        disc.Add("DICOM/ST1/IM1", DiscFolder.Instance("1.2.3"));
        disc.Add("photo of grandma.jpg", DiscFolder.Instance("1.2.4"));
        disc.Add(".hidden/ü.txt", DiscFolder.Instance("1.2.5"));
        Assert.That(Walk().Cast<DiscInstance>().Select(file => file.SopInstanceUid), Is.EqualTo(["1.2.5", "1.2.3", "1.2.4"]));
    }

    [Test]
    public void An_instance_says_its_length_and_whom_it_is_of()
    {
        var path = disc.Add("a", DiscFolder.Instance("1.2.3"));
        var file = (DiscInstance)Walk().Single();
        Assert.That(file.Path, Is.EqualTo(path));
        Assert.That(file.Length, Is.EqualTo(new FileInfo(path).Length));
        Assert.That((file.Person.PatientId, file.Person.PatientName, file.Person.PatientBirthDate, file.Person.PatientSex),
            Is.EqualTo(("42", "Doe^Jane", "19800102", "F")));
    }

    [Test]
    public void What_is_no_dicom_is_skipped_with_the_reason()
    {
        disc.Add("autorun.inf", "[autorun]\r\nopen=viewer.exe"u8.ToArray());
        disc.Add("b.dcm", new byte[2000]);
        disc.Add("c", []);
        disc.Add("d.zip", [.. "PK\u0003\u0004"u8, .. new byte[300]]);
        disc.Add("e", [1]);
        disc.Add("f", DiscFolder.Instance("1.2.3").Add(DicomTag.SOPClassUID, "1.2.840.10008.1.3.10"));
        Assert.That(Walk().Cast<DiscSkip>().Select(skip => skip.Reason), Is.EqualTo(
            ["not DICOM", "not DICOM", "empty", "a ZIP archive; unpack it first", "not DICOM", "directory of the disc"]));
    }

    [Test]
    public void A_damaged_instance_is_a_failure_and_never_just_skipped()
    {
        var whole = Dicom.Made.Bytes(DiscFolder.Instance("1.2.3"));
        disc.Add("cut", whole[..^7]);
        disc.Add("no uid", [.. whole[..132], .. Enumerable.Repeat((byte)0xFF, 400)]);
        Assert.That(Walk(), Has.Exactly(2).InstanceOf<DiscFailure>());
    }

    [Test]
    public void Links_are_told_and_not_followed_so_loops_do_no_harm()
    {
        disc.Add("a/real", DiscFolder.Instance("1.2.3"));
        Directory.CreateSymbolicLink(disc.At("a/up"), disc.Path);
        Directory.CreateSymbolicLink(disc.At("a/self"), disc.At("a/self"));
        File.CreateSymbolicLink(disc.At("b"), "/etc/passwd");
        var entries = Walk();
        Assert.That(entries.OfType<DiscInstance>(), Has.One.Items);
        Assert.That(entries.OfType<DiscSkip>().Select(skip => skip.Reason), Has.Exactly(3).StartsWith("a link"));
    }

    [Test]
    public void A_source_may_be_a_link_or_a_single_file()
    {
        using var other = new DiscFolder();
        var file = other.Add("x", DiscFolder.Instance("1.2.3"));
        Directory.CreateSymbolicLink(disc.At("drive"), other.Path);
        var walk = new ImportWalk([disc.At("drive"), file]);
        Assert.That(walk.Entries().OfType<DiscInstance>().Count(), Is.EqualTo(2));
        Assert.That(walk.Count(), Is.EqualTo(2));
    }

    [Test]
    public void A_deep_tree_is_walked_and_where_its_paths_are_too_long_that_is_said()
    {
        var names = string.Join('/', Enumerable.Repeat(new string('d', 100), 25));
        disc.Add($"upper/{names}/file", DiscFolder.Instance("1.2.3"));
        disc.Add($"lower/{names}/file", DiscFolder.Instance("1.2.4"));
        Assert.That(Walk().OfType<DiscInstance>().Count(), Is.EqualTo(2));

        Directory.Move(disc.At("lower"), disc.At($"upper/{names}/lower"));
        try
        {
            var entries = Walk();
            Assert.That(entries.OfType<DiscInstance>().Count(), Is.EqualTo(1));
            Assert.That(entries.OfType<DiscFailure>().Single().Reason, Is.EqualTo("the folder cannot be read"));
        }
        finally
        {
            Directory.Move(disc.At($"upper/{names}/lower"), disc.At("lower"));
        }
    }

    [Test]
    public void What_may_not_be_opened_is_a_failure()
    {
        var path = disc.Add("locked", DiscFolder.Instance("1.2.3"));
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Ignore("Nothing is closed to root.");
            return;
        }
        File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.That(Walk().Single(), Is.EqualTo(new DiscFailure(path, "the file cannot be read")));
    }

    [Test]
    public void Files_are_looked_at_one_by_one_in_the_order_of_their_names()
    {
        disc.With(3);
        using var walk = new ImportWalk([disc.Path]).Entries().GetEnumerator();
        walk.MoveNext();
        Assert.That(walk.Current.Path, Does.EndWith("IM001"));
        File.WriteAllText(disc.At("IM002"), "no longer DICOM");
        walk.MoveNext();
        Assert.That(walk.Current, Is.InstanceOf<DiscSkip>());
    }

    [Test]
    public void Sources_that_are_not_there_are_named() =>
        Assert.That(new ImportWalk([disc.Path, disc.At("nothing")]).Missing, Is.EqualTo([disc.At("nothing")]));

    [Test]
    public void Real_files_are_all_recognised_and_only_those_without_a_uid_fail()
    {
        Corpus.RequireOrSkip();
        var files = Corpus.Files();
        var entries = new ImportWalk([.. files.Select(file => file.FullPath)]).Entries().ToList();
        // The first bytes of no_meta.dcm are damaged on purpose: nothing could tell it.
        Assert.That(entries.OfType<DiscSkip>().Where(skip => !skip.Path.EndsWith("no_meta.dcm", StringComparison.Ordinal)).Select(skip => skip.Reason),
            Is.All.EqualTo("directory of the disc"));
        Assert.That(entries.OfType<DiscFailure>().Select(failure => failure.Reason), Is.All.Contains("UID"));
        Assert.That(entries, Has.Count.EqualTo(files.Count));
    }

    private List<DiscEntry> Walk() => [.. new ImportWalk([disc.Path]).Entries()];
}

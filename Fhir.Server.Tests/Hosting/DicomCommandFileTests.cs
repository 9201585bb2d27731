using System.Runtime.Versioning;
using Fhir.Server.Hosting.DicomCommands;
using Fhir.Server.Outcomes;
using Fhir.Server.Tests.Dicom;

namespace Fhir.Server.Tests.Hosting;

/// <summary>Which files the <c>dicom</c> commands read, and how they write theirs.</summary>
[TestFixture]
public sealed class DicomCommandFileTests
{
    private string root = "";

    [SetUp]
    public void MakeFolder()
    {
        root = Directory.CreateTempSubdirectory("phr-dicom-").FullName;
        foreach (var disc in new[] { "disc", "other" })
        {
            Directory.CreateDirectory(In(disc));
            File.WriteAllBytes(In(disc + "/one.dcm"), DicomCommandTests.Image().Bytes());
        }
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(root, recursive: true);

    [TestCase("json", "one.dcm.json")]
    [TestCase("render", "one.dcm.png")]
    [TestCase("transcode", "one.dcm", "--to", "rle")]
    [TestCase("contact-sheet", "")]
    public async Task What_is_there_is_replaced_only_by_force(string command, string made, params string[] options)
    {
        var (output, path) = made.Length == 0 ? (In("sheet.png"), In("sheet.png")) : (In("out"), In("out/" + made));
        string[] all = [command, In("disc"), "-o", output, .. options];
        Assert.That((await RunAsync(all)).Code, Is.Zero);
        var first = await File.ReadAllBytesAsync(path);
        await File.WriteAllTextAsync(path, "precious");
        var (code, said) = await RunAsync(all);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(said, Does.Contain("--force").And.Not.Contain("   at "));
        Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo("precious"));
        Assert.That((await RunAsync([.. all, "--force"])).Code, Is.Zero);
        Assert.That(await File.ReadAllBytesAsync(path), Is.EqualTo(first));
        Assert.That(Directory.GetFiles(root, "*.part", SearchOption.AllDirectories), Is.Empty);
    }

    [TestCase("json")]
    [TestCase("render")]
    [TestCase("transcode", "--to", "rle")]
    public async Task Two_files_of_one_name_never_become_one(string command, params string[] options)
    {
        var (code, said) = await RunAsync([command, In("disc"), In("other"), "-o", In("out"), "--force", .. options]);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(said, Does.Contain(In("other/one.dcm")).And.Contain("was made from another file just now"));
        Assert.That(Directory.GetFiles(In("out")), Has.Length.EqualTo(1));
    }

    [TestCase("dump")]
    [TestCase("contact-sheet", "--size", "32")]
    public async Task A_link_is_not_passed_over_in_silence(string command, params string[] options)
    {
        Directory.CreateSymbolicLink(In("disc/link"), In("other"));
        var output = command == "dump" ? Array.Empty<string>() : ["-o", In("sheet.png")];
        var (code, said) = await RunAsync([command, In("disc"), .. output, .. options]);
        Assert.That(code, Is.EqualTo(1));
        Assert.That(said, Does.Contain(In("disc/link") + ": A link is not followed"));
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    public async Task A_folder_that_cannot_be_read_is_a_failure()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("Whoever may read everything has no such folder.");
        }

        var closed = Directory.CreateDirectory(In("disc/closed"));
        closed.UnixFileMode = UnixFileMode.None;
        var (code, said) = await RunAsync("dump", In("disc"));
        closed.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.That(code, Is.EqualTo(1));
        Assert.That(said, Does.Contain(In("disc/closed") + ": The folder cannot be read."));
    }

    [Test]
    public async Task A_target_is_written_once_in_a_run_even_by_force()
    {
        var target = new TargetFile(force: true);
        Assert.That((await target.WriteAsync(In("a"), new byte[] { 1 }, default)).Problem, Is.Null);
        var again = await target.WriteAsync(Path.Combine(root, "disc", "..", "a"), new byte[] { 2 }, default);
        Assert.That(again.Problem?.Kind, Is.EqualTo(ProblemKind.Conflict));
        Assert.That(await File.ReadAllBytesAsync(In("a")), Is.EqualTo([1]));
    }

    [Test]
    public async Task A_target_that_has_no_place_is_a_problem()
    {
        var outcome = await new TargetFile(force: true).WriteAsync(In("disc/one.dcm/a"), new byte[] { 1 }, default);
        Assert.That(outcome.Problem?.Text, Does.EndWith("cannot be written."));
    }

    [Test]
    public async Task What_breaks_while_a_source_is_used_is_told_as_it_is_and_not_put_upon_the_target()
    {
        var target = new TargetFile(force: false);
        var outcome = await new SourceFile(In("disc/one.dcm"), "one.dcm").ReadAsync(
            async (_, _) => await target.WriteAsync(In("a"), _ => throw new IOException("Input/output error : '/media/cdrom/one.dcm'")), default);
        Assert.That(outcome.Problem?.Text, Does.Contain("Input/output error : '/media/cdrom/one.dcm'").And.Not.Contain("cannot be written"));
        Assert.That(Directory.GetFiles(root), Is.Empty);
    }

    private string In(string path) => Path.Combine(root, path);

    private static Task<(int Code, string Output)> RunAsync(params string[] arguments) => CommandProcess.RunAsync(["dicom", .. arguments]);
}

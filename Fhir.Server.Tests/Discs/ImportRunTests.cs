using Fhir.Server.Dicom;
using Fhir.Server.Discs;

namespace Fhir.Server.Tests.Discs;

/// <summary>What becomes of a disc when all goes well, more or less.</summary>
public sealed class ImportRunTests
{
    private DiscFolder disc = null!;
    private StubServer server = null!;

    [SetUp]
    public async Task StartAsync() => (disc, server) = (new DiscFolder(), await StubServer.StartAsync());

    [TearDown]
    public async Task StopAsync()
    {
        disc.Dispose();
        await server.DisposeAsync();
    }

    [Test]
    public async Task Instances_go_to_the_record_as_they_are()
    {
        var path = disc.Add("a", DiscFolder.Instance("1.2.3"));
        var report = await RunAsync();
        var batch = server.Batches.Single();
        Assert.That(batch.Patient, Is.EqualTo("p1"));
        Assert.That(batch.ContentType, Does.StartWith("multipart/related; type=\"application/dicom\"; boundary="));
        Assert.That((batch.Accept, batch.Authorization), Is.EqualTo(("application/dicom+json", "Operator k3y")));
        var hash = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
        Assert.That(batch.Parts.Single(), Is.EqualTo(new ArrivedPart("application/dicom", "1.2.3", new FileInfo(path).Length, hash)));
        Assert.That((report.Stored, report.Bytes, report.ExitCode), Is.EqualTo((1, new FileInfo(path).Length, 0)));
    }

    [Test]
    public async Task Batches_are_bounded_by_files()
    {
        disc.With(7);
        var report = await RunAsync(new([disc.Path], "p1") { BatchFiles = 3 });
        Assert.That(server.Batches.Select(batch => batch.Parts.Count), Is.EqualTo([3, 3, 1]));
        Assert.That(report.Stored, Is.EqualTo(7));
    }

    [Test]
    public async Task Batches_are_bounded_by_bytes_and_a_larger_file_goes_alone()
    {
        disc.With(2);
        disc.AddSparse("IM000", "1.2.4", 5000);
        disc.AddSparse("IM003", "1.2.5", 1000);
        await RunAsync(new([disc.Path], "p1") { BatchBytes = 2000 });
        Assert.That(server.Batches.Select(batch => batch.Parts.Count), Is.EqualTo([1, 2, 1]));
    }

    [Test]
    public async Task Every_fate_is_counted()
    {
        disc.With(10);
        disc.Add("readme.txt", "Please insert the disc"u8.ToArray());
        disc.Add("cut", [.. new byte[128], .. "DICM"u8, 2, 0, 1]);
        server.Warnings["1.2.3.3.2"] = 0xB000;
        server.Warnings["1.2.3.3.3"] = 0xB007;
        int[] reasons = [0x0111, 0xA900, 0xA901, 0xC000, 0x0110, 0x0122];
        for (var i = 0; i < reasons.Length; i++)
        {
            server.Failures[$"1.2.3.3.{i + 5}"] = reasons[i];
        }

        var report = await RunAsync();
        Assert.That((report.Seen, report.Stored, report.KeptBeside, report.AlreadyThere), Is.EqualTo((12, 3, 1, 0)));
        Assert.That(report.Skipped, Is.EqualTo([new ImportNote(disc.At("readme.txt"), "not DICOM")]));
        Assert.That(report.Refused.Skip(1).Select(note => note.Path), Is.EqualTo(Enumerable.Range(5, 6).Select(i => disc.At($"IM{i:000}"))));
        Assert.That(report.Refused.Skip(1).Select(note => note.Reason), Is.EqualTo(
        [
            "another data set is stored under this SOP Instance UID",
            "an attribute that identifies it is missing",
            "it belongs to another study",
            "the server cannot understand it",
            "the server could not process it",
            "the server refused it with reason 0122",
        ]));
        Assert.That((report.Settled, report.ExitCode), Is.EqualTo((12, 1)));
    }

    [Test]
    public async Task Running_it_again_stores_nothing_and_is_no_failure()
    {
        disc.With(5);
        await RunAsync();
        var second = await RunAsync();
        Assert.That((second.Stored, second.AlreadyThere, second.ExitCode), Is.EqualTo((0, 5, 0)));
    }

    [Test]
    public async Task A_server_that_does_not_say_what_was_there_already_is_believed_to_have_stored_it()
    {
        disc.With(5);
        server.IsForeign = true;
        await RunAsync();
        Assert.That((await RunAsync()).Stored, Is.EqualTo(5));
    }

    [Test]
    public async Task Two_files_of_one_uid_go_in_different_batches_and_are_told_apart()
    {
        disc.Add("a", DiscFolder.Instance("1.2.3"));
        disc.Add("b", DiscFolder.Instance("1.2.4"));
        disc.Add("c", DiscFolder.Instance("1.2.3"));
        disc.Add("d", DiscFolder.Instance("1.2.3", patient: "43"));
        var report = await RunAsync();
        Assert.That(server.Batches.Select(batch => batch.Uids), Is.EqualTo(new[] { ["1.2.3", "1.2.4"], ["1.2.3"], new[] { "1.2.3" } }));
        Assert.That((report.Stored, report.AlreadyThere), Is.EqualTo((2, 1)));
        Assert.That(report.Refused.Single().Path, Is.EqualTo(disc.At("d")));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_new_patient_is_made_once_of_what_the_first_instance_says(bool hidesLocation)
    {
        server.HidesLocation = hidesLocation;
        disc.Add("0.txt", [1, 2, 3]);
        disc.With(3);
        var report = await RunAsync(new([disc.Path], null) { BatchFiles = 1 });
        var patient = server.Created.Single();
        Assert.That((string?)patient["resourceType"], Is.EqualTo("Patient"));
        Assert.That((string?)patient["name"]![0]!["family"], Is.EqualTo("Doe"));
        Assert.That((string?)patient["birthDate"], Is.EqualTo("1980-01-02"));
        Assert.That((string?)patient["identifier"]![0]!["value"], Is.EqualTo("42"));
        Assert.That((report.Patient, report.IsNewPatient, report.Stored), Is.EqualTo(("made1", true, 3)));
        Assert.That(server.Batches.Select(batch => batch.Patient), Is.EqualTo(Enumerable.Repeat("made1", 3)));
    }

    [Test]
    public async Task Without_dicom_no_patient_is_made()
    {
        disc.Add("a.txt", [1, 2, 3]);
        var report = await RunAsync(new([disc.Path], null));
        Assert.That(server.Created, Is.Empty);
        Assert.That((report.Patient, report.ExitCode), Is.EqualTo(((string?)null, 0)));
    }

    [Test]
    public async Task Different_people_are_counted_and_all_are_stored()
    {
        disc.Add("a", DiscFolder.Instance("1.2.1"));
        disc.Add("b", DiscFolder.Instance("1.2.2", name: "DOE^JANE^^"));
        disc.Add("c", DiscFolder.Instance("1.2.3", name: "Roe^Jane"));
        disc.Add("d", DiscFolder.Instance("1.2.4", birthDate: "19800103"));
        disc.Add("e", DiscFolder.Instance("1.2.5", patient: "", name: "", birthDate: ""));
        var report = await RunAsync();
        Assert.That((report.People, report.Stored, report.ExitCode), Is.EqualTo((3, 5, 0)));
    }

    [Test]
    [NonParallelizable]
    public async Task A_large_file_goes_through_little_memory()
    {
        disc.AddSparse("large", "1.2.3", 100 << 20);
        await RunAsync(new([disc.Add("warm", DiscFolder.Instance("1.2.4"))], "p1"));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var report = await RunAsync(new([disc.At("large")], "p1"));
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.That((report.Stored, report.ExitCode), Is.EqualTo((1, 0)));
        Assert.That(server.Batches[^1].Parts.Single().Length, Is.GreaterThan(100 << 20));
        Assert.That(allocated, Is.LessThan(40 << 20), "allocated by both sides together");
    }

    [Test]
    public async Task Progress_tells_of_every_file_and_never_goes_back()
    {
        disc.With(4);
        var steps = new Steps();
        await RunAsync(new([disc.Path], "p1") { BatchFiles = 2 }, steps);
        Assert.That(steps.Seen.Select(step => step.Seen), Is.Ordered);
        Assert.That(steps.Seen.Select(step => step.Settled), Is.Ordered);
        Assert.That(steps.Seen[^1] with { Bytes = 0 }, Is.EqualTo(new ImportProgress(4, 4, 4, 0)));
    }

    private Task<ImportReport> RunAsync() => RunAsync(new([disc.Path], "p1"));

    private async Task<ImportReport> RunAsync(ImportRequest request, IProgress<ImportProgress>? progress = null)
    {
        using var client = server.Client();
        return await new ImportRun(client, TimeProvider.System, progress).RunAsync(request, CancellationToken.None);
    }
}

/// <summary>Remembers steps, and can do something at one.</summary>
internal sealed class Steps(Action<ImportProgress>? at = null) : IProgress<ImportProgress>
{
    public List<ImportProgress> Seen { get; } = [];

    public void Report(ImportProgress value)
    {
        Seen.Add(value);
        at?.Invoke(value);
    }
}

using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;

namespace Fhir.Server.Tests.Storage;

public sealed class FileBlobStoreTests : BlobStoreContract
{
    private string folder = "";
    private FileBlobStore? store;

    [TearDown]
    public void Remove()
    {
        store?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public async Task A_file_is_named_for_its_minute_and_begins_with_its_format()
    {
        var name = await KeepAsync([1, 2, 3]);
        Assert.Multiple(() =>
        {
            Assert.That(name.Value, Does.StartWith("20260214/0930/"));
            Assert.That(
                File.ReadAllBytes(PathOf(name)), Is.EqualTo(new byte[] { 0x50, 0x48, 0x52, 0x42, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3 }));
        });
    }

    [Test]
    public async Task The_first_walk_removes_what_an_earlier_process_left_and_nothing_else()
    {
        var orphan = Path.Combine(folder, "20260213", "0815", $"{new string('a', 32)}.part");
        var future = Path.Combine(folder, "20991231", "2359", $"{new string('b', 32)}.part");
        var foreign = Path.Combine(folder, "20260213", "0816", "README.txt");
        foreach (var path in (string[])[orphan, future, foreign])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "left over");
        }
        await using var live = await Store.BeginAsync(default);
        await live.WriteAsync(Bytes(200_000), default);

        Assert.That(Store.MadeBefore(Clock.GetUtcNow()), Is.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(Directory.Exists(Path.GetDirectoryName(orphan)), Is.False);
            Assert.That(Directory.Exists(Path.GetDirectoryName(future)), Is.False);
            Assert.That(File.Exists(foreign));
        });
        await live.CompleteAsync(default);
        Assert.That(Store.Exists(live.Name));
    }

    [Test]
    public async Task A_walk_removes_empty_folders_but_not_one_in_use()
    {
        Directory.CreateDirectory(Path.Combine(folder, "20260213", "0815"));
        await using var live = await Store.BeginAsync(default);
        Assert.That(Store.MadeBefore(DateTimeOffset.MaxValue), Is.Empty);
        await live.CompleteAsync(default);
        Assert.That(Directory.GetDirectories(folder).Select(Path.GetFileName), Is.EqualTo(["20260214"]));
    }

    [Test]
    public async Task Another_process_finds_what_was_kept()
    {
        var name = await KeepAsync(Bytes(1_000));
        using var again = new FileBlobStore(folder, new DiskFileLayer(), Clock);
        using var blob = await again.OpenAsync(name, default);
        Assert.That(blob?.Length, Is.EqualTo(1_000));
    }

    [Test]
    public async Task The_probe_is_told_before_and_after_the_renaming()
    {
        var seen = new List<(string, bool)>();
        FileBlobStore? probed = null;
        IBlobUpload? upload = null;
        probed = new FileBlobStore(folder, new DiskFileLayer(), Clock, point => seen.Add((point, probed!.Exists(upload!.Name))));
        using (probed)
        {
            await using (upload = await probed.BeginAsync(default))
            {
                await upload.CompleteAsync(default);
            }
        }
        Assert.That(seen, Is.EqualTo([("blob-written", false), ("blob-renamed", true)]));
    }

    [Test]
    public void It_knows_how_much_room_is_left() => Assert.That(store!.FreeBytes(), Is.Positive);

    [Test]
    public void A_folder_that_cannot_be_synced_is_an_error()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("Folders are not synced there.");
        }
        Assert.That(() => new DiskFileLayer().SyncFolder(Path.Combine(folder, "nowhere")), Throws.TypeOf<IOException>());
    }

    protected override IBlobStore OpenEmpty(TimeProvider clock)
    {
        folder = Directory.CreateTempSubdirectory("blobs-").FullName;
        return store = new FileBlobStore(folder, new DiskFileLayer(), clock);
    }

    protected override Task OverwriteAsync(BlobName name, byte[] raw) => File.WriteAllBytesAsync(PathOf(name), raw);

    protected override int CountKept() => Directory.GetFileSystemEntries(folder).Length;

    private string PathOf(BlobName name) => Path.Combine(folder, name.Value);
}

using System.IO.Pipelines;
using System.Collections.Concurrent;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Microsoft.Extensions.Time.Testing;

namespace Fhir.Server.Tests.Storage;

/// <summary>Whatever is under way when the power goes: what was acknowledged is there, nothing half-there can be opened.</summary>
public sealed class BlobCrashTests
{
    private const string Folder = "/data/blobs";

    [Test]
    public async Task After_a_power_cut_acknowledged_blobs_are_whole_and_no_other_is_torn()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            Assert.That(await FaultAfterCutAsync(seed, Forgotten.Nothing), Is.Null, $"Seed {seed}.");
        }
    }

    [TestCase(Forgotten.FileSyncs)]
    [TestCase(Forgotten.FolderSyncs)]
    [TestCase(Forgotten.SyncsAbove)]
    public async Task A_forgotten_sync_would_be_noticed(object forgotten)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            if (await FaultAfterCutAsync(seed, (Forgotten)forgotten) is not null)
            {
                return;
            }
        }
        Assert.Fail("The model forgives.");
    }

    [TestCase("blob-written", false)]
    [TestCase("blob-renamed", true)]
    public async Task A_blob_survives_from_the_moment_it_is_renamed_and_synced(string point, bool survives)
    {
        var disk = new LossyFileLayer();
        LossyFileLayer? after = null;
        using var store = new FileBlobStore(Folder, disk, new FakeTimeProvider(), reached => after ??= reached == point ? disk.Crash(7) : null);
        byte[] content = [1, 2, 3];
        var upload = await store.BeginAsync(default);
        await upload.WriteAsync(content, default);
        try
        {
            await upload.CompleteAsync(default);
        }
        catch (PowerCutException)
        {
        }

        using var again = new FileBlobStore(Folder, after!, new FakeTimeProvider());
        Assert.That(await ReadAsync(again, upload.Name), survives ? Is.EqualTo(content) : Is.Null);
    }

    [Test]
    public async Task A_failed_sync_breaks_the_upload_for_good()
    {
        var disk = new LossyFileLayer();
        using var store = new FileBlobStore(Folder, disk, new FakeTimeProvider());
        var upload = await store.BeginAsync(default);
        await upload.WriteAsync(new byte[200_000], default);
        disk.FailOnce(new IOException("No space left on device"));

        Assert.That(async () => await upload.CompleteAsync(default), Throws.TypeOf<IOException>());
        Assert.That(async () => await upload.CompleteAsync(default), Throws.InvalidOperationException);
        await upload.DisposeAsync();
        Assert.Multiple(() =>
        {
            Assert.That(store.IsLeased(upload.Name), Is.False);
            Assert.That(disk.Folders(Folder), Is.Empty);
        });
    }

    // Lets some uploaders work until the power is cut, and tells what is wrong afterwards.
    private static async Task<string?> FaultAfterCutAsync(int seed, Forgotten forgotten)
    {
        var disk = new LossyFileLayer(new Random(seed).Next(5, 500)) { Forgets = forgotten };
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 2, 14, 23, 57, 0, TimeSpan.Zero));
        using var store = new FileBlobStore(Folder, disk, clock);
        var uploaders = Enumerable.Range(0, 6).Select(number => new Uploader(store, clock, new Random((seed * 10) + number))).ToList();
        await Task.WhenAll(uploaders.Select(one => Task.Run(one.WorkAsync)));
        return await FaultAsync(
            disk.Crash(seed),
            uploaders.SelectMany(one => one.Acknowledged),
            uploaders.SelectMany(one => one.Asked),
            uploaders.SelectMany(one => one.Begun));
    }

    private static async Task<string?> FaultAsync(
        LossyFileLayer disk,
        IEnumerable<KeyValuePair<BlobName, byte[]>> acknowledged,
        IEnumerable<KeyValuePair<BlobName, byte[]>> asked,
        IEnumerable<BlobName> begun)
    {
        using var store = new FileBlobStore(Folder, disk, new FakeTimeProvider());
        var wholeIfThere = asked.ToDictionary();
        foreach (var (name, content) in acknowledged)
        {
            if (await ReadAsync(store, name) is not { } read || !read.AsSpan().SequenceEqual(content))
            {
                return $"{name} was acknowledged and is {(store.Exists(name) ? "torn" : "gone")}.";
            }
        }
        foreach (var name in begun)
        {
            if (await ReadAsync(store, name) is { } read
                && !(wholeIfThere.TryGetValue(name, out var content) && read.AsSpan().SequenceEqual(content)))
            {
                return $"{name} was never acknowledged, and what can be opened is not what was meant.";
            }
        }
        return Leftover(store, disk);
    }

    // One walk finds everything and clears away what was not finished.
    private static string? Leftover(FileBlobStore store, LossyFileLayer disk)
    {
        foreach (var name in store.MadeBefore(DateTimeOffset.MaxValue).ToList())
        {
            store.Delete(name);
        }
        return disk.Folders(Folder).Count == 0 ? null : "Something is left that no walk finds.";
    }

    private static async Task<byte[]?> ReadAsync(FileBlobStore store, BlobName name)
    {
        try
        {
            using var content = await store.OpenAsync(name, default);
            if (content is null)
            {
                return null;
            }
            using var read = new MemoryStream();
            await content.CopyToAsync(0, content.Length, PipeWriter.Create(read), default);
            return read.ToArray();
        }
        catch (InvalidDataException)
        {
            // A torn header: no blob, and yet something under its name.
            return [0xBA, 0xD];
        }
    }

    /// <summary>Uploads, abandons and deletes at random, until the power goes.</summary>
    private sealed class Uploader(FileBlobStore store, FakeTimeProvider clock, Random random)
    {
        public ConcurrentDictionary<BlobName, byte[]> Acknowledged { get; } = [];

        public ConcurrentDictionary<BlobName, byte[]> Asked { get; } = [];

        public ConcurrentBag<BlobName> Begun { get; } = [];

        public async Task WorkAsync()
        {
            try
            {
                for (var i = 0; i < 20; i++)
                {
                    await UploadAsync();
                    PerhapsDelete();
                    PerhapsLetTimePass();
                }
            }
            catch (PowerCutException)
            {
            }
        }

        private async Task UploadAsync()
        {
            await using var upload = await store.BeginAsync(default);
            Begun.Add(upload.Name);
            var content = new byte[random.Next(8) == 0 ? random.Next(400_000) : random.Next(5_000)];
            random.NextBytes(content);
            for (int at = 0, length; at < content.Length; at += length)
            {
                length = Math.Min(content.Length - at, random.Next(1, 60_000));
                await upload.WriteAsync(content.AsMemory(at, length), default);
            }
            if (random.Next(6) > 0)
            {
                Asked[upload.Name] = content;
                await upload.CompleteAsync(default);
                Acknowledged[upload.Name] = content;
            }
        }

        private void PerhapsDelete()
        {
            if (random.Next(4) == 0 && Acknowledged.Keys.FirstOrDefault() is { Value: not null } name)
            {
                Acknowledged.TryRemove(name, out _);
                store.Delete(name);
            }
        }

        private void PerhapsLetTimePass()
        {
            if (random.Next(6) == 0)
            {
                clock.Advance(TimeSpan.FromSeconds(30));
            }
        }
    }
}

using System.IO.Pipelines;
using Fhir.Server.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Fhir.Server.Tests.Storage;

/// <summary>What every blob store promises. A new store earns its place by inheriting this.</summary>
public abstract class BlobStoreContract
{
    private static readonly DateTimeOffset Morning = new(2026, 2, 14, 9, 30, 20, TimeSpan.Zero);

    protected FakeTimeProvider Clock { get; private set; } = null!;

    protected IBlobStore Store { get; private set; } = null!;

    /// <summary>Opens a store with nothing in it.</summary>
    protected abstract IBlobStore OpenEmpty(TimeProvider clock);

    /// <summary>Puts raw bytes where a blob is kept, header and all.</summary>
    protected abstract Task OverwriteAsync(BlobName name, byte[] raw);

    /// <summary>How many things of any kind the store keeps, temporary ones and folders too.</summary>
    protected abstract int CountKept();

    [SetUp]
    public void OpenStore()
    {
        Clock = new FakeTimeProvider(Morning);
        Store = OpenEmpty(Clock);
    }

    [Test]
    public async Task Names_are_well_formed_and_never_the_same()
    {
        var names = new HashSet<BlobName>();
        for (var i = 0; i < 100; i++)
        {
            await using var upload = await Store.BeginAsync(default);
            Assert.That(BlobName.IsWellFormed(upload.Name.Value), upload.Name.Value);
            names.Add(upload.Name);
        }
        Assert.Multiple(() =>
        {
            Assert.That(names, Has.Count.EqualTo(100));
            Assert.That(names.Select(name => name.Value[..14]), Is.All.EqualTo("20260214/0930/"));
            Assert.That(names.Select(name => name.Value[14..22]).Distinct().Count(), Is.EqualTo(100), "No counter, no clock.");
        });
    }

    [Test]
    public async Task A_blob_is_not_there_before_it_is_complete()
    {
        await using var upload = await Store.BeginAsync(default);
        await upload.WriteAsync(Bytes(300_000), default);
        Assert.Multiple(async () =>
        {
            Assert.That(Store.Exists(upload.Name), Is.False);
            Assert.That(await Store.OpenAsync(upload.Name, default), Is.Null);
        });
        await upload.CompleteAsync(default);
        Assert.That(Store.Exists(upload.Name));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(131_056)]
    [TestCase(131_072)]
    [TestCase(1_000_003)]
    public async Task What_was_written_is_read(int length)
    {
        var content = Bytes(length);
        using var blob = await ReopenAsync(await KeepAsync(content, piece: 4_096));
        Assert.Multiple(async () =>
        {
            Assert.That(blob.Length, Is.EqualTo(length));
            Assert.That(await RangeAsync(blob, 0, length), Is.EqualTo(content));
        });
    }

    [TestCase(1)]
    [TestCase(100_000)]
    [TestCase(500_000)]
    public async Task The_size_of_the_pieces_does_not_matter(int piece)
    {
        var content = Bytes(piece == 1 ? 140_000 : 1_000_000);
        using var blob = await ReopenAsync(await KeepAsync(content, piece));
        Assert.That(await RangeAsync(blob, 0, content.Length), Is.EqualTo(content));
    }

    [TestCase(0, 0)]
    [TestCase(0, 1)]
    [TestCase(17, 131_072)]
    [TestCase(131_071, 2)]
    [TestCase(399_999, 1)]
    [TestCase(400_000, 0)]
    public async Task A_range_is_read(int offset, int length)
    {
        var content = Bytes(400_000);
        using var blob = await ReopenAsync(await KeepAsync(content));
        Assert.That(await RangeAsync(blob, offset, length), Is.EqualTo(content[offset..(offset + length)]));
    }

    [TestCase(-1, 1)]
    [TestCase(0, 11)]
    [TestCase(11, 0)]
    [TestCase(0, -1)]
    public async Task A_range_outside_is_refused(int offset, int length)
    {
        using var blob = await ReopenAsync(await KeepAsync(Bytes(10)));
        Assert.That(async () => await RangeAsync(blob, offset, length), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task Less_is_read_only_at_the_end()
    {
        var content = Bytes(1_000);
        using var blob = await ReopenAsync(await KeepAsync(content));
        var into = new byte[600];
        Assert.Multiple(async () =>
        {
            Assert.That(await blob.ReadAsync(0, into, default), Is.EqualTo(600));
            Assert.That(into, Is.EqualTo(content[..600]));
            Assert.That(await blob.ReadAsync(600, into, default), Is.EqualTo(400));
            Assert.That(await blob.ReadAsync(1_000, into, default), Is.Zero);
        });
    }

    [Test]
    public async Task A_stream_over_a_blob_can_be_sought_and_not_written()
    {
        var content = Bytes(50_000);
        using var blob = await ReopenAsync(await KeepAsync(content));
        using var stream = blob.OpenStream();
        Assert.Multiple(() =>
        {
            Assert.That(stream.Length, Is.EqualTo(50_000));
            Assert.That(stream.ReadByte(), Is.EqualTo(content[0]));
            Assert.That(stream.Seek(-1, SeekOrigin.End), Is.EqualTo(49_999));
            Assert.That(stream.ReadByte(), Is.EqualTo(content[^1]));
            Assert.That(stream.ReadByte(), Is.EqualTo(-1));
            Assert.That(stream.CanWrite, Is.False);
        });
        stream.Position = 20_000;
        using var rest = new MemoryStream();
        await stream.CopyToAsync(rest);
        Assert.That(rest.ToArray(), Is.EqualTo(content[20_000..]));
    }

    [Test]
    public async Task What_is_written_can_be_looked_at_before_it_is_kept()
    {
        var content = Bytes(200_000);
        await using var upload = await Store.BeginAsync(default);
        await upload.WriteAsync(content.AsMemory(0, 150_001), default);
        using (var written = upload.OpenWritten())
        {
            await upload.WriteAsync(content.AsMemory(150_001), default);
            using var seen = new MemoryStream();
            await written.CopyToAsync(seen);
            Assert.That(seen.ToArray(), Is.EqualTo(content[..150_001]), "What came later is not shown.");
        }
        await upload.CompleteAsync(default);
        using var blob = await ReopenAsync(upload.Name);
        Assert.That(await RangeAsync(blob, 0, content.Length), Is.EqualTo(content));
    }

    [Test]
    public async Task An_abandoned_upload_leaves_nothing()
    {
        await using (var upload = await Store.BeginAsync(default))
        {
            await upload.WriteAsync(Bytes(300_000), default);
        }
        await using (var untouched = await Store.BeginAsync(default))
        {
            Assert.That(untouched.Length, Is.Zero);
        }
        Assert.Multiple(() =>
        {
            Assert.That(CountKept(), Is.Zero);
            Assert.That(Store.MadeBefore(DateTimeOffset.MaxValue), Is.Empty);
        });
    }

    [Test]
    public async Task What_is_complete_is_not_written_again()
    {
        await using var upload = await Store.BeginAsync(default);
        await upload.CompleteAsync(default);
        Assert.Multiple(() =>
        {
            Assert.That(async () => await upload.WriteAsync(Bytes(1), default), Throws.InvalidOperationException);
            Assert.That(async () => await upload.CompleteAsync(default), Throws.InvalidOperationException);
        });
    }

    [Test]
    public async Task A_cancelled_call_does_nothing_and_breaks_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        Assert.That(async () => await Store.BeginAsync(cancelled), Throws.InstanceOf<OperationCanceledException>());
        await using var upload = await Store.BeginAsync(default);
        Assert.Multiple(() =>
        {
            Assert.That(async () => await upload.WriteAsync(Bytes(1), cancelled), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(async () => await upload.CompleteAsync(cancelled), Throws.InstanceOf<OperationCanceledException>());
        });
        await upload.CompleteAsync(default);
        Assert.That(upload.Length, Is.Zero);
    }

    [Test]
    public async Task A_name_is_leased_from_beginning_to_disposal()
    {
        var upload = await Store.BeginAsync(default);
        Assert.That(Store.IsLeased(upload.Name));
        await upload.CompleteAsync(default);
        Assert.That(Store.IsLeased(upload.Name), "It is complete, but not mentioned yet.");
        await upload.DisposeAsync();
        await upload.DisposeAsync();
        Assert.Multiple(() =>
        {
            Assert.That(Store.IsLeased(upload.Name), Is.False);
            Assert.That(Store.Exists(upload.Name));
        });
    }

    [Test]
    public async Task The_sweep_is_shown_what_was_complete_before_the_moment()
    {
        var early = await KeepAsync(Bytes(10));
        await using var slow = await Store.BeginAsync(default);
        await using var unfinished = await Store.BeginAsync(default);
        Clock.Advance(TimeSpan.FromHours(1));
        var late = await KeepAsync(Bytes(10));
        await slow.CompleteAsync(default);
        Assert.Multiple(() =>
        {
            Assert.That(Store.MadeBefore(Morning), Is.Empty, "Made at the moment is not made before it.");
            Assert.That(Store.MadeBefore(Morning.AddSeconds(1)), Is.EquivalentTo([early]));
            Assert.That(Store.MadeBefore(Morning.AddDays(1)), Is.EquivalentTo([early, late, slow.Name]));
        });
    }

    [Test]
    public async Task The_sweep_may_delete_while_it_looks()
    {
        for (var i = 0; i < 10; i++)
        {
            await KeepAsync(Bytes(i));
            Clock.Advance(TimeSpan.FromHours(5));
        }
        foreach (var name in Store.MadeBefore(DateTimeOffset.MaxValue))
        {
            Store.Delete(name);
        }
        Assert.That(CountKept(), Is.Zero);
    }

    [Test]
    public async Task Deleting_twice_is_as_deleting_once()
    {
        var name = await KeepAsync(Bytes(10));
        Store.Delete(name);
        Store.Delete(name);
        Assert.Multiple(async () =>
        {
            Assert.That(Store.Exists(name), Is.False);
            Assert.That(await Store.OpenAsync(name, default), Is.Null);
            Assert.That(CountKept(), Is.Zero);
        });
    }

    [Test]
    public async Task Who_reads_a_blob_while_it_is_deleted_reads_on()
    {
        var content = Bytes(300_000);
        var name = await KeepAsync(content);
        using var blob = await ReopenAsync(name);
        Store.Delete(name);
        Assert.That(await RangeAsync(blob, 0, content.Length), Is.EqualTo(content));
    }

    [Test]
    public async Task Many_upload_and_delete_at_once()
    {
        var kept = await Task.WhenAll(Enumerable.Range(0, 64).Select(number => Task.Run(async () =>
        {
            Store.Delete(await KeepAsync(Bytes(100, seed: number)));
            return await KeepAsync(Bytes(20_000 + number, seed: number));
        })));
        for (var number = 0; number < kept.Length; number++)
        {
            using var blob = await ReopenAsync(kept[number]);
            Assert.That(await RangeAsync(blob, 0, blob.Length), Is.EqualTo(Bytes(20_000 + number, seed: number)));
        }
    }

    [Test]
    [NonParallelizable]
    public async Task Hundreds_of_megabytes_need_no_memory()
    {
        const int pieces = 4_800;
        var piece = Bytes(64 * 1024);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await using var upload = await Store.BeginAsync(default);
        for (var i = 0; i < pieces; i++)
        {
            await upload.WriteAsync(piece, default);
        }
        await upload.CompleteAsync(default);
        using var blob = await ReopenAsync(upload.Name);
        await blob.CopyToAsync(0, blob.Length, PipeWriter.Create(Stream.Null), default);
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.Multiple(() =>
        {
            Assert.That(blob.Length, Is.EqualTo((long)pieces * piece.Length));
            Assert.That(allocated, Is.LessThan(8 * 1024 * 1024));
        });
    }

    [Test]
    public async Task A_format_from_the_future_is_refused_by_its_version()
    {
        var name = await KeepAsync(Bytes(10));
        await OverwriteAsync(name, [.. "PHRB"u8, 9, .. new byte[40]]);
        Assert.That(
            async () => await Store.OpenAsync(name, default), Throws.TypeOf<InvalidDataException>().With.Message.Contains("version 9"));
    }

    [TestCase(new byte[0])]
    [TestCase(new byte[] { 0x50, 0x48, 0x52, 0x42, 1 })]
    [TestCase(new byte[] { 0x44, 0x49, 0x43, 0x4D, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 })]
    [TestCase(new byte[] { 0x50, 0x48, 0x52, 0x42, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 })]
    [TestCase(new byte[] { 0x50, 0x48, 0x52, 0x42, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 })]
    [TestCase(new byte[] { 0x50, 0x48, 0x52, 0x42, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1 })]
    public async Task What_is_cut_off_or_foreign_or_sealed_is_refused(byte[] raw)
    {
        var name = await KeepAsync(Bytes(10));
        await OverwriteAsync(name, raw);
        Assert.That(async () => await Store.OpenAsync(name, default), Throws.TypeOf<InvalidDataException>());
    }

    [TestCase(null)]
    [TestCase("20260214/0930/../../etc/passwd")]
    [TestCase("20260214/0930/0123456789ABCDEF0123456789ABCDEF")]
    public void A_name_no_store_made_is_a_bug(string? name)
    {
        var foreign = new BlobName(name!);
        Assert.Multiple(() =>
        {
            Assert.That(async () => await Store.OpenAsync(foreign, default), Throws.ArgumentException);
            Assert.That(() => Store.Exists(foreign), Throws.ArgumentException);
            Assert.That(() => Store.Delete(foreign), Throws.ArgumentException);
        });
    }

    protected static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    protected async Task<BlobName> KeepAsync(byte[] content, int piece = 65_536)
    {
        await using var upload = await Store.BeginAsync(default);
        foreach (var part in content.Chunk(piece))
        {
            await upload.WriteAsync(part, default);
        }
        Assert.That(upload.Length, Is.EqualTo(content.Length));
        await upload.CompleteAsync(default);
        return upload.Name;
    }

    private static async Task<byte[]> RangeAsync(IBlobContent blob, long offset, long length)
    {
        using var copy = new MemoryStream();
        await blob.CopyToAsync(offset, length, PipeWriter.Create(copy), default);
        return copy.ToArray();
    }

    private async Task<IBlobContent> ReopenAsync(BlobName name) =>
        await Store.OpenAsync(name, default) ?? throw new AssertionException($"{name} is not there.");
}

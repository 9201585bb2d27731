using System.Diagnostics;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using static Fhir.Server.Tests.DicomWeb.Pictures;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>What was deleted does not stay in memory, what is slow keeps nobody waiting, and what a file says of itself costs nothing.</summary>
[TestFixture]
public sealed class RenderedForgettingTests
{
    private const string Base = "/dicomweb/patients/f1";
    private readonly FreshUids uids = new("1.2.276.26");
    private PhrServer server = null!;

    private RenderedPictures Rendered => server.Services.GetRequiredService<RenderedPictures>();

    [TearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCase("study")]
    [TestCase("series")]
    [TestCase("resource")]
    [TestCase("record")]
    [TestCase("move")]
    public async Task What_was_made_of_what_is_deleted_leaves_the_memory_soon_and_the_rest_stays(string what)
    {
        await StartAsync();
        await server.PutAsync("/fhir/Patient/f2", """{"resourceType":"Patient","id":"f2"}""");
        var other = await server.StoreAsync("/dicomweb/patients/f2", uids.Dicom());
        await server.Client.GetByteArrayAsync($"{other}/rendered");
        var (pictures, headers) = (Rendered.BytesKept, Rendered.HeaderBytesKept);
        var study = uids.Study();
        var path = await server.StoreAsync(Base, new TestDicom(study, $"{study}.1", $"{study}.1.1") { Frames = 2 });
        if (what == "series")
        {
            await server.StoreAsync(Base, new TestDicom(study, $"{study}.2", $"{study}.2.1") { SeriesNumber = 2 });
        }
        using var animation = await server.Client.GetAsync($"{path}/rendered", Gif);
        await server.Client.GetByteArrayAsync($"{path}/rendered");
        await server.Client.GetByteArrayAsync($"{path}/thumbnail?viewport=5,5");
        Assert.That(Rendered.BytesKept, Is.GreaterThan(pictures));
        Assert.That(Rendered.HeaderBytesKept, Is.GreaterThan(headers));
        await DeleteAsync(what, study);
        Assert.That(await ComesTrueAsync(() => Rendered.BytesKept == pictures && Rendered.HeaderBytesKept == headers), Is.True, $"{Rendered.BytesKept} {Rendered.HeaderBytesKept}");
        var before = Rendered.Painted;
        await server.Client.GetByteArrayAsync($"{other}/rendered");
        Assert.That(Rendered.Painted, Is.EqualTo(before), "What is not deleted is still kept.");
    }

    [Test]
    public async Task What_was_made_before_an_instance_took_the_place_of_another_is_dropped_and_what_was_made_after_stays()
    {
        await StartAsync();
        var dicom = uids.Dicom();
        var path = await server.StoreAsync(Base, dicom);
        await server.Client.GetByteArrayAsync($"{path}/rendered");
        ChangeEntry At(DateTimeOffset time) => new(new RecordId("f1"), 1, time, [new ChangedThing("instances", dicom.Study, 0)]);
        Rendered.Told(At(DateTimeOffset.UtcNow.AddMinutes(-1)));
        Assert.That(Rendered.BytesKept, Is.Positive);
        Rendered.Told(At(DateTimeOffset.UtcNow.AddSeconds(1)));
        Assert.That((Rendered.BytesKept, Rendered.HeaderBytesKept), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public async Task A_reader_that_does_not_read_its_animation_keeps_no_place_from_other_pictures()
    {
        await StartAsync(("Rendered:AtOnce", "1"), ("Rendered:Waiting", "0"), ("Rendered:AnimationBuffer", "10"), ("Rendered:AnimationsAtOnce", "1"));
        var dicom = (uids.Dicom() with { Frames = 3 }).Words(8, 8, (x, _, frame) => x + frame);
        await server.StoreAsync(Base, dicom);
        var other = await server.StoreAsync(Base, uids.Dicom());
        using var scope = server.Services.CreateScope();
        var guard = scope.ServiceProvider.GetRequiredService<GuardedRecords>().For(new Caller(CallerKind.Open, "test", null, Reach.Everything, true));
        var rows = (await guard.RetrieveAsync("rendered", new RecordId("f1"), dicom.Study, null, null, default)).Value;
        var order = new PictureOrder(new PicturedInstance(guard, rows[0]), new AllFrames(3), new PictureLook(), PictureType.Gif);
        await using var reader = new IdleReader();
        var sent = Rendered.SendAsync(order, () => reader, default).AsTask();
        await reader.Offered.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That((Rendered.BeingMade, Rendered.BeingSent), Is.EqualTo((0, 1)), "It has left the place of the frame that nobody takes.");
        using (var picture = await server.Client.PictureAsync($"{other}/rendered"))
        {
            Assert.That(sent.IsCompleted, Is.False);
        }
        reader.Reads.SetResult();
        Assert.That(await sent, Is.Null);
        Assert.That((Rendered.BeingMade, Rendered.BeingSent), Is.EqualTo((0, 0)));
        using var codec = SkiaSharp.SKCodec.Create(new MemoryStream(reader.Taken.ToArray()));
        Assert.That(codec.FrameCount, Is.EqualTo(3));
    }

    [Test]
    public async Task An_image_that_says_it_has_two_thousand_million_frames_costs_nothing_to_refuse()
    {
        await StartAsync();
        var dicom = uids.Dicom() with { Frames = 2 };
        var path = await server.StoreAsync(Base, dicom);
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(server.Folder, "store.db")};Pooling=False"))
        {
            connection.Open();
            using var update = connection.CreateCommand();
            update.CommandText = "UPDATE instance SET frames = 2000000000";
            Assert.That(update.ExecuteNonQuery(), Is.EqualTo(1));
        }
        var before = GC.GetTotalAllocatedBytes();
        foreach (var (address, accept, status) in new[]
        {
            ($"{path}/rendered", Gif, 422), ($"{path}/rendered", "image/apng", 422), ($"{path}/rendered", "multipart/related; type=\"image/png\"", 422),
            ($"{path}/rendered", "multipart/related; type=\"image/gif\"", 422), ($"{Base}/studies/{dicom.Study}/rendered", "multipart/related; type=\"image/png\"", 422),
            ($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/rendered", Gif, 422), ($"{path}/frames/1/rendered", Png, 200), ($"{path}/frames/1/thumbnail", Png, 200),
        })
        {
            using var answer = await server.Client.GetAsync(address, accept);
            Assert.That((int)answer.StatusCode, Is.EqualTo(status), $"{address} {accept}");
        }
        foreach (var address in new[] { $"{path}/rendered", $"{path}/thumbnail" })
        {
            using var answer = await server.Client.GetAsync(address);
            Assert.That((int)answer.StatusCode, Is.InRange(200, 499), "The frame in the middle is not there.");
        }
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(200L << 20));
    }

    private async Task DeleteAsync(string what, string study)
    {
        if (what is "record" or "move")
        {
            using var scope = server.Services.CreateScope();
            var guard = scope.ServiceProvider.GetRequiredService<GuardedRecords>().For(new Caller(CallerKind.Open, "test", null, Reach.Everything, true));
            var done = what == "record" ? await guard.EraseAsync(new RecordId("f1"), default)
                : await guard.MoveAsync(study, new RecordId("f1"), new RecordId("f2"), default);
            Assert.That(done.Problem, Is.Null);
            return;
        }
        var address = what == "study" ? $"{Base}/studies/{study}" : $"{Base}/studies/{study}/series/{study}.1";
        if (what == "resource")
        {
            using var found = System.Text.Json.JsonDocument.Parse(await server.Client.GetStringAsync($"/fhir/ImagingStudy?identifier={study}"));
            address = $"/fhir/ImagingStudy/{found.RootElement.GetProperty("entry")[0].GetProperty("resource").GetProperty("id").GetString()}";
        }
        using var answer = await server.Client.DeleteAsync(address);
        Assert.That(answer.IsSuccessStatusCode, Is.True, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Looks again and again, for half a minute at most.</summary>
    private static async Task<bool> ComesTrueAsync(Func<bool> isSo)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(30);)
        {
            if (isSo())
            {
                return true;
            }
            await Task.Delay(30);
        }
        return false;
    }

    private async Task StartAsync(params (string Key, string Value)[] settings)
    {
        server = PhrServer.Start(settings);
        await server.PutAsync("/fhir/Patient/f1", """{"resourceType":"Patient","id":"f1"}""");
    }

    /// <summary>Takes nothing until it is told to read.</summary>
    private sealed class IdleReader : Stream
    {
        public TaskCompletionSource Offered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Reads { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public MemoryStream Taken { get; } = new();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Taken.Length;

        public override long Position { get => Taken.Position; set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Offered.TrySetResult();
            await Reads.Task.WaitAsync(cancellationToken);
            Taken.Write(buffer.Span);
        }

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Flush()
        {
        }
    }
}

using System.Diagnostics;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Sandbox;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>Nothing a codestream does gets out: neither harm, nor time, nor memory.</summary>
public sealed class SandboxTests
{
    private static readonly PixelLayout Layout = TestCodecs.Grey(256, 256);
    private byte[] frame = null!;
    private byte[] codestream = null!;

    [OneTimeSetUp]
    public async Task EncodeOne()
    {
        TestCodecs.RequireOrSkip();
        frame = TestCodecs.Picture(Layout);
        codestream = (await TestCodecs.All.EncodeAsync(CodecSyntaxes.Jpeg2000Lossless, frame, Layout, default)).Value.Codestream.ToArray();
    }

    [TestCase(CodecSyntaxes.HtJpeg2000LosslessRpcl, TestName = "A_trap_costs_the_instance_and_the_next_frame_is_decoded")]
    [TestCase(CodecSyntaxes.Jpeg2000Lossless, TestName = "A_refusal_costs_the_instance_and_the_next_frame_is_decoded")]
    public async Task An_error_costs_the_instance(string syntax)
    {
        using var sandbox = CodecSetup.Sandbox(TestCodecs.Options);
        var whole = (await sandbox.EncodeAsync(syntax, frame, Layout, default)).Value.Codestream.ToArray();
        Assert.That(sandbox.Resting, Is.EqualTo(1));
        var broken = whole.ToArray();
        // Marker, length, style, progression, layers and transform stand before the number of decompositions.
        broken[broken.AsSpan().IndexOf([(byte)0xFF, (byte)0x52]) + 9] = 99;
        Assert.That((await sandbox.DecodeAsync(syntax, broken, Layout, default)).Problem?.Kind, Is.EqualTo(ProblemKind.Invalid));
        Assert.That(sandbox.Resting, Is.Zero, "The instance in which it went wrong must not be used again.");
        Assert.That((await sandbox.DecodeAsync(syntax, whole, Layout, default)).Value.Bytes.Span.SequenceEqual(frame));
    }

    [Test]
    public async Task A_frame_that_takes_too_long_is_stopped_and_the_next_is_decoded()
    {
        using var sandbox = CodecSetup.Sandbox(new CodecOptions { CachePath = TestCodecs.CachePath, Deadline = TimeSpan.FromMilliseconds(100) });
        await DecodeAsync(sandbox, codestream);
        var large = TestCodecs.Grey(3000, 3000);
        var slow = await TestCodecs.All.EncodeAsync(CodecSyntaxes.Jpeg2000Lossless, TestCodecs.Picture(large), large, default);
        var watch = Stopwatch.StartNew();
        var outcome = await sandbox.DecodeAsync(CodecSyntaxes.Jpeg2000Lossless, slow.Value.Codestream, large, default);
        Assert.That(outcome.Problem?.Kind, Is.EqualTo(ProblemKind.TooCostly));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(3)));
        Assert.That((await sandbox.DecodeAsync(CodecSyntaxes.JpegLossless, await SmallAsync(), TestCodecs.Grey(8, 8), default)).Problem, Is.Null);
    }

    [Test]
    [NonParallelizable]
    public async Task Deadlines_end_long_frames_also_when_every_place_and_every_thread_of_the_pool_is_busy()
    {
        const int Places = 4;
        using var sandbox = CodecSetup.Sandbox(new CodecOptions { CachePath = TestCodecs.CachePath, Instances = Places, Deadline = TimeSpan.FromMilliseconds(100) });
        await DecodeAsync(sandbox, codestream);
        var (slow, large) = await SlowAsync();
        using var gate = new ManualResetEventSlim();
        ThreadPool.GetMaxThreads(out var threads, out var ports);
        ThreadPool.SetMaxThreads(Environment.ProcessorCount, ports);
        var blocked = Enumerable.Range(0, 64).Select(_ => Task.Run(gate.Wait)).ToArray();
        try
        {
            // Begun on a thread without a context, for that of the tests goes on in the pool.
            Task<Outcome<DecodedFrame>>[] busy = [];
            var starter = new Thread(() => busy = [.. Enumerable.Range(0, Places).Select(_ => sandbox.DecodeAsync(CodecSyntaxes.Jpeg2000Lossless, slow, large, default).AsTask())]);
            starter.Start();
            starter.Join();
            Assert.That(Task.WaitAll(busy, TimeSpan.FromSeconds(10)));
            Assert.That(busy.Select(one => one.Result.Problem?.Kind), Is.All.EqualTo(ProblemKind.TooCostly));
        }
        finally
        {
            gate.Set();
            ThreadPool.SetMaxThreads(threads, ports);
            await Task.WhenAll(blocked);
        }
    }

    [Test]
    public async Task Closing_ends_what_runs_and_what_waits()
    {
        using var sandbox = CodecSetup.Sandbox(new CodecOptions { CachePath = TestCodecs.CachePath, Instances = 1 });
        await DecodeAsync(sandbox, codestream);
        var (slow, large) = await SlowAsync();
        var work = Enumerable.Range(0, 2).Select(_ => Task.Run(() => sandbox.DecodeAsync(CodecSyntaxes.Jpeg2000Lossless, slow, large, default).AsTask())).ToArray();
        await Task.Delay(150);
        var watch = Stopwatch.StartNew();
        sandbox.Dispose();
        Assert.That((await Task.WhenAll(work).WaitAsync(TimeSpan.FromSeconds(10))).Select(one => one.Problem?.Kind), Is.All.EqualTo(ProblemKind.Unavailable));
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(3)));
    }

    [Test]
    public async Task Who_does_not_wait_any_more_stops_the_decoder()
    {
        var large = TestCodecs.Grey(3000, 3000);
        var slow = await TestCodecs.All.EncodeAsync(CodecSyntaxes.Jpeg2000Lossless, TestCodecs.Picture(large), large, default);
        using var leaving = new CancellationTokenSource(TimeSpan.FromMilliseconds(150));
        Assert.That(
            async () => await TestCodecs.All.DecodeAsync(CodecSyntaxes.Jpeg2000Lossless, slow.Value.Codestream, large, leaving.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_frame_that_takes_too_much_memory_is_stopped()
    {
        using var sandbox = CodecSetup.Sandbox(new CodecOptions { CachePath = TestCodecs.CachePath, MemoryMegabytes = 256 });
        var large = TestCodecs.Grey(8000, 7000, 8, 8);
        var outcome = await sandbox.EncodeAsync(CodecSyntaxes.Jpeg2000Lossless, new byte[large.FrameLength], large, default);
        Assert.That(outcome.Problem?.Kind, Is.EqualTo(ProblemKind.TooCostly));
    }

    [Test]
    public async Task A_header_that_is_far_too_large_is_refused_before_any_decoder_sees_it([Values(false, true)] bool isBelieved)
    {
        var huge = codestream.ToArray();
        huge.AsSpan(8, 8).Clear();
        (huge[10], huge[11], huge[14], huge[15]) = (0xFF, 0xFF, 0xFF, 0xFF);
        var layout = isBelieved ? Layout with { Rows = 0xFFFF, Columns = 0xFFFF } : Layout;
        using var untouched = new SandboxedCodec(new CodecOptions(), () => throw new AssertionException("The decoder was asked."));
        var outcome = await untouched.DecodeAsync(CodecSyntaxes.Jpeg2000Lossless, huge, layout, default);
        Assert.That(outcome.Problem?.Kind, Is.EqualTo(isBelieved ? ProblemKind.TooCostly : ProblemKind.Invalid));
    }

    [TestCase(CodecSyntaxes.JpegLossless)]
    [TestCase(CodecSyntaxes.HtJpeg2000LosslessRpcl)]
    [TestCase(CodecSyntaxes.Rle)]
    [TestCase(CodecSyntaxes.DeflatedFrame)]
    public async Task A_codestream_that_ends_early_is_decoded_as_far_as_it_goes_and_flagged(string syntax)
    {
        var whole = (await TestCodecs.All.EncodeAsync(syntax, frame, Layout, default)).Value.Codestream;
        Assert.That((await TestCodecs.All.DecodeAsync(syntax, whole, Layout, default)).Value.IsDamaged, Is.False);
        var half = await TestCodecs.All.DecodeAsync(syntax, whole[..(whole.Length / 2)], Layout, default);
        Assert.That((half.Value.IsDamaged, half.Value.Bytes.Length), Is.EqualTo((true, frame.Length)));
    }

    [Test]
    public async Task Frames_decoded_at_once_do_not_disturb_each_other()
    {
        var work = Enumerable.Range(0, 24).Select(i => Task.Run(async () =>
        {
            var layout = TestCodecs.Grey(40 + i, 50);
            var mine = TestCodecs.Picture(layout, i);
            var syntax = i % 2 == 0 ? CodecSyntaxes.HtJpeg2000LosslessRpcl : CodecSyntaxes.JpegLsLossless;
            var encoded = (await TestCodecs.All.EncodeAsync(syntax, mine, layout, default)).Value;
            return (await TestCodecs.All.DecodeAsync(syntax, encoded.Codestream, layout, default)).Value.Bytes.Span.SequenceEqual(mine);
        }));
        Assert.That(await Task.WhenAll(work), Is.All.True);
        Assert.That(TestCodecs.Sandbox.Resting, Is.LessThanOrEqualTo(Environment.ProcessorCount));
    }

    [Test]
    public async Task Instances_that_rest_are_let_go()
    {
        using var sandbox = CodecSetup.Sandbox(new CodecOptions { CachePath = TestCodecs.CachePath, IdleAfter = TimeSpan.FromSeconds(1) });
        await DecodeAsync(sandbox, codestream);
        Assert.That(() => sandbox.Resting, Is.Zero.After(5000, 100));
        Assert.That((await DecodeAsync(sandbox, codestream)).IsSuccess);
    }

    private static async Task<(ReadOnlyMemory<byte> Codestream, PixelLayout Layout)> SlowAsync()
    {
        var large = TestCodecs.Grey(3000, 3000);
        return ((await TestCodecs.All.EncodeAsync(CodecSyntaxes.Jpeg2000Lossless, TestCodecs.Picture(large), large, default)).Value.Codestream, large);
    }

    private static async Task<ReadOnlyMemory<byte>> SmallAsync()
    {
        var small = TestCodecs.Grey(8, 8);
        return (await TestCodecs.All.EncodeAsync(CodecSyntaxes.JpegLossless, TestCodecs.Picture(small), small, default)).Value.Codestream;
    }

    private static ValueTask<Outcome<DecodedFrame>> DecodeAsync(SandboxedCodec sandbox, byte[] bytes) =>
        sandbox.DecodeAsync(CodecSyntaxes.Jpeg2000Lossless, bytes, Layout, default);
}

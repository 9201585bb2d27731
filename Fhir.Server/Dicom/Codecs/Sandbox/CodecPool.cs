using System.Diagnostics.CodeAnalysis;
using Fhir.Server.Outcomes;
using Wasmtime;

namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>
/// Instances of the module: as many as work at once, made when needed, let go when they rest too long, thrown away after anything went
/// wrong in them.
/// </summary>
internal sealed class CodecPool : IDisposable
{
    private static readonly Problem Damaged = Problem.Invalid("The frame is damaged: it cannot be decoded.");
    private static readonly Problem Closing = Problem.Unavailable("The server is stopping.", TimeSpan.FromSeconds(10));
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private readonly CodecModule module;
    private readonly CodecOptions options;
    private readonly EpochTicker ticker;
    private readonly SemaphoreSlim places;
    private readonly Stack<CodecInstance> resting = [];
    private readonly Timer sweep;
    private readonly CancellationTokenSource closing = new();
    private readonly CancellationToken closed;
    private bool isClosed;

    public CodecPool(CodecModule module, CodecOptions options)
    {
        (this.module, this.options) = (module, options);
        closed = closing.Token;
        ticker = new EpochTicker(module.Engine);
        places = new SemaphoreSlim(Places);
        sweep = new Timer(_ => LetGo(options.IdleAfter), null, options.IdleAfter, options.IdleAfter);
    }

    private int Places => options.Instances > 0 ? options.Instances : Environment.ProcessorCount;

    private long MemoryLimit => (long)options.MemoryMegabytes << 20;

    /// <summary>Instances that exist and do nothing.</summary>
    public int Resting
    {
        get
        {
            lock (resting)
            {
                return resting.Count;
            }
        }
    }

    /// <summary>Runs a job in an instance, when there is room for one; on a thread of its own, for it may keep that for long.</summary>
    public async ValueTask<Outcome<CodecResult>> RunAsync(CodecJob job, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closed);
        try
        {
            await places.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Closing;
        }

        ticker.Begin();
        try
        {
            var outcome = await Task.Factory.StartNew(
                () => Run(job, input.Span, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            if (!outcome.IsSuccess)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            return outcome;
        }
        finally
        {
            ticker.End();
            places.Release();
        }
    }

    /// <summary>Stops what runs and waits for that, but not for ever: what does not end keeps the module.</summary>
    public void Dispose()
    {
        sweep.Dispose();
        lock (resting)
        {
            isClosed = true;
        }

        closing.Cancel();
        LetGo(TimeSpan.Zero);
        if (HaveAllEnded())
        {
            ticker.Dispose();
            closing.Dispose();
            module.Dispose();
        }
    }

    private bool HaveAllEnded()
    {
        var until = Environment.TickCount64 + (long)LongestEnd.TotalMilliseconds;
        for (var place = 0; place < Places; place++)
        {
            if (!places.Wait((int)Math.Max(0, until - Environment.TickCount64)))
            {
                return false;
            }
        }

        return true;
    }

    private Outcome<CodecResult> Run(CodecJob job, ReadOnlySpan<byte> input, CancellationToken stop)
    {
        try
        {
            return Run(Take(), job, input, stop);
        }
        catch (Exception unable) when (unable is WasmtimeException or CodecRefusalException or CodecStoppedException or InvalidOperationException)
        {
            return Problem.Unavailable("No decoder can be started now.", TimeSpan.FromSeconds(10));
        }
    }

    private Outcome<CodecResult> Run(CodecInstance instance, CodecJob job, ReadOnlySpan<byte> input, CancellationToken stop)
    {
        try
        {
            var result = new CodecResult(instance.Run(job, input, TimeFor(job), stop), instance.HasComplained);
            Return(instance);
            return result;
        }
        catch (Exception trap) when (trap is WasmtimeException or CodecRefusalException or CodecStoppedException)
        {
            var hadEnough = instance.MemoryLength < MemoryLimit * 0.8;
            instance.Dispose();
            return IsStop(trap) ? closed.IsCancellationRequested ? Closing : Problem.TooCostly("Decoding the frame takes longer than this server allows.")
                : hadEnough ? Damaged
                : Problem.TooCostly("Decoding the frame takes more memory than this server allows.");
        }
        catch
        {
            instance.Dispose();
            throw;
        }
    }

    private static bool IsStop(Exception trap) => trap is CodecStoppedException || trap.InnerException is CodecStoppedException
        || trap is TrapException { Type: TrapCode.Interrupt };

    /// <summary>
    /// Small frames get less than the deadline: some damaged ones would run for ever, and nobody needs 30 seconds for an icon. What is
    /// given is some fifty times what JPEG 2000, the slowest, takes.
    /// </summary>
    private TimeSpan TimeFor(CodecJob job)
    {
        var enough = TimeSpan.FromSeconds(1) + TimeSpan.FromMicroseconds((double)job.Rows * job.Columns * job.Samples * job.Allocated / 8 * 4);
        return enough < options.Deadline ? enough : options.Deadline;
    }

    private CodecInstance Take()
    {
        lock (resting)
        {
            if (resting.TryPop(out var rested))
            {
                return rested;
            }
        }

        return new CodecInstance(module, MemoryLimit);
    }

    private void Return(CodecInstance instance)
    {
        instance.RestsSince = Environment.TickCount64;
        lock (resting)
        {
            if (!isClosed)
            {
                resting.Push(instance);
                return;
            }
        }

        instance.Dispose();
    }

    private void LetGo(TimeSpan restedFor)
    {
        List<CodecInstance> leaving;
        lock (resting)
        {
            var since = Environment.TickCount64 - (long)restedFor.TotalMilliseconds;
            leaving = [.. resting.Where(one => one.RestsSince <= since)];
            var staying = resting.Except(leaving).Reverse().ToList();
            resting.Clear();
            staying.ForEach(resting.Push);
        }

        leaving.ForEach(one => one.Dispose());
    }
}

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

    private readonly CodecModule module;
    private readonly CodecOptions options;
    private readonly EpochTicker ticker;
    private readonly SemaphoreSlim places;
    private readonly Stack<CodecInstance> resting = [];
    private readonly Timer sweep;
    private bool isClosed;

    public CodecPool(CodecModule module, CodecOptions options)
    {
        (this.module, this.options) = (module, options);
        ticker = new EpochTicker(module.Engine);
        places = new SemaphoreSlim(options.Instances > 0 ? options.Instances : Environment.ProcessorCount);
        sweep = new Timer(_ => LetGo(options.IdleAfter), null, options.IdleAfter, options.IdleAfter);
    }

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

    /// <summary>Runs a job in an instance, when there is room for one.</summary>
    public async ValueTask<Outcome<CodecResult>> RunAsync(CodecJob job, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        ticker.Begin();
        try
        {
            return Run(job, input.Span, cancellationToken);
        }
        finally
        {
            ticker.End();
            places.Release();
        }
    }

    public void Dispose()
    {
        sweep.Dispose();
        lock (resting)
        {
            isClosed = true;
        }

        LetGo(TimeSpan.Zero);
        ticker.Dispose();
        places.Dispose();
        module.Dispose();
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "Goes back to the pool, or is disposed in the catch.")]
    private Outcome<CodecResult> Run(CodecJob job, ReadOnlySpan<byte> input, CancellationToken cancellationToken)
    {
        var instance = Take();
        try
        {
            var result = new CodecResult(instance.Run(job, input, TimeFor(job), cancellationToken), instance.HasComplained);
            Return(instance);
            return result;
        }
        catch (Exception trap) when (trap is WasmtimeException or CodecRefusalException or CodecStoppedException)
        {
            var hadEnough = instance.MemoryLength < MemoryLimit * 0.8;
            instance.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return IsStop(trap) ? Problem.TooCostly("Decoding the frame takes longer than this server allows.")
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

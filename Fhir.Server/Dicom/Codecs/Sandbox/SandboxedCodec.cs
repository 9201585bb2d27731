using Fhir.Server.Dicom.Codecs.Headers;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>
/// JPEG, JPEG-LS, JPEG 2000, HTJ2K and JPEG XL by the WebAssembly module in the sandbox. It is loaded at the first call of
/// <see cref="PrepareAsync"/> or at the first frame, beside whatever else goes on. PS3.5 §A.4.
/// </summary>
/// <param name="options">Limits.</param>
/// <param name="load">Gets the module; may take seconds, and is called once.</param>
public sealed class SandboxedCodec(CodecOptions options, Func<Outcome<CodecModule>> load) : IFrameCodec, IDisposable
{
    private readonly Lock turn = new();
    private Task<Outcome<CodecPool>>? loading;

    /// <summary>How it stands.</summary>
    public CodecReadiness Readiness
    {
        get
        {
            if (!options.Enabled)
            {
                return new CodecReadiness(CodecState.Off, "Codecs:Enabled is false.");
            }

            lock (turn)
            {
                return loading is null or { IsCompleted: false } ? new CodecReadiness(CodecState.Preparing)
                    : loading.Exception is { InnerException: var failure } ? new CodecReadiness(CodecState.Unavailable, $"The codecs could not be loaded ({failure?.GetType().Name}).")
                    : loading.Result.Match(_ => new CodecReadiness(CodecState.Ready), problem => new CodecReadiness(CodecState.Unavailable, problem.Text));
            }
        }
    }

    /// <summary>Instances that exist and do nothing.</summary>
    internal int Resting => loading is { IsCompletedSuccessfully: true, Result: { IsSuccess: true, Value: var pool } } ? pool.Resting : 0;

    /// <summary>Loads the module unless that is done; ends when it is, well or not.</summary>
    public async Task<CodecReadiness> PrepareAsync()
    {
        if (options.Enabled)
        {
            // Whether it is done well or not, the readiness tells.
            await Task.WhenAny(LoadAsync());
        }

        return Readiness;
    }

    /// <inheritdoc/>
    public bool CanDecode(string transferSyntaxUid) => CodecSyntaxes.KindOf(transferSyntaxUid) is not null && Readiness.IsHopeful;

    /// <inheritdoc/>
    public bool CanEncode(string transferSyntaxUid) => EncodePlan.FunctionFor(transferSyntaxUid) is not null && Readiness.IsHopeful;

    /// <inheritdoc/>
    public string? Hindrance(string transferSyntaxUid) => CodecSyntaxes.KindOf(transferSyntaxUid) is null ? null : Readiness.Reason;

    /// <inheritdoc/>
    public async ValueTask<Outcome<DecodedFrame>> DecodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> codestream, PixelLayout layout, CancellationToken cancellationToken)
    {
        if (CodecSyntaxes.KindOf(transferSyntaxUid) is not { } kind || !Readiness.IsHopeful)
        {
            return Refuse("Frames of this transfer syntax cannot be decoded here.", transferSyntaxUid);
        }

        if (layout.FrameTooLarge() is { } tooLarge)
        {
            return tooLarge;
        }

        if (!CodestreamHeader.Read(kind, codestream.Span).TryGet(out var header, out var problem)
            || !DecodePlan.Make(transferSyntaxUid, kind, header, layout).TryGet(out var plan, out problem)
            || !(await LoadAsync().WaitAsync(cancellationToken)).TryGet(out var pool, out problem)
            || !(await pool.RunAsync(plan.Job, codestream, cancellationToken)).TryGet(out var result, out problem))
        {
            return problem;
        }

        return plan.Finish(result);
    }

    /// <inheritdoc/>
    public async ValueTask<Outcome<EncodedFrame>> EncodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> frame, PixelLayout layout, CancellationToken cancellationToken)
    {
        if (!CanEncode(transferSyntaxUid))
        {
            return Refuse("Frames cannot be encoded into this transfer syntax here.", transferSyntaxUid);
        }

        if ((layout.FrameTooLarge() is { } problem)
            || !EncodePlan.Make(transferSyntaxUid, frame, layout).TryGet(out var plan, out problem)
            || !(await LoadAsync().WaitAsync(cancellationToken)).TryGet(out var pool, out problem)
            || !(await pool.RunAsync(plan.Job, plan.Samples, cancellationToken)).TryGet(out var result, out problem))
        {
            return problem;
        }

        return plan.Finish(result.Bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Task<Outcome<CodecPool>>? last;
        lock (turn)
        {
            last = loading;
            loading = Task.FromResult<Outcome<CodecPool>>(Problem.NotAcceptable("The server is stopping."));
        }

        // What is still being compiled is let go when it is done; nobody waits for it.
        last?.ContinueWith(
            done => done.Result.Match(pool => { pool.Dispose(); return 0; }, _ => 0),
            CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private Problem Refuse(string what, string transferSyntaxUid) =>
        Problem.NotAcceptable(Hindrance(transferSyntaxUid) is { } reason ? $"{what} {reason}" : what);

    private Task<Outcome<CodecPool>> LoadAsync()
    {
        lock (turn)
        {
            return loading ??= Task.Factory.StartNew(Load, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    private Outcome<CodecPool> Load() =>
        load().Match<Outcome<CodecPool>>(module => new CodecPool(module, options), problem => Problem.NotAcceptable(problem.Text));
}

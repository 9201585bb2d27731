using System.IO.Pipelines;
using Fhir.Server.Outcomes;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// The place of one answer at the gate: taken for each piece of work, left while its client is waited for, so that slow readers keep
/// nobody out. For one piece of work at a time.
/// </summary>
internal sealed class GateTurn(TranscodingGate gate) : IDisposable
{
    private IDisposable? place;

    /// <summary>The first place; the problem when there is none to be had.</summary>
    public async ValueTask<Problem?> BeginAsync(CancellationToken cancellationToken) =>
        (await gate.EnterAsync(cancellationToken)).Match(entered => { place = entered; return null; }, Problem? (problem) => problem);

    /// <summary>Takes a place again, unless it has one.</summary>
    public async ValueTask TakeAsync(CancellationToken cancellationToken) => place ??= await gate.ReturnAsync(cancellationToken);

    /// <summary>Leaves the place to others, if it has one.</summary>
    public void Leave()
    {
        place?.Dispose();
        place = null;
    }

    public void Dispose() => Leave();
}

/// <summary>Writes what is worked out while it is written, in pieces of bounded length; the place is left whenever the client does not keep up.</summary>
internal sealed class TurnWriter(PipeWriter output, GateTurn turn) : PipeWriter
{
    private const int PieceLength = 64 * 1024;

    public override async ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        var result = default(FlushResult);
        for (var at = 0; at < source.Length; at += PieceLength)
        {
            var piece = source.Slice(at, Math.Min(PieceLength, source.Length - at));
            piece.CopyTo(output.GetMemory(piece.Length));
            output.Advance(piece.Length);
            result = await FlushAsync(cancellationToken);
        }
        return result;
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var flushed = output.FlushAsync(cancellationToken);
        if (flushed.IsCompleted)
        {
            return await flushed;
        }
        turn.Leave();
        var result = await flushed;
        await turn.TakeAsync(cancellationToken);
        return result;
    }

    public override void Advance(int bytes) => output.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => output.GetSpan(sizeHint);

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => output.Complete(exception);
}

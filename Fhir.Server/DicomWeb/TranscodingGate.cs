using Fhir.Server.Outcomes;
using Microsoft.Extensions.Options;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// How many decode, encode or write XML at once; further answers wait in a queue of bounded length and for a bounded time, and are then
/// told to come again. Whoever waits for a client leaves meanwhile (<see cref="GateTurn"/>). Stored bytes never pass here.
/// </summary>
internal sealed class TranscodingGate(IOptions<DicomWebOptions> options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim free = new(options.Value.Transcodings);
    private int waiting;
    private int working;
    private int peak;

    /// <summary>How many are being made.</summary>
    public int Working => Volatile.Read(ref working);

    /// <summary>The most that ever were at once.</summary>
    public int Peak => Volatile.Read(ref peak);

    /// <summary>How many wait.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>A place, to be given back by disposing it; <c>Unavailable</c> when the queue is full or it took too long.</summary>
    public async ValueTask<Outcome<IDisposable>> EnterAsync(CancellationToken cancellationToken)
    {
        if (!free.Wait(0, CancellationToken.None) && !await WaitAsync(cancellationToken))
        {
            return Problem.Unavailable("Too many images are being converted just now.", Later);
        }
        return Occupied();
    }

    /// <summary>A place again, for an answer that has begun already: it waits as long as it takes, since it can no longer be refused.</summary>
    public async ValueTask<IDisposable> ReturnAsync(CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        return Occupied();
    }

    public void Dispose() => free.Dispose();

    private Place Occupied()
    {
        var now = Interlocked.Increment(ref working);
        for (var before = Peak; now > before && Interlocked.CompareExchange(ref peak, now, before) != before; before = Peak)
        {
        }
        return new Place(this);
    }

    private async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref waiting) > options.Value.TranscodingQueue)
            {
                return false;
            }
            using var patience = new CancellationTokenSource(options.Value.TranscodingPatience, clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
            await free.WaitAsync(both.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private sealed class Place(TranscodingGate gate) : IDisposable
    {
        private int isLeft;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isLeft, 1) == 0)
            {
                Interlocked.Decrement(ref gate.working);
                gate.free.Release();
            }
        }
    }
}

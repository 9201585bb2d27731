using Fhir.Server.Outcomes;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>
/// Lets in so many pictures, and pixels, at once. The others wait in the order they came; when too many wait, or one waits too long,
/// it is told to come again.
/// </summary>
/// <param name="places">How many at once.</param>
/// <param name="pixelsAtOnce">Pixels of those together; one of more comes in alone.</param>
/// <param name="options">How many wait, and how long.</param>
/// <param name="clock">The time.</param>
internal sealed class RenderGate(int places, long pixelsAtOnce, RenderedOptions options, TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly LinkedList<Waiter> waiting = [];
    private long pixelsInside;
    private int inside;

    /// <summary>How many are inside now.</summary>
    public int Inside
    {
        get
        {
            lock (gate)
            {
                return inside;
            }
        }
    }

    /// <summary>Waits for a place; leave it by disposing. <c>Unavailable</c> when there is none in time.</summary>
    public async ValueTask<Outcome<IDisposable>> EnterAsync(long pixels, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(this, Math.Min(pixels, pixelsAtOnce));
        lock (gate)
        {
            if (waiting.Count == 0 && Fits(waiter))
            {
                Admit(waiter);
                return waiter;
            }
            if (waiting.Count >= options.Waiting)
            {
                return Busy();
            }
            waiting.AddLast(waiter);
        }
        try
        {
            await waiter.Admitted.Task.WaitAsync(options.WaitFor, clock, cancellationToken);
            return waiter;
        }
        catch (TimeoutException)
        {
            return GiveUp(waiter) ? Busy() : waiter;
        }
        catch (OperationCanceledException)
        {
            if (!GiveUp(waiter))
            {
                waiter.Dispose();
            }
            throw;
        }
    }

    private static Problem Busy() =>
        Problem.Unavailable("More pictures are being made than this server makes at once; ask again in a moment.", TimeSpan.FromSeconds(2));

    /// <summary>False when it was let in meanwhile.</summary>
    private bool GiveUp(Waiter waiter)
    {
        lock (gate)
        {
            if (!waiting.Remove(waiter))
            {
                return false;
            }
            // It may have stood before one that fits.
            AdmitWaiting();
            return true;
        }
    }

    private void Leave(Waiter waiter)
    {
        lock (gate)
        {
            inside--;
            pixelsInside -= waiter.Pixels;
            AdmitWaiting();
        }
    }

    private void AdmitWaiting()
    {
        while (waiting.First?.Value is { } first && Fits(first))
        {
            waiting.RemoveFirst();
            Admit(first);
        }
    }

    private bool Fits(Waiter waiter) => inside < places && (inside == 0 || pixelsInside + waiter.Pixels <= pixelsAtOnce);

    private void Admit(Waiter waiter)
    {
        inside++;
        pixelsInside += waiter.Pixels;
        waiter.Admitted.SetResult();
    }

    private sealed class Waiter(RenderGate owner, long pixels) : IDisposable
    {
        private int left;

        public long Pixels => pixels;

        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
            {
                owner.Leave(this);
            }
        }
    }
}

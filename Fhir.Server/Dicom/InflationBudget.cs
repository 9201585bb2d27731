using System.Diagnostics;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>
/// The bytes inflated data sets may have together. Who finds no room waits for a bounded time in a queue of bounded length, and is then told
/// to come again. Bytes count until the memory they are in is let go of, or found to be used by nobody any more.
/// </summary>
internal sealed class InflationBudget(InflationOptions options)
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEach = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan CollectEach = TimeSpan.FromSeconds(1);
    private static long collected;
    private long taken;
    private long peak;
    private int waiting;

    /// <summary>The one of this process, for there is one memory.</summary>
    public static InflationBudget Shared { get; private set; } = new(new InflationOptions());

    /// <summary>Bytes taken now.</summary>
    public long Taken => Interlocked.Read(ref taken);

    /// <summary>The most that ever were taken at once.</summary>
    public long Peak => Interlocked.Read(ref peak);

    /// <summary>How many wait.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>Makes this the budget of the process, for what is read from now on.</summary>
    public static void Use(InflationOptions options) => Shared = new InflationBudget(options);

    /// <summary>Room for so many bytes; <c>TooLarge</c> when there never is, <c>Unavailable</c> when there is none now.</summary>
    public Outcome<InflationLease> Take(long bytes, CancellationToken cancellationToken)
    {
        if (bytes > options.Budget)
        {
            return Problem.TooLarge("The deflated data set is larger than this server reads.");
        }

        return TryTake(bytes) || Wait(bytes, cancellationToken)
            ? new InflationLease(this, bytes) : Problem.Unavailable("Too many deflated data sets are being read just now.", Later);
    }

    /// <summary>Gives bytes back.</summary>
    internal void GiveBack(long bytes) => Interlocked.Add(ref taken, -bytes);

    private bool TryTake(long bytes)
    {
        for (var before = Taken; bytes <= options.Budget - before; before = Taken)
        {
            if (Interlocked.CompareExchange(ref taken, before + bytes, before) == before)
            {
                for (var most = Peak; before + bytes > most && Interlocked.CompareExchange(ref peak, before + bytes, most) != most; most = Peak)
                {
                }

                return true;
            }
        }

        return false;
    }

    private bool Wait(long bytes, CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref waiting) > options.Queue)
            {
                return false;
            }

            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < options.Patience;)
            {
                Collect();
                cancellationToken.WaitHandle.WaitOne(LookEach);
                cancellationToken.ThrowIfCancellationRequested();
                if (TryTake(bytes))
                {
                    return true;
                }
            }

            return false;
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    /// <summary>Large arrays nobody uses any more are found by the last generation alone, which may not be looked through for long.</summary>
    private static void Collect()
    {
        var last = Interlocked.Read(ref collected);
        if ((last == 0 || Stopwatch.GetElapsedTime(last) >= CollectEach)
            && Interlocked.CompareExchange(ref collected, Stopwatch.GetTimestamp(), last) == last)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }
    }
}

/// <summary>Bytes taken of a budget, until it is disposed or nobody holds it any more.</summary>
internal sealed class InflationLease(InflationBudget budget, long bytes) : IDisposable
{
    private int isBack;

    ~InflationLease() => GiveBack();

    public void Dispose()
    {
        GiveBack();
        GC.SuppressFinalize(this);
    }

    private void GiveBack()
    {
        if (Interlocked.Exchange(ref isBack, 1) == 0)
        {
            budget.GiveBack(bytes);
        }
    }
}

namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>
/// Advances the epoch of an engine while somebody works, so that deadlines are noticed; rests otherwise. On a thread of its own, for
/// those of the pool may all be busy just when it matters.
/// </summary>
internal sealed class EpochTicker : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private readonly object turn = new();
    private readonly CodecEngine engine;
    private readonly Thread thread;
    private int working;
    private bool isClosed;

    public EpochTicker(CodecEngine engine)
    {
        this.engine = engine;
        thread = new Thread(Tick) { IsBackground = true, Name = nameof(EpochTicker) };
        thread.Start();
    }

    public void Begin()
    {
        lock (turn)
        {
            if (working++ == 0)
            {
                Monitor.Pulse(turn);
            }
        }
    }

    public void End()
    {
        lock (turn)
        {
            working--;
        }
    }

    public void Dispose()
    {
        lock (turn)
        {
            isClosed = true;
            Monitor.Pulse(turn);
        }

        // The engine may go only after the last tick.
        thread.Join();
    }

    private void Tick()
    {
        while (IsWanted())
        {
            Thread.Sleep(Period);
            engine.Inner.IncrementEpoch();
        }
    }

    /// <summary>Waits until somebody works; false when nobody will any more.</summary>
    private bool IsWanted()
    {
        lock (turn)
        {
            while (working == 0 && !isClosed)
            {
                Monitor.Wait(turn);
            }

            return !isClosed;
        }
    }
}

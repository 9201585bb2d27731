namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>Advances the epoch of an engine while somebody works, so that deadlines are noticed; rests otherwise.</summary>
internal sealed class EpochTicker : IDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private readonly Lock turn = new();
    private readonly Timer timer;
    private int working;

    public EpochTicker(CodecEngine engine) => timer = new Timer(_ => engine.Inner.IncrementEpoch());

    public void Begin()
    {
        lock (turn)
        {
            if (working++ == 0)
            {
                timer.Change(Period, Period);
            }
        }
    }

    public void End()
    {
        lock (turn)
        {
            if (--working == 0)
            {
                timer.Change(Timeout.Infinite, Timeout.Infinite);
            }
        }
    }

    public void Dispose()
    {
        // The engine may go only after the last tick.
        using var done = new ManualResetEvent(false);
        if (timer.Dispose(done))
        {
            done.WaitOne();
        }
    }
}

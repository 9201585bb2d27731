namespace Fhir.Server.Tests.Discs;

/// <summary>A clock on which short waits are over at once, and are written down; long ones are time-outs and last as told.</summary>
internal sealed class HastyClock(TimeSpan? timeOut = null) : TimeProvider
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(100);

    public List<TimeSpan> Waits { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime >= Long)
        {
            return base.CreateTimer(callback, state, timeOut ?? Timeout.InfiniteTimeSpan, period);
        }
        if (dueTime > TimeSpan.Zero)
        {
            Waits.Add(dueTime);
        }
        return base.CreateTimer(callback, state, dueTime < TimeSpan.Zero ? dueTime : TimeSpan.Zero, period);
    }
}

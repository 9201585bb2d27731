namespace Fhir.Server.Tests.Conformance;

/// <summary>The time of the machine, moved on by hand.</summary>
internal sealed class MovedClock : TimeProvider
{
    private long moved;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref moved));

    /// <summary>Lets time pass.</summary>
    public void Move(TimeSpan by) => Interlocked.Add(ref moved, by.Ticks);
}

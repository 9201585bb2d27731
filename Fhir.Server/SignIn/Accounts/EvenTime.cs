using System.Diagnostics;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Answers that must not tell by how long they take: each is given at the end of the quarter of a second in which it was ready.</summary>
internal sealed class EvenTime
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private readonly long start = Stopwatch.GetTimestamp();

    /// <summary>Waits for the end of the step.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var taken = Stopwatch.GetElapsedTime(start);
        await Task.Delay(Step - TimeSpan.FromTicks(taken.Ticks % Step.Ticks), cancellationToken);
    }
}

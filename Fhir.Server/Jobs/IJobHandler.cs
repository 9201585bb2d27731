using Fhir.Server.Outcomes;

namespace Fhir.Server.Jobs;

/// <summary>Does the jobs of one kind.</summary>
internal interface IJobHandler
{
    /// <summary>The kind it does.</summary>
    string Kind { get; }

    /// <summary>
    /// Does a job from its saved position on. What it did after it saved last may be done again after a restart, so doing it twice must be
    /// as good as once.
    /// </summary>
    /// <param name="run">What to do, and where to save.</param>
    /// <param name="cancellationToken">The process ends; the job goes on at the next start.</param>
    /// <returns>The answer, a resource in JSON; null when the job is not wanted any more.</returns>
    ValueTask<Outcome<byte[]?>> RunAsync(JobRun run, CancellationToken cancellationToken);
}

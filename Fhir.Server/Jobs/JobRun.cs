using Fhir.Server.Storage;

namespace Fhir.Server.Jobs;

/// <summary>A job in the hands of its handler.</summary>
internal sealed class JobRun(IJobStore jobs, StoredJob job)
{
    /// <summary>What to do, in JSON.</summary>
    public string Input => job.Job.Input;

    /// <summary>Where to go on; null at the beginning.</summary>
    public string? Position => job.Position;

    /// <summary>Saves where to go on; false when the job is not wanted any more.</summary>
    public ValueTask<bool> SaveAsync(string position, string progress, CancellationToken cancellationToken) =>
        jobs.SaveAsync(job.Job.Id, position, progress, cancellationToken);
}

using Fhir.Server.Outcomes;

namespace Fhir.Server.Storage;

/// <summary>How far a job has come.</summary>
public enum JobState
{
    /// <summary>It waits for its turn.</summary>
    Accepted,

    /// <summary>It is under way, or was when the process ended; then it goes on from its position.</summary>
    Running,

    /// <summary>Done; the result is kept until it expires.</summary>
    Completed,

    /// <summary>It could not be done.</summary>
    Failed,

    /// <summary>Whoever asked for it wants it no more.</summary>
    Cancelled,
}

/// <summary>A job to be done.</summary>
/// <param name="Id">Names it to whoever asked; not to be guessed.</param>
/// <param name="Kind">Which handler does it.</param>
/// <param name="Asker">Who asked: nobody else is told of it.</param>
/// <param name="Input">What its handler is to do, in JSON.</param>
public sealed record NewJob(string Id, string Kind, string Asker, string Input);

/// <summary>A job as it is kept.</summary>
/// <param name="Job">What was asked for.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Position">Where its handler goes on, in the handler's words; null at the beginning.</param>
/// <param name="Progress">The same for people; may be empty.</param>
/// <param name="Result">The resource that is the answer, when completed.</param>
/// <param name="Failure">Why it failed; null with <see cref="JobState.Failed"/> for a bug, of which nothing is told.</param>
public sealed record StoredJob(NewJob Job, JobState State, string? Position, string Progress, byte[]? Result, Problem? Failure);

/// <summary>Keeps jobs. What a call has answered is durable.</summary>
public interface IJobStore
{
    /// <summary>How long a job that has ended is kept.</summary>
    public static TimeSpan KeptFor => TimeSpan.FromHours(24);

    /// <summary>Takes a job in, and forgets those that have expired.</summary>
    /// <param name="job">The job.</param>
    /// <param name="waitingLimit">With so many waiting or under way it is refused as <c>TooMany</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<Outcome<Done>> AddAsync(NewJob job, int waitingLimit, CancellationToken cancellationToken);

    /// <summary>A job; null when there is none or it has expired.</summary>
    ValueTask<StoredJob?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>The oldest job that is not done, now running; null when there is none.</summary>
    /// <exception cref="IOException">The store could not write.</exception>
    ValueTask<StoredJob?> TakeAsync(CancellationToken cancellationToken);

    /// <summary>Keeps how far a job has come; false when it is not to go on.</summary>
    /// <exception cref="IOException">The store could not write.</exception>
    ValueTask<bool> SaveAsync(string id, string position, string progress, CancellationToken cancellationToken);

    /// <summary>Ends a running job with its result; false when it was not running.</summary>
    /// <exception cref="IOException">The store could not write.</exception>
    ValueTask<bool> CompleteAsync(string id, byte[] result, CancellationToken cancellationToken);

    /// <summary>Ends a running job without one; false when it was not running.</summary>
    /// <exception cref="IOException">The store could not write.</exception>
    ValueTask<bool> FailAsync(string id, Problem? failure, CancellationToken cancellationToken);

    /// <summary>Ends a job, whatever has become of it, and forgets its result; false when it is cancelled already, or unknown.</summary>
    ValueTask<Outcome<bool>> CancelAsync(string id, CancellationToken cancellationToken);
}

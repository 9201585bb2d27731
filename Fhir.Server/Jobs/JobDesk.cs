using System.Security.Cryptography;
using System.Threading.Channels;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Jobs;

/// <summary>
/// Takes jobs in, tells how far they are, and ends them. A job is known only to who asked for it: somebody else's, an expired, a
/// cancelled and an unknown one are <c>NotFound</c> alike.
/// </summary>
public sealed class JobDesk
{
    private const int WaitingLimit = 100;
    private const int IdBytes = 16;

    private readonly IJobStore jobs;
    private readonly Channel<bool> bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public JobDesk(IJobStore jobs) => this.jobs = jobs;

    /// <summary>
    /// Takes in the rebuild of the index of a type, or of all (null). <c>Forbidden</c> for whoever does not see everything,
    /// <c>TooMany</c> when too much waits.
    /// </summary>
    /// <returns>The id of the job.</returns>
    public ValueTask<Outcome<string>> ReindexAsync(GuardedRecord guard, string? type, CancellationToken cancellationToken) =>
        StartAsync(guard, ReindexJob.KindName, ReindexJob.InputOf(type), type ?? "all types", cancellationToken);

    /// <summary>How far a job is.</summary>
    public async ValueTask<Outcome<JobReport>> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await FindOwnAsync(caller, id, cancellationToken) is { } job
            ? new JobReport(job.State is JobState.Completed or JobState.Failed, Describe(job), job.Result?.AsMemory(), job.Failure)
            : Problem.NotFound();

    /// <summary>Ends a job, or forgets its result.</summary>
    public async ValueTask<Outcome<Done>> CancelAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        if (await FindOwnAsync(caller, id, cancellationToken) is null)
        {
            return Problem.NotFound();
        }
        return (await jobs.CancelAsync(id, cancellationToken)).Match<Outcome<Done>>(was => was ? new Done() : Problem.NotFound(), problem => problem);
    }

    /// <summary>Waits until there may be something to do.</summary>
    internal ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => bell.Reader.ReadAsync(cancellationToken);

    /// <summary>All work there is goes over the whole store, so none is taken in without asking whether the caller may have that.</summary>
    private async ValueTask<Outcome<string>> StartAsync(
        GuardedRecord guard, string kind, string input, string what, CancellationToken cancellationToken)
    {
        var job = new NewJob(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)), kind, AskerOf(guard.Caller), input);
        if (!(await guard.OverseeAsync(kind, what, cancellationToken)).TryGet(out _, out var problem)
            || !(await jobs.AddAsync(job, WaitingLimit, cancellationToken)).TryGet(out _, out problem))
        {
            return problem;
        }
        bell.Writer.TryWrite(true);
        return job.Id;
    }

    private async ValueTask<StoredJob?> FindOwnAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        await jobs.FindAsync(id, cancellationToken) is { State: not JobState.Cancelled } job && job.Job.Asker == AskerOf(caller) ? job : null;

    private static string AskerOf(Caller caller) => caller.Asker;

    private static string Describe(StoredJob job) => job.State == JobState.Accepted ? "waiting" : job.Progress.Length == 0 ? "started" : job.Progress;
}

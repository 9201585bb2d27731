using Fhir.Server.Access;
using Fhir.Server.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fhir.Server.Jobs;

/// <summary>Does jobs one by one, the oldest first; also those a former process left.</summary>
internal sealed partial class JobWorker(
    IJobStore jobs, IEnumerable<IJobHandler> handlers, JobDesk desk, PublicAddress address, ILogger<JobWorker> logger) : BackgroundService
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, IJobHandler> handlers = handlers.ToDictionary(handler => handler.Kind);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // What is derived may say the server's own address.
            await address.WhenKnownAsync(stoppingToken);
            while (true)
            {
                await WorkAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not done goes on at the next start.
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await jobs.TakeAsync(stoppingToken) is { } job)
            {
                await RunAsync(job, stoppingToken);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The store itself: the job stays as it is and is taken again.
            CouldNotWork(logger, failure);
            await Task.Delay(TryAgain, stoppingToken);
            return;
        }
        await desk.WaitAsync(stoppingToken);
    }

    private async Task RunAsync(StoredJob job, CancellationToken stoppingToken)
    {
        var id = job.Job.Id;
        try
        {
            if (!handlers.TryGetValue(job.Job.Kind, out var handler))
            {
                throw new InvalidOperationException($"Nobody does jobs of the kind {job.Job.Kind}.");
            }
            if (!(await handler.RunAsync(new JobRun(jobs, job), stoppingToken)).TryGet(out var result, out var problem))
            {
                await jobs.FailAsync(id, problem, stoppingToken);
            }
            else if (result is not null)
            {
                await jobs.CompleteAsync(id, result, stoppingToken);
            }
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or IOException))
        {
            Failed(logger, job.Job.Kind, failure);
            await jobs.FailAsync(id, null, stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A job of the kind {Kind} failed")]
    private static partial void Failed(ILogger logger, string kind, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Jobs cannot be worked on; it is tried again")]
    private static partial void CouldNotWork(ILogger logger, Exception failure);
}

using System.Data.Common;
using Fhir.Server.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fhir.Server.Consents;

/// <summary>Is told of every commit made while the server runs, by whichever process, within a second or two.</summary>
public interface IChangeFollower
{
    /// <summary>Told of one commit, in order within a record; must be quick. It may be told of one again.</summary>
    void Told(ChangeEntry change);
}

/// <summary>
/// Tells those who follow what was committed, so that nothing is kept in memory of what is no longer there. Nobody outside sees any of it,
/// so it is asked for with no caller.
/// </summary>
internal sealed partial class ChangeTelling(
    IResourceStore store, IEnumerable<IChangeFollower> followers, TimeProvider clock, ILogger<ChangeTelling> logger) : BackgroundService
{
    private const int Page = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<IChangeFollower> followers = [.. followers];
    private string? cursor;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the first request: what is committed from here on is told.
        cursor = (await store.WatchAsync(null, Page, cancellationToken)).Cursor;
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TellAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The memory goes with the process.
        }
    }

    private async Task TellAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var more = true; more;)
            {
                var page = await store.WatchAsync(cursor, Page, stoppingToken);
                foreach (var change in page.Entries)
                {
                    foreach (var follower in followers)
                    {
                        follower.Told(change);
                    }
                }
                cursor = page.Cursor;
                more = page.Entries.Count == Page;
            }
        }
        catch (Exception failure) when (failure is DbException or IOException)
        {
            CouldNotTell(logger, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What was committed could not be read; it is tried again")]
    private static partial void CouldNotTell(ILogger logger, Exception failure);
}

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// What a store does by itself while it is open: rebuilds derived data when the program or the public address has changed, publishes
/// studies that have come to rest, and sweeps what nothing mentions.
/// </summary>
internal sealed partial class StoreKeeper(EmbeddedStore store, TimeSpan sweepEvery, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan PublishEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>True once derived data are those of this program and address.</summary>
    public bool IsDerivedCurrent { get; private set; }

    /// <summary>Runs until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(RebuildIfDueAsync(stoppingToken), PublishAsync(stoppingToken), SweepAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The store closes; everything here goes on at the next start.
        }
    }

    private async Task RebuildIfDueAsync(CancellationToken stoppingToken)
    {
        if (store.Rebuild.IsDue())
        {
            if (store.Rebuild.IsEmpty())
            {
                await store.Rebuild.MarkDoneAsync(stoppingToken);
            }
            else
            {
                Rebuilding(logger);
                var unreadable = await store.Rebuild.RunAsync(stoppingToken);
                Rebuilt(logger);
                if (unreadable > 0)
                {
                    Unreadable(logger, unreadable);
                }
            }
        }
        IsDerivedCurrent = true;
    }

    private async Task PublishAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PublishEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await store.Publisher.PublishDueAsync(Microseconds.Of(clock.GetUtcNow()), stoppingToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // Whatever it is, one study must not end the upkeep of all others. Whoever reads the study tries again, and so does the next tick.
                CouldNotPublish(logger, failure);
            }
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(sweepEvery, clock);
        do
        {
            try
            {
                var removed = await store.Sweep.RunAsync(stoppingToken);
                if (removed > 0)
                {
                    Swept(logger, removed);
                }
            }
            catch (Exception failure) when (failure is IOException or SqliteException)
            {
                CouldNotSweep(logger, failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Derived data are rebuilt for this version and address")]
    private static partial void Rebuilding(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Derived data are rebuilt")]
    private static partial void Rebuilt(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} instances could not be read again: their bytes are missing or damaged")]
    private static partial void Unreadable(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} blobs that nothing mentions were removed")]
    private static partial void Swept(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "A study could not be published; it is tried again")]
    private static partial void CouldNotPublish(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "The sweep was cut short; it is tried again")]
    private static partial void CouldNotSweep(ILogger logger, Exception failure);
}

using Fhir.Server.Access;
using Fhir.Server.Storage.Embedded;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Storage;

/// <summary>
/// What a store does by itself: rebuilds derived data when the program or the public address has changed, publishes studies that have
/// come to rest, and sweeps what nothing mentions.
/// </summary>
internal sealed partial class StoreUpkeep(
    EmbeddedStore store, PublicAddress address, IOptions<StorageOptions> options, TimeProvider clock, IHostApplicationLifetime lifetime,
    ILogger<StoreUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan PublishEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>True once derived data are those of this program and address.</summary>
    public bool IsDerivedCurrent { get; private set; }

    /// <summary>Says where the process listens, for commands run beside it.</summary>
    public void Announce(string listening) => store.Announce(listening);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            await RebuildIfDueAsync(stoppingToken);
            await Task.WhenAll(PublishAsync(stoppingToken), SweepAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; everything here goes on at the next start.
        }
    }

    private async Task StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        using var onStart = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        while (!address.IsKnown)
        {
            await Task.Delay(PublishEvery, stoppingToken);
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
                await store.Rebuild.RunAsync(stoppingToken);
                Rebuilt(logger);
            }
        }
        IsDerivedCurrent = true;
    }

    private async Task PublishAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PublishEvery);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await store.Publisher.PublishDueAsync(Microseconds.Of(clock.GetUtcNow()), stoppingToken);
            }
            catch (Exception failure) when (failure is IOException or InvalidOperationException)
            {
                // Whoever reads the study tries again, and so does the next tick.
                CouldNotPublish(logger, failure);
            }
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepEvery);
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
            catch (IOException failure)
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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} blobs that nothing mentions were removed")]
    private static partial void Swept(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "A study could not be published; it is tried again")]
    private static partial void CouldNotPublish(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "The sweep was cut short; it is tried again")]
    private static partial void CouldNotSweep(ILogger logger, Exception failure);
}

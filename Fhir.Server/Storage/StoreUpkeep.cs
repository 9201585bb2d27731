using Fhir.Server.Access;
using Fhir.Server.Storage.Embedded;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Storage;

/// <summary>Keeps the store while the server runs, from the moment the server knows its own address: derived resources say it.</summary>
internal sealed class StoreUpkeep(
    EmbeddedStore store, PublicAddress address, IOptions<StorageOptions> options, TimeProvider clock,
    ILogger<StoreUpkeep> logger) : BackgroundService
{
    private readonly StoreKeeper keeper = new(store, options.Value.SweepEvery, clock, logger);

    /// <summary>True once derived data are those of this program and address.</summary>
    public bool IsDerivedCurrent => keeper.IsDerivedCurrent;

    /// <summary>Says where the process listens, for commands run beside it.</summary>
    public void Announce(string listening) => store.Announce(listening);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await address.WhenKnownAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        await keeper.RunAsync(stoppingToken);
    }
}

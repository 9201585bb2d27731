using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Removes from the database of accounts, hour by hour, what can never be used again.</summary>
internal sealed partial class AccountsSweep(
    IServiceScopeFactory scopes, AuthorisationStore authorisations, LaunchStore launches, AssertionStore assertions, CapabilityStore capabilities, TimeProvider clock,
    ILogger<AccountsSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Codes and refresh tokens that were used are kept so long: a second use is still known for one, and revokes.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(14);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await SweepAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Goes on after the next start.
        }
    }

    private async Task SweepAsync(CancellationToken stoppingToken)
    {
        try
        {
            await authorisations.SweepAsync(stoppingToken);
            await launches.SweepAsync(stoppingToken);
            await assertions.SweepAsync(stoppingToken);
            await capabilities.SweepAsync(stoppingToken);
            await using var scope = scopes.CreateAsyncScope();
            var before = clock.GetUtcNow() - Kept;
            await scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>().PruneAsync(before, stoppingToken);
            await scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>().PruneAsync(before, stoppingToken);
        }
        catch (System.Data.Common.DbException failure)
        {
            // Nothing is lost by sweeping an hour later.
            CouldNotSweep(logger, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Expired tokens could not be removed; tried again in an hour")]
    private static partial void CouldNotSweep(ILogger logger, Exception failure);
}

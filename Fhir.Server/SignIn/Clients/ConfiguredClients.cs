using Fhir.Server.Access;
using Fhir.Server.SignIn.OAuth;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn.Clients;

/// <summary>Registers the clients of the configuration once the server listens. One that is wrong is told in the log and left out.</summary>
internal sealed partial class ConfiguredClients(
    IServiceScopeFactory scopes, IOptions<OAuthOptions> options, PublicAddress address, ILogger<ConfiguredClients> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Clients.Count == 0)
        {
            return;
        }
        try
        {
            await address.WhenKnownAsync(stoppingToken);
            await using var scope = scopes.CreateAsyncScope();
            var registry = scope.ServiceProvider.GetRequiredService<ClientRegistry>();
            foreach (var client in options.Value.Clients)
            {
                if (!(await registry.RegisterAsync(client, replace: true, stoppingToken)).TryGet(out _, out var problem))
                {
                    NotRegistered(logger, client.Id, problem.Text);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Done at the next start.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The client {Client} of the configuration was not registered: {Reason}")]
    private static partial void NotRegistered(ILogger logger, string? client, string reason);
}

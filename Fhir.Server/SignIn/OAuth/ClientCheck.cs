using Fhir.Server.Storage.Accounts;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>Refuses a client that an administrator disabled, wherever it shows itself.</summary>
internal sealed class ClientCheck(ClientStore clients) : IOpenIddictServerHandler<ProcessAuthenticationContext>
{
    public async ValueTask HandleAsync(ProcessAuthenticationContext context)
    {
        if (context.ClientId is { Length: > 0 } id && await clients.FindAsync(id, context.CancellationToken) is not { IsDisabled: false })
        {
            context.Reject(Errors.InvalidClient, "The client is not registered.");
        }
    }
}

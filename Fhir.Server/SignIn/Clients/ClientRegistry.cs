using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.SignIn.OAuth;
using Fhir.Server.Storage.Accounts;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;

namespace Fhir.Server.SignIn.Clients;

/// <summary>Registers clients and disables them: what OAuth knows of one, what we know beside, and the Device others see it as.</summary>
internal sealed class ClientRegistry(
    IOpenIddictApplicationManager applications, ClientStore clients, ClientDevices devices, AuthorisationStore authorisations,
    ScopeJudge judge)
{
    /// <summary>
    /// Registers a client. <c>Invalid</c> when something of it is wrong, <c>Conflict</c> when the id is taken and it is not to be replaced.
    /// </summary>
    public async ValueTask<Outcome<RegisteredClient>> RegisterAsync(ClientRegistration client, bool replace, CancellationToken cancellationToken)
    {
        if (RegistrationRules.Check(client, judge) is { } fault)
        {
            return fault;
        }
        var id = client.Id ?? "client-" + Guid.NewGuid().ToString("N")[..12];
        var known = await applications.FindByClientIdAsync(id, cancellationToken);
        if (known is not null && !replace)
        {
            return Problem.Conflict($"There is a client {id} already.");
        }
        var (descriptor, secret) = Describe(client, id);
        if (known is null)
        {
            await applications.CreateAsync(descriptor, cancellationToken);
        }
        else
        {
            await applications.UpdateAsync(known, descriptor, cancellationToken);
        }
        var row = RowOf(client, id);
        await clients.SaveAsync(row, cancellationToken);
        return (await devices.WriteAsync(row, cancellationToken)).Match<Outcome<RegisteredClient>>(_ => new RegisteredClient(id, secret), problem => problem);
    }

    /// <summary>Disables a client: it is refused, and so is every token of it, from the next request on. <c>NotFound</c> for an unknown one.</summary>
    public async ValueTask<Outcome<Done>> DisableAsync(string id, CancellationToken cancellationToken)
    {
        if (await clients.FindAsync(id, cancellationToken) is not { } row)
        {
            return new Problem(ProblemKind.NotFound, $"There is no client {id}.");
        }
        row.IsDisabled = true;
        await clients.SaveAsync(row, cancellationToken);
        await authorisations.RevokeOfClientAsync(id, cancellationToken);
        return await devices.WriteAsync(row, cancellationToken);
    }

    private static (OpenIddictApplicationDescriptor Descriptor, string? Secret) Describe(ClientRegistration client, string id)
    {
        var secret = client.Kind == ClientKind.Symmetric ? client.Secret ?? TokenHash.MakeSecret() : null;
        var descriptor = new OpenIddictApplicationDescriptor
        {
            ClientId = id,
            ClientType = client.Kind == ClientKind.Public ? OpenIddictConstants.ClientTypes.Public : OpenIddictConstants.ClientTypes.Confidential,
            // One whose keys are elsewhere must have something here; nobody ever learns what.
            ClientSecret = client.Kind == ClientKind.Asymmetric && client.Jwks is null ? TokenHash.MakeSecret() : secret,
            ApplicationType = client.RedirectUris.Any(RedirectUris.IsLoopback)
                ? OpenIddictConstants.ApplicationTypes.Native : OpenIddictConstants.ApplicationTypes.Web,
            ConsentType = OpenIddictConstants.ConsentTypes.Explicit,
            DisplayName = client.Name,
            JsonWebKeySet = client.Jwks is null ? null : new JsonWebKeySet(client.Jwks),
        };
        descriptor.RedirectUris.UnionWith(client.RedirectUris.Select(one => new Uri(one)));
        return (descriptor, client.Secret is null ? secret : null);
    }

    private static ClientRow RowOf(ClientRegistration client, string id) => new()
    {
        Id = id, Name = client.Name, Organization = client.Organization, JwksUri = client.JwksUri, Scopes = client.Scopes ?? ScopeRules.Usual,
        Records = string.Join(' ', client.Records), Namespaces = string.Join(' ', client.Namespaces), LaunchUrl = client.LaunchUrl,
        Purpose = client.Purpose, IsResourceServer = client.IsResourceServer,
    };
}

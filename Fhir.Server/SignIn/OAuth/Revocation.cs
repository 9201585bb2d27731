using Fhir.Server.Storage.Accounts;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>Revoking any token ends the authorisation it comes of, with every other token of it, from the next request on. RFC 7009</summary>
internal sealed class Revocation(AuthorisationStore authorisations) : IOpenIddictServerHandler<HandleRevocationRequestContext>
{
    public async ValueTask HandleAsync(HandleRevocationRequestContext context)
    {
        // What another client was given is not this one's to end; it is told nothing, as of what is unknown.
        if (context.GenericTokenPrincipal.AuthorisationOf() is { } authorisation
            && (await authorisations.StateAsync(authorisation, context.CancellationToken))?.Client == context.Request.ClientId)
        {
            await authorisations.RevokeAsync(authorisation, context.CancellationToken);
        }
    }
}

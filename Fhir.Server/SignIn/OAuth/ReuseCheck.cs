using Fhir.Server.Storage.Accounts;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>
/// A code or a refresh token that is shown a second time was stolen, before or after: all that came of it ends.
/// https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
/// </summary>
internal sealed class ReuseCheck(IOpenIddictTokenManager tokens, AuthorisationStore authorisations) : IOpenIddictServerHandler<ValidateTokenContext>
{
    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (context.TokenId is not { } id || context.Principal.AuthorisationOf() is not { } authorisation)
        {
            return;
        }
        var token = await tokens.FindByIdAsync(id, context.CancellationToken);
        if (token is not null && await tokens.HasStatusAsync(token, Statuses.Redeemed, context.CancellationToken)
            && context.Transaction.EndpointType == OpenIddictServerEndpointType.Token)
        {
            await authorisations.RevokeAsync(authorisation, context.CancellationToken);
        }
    }
}

using System.Security.Claims;
using Fhir.Server.Access;
using Fhir.Server.Storage.Accounts;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>Lets OpenIddict know our access tokens, where they are shown to be introspected or revoked.</summary>
internal sealed class OwnTokenCheck(IAuthorisations authorisations) : IOpenIddictServerHandler<ValidateTokenContext>
{
    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (!context.ValidTokenTypes.Contains(TokenTypeIdentifiers.AccessToken)
            || await authorisations.FindAsync(TokenHash.Of(context.Token), context.CancellationToken) is not { } found)
        {
            return;
        }
        var row = new AuthorisationRow { Id = found.Id, Client = found.Client, User = found.User, Scopes = found.Scopes.ToString() };
        context.Principal = OwnClaims.Make(row, found.Scopes.Texts).SetPresenters(found.Client).SetExpirationDate(found.Expires)
            .SetTokenType(TokenTypeIdentifiers.AccessToken);
    }
}

using Fhir.Server.Access;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using Microsoft.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>
/// Looks at a token request before OpenIddict does: a missing verifier is a bad grant, as SMART's tests have it, and a public client may
/// leave its <c>client_id</c> out of a refresh, as fhirclient does: the token says whose it is.
/// </summary>
internal sealed class TokenRequestCheck(IOpenIddictTokenManager tokens, IOpenIddictApplicationManager applications)
    : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public async ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        var request = context.Request;
        if (request.IsAuthorizationCodeGrantType() && !string.IsNullOrEmpty(request.Code) && string.IsNullOrWhiteSpace(request.CodeVerifier))
        {
            context.Reject(Errors.InvalidGrant, "code_verifier is missing.");
        }
        else if (request.IsRefreshTokenGrantType() && string.IsNullOrEmpty(request.ClientId) && string.IsNullOrEmpty(request.ClientAssertion)
            && !string.IsNullOrEmpty(request.RefreshToken))
        {
            request.ClientId = await PublicClientOfAsync(request.RefreshToken, context.CancellationToken);
        }
    }

    /// <summary>Whose a refresh token is; null for an unknown one, and for a client that has to show itself.</summary>
    private async ValueTask<string?> PublicClientOfAsync(string refreshToken, CancellationToken cancellationToken)
    {
        var token = await tokens.FindByReferenceIdAsync(refreshToken, cancellationToken);
        var id = token is null ? null : await tokens.GetApplicationIdAsync(token, cancellationToken);
        var application = id is null ? null : await applications.FindByIdAsync(id, cancellationToken);
        return application is not null && await applications.HasClientTypeAsync(application, ClientTypes.Public, cancellationToken)
            ? await applications.GetClientIdAsync(application, cancellationToken) : null;
    }
}

/// <summary>A refresh may ask for less than was granted, never for more (RFC 6749 §6). Less may be part of a scope.</summary>
internal sealed class RefreshScopeCheck : IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        if (context.Request.IsRefreshTokenGrantType() && !string.IsNullOrWhiteSpace(context.Request.Scope))
        {
            var granted = ScopeSet.Parse(string.Join(' ', context.RefreshTokenPrincipal!.GetScopes()));
            if (!ScopeSet.Parse(context.Request.Scope).Texts.All(granted.Covers))
            {
                context.Reject(Errors.InvalidScope, "A refresh cannot ask for more than was granted.");
            }
        }
        return ValueTask.CompletedTask;
    }
}

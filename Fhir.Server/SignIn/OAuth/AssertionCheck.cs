using System.Security.Claims;
using Fhir.Server.SignIn.Clients;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>Has client assertions judged by SMART's rules (<see cref="ClientAssertions"/>) in place of OpenIddict's, which ask for another type and audience.</summary>
internal sealed class AssertionCheck(ClientAssertions assertions) : IOpenIddictServerHandler<ValidateTokenContext>
{
    public async ValueTask HandleAsync(ValidateTokenContext context)
    {
        if (!context.ValidTokenTypes.Contains(TokenTypeIdentifiers.Private.ClientAssertion))
        {
            return;
        }
        var judged = await assertions.JudgeAsync(context.Token, context.Request?.ClientId, context.CancellationToken);
        if (!judged.TryGet(out var assertion, out var problem))
        {
            context.Reject(Errors.InvalidClient, problem.Text);
            return;
        }
        var identity = new ClaimsIdentity("assertion");
        identity.SetClaim(Claims.Issuer, assertion.Client).SetClaim(Claims.Subject, assertion.Client).SetClaim(Claims.Audience, assertion.Audience)
            .SetClaim(Claims.ExpiresAt, assertion.Expires.ToUnixTimeSeconds());
        context.Principal = new ClaimsPrincipal(identity).SetTokenType(TokenTypeIdentifiers.Private.ClientAssertion);
        context.DisableAudienceValidation = true;
    }
}

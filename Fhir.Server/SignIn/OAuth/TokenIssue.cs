using Fhir.Server.Access;
using Fhir.Server.Storage.Accounts;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>Puts an opaque token of ours where OpenIddict would make one, and keeps its hash: the path of every request looks there.</summary>
internal sealed class TokenIssue(AuthorisationStore authorisations) : IOpenIddictServerHandler<GenerateTokenContext>
{
    /// <summary>Where the scopes of the token are kept for the answer.</summary>
    public const string ScopesProperty = "phr:scopes";

    public async ValueTask HandleAsync(GenerateTokenContext context)
    {
        if (context.TokenType != TokenTypeIdentifiers.AccessToken)
        {
            return;
        }
        var authorisation = context.Principal.AuthorisationOf() ?? throw new InvalidOperationException("A token is made that comes of no authorisation.");
        // A refresh may have asked for part of a scope, which OpenIddict, comparing names, would leave out.
        var asked = context.Request?.IsRefreshTokenGrantType() == true ? context.Request.Scope : null;
        var scopes = ScopeSet.Parse(string.IsNullOrWhiteSpace(asked) ? string.Join(' ', context.Principal.GetScopes()) : asked);
        var token = TokenHash.MakeSecret();
        await authorisations.IssueAsync(
            authorisation, TokenHash.Of(token), scopes, context.Principal.GetExpirationDate() ?? throw new InvalidOperationException("A token has no end."),
            context.CancellationToken);
        context.Transaction.SetProperty(ScopesProperty, scopes);
        context.Token = token;
        (context.CreateTokenEntry, context.IsReferenceToken, context.PersistTokenPayload) = (false, false, false);
    }
}

/// <summary>A refresh token also for <c>online_access</c>; it ends with the session of the user.</summary>
internal sealed class OnlineRefresh : IOpenIddictServerHandler<ProcessSignInContext>
{
    public ValueTask HandleAsync(ProcessSignInContext context)
    {
        if (context.EndpointType == OpenIddictServerEndpointType.Token && context.Principal!.HasScope(ScopeRules.Online))
        {
            (context.GenerateRefreshToken, context.IncludeRefreshToken) = (true, true);
        }
        return ValueTask.CompletedTask;
    }
}

/// <summary>Says in every answer what was granted, as SMART requires; and leaves out addresses of OpenIddict's own documentation.</summary>
internal sealed class TokenAnswer : IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        context.Response.ErrorUri = null;
        if (context.Transaction.GetProperty<ScopeSet>(TokenIssue.ScopesProperty) is { } scopes)
        {
            context.Response.Scope = scopes.ToString();
        }
        return ValueTask.CompletedTask;
    }
}

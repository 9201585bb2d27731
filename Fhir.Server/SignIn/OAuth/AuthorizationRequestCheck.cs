using System.Text.RegularExpressions;
using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>
/// Looks at an authorization request before anybody is asked anything: first the client and where the browser would go back to, then what
/// may be told to the app. Stands before the checks of OpenIddict, which tell the person what the app should hear.
/// </summary>
internal sealed partial class AuthorizationRequestCheck(
    IOpenIddictApplicationManager applications, ClientStore clients, LaunchStore launches, OAuthAddresses addresses, ScopeJudge judge)
    : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>
{
    public async ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        var answer = await CheckAsync(context.Request, http);
        if (answer is not null)
        {
            await answer.ExecuteAsync(http);
            context.HandleRequest();
        }
    }

    /// <summary>The answer to a request that is not in order; null for one that is, of which the <see cref="AuthorizationAsk"/> is kept.</summary>
    private async ValueTask<IResult?> CheckAsync(OpenIddictRequest request, HttpContext http)
    {
        if (request.ClientId is not { Length: > 0 } id || await clients.FindAsync(id, http.RequestAborted) is not { IsDisabled: false } client)
        {
            return AuthorizationErrors.Page(http, knownClient: false);
        }
        var application = await applications.FindByClientIdAsync(id, http.RequestAborted);
        var registered = application is null ? [] : await applications.GetRedirectUrisAsync(application, http.RequestAborted);
        if (request.RedirectUri is not { Length: > 0 } back || !registered.Any(one => RedirectUris.Matches(one, back)))
        {
            return AuthorizationErrors.Page(http, knownClient: true);
        }
        if (Fault(request) is var (error, text))
        {
            return AuthorizationErrors.Redirect(back, request.State, addresses.Issuer, error, text);
        }
        if (!Scopes(request, client).TryGet(out var scopes, out var problem))
        {
            return AuthorizationErrors.Redirect(back, request.State, addresses.Issuer, OpenIddictConstants.Errors.InvalidScope, problem.Text);
        }
        var value = (string?)request["launch"];
        var hash = string.IsNullOrEmpty(value) ? (TokenHash?)null : TokenHash.Of(value);
        var launch = hash is null ? null : await launches.FindAsync(hash.Value, http.RequestAborted);
        if (scopes.Has(ScopeRules.Launch) != (hash is not null) || (hash is not null && (launch is null || (launch.Client ?? id) != id)))
        {
            return AuthorizationErrors.Redirect(
                back, request.State, addresses.Issuer, OpenIddictConstants.Errors.InvalidRequest,
                "launch and the scope launch belong together, and the value must be one that was given out and not used yet.");
        }
        http.Features.Set(new AuthorizationAsk(client, back, request.State!, scopes, launch, hash));
        return null;
    }

    /// <summary>What the app did wrong, in the order it is told; null when nothing.</summary>
    private (string Error, string Text)? Fault(OpenIddictRequest request)
    {
        var audience = (string?)request["aud"] ?? (string?)request["resource"];
        return request.ResponseType is { Length: > 0 } type && type != OpenIddictConstants.ResponseTypes.Code
                ? (OpenIddictConstants.Errors.UnsupportedResponseType, "response_type must be code.")
            : string.IsNullOrEmpty(request.ResponseType) ? Invalid("response_type is missing.")
            : !string.IsNullOrEmpty(request.Request) ? (OpenIddictConstants.Errors.RequestNotSupported, "request is not supported.")
            : !string.IsNullOrEmpty(request.RequestUri) ? (OpenIddictConstants.Errors.RequestUriNotSupported, "request_uri is not supported.")
            : request.ResponseMode is { Length: > 0 } mode && mode != OpenIddictConstants.ResponseModes.Query ? Invalid("response_mode must be query.")
            : string.IsNullOrEmpty(request.State) ? Invalid("state is missing.")
            : request.CodeChallengeMethod != OpenIddictConstants.CodeChallengeMethods.Sha256 ? Invalid("code_challenge_method must be S256.")
            : request.CodeChallenge is null || !Challenge().IsMatch(request.CodeChallenge) ? Invalid("code_challenge must be the SHA-256 of the verifier in base64url.")
            : audience != addresses.Fhir && audience != addresses.Fhir + "/" ? Invalid($"aud must be {addresses.Fhir}.")
            : null;
    }

    private Outcome<ScopeSet> Scopes(OpenIddictRequest request, ClientRow client)
    {
        if (string.IsNullOrWhiteSpace(request.Scope))
        {
            return Problem.Invalid("scope is missing.");
        }
        if (!ScopeRules.Read(request.Scope, judge).TryGet(out var scopes, out var problem))
        {
            return problem;
        }
        if (scopes.Resources.Any(scope => scope.Level == ScopeLevel.System))
        {
            return Problem.Invalid("A system scope is not for a person to grant.");
        }
        var registered = ScopeSet.Parse(client.Scopes);
        return scopes.Texts.All(registered.Covers) ? scopes : Problem.Invalid("The client is not registered for all of these scopes.");
    }

    private static (string, string) Invalid(string text) => (OpenIddictConstants.Errors.InvalidRequest, text);

    [GeneratedRegex(@"^[A-Za-z0-9_-]{43}\z")]
    private static partial Regex Challenge();
}

using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage.Accounts;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>Decides a token request that is in order: whether what was authorised still holds, or what a client may do by itself.</summary>
internal sealed class TokenGrant(
    AuthorisationStore authorisations, ClientStore clients, IOpenIddictTokenManager tokens, ScopeJudge judge, IOptions<OAuthOptions> options,
    IOptions<SignInOptions> sessions)
    : IOpenIddictServerHandler<HandleTokenRequestContext>
{
    public ValueTask HandleAsync(HandleTokenRequestContext context) =>
        context.Request.IsClientCredentialsGrantType() ? ForItselfAsync(context) : AuthorisedAsync(context);

    /// <summary>https://hl7.org/fhir/smart-app-launch/backend-services.html</summary>
    private async ValueTask ForItselfAsync(HandleTokenRequestContext context)
    {
        if (string.IsNullOrEmpty(context.Request.ClientAssertion))
        {
            context.Reject(Errors.UnauthorizedClient, "A client that speaks for itself shows who it is by a signed assertion.");
            return;
        }
        var client = (await clients.FindAsync(context.ClientId!, context.CancellationToken))!;
        if (!Scopes(context.Request.Scope, client).TryGet(out var scopes, out var problem))
        {
            context.Reject(Errors.InvalidScope, problem.Text);
            return;
        }
        var row = new AuthorisationRow { Id = Guid.NewGuid().ToString("N"), Client = client.Id, Organization = client.Organization, Scopes = scopes.ToString() };
        await authorisations.AddAsync(row, context.CancellationToken);
        context.Principal = OwnClaims.Make(row, scopes.Texts).SetAccessTokenLifetime(options.Value.SystemTokenLifetime);
    }

    private async ValueTask AuthorisedAsync(HandleTokenRequestContext context)
    {
        var id = context.Principal.AuthorisationOf();
        if (id is null || await authorisations.StateAsync(id, context.CancellationToken) is not { } state || !StillHolds(state)
            || (state.Session is { } session && !await authorisations.IsSessionLiveAsync(session, sessions.Value.SessionIdle, context.CancellationToken)))
        {
            context.Reject(Errors.InvalidGrant, "The authorisation has ended.");
            return;
        }
        if (context.Request.IsRefreshTokenGrantType() && !await RedeemAsync(context))
        {
            await authorisations.RevokeAsync(id, context.CancellationToken);
            context.Reject(Errors.InvalidGrant, "The refresh token was used already.");
            return;
        }
        // A patient may have taken something away since.
        context.Principal!.SetScopes(context.Principal!.GetScopes().Where(state.Scopes.Covers));
        if (state.Patient is { } patient)
        {
            context.Parameters["patient"] = patient;
        }
        using var further = JsonDocument.Parse(state.Context);
        foreach (var member in further.RootElement.EnumerateObject())
        {
            context.Parameters[member.Name] = new OpenIddictParameter(member.Value.Clone());
        }
    }

    /// <summary>Whose record was opened by right has to have that right still; what a portal opened for a practitioner has not.</summary>
    private static bool StillHolds(AuthorisationState state) => state.Patient is null
        || state.FhirUser?.StartsWith("Practitioner", StringComparison.Ordinal) == true
        || state.Records.Any(record => record.Record == state.Patient);

    /// <summary>Two at once: one gets it, and the other shows that it is in two hands.</summary>
    private async ValueTask<bool> RedeemAsync(HandleTokenRequestContext context)
    {
        var token = context.RefreshTokenPrincipal?.GetTokenId() is { } id ? await tokens.FindByIdAsync(id, context.CancellationToken) : null;
        return token is not null && await tokens.TryRedeemAsync(token, context.CancellationToken);
    }

    private Outcome<ScopeSet> Scopes(string? asked, ClientRow client)
    {
        if (string.IsNullOrWhiteSpace(asked))
        {
            return Problem.Invalid("scope is missing.");
        }
        if (!ScopeRules.Read(asked, judge).TryGet(out var scopes, out var problem))
        {
            return problem;
        }
        var registered = ScopeSet.Parse(client.Scopes);
        return scopes.Resources.Count != scopes.Texts.Count || scopes.Resources.Any(scope => scope.Level != ScopeLevel.System)
                ? Problem.Invalid("A client that speaks for itself has system scopes.")
            : scopes.Texts.All(registered.Covers) ? scopes
            : Problem.Invalid("The client is not registered for all of these scopes.");
    }
}

using System.Text.Json.Nodes;
using Fhir.Server.Access;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>What a token stands for, as RFC 7662 and SMART say it. https://hl7.org/fhir/smart-app-launch/token-introspection.html</summary>
internal sealed class IntrospectionAnswer(AuthorisationStore authorisations, OAuthAddresses addresses)
{
    /// <summary>Of a token that is unknown, expired or revoked, or not theirs to ask about.</summary>
    public static JsonObject Inactive => new() { ["active"] = false };

    /// <summary>Answers about an authorisation.</summary>
    public async ValueTask<JsonObject> OfAsync(string? authorisation, ClientRow asking, ScopeSet scopes, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        var state = authorisation is null ? null : await authorisations.StateAsync(authorisation, cancellationToken);
        if (state is null || (state.Client != asking.Id && !asking.IsResourceServer))
        {
            return Inactive;
        }
        var answer = JsonNode.Parse(state.Context)!.AsObject();
        answer["active"] = true;
        answer["scope"] = scopes.ToString();
        answer["client_id"] = state.Client;
        answer["token_type"] = "Bearer";
        answer["sub"] = state.User ?? state.Client;
        answer["iss"] = addresses.Issuer;
        Add("exp", expires?.ToUnixTimeSeconds());
        Add("patient", state.Patient);
        Add("fhirUser", state.FhirUser is { } user ? $"{addresses.Fhir}/{user}" : null);
        return answer;

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                answer[name] = value;
            }
        }
    }

    /// <summary>Sends an answer.</summary>
    public static Task SendAsync(HttpContext http, JsonObject answer, int status = StatusCodes.Status200OK)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.Pragma = "no-cache";
        return Results.Json(answer, statusCode: status).ExecuteAsync(http);
    }
}

/// <summary>Answers a resource server that shows a Bearer token of its own.</summary>
internal sealed class BearerIntrospection(IAuthorisations authorisations, ClientStore clients, IntrospectionAnswer answers)
    : IOpenIddictServerHandler<ValidateIntrospectionRequestContext>
{
    private const string Bearer = "Bearer ";

    public async ValueTask HandleAsync(ValidateIntrospectionRequestContext context)
    {
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        var shown = http.Request.Headers.Authorization.ToString();
        if (!shown.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }
        context.HandleRequest();
        var own = await authorisations.FindAsync(TokenHash.Of(shown[Bearer.Length..].Trim()), http.RequestAborted);
        var client = own is null ? null : await clients.FindAsync(own.Client, http.RequestAborted);
        if (client is not { IsResourceServer: true })
        {
            http.Response.Headers.WWWAuthenticate = own is null ? "Bearer error=\"invalid_token\"" : "Bearer error=\"insufficient_scope\"";
            await IntrospectionAnswer.SendAsync(
                http, new JsonObject { ["error"] = own is null ? "invalid_token" : "insufficient_scope" },
                own is null ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden);
            return;
        }
        var asked = context.Request.Token is { Length: > 0 } token ? await authorisations.FindAsync(TokenHash.Of(token), http.RequestAborted) : null;
        await IntrospectionAnswer.SendAsync(http, asked is null
            ? IntrospectionAnswer.Inactive
            : await answers.OfAsync(asked.Id, client, asked.Scopes, asked.Expires, http.RequestAborted));
    }
}

/// <summary>Answers a confidential client about its own tokens, and a resource server about all.</summary>
internal sealed class ClientIntrospection(ClientStore clients, IOpenIddictApplicationManager applications, IntrospectionAnswer answers)
    : IOpenIddictServerHandler<HandleIntrospectionRequestContext>
{
    public async ValueTask HandleAsync(HandleIntrospectionRequestContext context)
    {
        var http = context.Transaction.GetHttpRequest()!.HttpContext;
        var application = await applications.FindByClientIdAsync(context.Request.ClientId!, http.RequestAborted);
        if (application is null || await applications.HasClientTypeAsync(application, ClientTypes.Public, http.RequestAborted))
        {
            context.Reject(Errors.InvalidClient, "Only a client that shows who it is may introspect.");
            return;
        }
        context.HandleRequest();
        var principal = context.GenericTokenPrincipal!;
        var client = (await clients.FindAsync(context.Request.ClientId!, http.RequestAborted))!;
        await IntrospectionAnswer.SendAsync(http, await answers.OfAsync(
            principal.AuthorisationOf(), client, ScopeSet.Parse(string.Join(' ', principal.GetScopes())), principal.GetExpirationDate(), http.RequestAborted));
    }
}

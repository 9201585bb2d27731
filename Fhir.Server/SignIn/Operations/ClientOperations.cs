using System.Text.Json.Nodes;
using Fhir.Server.SignIn.Clients;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Http;

namespace Fhir.Server.SignIn.Operations;

/// <summary>What <c>clients</c> asks for.</summary>
internal static class ClientOperations
{
    public static async Task<IResult> AddAsync(ClientRegistration client, ClientRegistry registry, CancellationToken cancellationToken) =>
        (await registry.RegisterAsync(client, replace: false, cancellationToken)).Match(
            done => Results.Json(new JsonObject { ["client_id"] = done.Id, ["client_secret"] = done.Secret }), OAuthAnswers.Problem);

    public static async Task<IResult> ListAsync(ClientStore clients, CancellationToken cancellationToken)
    {
        var rows = await clients.ListAsync(cancellationToken);
        return Results.Json(new JsonArray([.. rows.Select(row => new JsonObject
        {
            ["client_id"] = row.Id, ["name"] = row.Name, ["scopes"] = row.Scopes, ["organization"] = row.Organization, ["disabled"] = row.IsDisabled,
        })]));
    }

    public static async Task<IResult> DisableAsync(string id, ClientRegistry registry, CancellationToken cancellationToken) =>
        (await registry.DisableAsync(id, cancellationToken)).Match(_ => Results.NoContent(), OAuthAnswers.Problem);
}

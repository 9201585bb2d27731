using System.Text.Json.Nodes;
using Fhir.Server.Consents;
using Fhir.Server.Storage;
using Microsoft.AspNetCore.Http;

namespace Fhir.Server.SignIn.Operations;

/// <summary>What <c>links add</c> asks for.</summary>
/// <param name="Record">The id of the Patient.</param>
/// <param name="Namespace">The namespace of the identifier, a URI.</param>
/// <param name="Value">The identifier, as sites send it in Patient ID (0010,0020).</param>
internal sealed record LinkRequest(string Record, string Namespace, string Value);

/// <summary>What <c>links</c> asks for: which patient a number of a site's means, verified by an administrator.</summary>
internal static class LinkOperations
{
    private const string How = "operator";

    public static async Task<IResult> AddAsync(LinkRequest link, GuardedRecord guard, CancellationToken cancellationToken) =>
        (await guard.LinkAsync(new RecordId(link.Record), link.Namespace, link.Value.Trim(), How, cancellationToken)).Match(
            made => Results.Json(new JsonObject { ["record"] = made.Record.Value, ["how"] = made.How, ["by"] = made.By }), OAuthAnswers.Problem);

    public static async Task<IResult> ListAsync(string record, GuardedRecord guard, CancellationToken cancellationToken) =>
        (await guard.LinksAsync(new RecordId(record), cancellationToken)).Match(
            links => Results.Json(new JsonArray([.. links.Select(link => new JsonObject
            {
                ["namespace"] = link.Namespace, ["value"] = link.Value, ["how"] = link.How, ["by"] = link.By,
            })])),
            OAuthAnswers.Problem);

    // The number of a patient does not stand in an address.
    public static async Task<IResult> RemoveAsync(LinkRequest link, GuardedRecord guard, CancellationToken cancellationToken) =>
        (await guard.UnlinkAsync(link.Namespace, link.Value.Trim(), cancellationToken)).Match(_ => Results.NoContent(), OAuthAnswers.Problem);
}

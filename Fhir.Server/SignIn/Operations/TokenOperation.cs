using System.Text.Json.Nodes;
using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.SignIn.OAuth;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Fhir.Server.SignIn.Operations;

/// <summary>What <c>tokens issue</c> asks for.</summary>
/// <param name="Client">The <c>client_id</c>.</param>
/// <param name="Scopes">What the token allows.</param>
/// <param name="Patient">The patient in context.</param>
/// <param name="User">The user as a resource, such as <c>Practitioner/…</c>; the patient when only they are named.</param>
/// <param name="Organization">Whom the user works for.</param>
/// <param name="Purpose">Purpose of use.</param>
internal sealed record TokenRequest(string Client, string Scopes, string? Patient, string? User, string? Organization, string? Purpose);

/// <summary>Mints a short-lived access token for scripts and suites of a developer, without a browser.</summary>
internal static class TokenOperation
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    public static async Task<IResult> IssueAsync(
        TokenRequest request, IHostEnvironment environment, ClientStore clients, AuthorisationStore authorisations, ScopeJudge judge,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!environment.IsDevelopment())
        {
            return OAuthAnswers.Problem(Problem.Forbidden("Tokens are minted by command in Development only."));
        }
        if (await clients.FindAsync(request.Client, cancellationToken) is not { IsDisabled: false })
        {
            return OAuthAnswers.Problem(new Problem(ProblemKind.NotFound, $"There is no client {request.Client} that may be used."));
        }
        if (!ScopeRules.Read(request.Scopes, judge).TryGet(out var scopes, out var problem))
        {
            return OAuthAnswers.Problem(problem);
        }
        var user = request.User ?? (request.Patient is { } patient ? "Patient/" + patient : null);
        var row = new AuthorisationRow
        {
            Id = Guid.NewGuid().ToString("N"), Client = request.Client, FhirUser = user, Patient = request.Patient, Organization = request.Organization,
            Purpose = request.Purpose, Scopes = scopes.ToString(),
            User = user is null ? null : await authorisations.AccountOfAsync(user, cancellationToken),
        };
        await authorisations.AddAsync(row, cancellationToken);
        var token = TokenHash.MakeSecret();
        await authorisations.IssueAsync(row.Id, TokenHash.Of(token), scopes, clock.GetUtcNow() + Lifetime, cancellationToken);
        return Results.Json(new JsonObject { ["access_token"] = token, ["token_type"] = "Bearer", ["expires_in"] = (long)Lifetime.TotalSeconds });
    }
}

using System.Text.Json.Nodes;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Http;

namespace Fhir.Server.SignIn.Operations;

/// <summary>What <c>launch issue</c> asks for.</summary>
/// <param name="Patient">Whose record the app is to open.</param>
/// <param name="Study">The id of an ImagingStudy to be opened.</param>
/// <param name="User">Who alone may use it, as a resource; null for whoever signs in and may.</param>
/// <param name="Client">Which client alone may use it.</param>
internal sealed record LaunchRequest(string Patient, string? Study, string? User, string? Client);

/// <summary>Prepares an EHR launch. https://hl7.org/fhir/smart-app-launch/app-launch.html#launch-app-ehr-launch</summary>
internal static class LaunchOperation
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    public static async Task<IResult> IssueAsync(
        LaunchRequest request, GuardedRecord record, LaunchStore launches, PublicAddress address, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await CheckAsync(request, record, cancellationToken) is { } problem)
        {
            return OAuthAnswers.Problem(problem);
        }
        var launch = TokenHash.MakeSecret();
        await launches.AddAsync(
            new LaunchRow
            {
                Hash = TokenHash.Of(launch).Value, Patient = request.Patient, Study = request.Study, User = request.User, Client = request.Client,
                Expires = Microseconds.Of(clock.GetUtcNow() + Lifetime),
            },
            cancellationToken);
        return Results.Json(new JsonObject { ["launch"] = launch, ["iss"] = address.Fhir });
    }

    private static async ValueTask<Problem?> CheckAsync(LaunchRequest request, GuardedRecord record, CancellationToken cancellationToken)
    {
        if (!RecordId.IsWellFormed(request.Patient) || !(await record.RecordAsync(new RecordId(request.Patient), cancellationToken)).IsSuccess)
        {
            return new Problem(ProblemKind.NotFound, $"There is no patient {request.Patient}.");
        }
        if (request.Study is not { } study)
        {
            return null;
        }
        var found = RecordId.IsWellFormed(study)
            ? await record.ReadAsync(new ResourceKey("ImagingStudy", study), cancellationToken) : Problem.NotFound();
        return found.IsSuccess && found.Value.Record.Value == request.Patient
            ? null : new Problem(ProblemKind.NotFound, $"The patient has no ImagingStudy {study}.");
    }
}

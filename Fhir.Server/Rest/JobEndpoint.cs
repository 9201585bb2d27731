using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Jobs;

namespace Fhir.Server.Rest;

/// <summary>
/// How far long work is, its answer when it is done, and its end before that: <c>[base]/$jobs/{id}</c>, for who asked for it alone.
/// See https://hl7.org/fhir/R4/async.html
/// </summary>
internal static class JobEndpoint
{
    private const string AskAgainSeconds = "1";

    public static void MapJobs(this IEndpointRouteBuilder fhir)
    {
        fhir.MapLook("/$jobs/{job}", ReadAsync).WithName("job");
        fhir.MapDelete("/$jobs/{job}", CancelAsync).WithName("job-cancel");
    }

    /// <summary>Where to ask for a job.</summary>
    public static string AddressOf(string job, PublicAddress address) => $"{address.Fhir}/$jobs/{job}";

    private static async Task<IResult> ReadAsync(string job, GuardedRecord guard, JobDesk desk, CancellationToken cancellationToken) =>
        (await desk.FindAsync(guard.Caller, job, cancellationToken)).Match(Answer, FhirResults.Problem);

    private static IResult Answer(JobReport report) => report switch
    {
        { HasEnded: false } => FhirResults.Accepted("It is not done yet.", ("X-Progress", report.Progress), ("Retry-After", AskAgainSeconds)),
        { Result: { } result } => FhirResults.Document(result),
        { Failure: { } failure } => FhirResults.Problem(failure),
        _ => FhirResults.Fault(),
    };

    private static async Task<IResult> CancelAsync(string job, GuardedRecord guard, JobDesk desk, CancellationToken cancellationToken) =>
        (await desk.CancelAsync(guard.Caller, job, cancellationToken)).Match(_ => FhirResults.Accepted("It is cancelled."), FhirResults.Problem);
}

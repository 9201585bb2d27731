using System.Security.Cryptography;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Rest;

/// <summary>
/// FHIR create, also conditional by If-None-Exist. See https://hl7.org/fhir/R4/http.html#create and https://hl7.org/fhir/R4/http.html#ccreate
/// </summary>
internal static class CreateEndpoint
{
    private const string IfNoneExist = "If-None-Exist";

    public static void MapCreate(this IEndpointRouteBuilder fhir) => fhir.MapPost("/{type}", CreateAsync).WithName("create").WithMetadata(new Interaction("create", IsConditional: true));

    /// <summary>An id nobody can guess, for what is new.</summary>
    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static async Task<IResult> CreateAsync(
        string type, HttpRequest request, GuardedRecord record, ResourceContents contents, PublicAddress address, CancellationToken cancellationToken)
    {
        ConditionalCriteria? criteria = null;
        if (request.Headers[IfNoneExist].Count > 1)
        {
            return FhirResults.Problem(Problem.Invalid("If-None-Exist is given more than once; nothing was written."));
        }
        if (request.Headers.TryGetValue(IfNoneExist, out var header)
            && !ConditionalCriteria.Parse(type, header.ToString(), address.Fhir, record.SearchParameters).TryGet(out criteria, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        if (!(await FhirBody.ReadAsync(request, type, cancellationToken)).TryGet(out var resource, out problem)
            || !contents.Draft(resource, NewId(), "POST").TryGet(out var draft, out problem))
        {
            return FhirResults.Problem(problem);
        }
        var outcome = criteria is null
            ? await record.CreateAsync(draft, cancellationToken)
            : await record.CreateAsync(draft, criteria.Query, cancellationToken);
        return outcome.Match(
            committed => FhirResults.Committed(committed, address.Fhir, record.MayReadBack(type) ? FhirNegotiation.WantsBack(request) : Wanted.Minimal), FhirResults.Problem);
    }
}

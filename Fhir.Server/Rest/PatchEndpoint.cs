using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Patch;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest;

/// <summary>
/// FHIR patch, by JSON Patch or FHIRPath Patch, of a resource by its id or of the one that criteria find.
/// See https://hl7.org/fhir/R4/http.html#patch
/// </summary>
internal static class PatchEndpoint
{
    public static void MapPatch(this IEndpointRouteBuilder fhir)
    {
        fhir.MapPatch("/{type}/{id}", PatchAsync).WithName("patch");
        fhir.MapPatch("/{type}", PatchFoundAsync).WithName("conditional-patch");
    }

    private static async Task<IResult> PatchAsync(
        string type, string id, HttpRequest request, GuardedRecord record, ResourceContents contents, PublicAddress address,
        CancellationToken cancellationToken)
    {
        if (!FhirNegotiation.ReadIfMatch(request).TryGet(out var ifMatch, out var problem)
            || !(await PatchBody.ReadAsync(request, cancellationToken)).TryGet(out var patch, out problem))
        {
            return FhirResults.Problem(problem);
        }
        var outcome = await new ResourcePatch(record, contents, patch).WriteAsync(new(type, id), ifMatch, null, cancellationToken);
        return outcome.Match(
            committed => FhirResults.Committed(committed, address.Fhir, record.MayReadBack(type) ? FhirNegotiation.WantsBack(request) : Wanted.Minimal), FhirResults.Problem);
    }

    private static async Task<IResult> PatchFoundAsync(
        string type, HttpRequest request, GuardedRecord record, ResourceContents contents, PublicAddress address, CancellationToken cancellationToken)
    {
        if (!ConditionalCriteria.Parse(type, request.QueryString.Value, address.Fhir, record.SearchParameters).TryGet(out var criteria, out var problem)
            || !FhirNegotiation.ReadIfMatch(request).TryGet(out var ifMatch, out problem)
            || !(await PatchBody.ReadAsync(request, cancellationToken)).TryGet(out var patch, out problem))
        {
            return FhirResults.Problem(problem);
        }
        var writer = new ResourcePatch(record, contents, patch);
        var outcome = await criteria.DecideAsync<CommittedResource>(
            record, ifMatch,
            async match => match.Only is { } found ? await writer.WriteAsync(found, ifMatch, match, cancellationToken) : Problem.NotFound(),
            cancellationToken);
        return outcome.Match(
            committed => FhirResults.Committed(committed, address.Fhir, record.MayReadBack(type) ? FhirNegotiation.WantsBack(request) : Wanted.Minimal), FhirResults.Problem);
    }
}

using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest;

/// <summary>FHIR update, also as create. See https://hl7.org/fhir/R4/http.html#update</summary>
internal static class UpdateEndpoint
{
    public static void MapUpdate(this IEndpointRouteBuilder fhir)
    {
        fhir.MapPut("/{type}/{id}", UpdateAsync).WithName("update");
        fhir.MapPut("/{type}", ConditionalUpdate.UpdateAsync).WithName("conditional-update");
    }

    private static async Task<IResult> UpdateAsync(
        string type, string id, HttpRequest request, GuardedRecord record, ResourceContents contents, PublicAddress address,
        CancellationToken cancellationToken)
    {
        if (!RecordId.IsWellFormed(id))
        {
            return FhirResults.Problem(Problem.Invalid("The id in the address is not a FHIR id."));
        }
        if (request.Headers.IfNoneMatch.Count > 0)
        {
            return FhirResults.Problem(Problem.Invalid("If-None-Match is not offered on update; nothing was written."));
        }
        if (!FhirNegotiation.ReadIfMatch(request).TryGet(out var ifMatch, out var problem)
            || !(await FhirBody.ReadAsync(request, type, cancellationToken)).TryGet(out var resource, out problem))
        {
            return FhirResults.Problem(problem);
        }
        if (resource.Id != id)
        {
            return FhirResults.Problem(Problem.Invalid("The id in the body is not that of the address.", $"{type}.id"));
        }
        var outcome = await new ResourceUpdate(record, contents).WriteAsync(resource, id, ifMatch, cancellationToken);
        return outcome.Match(
            committed => FhirResults.Committed(committed, address.Fhir, record.MayReadBack(type) ? FhirNegotiation.WantsBack(request) : Wanted.Minimal), FhirResults.Problem);
    }
}

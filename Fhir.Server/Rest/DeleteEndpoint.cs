using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest;

/// <summary>
/// FHIR delete, and conditional delete of the one resource that criteria find; many are never deleted.
/// See https://hl7.org/fhir/R4/http.html#delete
/// </summary>
internal static class DeleteEndpoint
{
    public static void MapDelete(this IEndpointRouteBuilder fhir)
    {
        fhir.MapDelete("/{type}/{id}", DeleteAsync).WithName("delete");
        fhir.MapDelete("/{type}", DeleteFoundAsync).WithName("conditional-delete");
    }

    private static async Task<IResult> DeleteAsync(
        string type, string id, HttpRequest request, GuardedRecord record, CancellationToken cancellationToken)
    {
        if (!RecordId.IsWellFormed(id))
        {
            return FhirResults.Problem(Problem.Invalid("The id in the address is not a FHIR id."));
        }
        if (!FhirNegotiation.ReadIfMatch(request).TryGet(out var ifMatch, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        var outcome = await record.DeleteAsync(new ResourceKey(type, id), ifMatch, cancellationToken);
        return outcome.Match(FhirResults.Deleted, FhirResults.Problem);
    }

    private static async Task<IResult> DeleteFoundAsync(
        string type, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken)
    {
        if (!ConditionalCriteria.Parse(type, request.QueryString.Value, address.Fhir, record.SearchParameters).TryGet(out var criteria, out var problem)
            || !FhirNegotiation.ReadIfMatch(request).TryGet(out var ifMatch, out problem))
        {
            return FhirResults.Problem(problem);
        }
        var outcome = await criteria.DecideAsync(record, ifMatch, match => DeleteMatchAsync(match, ifMatch, record, cancellationToken), cancellationToken);
        return outcome.Match(FhirResults.Deleted, FhirResults.Problem);
    }

    private static async ValueTask<Outcome<StoredResource?>> DeleteMatchAsync(
        ConditionalMatch match, IfMatch? ifMatch, GuardedRecord record, CancellationToken cancellationToken)
    {
        if (match.Only is { } found)
        {
            return await record.DeleteAsync(found, ifMatch, match, cancellationToken);
        }
        return ifMatch is null
            ? (StoredResource?)null
            : Problem.PreconditionFailed("Nothing matches the criteria, so nothing is at the version the request names.");
    }
}

using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest;

/// <summary>FHIR read. See https://hl7.org/fhir/R4/http.html#read</summary>
internal static class ReadEndpoint
{
    public static void MapRead(this IEndpointRouteBuilder fhir) => fhir.MapLook("/{type}/{id}", ReadAsync).WithName("read");

    private static async Task<IResult> ReadAsync(string type, string id, GuardedRecord record, CancellationToken cancellationToken)
    {
        var outcome = await record.ReadAsync(new ResourceKey(type, id), cancellationToken);
        return outcome.Match(FhirResults.Resource, FhirResults.Problem);
    }
}

/// <summary>FHIR vread. See https://hl7.org/fhir/R4/http.html#vread</summary>
internal static class VersionReadEndpoint
{
    public static void MapVersionRead(this IEndpointRouteBuilder fhir) =>
        fhir.MapLook("/{type}/{id}/_history/{version}", ReadAsync).WithName("vread");

    private static async Task<IResult> ReadAsync(
        string type, string id, string version, GuardedRecord record, CancellationToken cancellationToken)
    {
        if (FhirNegotiation.ReadVersion(version) is not { } number)
        {
            return FhirResults.Problem(Problem.NotFound());
        }
        var outcome = await record.ReadVersionAsync(new ResourceKey(type, id), number, cancellationToken);
        return outcome.Match(FhirResults.Resource, FhirResults.Problem);
    }
}

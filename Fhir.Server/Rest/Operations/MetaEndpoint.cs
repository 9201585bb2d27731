using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Operations;

/// <summary>Gives the meta of a resource, and nothing else of it. See https://hl7.org/fhir/R4/resource-operation-meta.html</summary>
internal static class MetaEndpoint
{
    public static void MapMeta(this IEndpointRouteBuilder fhir) => fhir.MapLook("/{type}/{id}/$meta", ReadAsync)
        .WithName("meta").WithMetadata(Operation.OfStandard("meta", "Resource-meta"));

    private static async Task<IResult> ReadAsync(string type, string id, GuardedRecord guard, CancellationToken cancellationToken) =>
        (await guard.ReadAsync(new ResourceKey(type, id), cancellationToken)).Match(
            stored => FhirResults.Document(FhirJson.Write(new Parameters().Add("return", FhirJson.ReadOwn<Resource>(stored.Json).Meta!))), FhirResults.Problem);
}

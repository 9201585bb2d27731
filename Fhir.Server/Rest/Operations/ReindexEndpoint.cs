using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Jobs;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest.Operations;

/// <summary>
/// Makes what searches look in anew: of one resource at once, of a type or of all as a job (https://hl7.org/fhir/R4/async.html). For
/// callers who see everything. Not an operation of the standard.
/// </summary>
internal static class ReindexEndpoint
{
    private static readonly Operation Reindex = new("reindex", "urn:phr:operation:reindex");

    public static void MapReindex(this IEndpointRouteBuilder fhir)
    {
        fhir.MapPost("/$reindex", (HttpRequest request, GuardedRecord guard, JobDesk desk, PublicAddress address, CancellationToken cancellationToken) =>
            StartAsync(null, request, guard, desk, address, cancellationToken)).WithName("reindex-system").WithMetadata(Reindex);
        fhir.MapPost("/{type}/$reindex", StartAsync).WithName("reindex-type").WithMetadata(Reindex);
        fhir.MapPost("/{type}/{id}/$reindex", ReindexAsync).WithName("reindex").WithMetadata(Reindex);
    }

    private static async Task<IResult> StartAsync(
        string? type, HttpRequest request, GuardedRecord guard, JobDesk desk, PublicAddress address, CancellationToken cancellationToken)
    {
        if (!FhirNegotiation.WantsLater(request))
        {
            return FhirResults.Problem(Problem.Invalid("$reindex of more than one resource takes long: ask with Prefer: respond-async, and come back for the answer."));
        }
        return (await desk.ReindexAsync(guard, type, cancellationToken)).Match(
            id => FhirResults.Accepted("The index is rebuilt; the Content-Location tells how far it is.", ("Content-Location", JobEndpoint.AddressOf(id, address))),
            FhirResults.Problem);
    }

    private static async Task<IResult> ReindexAsync(string type, string id, GuardedRecord guard, CancellationToken cancellationToken) =>
        (await guard.ReindexAsync(new ResourceKey(type, id), cancellationToken)).Match(_ => FhirResults.Document(WriteOne), FhirResults.Problem);

    private static void WriteOne(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "Parameters");
        writer.WriteStartArray("parameter");
        writer.WriteStartObject();
        writer.WriteString("name", "resources");
        writer.WriteNumber("valueDecimal", 1);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

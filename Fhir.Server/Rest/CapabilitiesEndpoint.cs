using System.Reflection;
using Fhir.Server.Access;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Rest;

/// <summary>
/// FHIR capabilities: what is really wired, nothing else, made of the routes and the search parameters once and kept as bytes.
/// See https://hl7.org/fhir/R4/http.html#capabilities
/// </summary>
internal static class CapabilitiesEndpoint
{
    private static readonly string Started = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static readonly string Version =
        typeof(CapabilitiesEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void MapCapabilities(this IEndpointRouteBuilder fhir)
    {
        (string Base, ReadOnlyMemory<byte> Json)? kept = null;
        fhir.MapLook("/metadata", (PublicAddress address, EndpointDataSource routes, IOptions<AccessOptions> access) =>
        {
            // Routes do not change while the server runs; its address may.
            if (kept is not { } statement || statement.Base != address.Fhir)
            {
                kept = statement = (address.Fhir, new CapabilityStatementWriter(
                    address.Fhir, routes.Endpoints, SecurityStatement.Write(access.Value.Mode, address.Base)).Write(Version, Started));
            }
            return FhirResults.Document(statement.Json);
        }).WithName("capabilities");
    }
}

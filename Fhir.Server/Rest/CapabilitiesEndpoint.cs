using System.Reflection;
using Fhir.Server.Access;
using Fhir.Server.Search;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Rest;

/// <summary>
/// FHIR capabilities: what is really wired, nothing else, made of the routes and the search parameters once and kept as bytes.
/// See https://hl7.org/fhir/R4/http.html#capabilities
/// </summary>
internal static class CapabilitiesEndpoint
{
    private static readonly string Started = Date(DateTimeOffset.UtcNow);

    private static readonly string Version =
        typeof(CapabilitiesEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void MapCapabilities(this IEndpointRouteBuilder fhir)
    {
        Statement? kept = null;
        fhir.MapLook("/metadata", (
            PublicAddress address, SearchRegistry registry, TimeProvider clock, EndpointDataSource routes, IOptions<AccessOptions> access) =>
        {
            // Routes do not change while the server runs; its address and its search parameters may.
            var parameters = registry.Current;
            var statement = kept;
            if (statement is null || statement.Base != address.Fhir || !ReferenceEquals(statement.Parameters, parameters))
            {
                var date = statement is null ? Started : Date(clock.GetUtcNow());
                var security = SecurityStatement.Write(access.Value.Mode, address.Base);
                kept = statement = new(address.Fhir, parameters, new CapabilityStatementWriter(address.Fhir, routes.Endpoints, parameters, security).Write(Version, date));
            }
            return FhirResults.Document(statement.Json);
        }).WithName("capabilities").ForEverybody();
    }

    private static string Date(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private sealed record Statement(string Base, SearchCatalogue Parameters, ReadOnlyMemory<byte> Json);
}

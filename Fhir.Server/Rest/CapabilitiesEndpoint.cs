using System.Reflection;
using Fhir.Server.Access;
using Fhir.Server.Imaging;
using Fhir.Server.Search;

namespace Fhir.Server.Rest;

/// <summary>FHIR capabilities: what is really wired, nothing else. See https://hl7.org/fhir/R4/http.html#capabilities</summary>
internal static class CapabilitiesEndpoint
{
    private static readonly string[] Interactions = ["read", "vread", "history-instance", "search-type", "create", "update", "delete"];
    private static readonly string Started = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    public static void MapCapabilities(this IEndpointRouteBuilder fhir) => fhir.MapLook("/metadata", Read).WithName("capabilities");

    private static IResult Read(PublicAddress address) => FhirResults.Document(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "CapabilityStatement");
        writer.WriteString("status", "active");
        writer.WriteString("date", Started);
        writer.WriteString("kind", "instance");
        writer.WriteStartObject("software");
        writer.WriteString("name", "PhrImaging");
        writer.WriteString("version", typeof(CapabilitiesEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]);
        writer.WriteEndObject();
        writer.WriteStartObject("implementation");
        writer.WriteString("description", "An imaging personal health record: FHIR R4 and DICOMweb under one roof");
        writer.WriteString("url", address.Fhir);
        writer.WriteEndObject();
        writer.WriteString("fhirVersion", "4.0.1");
        writer.WriteStartArray("format");
        writer.WriteStringValue("json");
        writer.WriteStringValue("application/fhir+json");
        writer.WriteEndArray();
        writer.WriteStartArray("rest");
        writer.WriteStartObject();
        writer.WriteString("mode", "server");
        writer.WriteStartObject("security");
        writer.WriteString("description", "Open mode: everything is allowed to everybody, on loopback addresses alone.");
        writer.WriteEndObject();
        writer.WriteStartArray("resource");
        foreach (var type in ResourceContents.Types.Order(StringComparer.Ordinal))
        {
            WriteType(writer, type);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void WriteType(System.Text.Json.Utf8JsonWriter writer, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteStartArray("interaction");
        // What a Binary holds comes in as DICOM.
        foreach (var interaction in type == "Binary" ? Interactions[..^3] : Interactions)
        {
            writer.WriteStartObject();
            writer.WriteString("code", interaction);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteString("versioning", "versioned");
        writer.WriteBoolean("readHistory", true);
        writer.WriteBoolean("updateCreate", type != "Binary");
        writer.WriteBoolean("conditionalCreate", false);
        writer.WriteString("conditionalRead", "full-support");
        var parameters = SearchParameters.Of(type);
        if (parameters.Where(one => one.Kind == SearchKind.Reference).ToList() is { Count: > 0 } references)
        {
            writer.WriteStartArray("searchInclude");
            references.ForEach(parameter => writer.WriteStringValue($"{type}:{parameter.Code}"));
            writer.WriteEndArray();
        }
        writer.WriteStartArray("searchParam");
        foreach (var parameter in parameters)
        {
            writer.WriteStartObject();
            writer.WriteString("name", parameter.Code);
            if (parameter.Url.Length > 0)
            {
                writer.WriteString("definition", parameter.Url);
            }
            writer.WriteString("type", parameter.Kind.ToString().ToLowerInvariant());
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}

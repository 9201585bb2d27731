using System.Buffers;
using System.Text.Json;
using Fhir.Server.Access;

namespace Fhir.Server.Rest;

/// <summary>
/// <c>CapabilityStatement.rest.security</c>: who is let in, and for apps older than the discovery document, where to ask.
/// See https://hl7.org/fhir/R4/capabilitystatement-definitions.html#CapabilityStatement.rest.security and
/// http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris
/// </summary>
internal static class SecurityStatement
{
    private const string OauthUris = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";

    private static readonly (string Name, string Path)[] Addresses =
    [
        ("authorize", "/oauth/authorize"), ("token", "/oauth/token"), ("introspect", "/oauth/introspect"), ("revoke", "/oauth/revoke"), ("manage", "/account/apps"),
    ];

    /// <summary>The object as UTF-8 JSON.</summary>
    public static ReadOnlyMemory<byte> Write(AccessMode mode, string publicBase)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, FhirWriting.Options))
        {
            writer.WriteStartObject();
            if (mode == AccessMode.Smart)
            {
                WriteAddresses(writer, publicBase);
            }
            writer.WriteBoolean("cors", true);
            if (mode == AccessMode.Smart)
            {
                WriteService(writer);
            }
            writer.WriteString("description", mode == AccessMode.Smart
                ? "SMART App Launch and Backend Services; see .well-known/smart-configuration. The same token opens DICOMweb."
                : "Open mode: everything is allowed to everybody, on loopback addresses alone.");
            writer.WriteEndObject();
        }
        return output.WrittenMemory;
    }

    private static void WriteAddresses(Utf8JsonWriter writer, string publicBase)
    {
        writer.WriteStartArray("extension");
        writer.WriteStartObject();
        writer.WriteStartArray("extension");
        foreach (var (name, path) in Addresses)
        {
            writer.WriteStartObject();
            writer.WriteString("url", name);
            writer.WriteString("valueUri", publicBase + path);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteString("url", OauthUris);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void WriteService(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("service");
        writer.WriteStartObject();
        writer.WriteStartArray("coding");
        writer.WriteStartObject();
        writer.WriteString("system", "http://terminology.hl7.org/CodeSystem/restful-security-service");
        writer.WriteString("code", "SMART-on-FHIR");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}

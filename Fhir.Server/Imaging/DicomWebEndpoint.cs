using Hl7.Fhir.Model;
using Endpoint = Hl7.Fhir.Model.Endpoint;

namespace Fhir.Server.Imaging;

/// <summary>An Endpoint that says where images are, in the profile of SMART Imaging Access (<c>smart-wado-endpoint</c>).</summary>
internal static class DicomWebEndpoint
{
    private const string ConnectionTypes = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type";

    private static readonly string[] TokenExtensions =
    [
        "http://fhir.org/argonaut/smart-imaging/StructureDefinition/requires-access-token",
        "http://hl7.org/fhir/smart-app-launch/StructureDefinition/requires-access-token",
    ];

    /// <param name="connection">A code of endpoint-connection-type, as <c>dicom-wado-rs</c>.</param>
    /// <param name="name">What people call it.</param>
    /// <param name="address">The DICOMweb base.</param>
    /// <param name="requiresAccessToken">Whether it wants the caller's token; false when the address is a bearer capability.</param>
    public static Endpoint Of(string connection, string name, string address, bool requiresAccessToken) => new()
    {
        Extension = [.. TokenExtensions.Select(url => new Extension(url, new FhirBoolean(requiresAccessToken)))],
        Status = Endpoint.EndpointStatus.Active,
        ConnectionType = new Coding(ConnectionTypes, connection),
        Name = name,
        PayloadType = [new CodeableConcept { Text = "Any" }],
        PayloadMimeType = ["application/dicom"],
        Address = address,
    };
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace Fhir.Server.Imaging;

/// <summary>Resources as JSON and back, by the SDK. See https://hl7.org/fhir/R4/json.html</summary>
public static class FhirJson
{
    private static readonly JsonSerializerOptions Options = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        .ForFhir(ModelInfo.ModelInspector);

    private static readonly FhirJsonDeserializer Trusting = FhirJsonDeserializer.OSTRICH;

    /// <summary>UTF-8 JSON.</summary>
    public static byte[] Write(Resource resource) => JsonSerializer.SerializeToUtf8Bytes<Resource>(resource, Options);

    /// <summary>Reads what this server wrote itself, without checking it again.</summary>
    public static T ReadOwn<T>(ReadOnlyMemory<byte> json)
        where T : Resource
    {
        var reader = new Utf8JsonReader(json.Span);
        Trusting.TryDeserializeResource(ref reader, out var resource, out _);
        return resource as T ?? throw new InvalidOperationException($"A stored {typeof(T).Name} cannot be read: {Encoding.UTF8.GetString(json.Span[..Math.Min(json.Length, 60)])}");
    }
}

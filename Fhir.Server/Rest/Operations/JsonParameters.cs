using System.Text.Json;

namespace Fhir.Server.Rest.Operations;

/// <summary>Parameters in JSON, without reading what is in them. See https://hl7.org/fhir/R4/parameters.html</summary>
internal static class JsonParameters
{
    /// <summary>The resource of a parameter as it was written; null when there is none.</summary>
    public static ReadOnlyMemory<byte>? Resource(ReadOnlyMemory<byte> json, string name)
    {
        using var document = JsonDocument.Parse(json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json);
        if (!document.RootElement.TryGetProperty("parameter", out var parameters) || parameters.ValueKind != JsonValueKind.Array)
        {
            return null;
        }
        foreach (var one in parameters.EnumerateArray())
        {
            if (one.ValueKind == JsonValueKind.Object && one.TryGetProperty("name", out var named) && named.ValueKind == JsonValueKind.String
                && named.ValueEquals(name) && one.TryGetProperty("resource", out var resource))
            {
                return JsonSerializer.SerializeToUtf8Bytes(resource);
            }
        }
        return null;
    }
}

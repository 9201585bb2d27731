using System.Text.Json;
using Fhir.Server.Outcomes;
using Hl7.Fhir.Model;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.Rest.Patch;

/// <summary>
/// Reads the body of a patch: <c>application/json-patch+json</c>, or a Parameters resource for FHIRPath Patch.
/// See https://hl7.org/fhir/R4/http.html#patch
/// </summary>
internal static class PatchBody
{
    internal const string JsonPatchType = "application/json-patch+json";
    private const string FhirType = "application/fhir+json";

    /// <summary><c>Unsupported</c> for any other type of body, <c>Invalid</c> when it is no patch.</summary>
    public static async ValueTask<Outcome<IPatch>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            && type.MediaType.Equals(JsonPatchType, StringComparison.OrdinalIgnoreCase))
        {
            return await ReadJsonPatchAsync(request, type, cancellationToken);
        }
        var body = await FhirBody.ReadAsync(request, "Parameters", cancellationToken);
        if (body.TryGet(out var parameters, out var problem))
        {
            return FhirPathPatch.Read((Parameters)parameters).Match<Outcome<IPatch>>(patch => patch, wrong => wrong);
        }
        if (problem.Kind == ProblemKind.Unsupported)
        {
            // RFC 5789 §3.1
            request.HttpContext.Response.Headers["Accept-Patch"] = $"{JsonPatchType}, {FhirType}";
            return Problem.Unsupported($"A patch is sent as {JsonPatchType}, or as Parameters in {FhirType}, without content coding.");
        }
        return problem;
    }

    private static async ValueTask<Outcome<IPatch>> ReadJsonPatchAsync(HttpRequest request, MediaTypeHeaderValue type, CancellationToken cancellationToken)
    {
        var charset = HeaderUtilities.RemoveQuotes(type.Charset);
        if ((charset.HasValue && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            || request.Headers.ContentEncoding.ToString() is not ("" or "identity"))
        {
            return Problem.Unsupported("A patch is sent in UTF-8, without content coding.");
        }
        if (!(await FhirBody.ReadBytesAsync(request, cancellationToken)).TryGet(out var bytes, out var problem))
        {
            return problem;
        }
        return ReadJsonPatch(bytes);
    }

    /// <summary>A patch as it stands in a bundle: a Binary that holds a JSON Patch, or Parameters. See https://hl7.org/fhir/R4/http.html#jsonpatch</summary>
    public static Outcome<IPatch> OfEntry(ReadOnlyMemory<byte> resource)
    {
        if (JsonText.Fault(resource.Span) is { } fault)
        {
            return Problem.Invalid(fault);
        }
        if (JsonText.TypeOf(resource.Span) == "Binary")
        {
            return JsonPatchOf(resource).TryGet(out var bytes, out var wrong) ? ReadJsonPatch(bytes) : wrong;
        }
        return FhirBody.Parse(resource, "Parameters").TryGet(out var parameters, out var problem)
            ? FhirPathPatch.Read((Parameters)parameters).Match<Outcome<IPatch>>(patch => patch, bad => bad)
            : problem;
    }

    /// <summary>The JSON Patch a Binary holds.</summary>
    public static Outcome<ReadOnlyMemory<byte>> JsonPatchOf(ReadOnlyMemory<byte> binary)
    {
        using var document = JsonDocument.Parse(binary);
        return document.RootElement.TryGetProperty("contentType", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals(JsonPatchType)
            && document.RootElement.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.String && data.TryGetBytesFromBase64(out var patch)
            ? new ReadOnlyMemory<byte>(patch)
            : Problem.Invalid($"A Binary that patches holds {JsonPatchType} in base64.");
    }

    private static Outcome<IPatch> ReadJsonPatch(ReadOnlyMemory<byte> bytes) => JsonText.Fault(bytes.Span, JsonTokenType.StartArray) is { } fault
        ? Problem.Invalid(fault)
        : JsonPatch.Read(bytes).Match<Outcome<IPatch>>(patch => patch, wrong => wrong);
}

using System.Buffers;
using System.Text.Json;
using Fhir.Server.Outcomes;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Utility;

namespace Fhir.Server.Rest;

/// <summary>
/// Reads the body of create and update strictly: not JSON, or of another type → <c>Invalid</c>; JSON that breaks a rule of FHIR →
/// <c>Unprocessable</c>, each fault with its path and without the value at fault.
/// </summary>
internal static class FhirBody
{
    private const int FaultsTold = 20;

    private const string Subsetted = "SUBSETTED";

    /// <summary>How the SDK writes the resource itself in a path.</summary>
    private const string Root = "$this";

    /// <summary>Bytes a body may have at most.</summary>
    public const int Limit = 16 << 20;

    public static async ValueTask<Outcome<Resource>> ReadAsync(HttpRequest request, string type, CancellationToken cancellationToken)
    {
        if (FhirNegotiation.UnsupportedBody(request) is { } unsupported)
        {
            return unsupported;
        }
        var body = await ReadBytesAsync(request, cancellationToken);
        return body.TryGet(out var bytes, out var problem) ? Parse(bytes, type) : problem;
    }

    internal static Outcome<Resource> Parse(ReadOnlyMemory<byte> bytes, string type)
    {
        if (bytes.Length == 0)
        {
            return Problem.Invalid("The request has no body.");
        }
        var json = WithoutMark(bytes);
        if (JsonText.Fault(json.Span) is { } fault)
        {
            return Problem.Invalid(fault);
        }
        if (JsonText.TypeOf(json.Span) != type)
        {
            return Problem.Invalid($"The body is not a {type}, as the address says.", "Resource");
        }
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        FhirJsonDeserializer.STRICT.TryDeserializeResource(ref reader, out var resource, out var issues);
        return Judge(resource, [.. issues.Where(issue => !IsBare(issue))], type);
    }

    private static Outcome<Resource> Judge(Resource? resource, List<CodedException> issues, string type)
    {
        if (resource is null || resource.TypeName != type)
        {
            return Problem.Invalid($"The body is not a {type}, as the address says.", "Resource");
        }
        if (issues.Count > 0)
        {
            var faults = issues.Take(FaultsTold).Select(issue => Fault(issue, type)).ToList();
            return faults[0] with { Further = faults.Count > 1 ? faults[1..] : null };
        }
        return resource.Meta?.Tag.Exists(tag => tag.Code == Subsetted) == true
            ? Problem.Unprocessable("This is a part of a resource (SUBSETTED); it cannot stand for the whole.", $"{type}.meta.tag")
            : resource;
    }

    /// <summary>What is wrong, told by its kind: the SDK's own words may repeat the value.</summary>
    private static Problem Fault(CodedException issue, string type)
    {
        var path = PathOf(issue);
        path = path is not null && path.StartsWith(Root, StringComparison.Ordinal) ? type + path[Root.Length..] : path;
        var text = issue.ErrorCode switch
        {
            "PVAL105" => "A required element is missing",
            "PVAL115" => "The narrative is not the XHTML that FHIR allows",
            "PVAL116" => "The code is not one of the required value set",
            "PVAL124" => "The value is not a correct literal of its type",
            "PVAL126" => "The number is out of the range of its type",
            "PVAL128" => "FHIR knows no such element",
            "PVAL129" or "JSON120" or "JSON121" => "Something is empty that must not be",
            "PVAL130" => "FHIR knows no such resource type",
            _ => $"A rule of FHIR is broken ({issue.ErrorCode})",
        };
        return Problem.Unprocessable(path is null ? text + "." : $"{text}: {path}.", path);
    }

    private static string? PathOf(CodedException issue) =>
        (issue as ExtendedCodedException)?.InstancePath is { Length: > 0 } path ? path : null;

    /// <summary>A resource may say nothing but its type; only elements must not be empty.</summary>
    private static bool IsBare(CodedException issue) => issue.ErrorCode is "PVAL129" or "JSON120" or "JSON121" && PathOf(issue) == Root;

    internal static async ValueTask<Outcome<ReadOnlyMemory<byte>>> ReadBytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Limit)
        {
            return TooLarge();
        }
        var read = await request.BodyReader.ReadAtLeastAsync(Limit + 1, cancellationToken);
        if (read.Buffer.Length > Limit)
        {
            request.BodyReader.AdvanceTo(read.Buffer.End);
            return TooLarge();
        }
        ReadOnlyMemory<byte> bytes = read.Buffer.ToArray();
        request.BodyReader.AdvanceTo(read.Buffer.End);
        return bytes;
    }

    private static Problem TooLarge() => Problem.TooLarge($"A resource may have at most {Limit} bytes.");

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> bytes) => bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
}

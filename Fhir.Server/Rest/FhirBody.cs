using System.Buffers;
using System.Text.Json;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Formats;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Utility;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.Rest;

/// <summary>
/// Reads a resource that is sent, as JSON or XML, strictly: neither, or of another type → <c>Invalid</c>; what breaks a rule of FHIR →
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
        if (type == "Binary" && MediaTypeHeaderValue.TryParse(request.ContentType, out var media) && !FhirFormat.IsJsonType(media.MediaType.ToString())
            && !FhirFormat.IsXmlType(media.MediaType.ToString()))
        {
            return await ReadBinaryAsync(request, media, cancellationToken);
        }
        if (!FhirNegotiation.ReadBodyType(request).TryGet(out var isXml, out var problem)
            || !(await ReadBytesAsync(request, cancellationToken)).TryGet(out var bytes, out problem))
        {
            return problem;
        }
        return isXml ? ParseXml(bytes, type) : Parse(bytes, type);
    }

    /// <summary>A Binary sent as what it is. See https://hl7.org/fhir/R4/binary.html#rest</summary>
    private static async ValueTask<Outcome<Resource>> ReadBinaryAsync(HttpRequest request, MediaTypeHeaderValue type, CancellationToken cancellationToken)
    {
        if (!(await ReadBytesAsync(request, cancellationToken)).TryGet(out var bytes, out var problem))
        {
            return problem;
        }
        if (bytes.Length == 0)
        {
            return Problem.Invalid("The request has no body.");
        }
        return new Binary
        {
            Id = request.RouteValues["id"] as string,
            ContentType = type.ToString(),
            Data = bytes.ToArray(),
            SecurityContext = request.Headers["X-Security-Context"].ToString() is { Length: > 0 } context ? new ResourceReference(context) : null,
        };
    }

    /// <summary>Reads a resource in JSON.</summary>
    internal static Outcome<Resource> Parse(ReadOnlyMemory<byte> bytes, string type) =>
        Inspect(bytes, type, isXml: false).TryGet(out var read, out var problem) ? Judge(read, type) : problem;

    /// <summary>Reads a resource in XML.</summary>
    internal static Outcome<Resource> ParseXml(ReadOnlyMemory<byte> bytes, string type) =>
        Inspect(bytes, type, isXml: true).TryGet(out var read, out var problem) ? Judge(read, type) : problem;

    /// <summary>Reads a resource and tells all that is wrong with it; <c>Invalid</c> when it cannot be read as one of its type at all.</summary>
    internal static Outcome<(Resource Resource, IReadOnlyList<CodedException> Issues)> Inspect(ReadOnlyMemory<byte> bytes, string type, bool isXml)
    {
        if (bytes.Length == 0)
        {
            return Problem.Invalid("The request has no body.");
        }
        return isXml ? InspectXml(bytes, type) : InspectJson(WithoutMark(bytes), type);
    }

    /// <summary>What is wrong, told by its kind.</summary>
    internal static Problem Fault(CodedException issue, string type)
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
            "PVAL127" => "An element that may stand once stands more often",
            "PVAL128" => "FHIR knows no such element",
            "PVAL129" or "JSON120" or "JSON121" => "Something is empty that must not be",
            "PVAL130" => "FHIR knows no such resource type",
            "XML101" => "An element is not of the namespace of FHIR",
            "XML109" => "An element is not at its place in the order of FHIR",
            "XML113" => "There is text where only elements may be",
            _ => $"A rule of FHIR is broken ({issue.ErrorCode})",
        };
        return Problem.Unprocessable(path is null ? text + "." : $"{text}: {path}.", path);
    }

    private static Outcome<(Resource Resource, IReadOnlyList<CodedException> Issues)> InspectJson(ReadOnlyMemory<byte> json, string type)
    {
        if (JsonText.Fault(json.Span) is { } fault)
        {
            return Problem.Invalid(fault);
        }
        if (JsonText.TypeOf(json.Span) != type)
        {
            return WrongType(type);
        }
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        Resource? resource;
        IEnumerable<CodedException> issues;
        try
        {
            FhirJsonDeserializer.STRICT.TryDeserializeResource(ref reader, out resource, out issues);
        }
        catch (CodedException)
        {
            // The SDK throws where contained resources are no list, instead of telling it with the other issues.
            return Problem.Unprocessable("An element that is a list does not stand as one.", type);
        }
        return resource is null || resource.TypeName != type ? WrongType(type) : (resource, [.. issues.Where(issue => !IsBare(issue, Root))]);
    }

    /// <summary>What XML says is judged by the rules of JSON too: the SDK asks more of that, as of the narrative, and JSON is what is kept.</summary>
    private static Outcome<(Resource Resource, IReadOnlyList<CodedException> Issues)> InspectXml(ReadOnlyMemory<byte> xml, string type)
    {
        if (!FhirXml.TypeOf(xml).TryGet(out var found, out var problem))
        {
            return problem;
        }
        if (found != type || FhirXml.Read(xml, out var issues) is not { } resource || resource.TypeName != type)
        {
            return WrongType(type);
        }
        List<CodedException> faults = [.. issues.Where(issue => !IsBare(issue, type))];
        if (faults.Count > 0)
        {
            return (resource, faults);
        }
        try
        {
            return InspectJson(FhirJson.Write(resource), type);
        }
        catch (JsonException)
        {
            return Problem.Invalid("The elements of the body are nested too deeply.");
        }
    }

    private static Problem WrongType(string type) => Problem.Invalid($"The body is not a {type}, as the address says.", "Resource");

    private static Outcome<Resource> Judge((Resource Resource, IReadOnlyList<CodedException> Issues) read, string type)
    {
        var (resource, issues) = read;
        if (issues.Count > 0)
        {
            var faults = issues.Take(FaultsTold).Select(issue => Fault(issue, type)).ToList();
            return faults[0] with { Further = faults.Count > 1 ? faults[1..] : null };
        }
        return IsSubset(resource)
            ? Problem.Unprocessable("This is a part of a resource (SUBSETTED); it cannot stand for the whole.", $"{type}.meta.tag")
            : resource;
    }

    private static string? PathOf(CodedException issue) =>
        (issue as ExtendedCodedException)?.InstancePath is { Length: > 0 } path ? path : null;

    /// <summary>A resource may say nothing but its type; only elements must not be empty.</summary>
    private static bool IsBare(CodedException issue, string root) => issue.ErrorCode is "PVAL129" or "JSON120" or "JSON121" && PathOf(issue) == root;

    /// <summary>Whether a resource says of itself that it is only a part.</summary>
    internal static bool IsSubset(Resource resource) => resource.Meta?.Tag.Exists(tag => tag.Code == Subsetted) == true;

    /// <summary>The bytes of a body, inflated when they come by gzip; <c>TooLarge</c> when they are, or become, more than may be.</summary>
    internal static async ValueTask<Outcome<ReadOnlyMemory<byte>>> ReadBytesAsync(HttpRequest request, CancellationToken cancellationToken, int limit = Limit)
    {
        if (BodyCoding.Unsupported(request) is { } unsupported)
        {
            return unsupported;
        }
        if (request.ContentLength > limit)
        {
            return TooLarge(limit);
        }
        var read = await request.BodyReader.ReadAtLeastAsync(limit + 1, cancellationToken);
        if (read.Buffer.Length > limit)
        {
            request.BodyReader.AdvanceTo(read.Buffer.End);
            return TooLarge(limit);
        }
        ReadOnlyMemory<byte> bytes = read.Buffer.ToArray();
        request.BodyReader.AdvanceTo(read.Buffer.End);
        return BodyCoding.IsGzip(request) ? BodyCoding.Inflate(bytes, limit) : bytes;
    }

    private static Problem TooLarge(int limit) => Problem.TooLarge($"A body may have at most {limit} bytes here.");

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> bytes) => bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
}

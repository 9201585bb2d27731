using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Imaging.Reports;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Formats;
using Fhir.Server.Storage;
using Binary = Hl7.Fhir.Model.Binary;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.Rest;

/// <summary>
/// Read of a Binary: its bytes as they are, by ranges when asked, or as FHIR JSON or XML for who names that. The bytes of one made of a DICOM
/// instance come from that; nothing is kept twice. See https://hl7.org/fhir/R4/binary.html#rest
/// </summary>
internal static class BinaryEndpoint
{
    private const string Pdf = "application/pdf";
    private const string Html = "text/html";
    private const string Unknown = "application/octet-stream";

    public static void MapReadBinary(this IEndpointRouteBuilder app) => app.MapLook("/fhir/Binary/{id:regex(^[^_$])}", ReadAsync).WithName("read-binary");

    private static async Task<IResult> ReadAsync(string id, HttpContext context, GuardedRecord guard, CancellationToken cancellationToken)
    {
        if (!(await guard.ReadAsync(new ResourceKey("Binary", id), cancellationToken)).TryGet(out var stored, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        var binary = FhirJson.ReadOwn<Binary>(stored.Json);
        context.Response.Headers.Vary = "Accept";
        var type = MediaTypeHeaderValue.TryParse(binary.ContentType, out var parsed) && Ascii.IsValid(binary.ContentType) ? parsed.ToString() : Unknown;
        if (!BinaryNegotiation.Wants(context.Request, type).TryGet(out var form, out problem))
        {
            return FhirResults.Problem(problem);
        }
        if (!ReportDerivation.IsMade(stored.Key))
        {
            return form == BinaryForm.Bytes ? Sent(context.Response, binary, type, stored) : FhirResults.Resource(stored);
        }
        if (form != BinaryForm.Bytes && ConditionalRead.HasIt(context.Request, stored))
        {
            return FhirResults.Resource(stored);
        }
        if (!(await OpenAsync(guard, stored, binary, cancellationToken)).TryGet(out var found, out problem))
        {
            return FhirResults.Problem(problem);
        }
        var (document, tag) = found;
        if (form != BinaryForm.Bytes)
        {
            return new ResourceResult(stored, document.Content, form == BinaryForm.Xml);
        }
        Fence(context.Response, document.ContentType);
        return Results.Stream(
            document.Content, document.ContentType, lastModified: stored.LastUpdated,
            entityTag: new EntityTagHeaderValue($"\"{tag}\""), enableRangeProcessing: true);
    }

    /// <summary>What somebody sent as a Binary, as it is.</summary>
    private static IResult Sent(HttpResponse response, Binary binary, string type, StoredResource stored)
    {
        Fence(response, type);
        return Results.Bytes(
            binary.Data ?? [], type, lastModified: stored.LastUpdated, entityTag: EntityTagHeaderValue.Parse(stored.ETag), enableRangeProcessing: true);
    }

    /// <summary>The document of the instance a Binary names, by the same guard as over DICOMweb.</summary>
    private static async ValueTask<Outcome<(DocumentStream Document, string Tag)>> OpenAsync(
        GuardedRecord guard, StoredResource stored, Binary binary, CancellationToken cancellationToken)
    {
        if (ReportDerivation.InstanceOf(binary) is not var (study, series, instance))
        {
            return Problem.NotFound();
        }
        if (!(await guard.RetrieveDocumentAsync(stored, study, series, instance, cancellationToken)).TryGet(out var rows, out var problem))
        {
            return problem;
        }
        var content = await guard.OpenAsync(rows[0], cancellationToken);
        if (content is null)
        {
            return Problem.NotFound();
        }
        if (!DocumentBytes.Open(content).TryGet(out var document, out problem))
        {
            content.Dispose();
            return problem;
        }
        return (document, $"{rows[0].ContentTag}-{document.Content.Length.ToString("x", CultureInfo.InvariantCulture)}");
    }

    /// <summary>What somebody sent must not act in the name of this server: no script, no frame, no request of its own.</summary>
    private static void Fence(HttpResponse response, string contentType)
    {
        var headers = response.Headers;
        headers.CacheControl = "private, no-cache";
        headers.XContentTypeOptions = "nosniff";
        // A browser shows no PDF in a sandbox, and runs nothing of one in the name of the page.
        headers.ContentSecurityPolicy = contentType == Pdf ? "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'" : "default-src 'none'; sandbox";
        headers.ContentDisposition = contentType is Pdf or Html ? "inline" : "attachment";
    }

    /// <summary>The stored resource with its data, in base64 as they are read.</summary>
    private sealed class ResourceResult(StoredResource resource, Stream content, bool isXml) : IResult
    {
        // Thirds, so that only the end is padded.
        private const int Chunk = 48 * 1024;

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await using var bytes = content;
            var response = httpContext.Response;
            response.Headers.ETag = resource.ETag;
            response.Headers.LastModified = resource.LastUpdated.ToString("R", CultureInfo.InvariantCulture);
            response.Headers.CacheControl = "private, no-cache";
            response.ContentType = isXml ? FhirResults.XmlMediaType : FhirResults.MediaType;
            // The data are the last element, in both.
            var (head, name, tail) = isXml
                ? (FhirXml.FromJson(resource.Json, isPretty: false)[..^"</Binary>"u8.Length], "<data value=\""u8.ToArray(), "\"/></Binary>"u8.ToArray())
                : (resource.Json[..^1], ",\"data\":\""u8.ToArray(), "\"}"u8.ToArray());
            response.ContentLength = head.Length + name.Length + ((bytes.Length + 2) / 3 * 4) + tail.Length;
            if (HttpMethods.IsHead(httpContext.Request.Method))
            {
                return;
            }
            var output = response.BodyWriter;
            await output.WriteAsync(head, httpContext.RequestAborted);
            await output.WriteAsync(name, httpContext.RequestAborted);
            var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
            try
            {
                int read;
                while ((read = await bytes.ReadAtLeastAsync(buffer.AsMemory(0, Chunk), Chunk, throwOnEndOfStream: false, httpContext.RequestAborted)) > 0)
                {
                    Base64.EncodeToUtf8(buffer.AsSpan(0, read), output.GetSpan(Base64.GetMaxEncodedToUtf8Length(read)), out _, out var written);
                    output.Advance(written);
                    await output.FlushAsync(httpContext.RequestAborted);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
            await output.WriteAsync(tail, httpContext.RequestAborted);
        }
    }
}

/// <summary>The forms of a Binary. See https://hl7.org/fhir/R4/binary.html#rest</summary>
internal enum BinaryForm
{
    /// <summary>Its bytes, as its own media type.</summary>
    Bytes,

    /// <summary>A resource in FHIR JSON.</summary>
    Json,

    /// <summary>A resource in FHIR XML.</summary>
    Xml,
}

/// <summary>In which form a Binary is wanted: as a resource only when that is named. See https://hl7.org/fhir/R4/binary.html#rest</summary>
internal static class BinaryNegotiation
{
    /// <summary>The form; <c>NotAcceptable</c> for who takes none.</summary>
    public static Outcome<BinaryForm> Wants(HttpRequest request, string contentType)
    {
        if (request.Query.TryGetValue("_format", out var format) && format.ToString() is { Length: > 0 } asked)
        {
            return asked.Replace(' ', '+') == contentType ? BinaryForm.Bytes
                : FhirFormat.Settle(request.HttpContext).TryGet(out var named, out var problem) ? named.IsXml ? BinaryForm.Xml : BinaryForm.Json
                : problem;
        }
        if (request.Headers.Accept.Count == 0)
        {
            return BinaryForm.Bytes;
        }
        if (!MediaTypeHeaderValue.TryParseList([.. request.Headers.Accept.Select(value => value ?? "")], out var types))
        {
            return NotAcceptable(contentType);
        }
        var exact = Best(types.Where(one => one.MediaType.Equals(contentType, StringComparison.OrdinalIgnoreCase)));
        var raw = exact ?? Best(types.Where(one => one.MatchesAllTypes || (one.MatchesAllSubTypes && contentType.StartsWith(one.Type + "/", StringComparison.OrdinalIgnoreCase))));
        var (json, xml) = (Best(types.Where(one => FhirFormat.IsJsonType(one.MediaType.ToString()))), Best(types.Where(one => FhirFormat.IsXmlType(one.MediaType.ToString()))));
        var resource = Math.Max(json ?? 0, xml ?? 0);
        return resource > 0 && (resource > (raw ?? 0) || (resource == raw && exact is null)) ? (xml ?? 0) > (json ?? 0) ? BinaryForm.Xml : BinaryForm.Json
            : raw > 0 ? BinaryForm.Bytes
            : NotAcceptable(contentType);
    }

    private static double? Best(IEnumerable<MediaTypeHeaderValue> types) => types.Select(one => (double?)(one.Quality ?? 1)).Max();

    private static Problem NotAcceptable(string contentType) =>
        Problem.NotAcceptable($"This Binary is given as {contentType}, or as application/fhir+json or application/fhir+xml.");
}

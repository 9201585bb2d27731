using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Imaging.Reports;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Binary = Hl7.Fhir.Model.Binary;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.Rest;

/// <summary>
/// Read of a Binary: its bytes as they are, by ranges when asked, or as FHIR JSON for who names that. The bytes come from the DICOM
/// instance the Binary was made of; nothing is kept twice. See https://hl7.org/fhir/R4/binary.html#rest
/// </summary>
internal static class BinaryEndpoint
{
    private const string Pdf = "application/pdf";
    private const string Html = "text/html";

    public static void MapReadBinary(this IEndpointRouteBuilder app) => app.MapLook("/fhir/Binary/{id:regex(^[^_$])}", ReadAsync).WithName("read-binary");

    private static async Task<IResult> ReadAsync(string id, HttpContext context, GuardedRecord guard, CancellationToken cancellationToken)
    {
        if (!(await guard.ReadAsync(new ResourceKey("Binary", id), cancellationToken)).TryGet(out var stored, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        var binary = FhirJson.ReadOwn<Binary>(stored.Json);
        context.Response.Headers.Vary = "Accept";
        if (!BinaryNegotiation.WantsJson(context.Request, binary.ContentType!).TryGet(out var asJson, out problem))
        {
            return FhirResults.Problem(problem);
        }
        if (asJson && ConditionalRead.HasIt(context.Request, stored))
        {
            return FhirResults.Resource(stored);
        }
        if (!(await OpenAsync(guard, stored.Record, binary, cancellationToken)).TryGet(out var found, out problem))
        {
            return FhirResults.Problem(problem);
        }
        var (document, tag) = found;
        if (asJson)
        {
            return new JsonResult(stored, document.Content);
        }
        Fence(context.Response, document.ContentType);
        return Results.Stream(
            document.Content, document.ContentType, lastModified: stored.LastUpdated,
            entityTag: new EntityTagHeaderValue($"\"{tag}\""), enableRangeProcessing: true);
    }

    /// <summary>The document of the instance a Binary names, by the same guard as over DICOMweb.</summary>
    private static async ValueTask<Outcome<(DocumentStream Document, string Tag)>> OpenAsync(
        GuardedRecord guard, RecordId record, Binary binary, CancellationToken cancellationToken)
    {
        if (ReportDerivation.InstanceOf(binary) is not var (study, series, instance))
        {
            return Problem.NotFound();
        }
        if (!(await guard.RetrieveAsync("binary", record, study, series, instance, cancellationToken)).TryGet(out var rows, out var problem))
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
    private sealed class JsonResult(StoredResource resource, Stream content) : IResult
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
            response.ContentType = FhirResults.MediaType;
            var (head, tail) = (resource.Json[..^1], "\"}"u8.ToArray());
            var name = ",\"data\":\""u8.ToArray();
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

/// <summary>In which form a Binary is wanted: as FHIR JSON only when that is named. See https://hl7.org/fhir/R4/binary.html#rest</summary>
internal static class BinaryNegotiation
{
    private static readonly string[] JsonTypes = ["application/fhir+json", "application/json", "text/json"];

    /// <summary>True for FHIR JSON, false for the bytes; <c>NotAcceptable</c> for who takes neither.</summary>
    public static Outcome<bool> WantsJson(HttpRequest request, string contentType)
    {
        if (request.Query.TryGetValue("_format", out var format) && format.ToString() is { Length: > 0 } asked)
        {
            return asked.Replace(' ', '+') == contentType ? false : FhirNegotiation.NotAFormat(asked) is { } problem ? problem : true;
        }
        if (request.Headers.Accept.Count == 0)
        {
            return false;
        }
        if (!MediaTypeHeaderValue.TryParseList([.. request.Headers.Accept.Select(value => value ?? "")], out var types))
        {
            return NotAcceptable(contentType);
        }
        var json = Best(types.Where(one => JsonTypes.Contains(one.MediaType.ToString(), StringComparer.OrdinalIgnoreCase)));
        var exact = Best(types.Where(one => one.MediaType.Equals(contentType, StringComparison.OrdinalIgnoreCase)));
        var raw = exact ?? Best(types.Where(one => one.MatchesAllTypes || (one.MatchesAllSubTypes && contentType.StartsWith(one.Type + "/", StringComparison.OrdinalIgnoreCase))));
        return json > 0 && (json > (raw ?? 0) || (json == raw && exact is null)) ? true
            : raw > 0 ? false
            : NotAcceptable(contentType);
    }

    private static double? Best(IEnumerable<MediaTypeHeaderValue> types) => types.Select(one => (double?)(one.Quality ?? 1)).Max();

    private static Problem NotAcceptable(string contentType) => Problem.NotAcceptable($"This Binary is given as {contentType}, or as application/fhir+json.");
}

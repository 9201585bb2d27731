using System.Globalization;
using System.Text.Json;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest;

/// <summary>
/// What the FHIR door answers: resources as their stored bytes, problems as OperationOutcome with the status of their kind. Nothing
/// else in this room knows a status. See https://hl7.org/fhir/R4/http.html
/// </summary>
internal static class FhirResults
{
    /// <summary>The media type of every FHIR answer.</summary>
    public const string MediaType = "application/fhir+json; charset=utf-8";

    /// <summary>A resource, or 304 when the caller has this version already.</summary>
    public static IResult Resource(StoredResource resource) => new ResourceResult(resource, StatusCodes.Status200OK, null, Wanted.Representation);

    /// <summary>The answer to create and update: 201 with Location when it is new, else 200.</summary>
    public static IResult Committed(CommittedResource committed, string fhirBase, Wanted wanted) => new ResourceResult(
        committed.Resource,
        committed.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK,
        $"{fhirBase}/{committed.Resource.Key}/_history/{committed.Resource.Version}", wanted);

    /// <summary>The answer to delete: 204, with the version of the tombstone when there is one.</summary>
    public static IResult Deleted(StoredResource? tombstone) => new DeletedResult(tombstone);

    /// <summary>An OperationOutcome.</summary>
    public static IResult Problem(Problem problem) => new ProblemResult(problem);

    /// <summary>A document written by the given function, as a Bundle or CapabilityStatement.</summary>
    public static IResult Document(Action<Utf8JsonWriter> write) => new DocumentResult(write);

    /// <summary>The status of a kind of problem.</summary>
    public static int StatusOf(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => StatusCodes.Status400BadRequest,
        ProblemKind.Unprocessable or ProblemKind.TooCostly => StatusCodes.Status422UnprocessableEntity,
        ProblemKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        ProblemKind.Forbidden => StatusCodes.Status403Forbidden,
        ProblemKind.NotFound => StatusCodes.Status404NotFound,
        ProblemKind.NotAllowed => StatusCodes.Status405MethodNotAllowed,
        ProblemKind.Gone => StatusCodes.Status410Gone,
        ProblemKind.Conflict => StatusCodes.Status409Conflict,
        ProblemKind.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
        ProblemKind.NotAcceptable => StatusCodes.Status406NotAcceptable,
        ProblemKind.Unsupported => StatusCodes.Status415UnsupportedMediaType,
        ProblemKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ProblemKind.RangeNotSatisfiable => StatusCodes.Status416RangeNotSatisfiable,
        ProblemKind.TooMany => StatusCodes.Status429TooManyRequests,
        ProblemKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        ProblemKind.NoSpace => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <summary>Writes an OperationOutcome.</summary>
    public static void WriteOutcome(Utf8JsonWriter writer, Problem problem, string severity = "error")
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "OperationOutcome");
        writer.WriteStartArray("issue");
        foreach (var one in (problem.Further ?? []).Prepend(problem))
        {
            writer.WriteStartObject();
            writer.WriteString("severity", severity);
            writer.WriteString("code", severity == "information" ? "informational" : CodeOf(one.Kind));
            writer.WriteString("diagnostics", one.Text);
            if (one.Expression is not null)
            {
                writer.WriteStartArray("expression");
                writer.WriteStringValue(one.Expression);
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteDone(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "OperationOutcome");
        writer.WriteStartArray("issue");
        writer.WriteStartObject();
        writer.WriteString("severity", "information");
        writer.WriteString("code", "informational");
        writer.WriteString("diagnostics", "It is kept as it was sent.");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The code of https://hl7.org/fhir/R4/valueset-issue-type.html</summary>
    private static string CodeOf(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => "invalid",
        ProblemKind.Unprocessable => "business-rule",
        ProblemKind.Unauthenticated => "login",
        ProblemKind.Forbidden => "forbidden",
        ProblemKind.NotFound => "not-found",
        ProblemKind.NotAllowed or ProblemKind.NotAcceptable or ProblemKind.Unsupported => "not-supported",
        ProblemKind.Gone => "deleted",
        ProblemKind.Conflict or ProblemKind.PreconditionFailed => "conflict",
        ProblemKind.TooLarge => "too-long",
        ProblemKind.TooCostly => "too-costly",
        ProblemKind.TooMany => "throttled",
        ProblemKind.Unavailable => "transient",
        ProblemKind.NoSpace => "no-store",
        _ => "exception",
    };

    private sealed class ResourceResult(StoredResource resource, int status, string? location, Wanted wanted) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.Headers.ETag = resource.ETag;
            if (resource.Redaction is null)
            {
                response.Headers.LastModified = resource.LastUpdated.ToString("R", CultureInfo.InvariantCulture);
            }
            response.Headers.CacheControl = "private, no-cache";
            if (location is not null)
            {
                response.Headers.Location = location;
            }
            else if (ConditionalRead.HasIt(httpContext.Request, resource))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
            response.StatusCode = status;
            if (wanted == Wanted.Minimal)
            {
                response.ContentLength = 0;
                return;
            }
            if (wanted == Wanted.Outcome)
            {
                await WriteAsync(response, WriteDone, httpContext.RequestAborted);
                return;
            }
            response.ContentType = MediaType;
            response.ContentLength = resource.Json.Length;
            await response.BodyWriter.WriteAsync(resource.Json, httpContext.RequestAborted);
        }
    }

    private sealed class DeletedResult(StoredResource? tombstone) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status204NoContent;
            if (tombstone is { Version: > 0 })
            {
                httpContext.Response.Headers.ETag = tombstone.ETag;
            }
            return Task.CompletedTask;
        }
    }

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = StatusOf(problem.Kind);
            if (problem.RetryAfter is { } after)
            {
                response.Headers.RetryAfter = Math.Ceiling(after.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }
            if (problem.Kind == ProblemKind.Unauthenticated)
            {
                response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            }
            return WriteAsync(response, writer => WriteOutcome(writer, problem), httpContext.RequestAborted);
        }
    }

    private sealed class DocumentResult(Action<Utf8JsonWriter> write) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.CacheControl = "private, no-cache";
            return WriteAsync(httpContext.Response, write, httpContext.RequestAborted);
        }
    }

    private static async Task WriteAsync(HttpResponse response, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        response.ContentType = MediaType;
        await using (var writer = new Utf8JsonWriter(response.BodyWriter, FhirWriting.Options))
        {
            write(writer);
        }
        await response.BodyWriter.FlushAsync(cancellationToken);
    }
}

/// <summary>How FHIR JSON is written here.</summary>
internal static class FhirWriting
{
    // Served as application/fhir+json with nosniff and never put into a page, so text can stay readable.
    public static JsonWriterOptions Options { get; } = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true,
    };
}

/// <summary>Conditional read. See https://hl7.org/fhir/R4/http.html#cread and RFC 9110 §13</summary>
internal static class ConditionalRead
{
    /// <summary>Whether the caller has this version already.</summary>
    public static bool HasIt(HttpRequest request, StoredResource resource)
    {
        if (request.Headers.IfNoneMatch.Count > 0)
        {
            return IfNoneMatch.Holds(request, resource.ETag);
        }
        // What a caller sees of a partly hidden study changes with consents, which the date does not tell.
        return resource.Redaction is null && request.GetTypedHeaders().IfModifiedSince is { } since
            && resource.LastUpdated.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();
    }
}

/// <summary>If-None-Match: weak comparison, lists and <c>*</c> (RFC 9110 §13.1.2).</summary>
internal static class IfNoneMatch
{
    public static bool Holds(HttpRequest request, string etag)
    {
        var bare = Bare(etag);
        return request.Headers.IfNoneMatch.SelectMany(value => (value ?? "").Split(',')).Select(value => value.Trim())
            .Any(value => value == "*" || Bare(value) == bare);
    }

    private static string Bare(string etag) => etag.StartsWith("W/", StringComparison.Ordinal) ? etag[2..] : etag;
}

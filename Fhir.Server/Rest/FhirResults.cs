using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Formats;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest;

/// <summary>
/// What the FHIR door answers: resources as their stored bytes, problems as OperationOutcome with the status of their kind. Nothing
/// else in this room knows a status. See https://hl7.org/fhir/R4/http.html
/// </summary>
internal static class FhirResults
{
    /// <summary>The media type of answers in JSON.</summary>
    public const string MediaType = "application/fhir+json; charset=utf-8";

    /// <summary>The media type of answers in XML.</summary>
    public const string XmlMediaType = "application/fhir+xml; charset=utf-8";

    /// <summary>A resource, or 304 when the caller has this version already.</summary>
    public static IResult Resource(StoredResource resource) => new ResourceResult(resource, StatusCodes.Status200OK, null, Wanted.Representation);

    /// <summary>The answer to create and update: 201 with Location when it is new, else 200.</summary>
    public static IResult Committed(CommittedResource committed, string fhirBase, Wanted wanted) => new ResourceResult(
        committed.Resource,
        committed.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK,
        $"{fhirBase}/{committed.Resource.Key}/_history/{committed.Resource.Version}", wanted);

    /// <summary>The answer to delete: 204, with the version of the tombstone when there is one.</summary>
    public static IResult Deleted(StoredResource? tombstone) => new DeletedResult(tombstone);

    /// <summary>202: taken up, and not done yet, with what the headers say of it. See https://hl7.org/fhir/R4/async.html</summary>
    public static IResult Accepted(string text, params IReadOnlyList<(string Name, string Value)> headers) => new AcceptedResult(text, headers);

    /// <summary>An OperationOutcome.</summary>
    public static IResult Problem(Problem problem) => new ProblemResult(problem);

    /// <summary>What a bug is answered with: nothing of it is told.</summary>
    public static IResult Fault() => new FaultResult();

    /// <summary>
    /// A document written by the given function, as a Bundle or CapabilityStatement. Subsets of what is in it, as the request wants them,
    /// are made here.
    /// </summary>
    public static IResult Document(Action<Utf8JsonWriter> write) => new DocumentResult(write);

    /// <summary>A document that is JSON already, and the same for all.</summary>
    public static IResult Document(ReadOnlyMemory<byte> json) => new ReadyResult(json);

    /// <summary>A document nobody may keep but its receiver: there is a secret in it.</summary>
    public static IResult Unkept(ReadOnlyMemory<byte> json) => new ReadyResult(json, "no-store");

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

    /// <summary>Says by which scheme to come again, of whoever is not known or not allowed enough (RFC 6750 §3).</summary>
    public static void Challenge(HttpResponse response, Problem problem)
    {
        if (problem.Challenge is { } challenge)
        {
            response.Headers.WWWAuthenticate = challenge;
        }
        else if (problem.Kind == ProblemKind.Unauthenticated)
        {
            response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        }
    }

    /// <summary>Writes an OperationOutcome.</summary>
    public static void WriteOutcome(Utf8JsonWriter writer, Problem problem, string severity = "error")
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "OperationOutcome");
        writer.WriteStartArray("issue");
        foreach (var one in (problem.Further ?? []).Prepend(problem))
        {
            WriteIssue(writer, severity, severity == "information" ? "informational" : CodeOf(one.Kind), one.Text, one.Expression);
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes an OperationOutcome that says a write was done.</summary>
    public static void WriteDone(Utf8JsonWriter writer) => WriteOutcome(writer, "information", "informational", "It is kept as it was sent.");

    private static void WriteOutcome(Utf8JsonWriter writer, string severity, string code, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "OperationOutcome");
        writer.WriteStartArray("issue");
        WriteIssue(writer, severity, code, text, null);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes one issue of an OperationOutcome.</summary>
    public static void WriteIssue(Utf8JsonWriter writer, string severity, string code, string text, string? expression)
    {
        writer.WriteStartObject();
        writer.WriteString("severity", severity);
        writer.WriteString("code", code);
        writer.WriteString("diagnostics", text);
        if (expression is not null)
        {
            writer.WriteStartArray("expression");
            writer.WriteStringValue(expression);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    /// <summary>The code of https://hl7.org/fhir/R4/valueset-issue-type.html</summary>
    public static string CodeOf(ProblemKind kind) => kind switch
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
                await WriteAsync(httpContext, WriteDone, isSmall: true);
                return;
            }
            var subset = location is null ? Subset.Of(httpContext) : null;
            await SendAsync(httpContext, subset is null ? resource.Json : SubsetWriter.Of(resource.Json, subset));
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

    private sealed class AcceptedResult(string text, IReadOnlyList<(string Name, string Value)> headers) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = StatusCodes.Status202Accepted;
            response.Headers.CacheControl = "no-store";
            foreach (var (name, value) in headers)
            {
                response.Headers[name] = value;
            }
            return WriteAsync(httpContext, writer => WriteOutcome(writer, "information", "informational", text), isSmall: true);
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
            Challenge(response, problem);
            return WriteAsync(httpContext, writer => WriteOutcome(writer, problem), isSmall: true);
        }
    }

    private sealed class FaultResult : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return WriteAsync(httpContext, writer => WriteOutcome(writer, "fatal", "exception", "The server failed; the details are in its log."), isSmall: true);
        }
    }

    private sealed class DocumentResult(Action<Utf8JsonWriter> write) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.CacheControl = "private, no-cache";
            return WriteAsync(httpContext, write, isSmall: false);
        }
    }

    private sealed class ReadyResult(ReadOnlyMemory<byte> json, string caching = "private, no-cache") : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.CacheControl = caching;
            return SendAsync(httpContext, Subset.Of(httpContext) is { } subset ? SubsetWriter.OfDocument(json, subset) : json);
        }
    }

    /// <summary>Writes JSON straight out when it is wanted as it is, and else by way of memory. What is small tells its length.</summary>
    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write, bool isSmall)
    {
        var subset = isSmall ? null : Subset.Of(context);
        if (!isSmall && subset is null && FhirFormat.Of(context).IsStored)
        {
            var response = context.Response;
            Announce(response, FhirFormat.Json);
            await using (var writer = new Utf8JsonWriter(response.BodyWriter, FhirWriting.Options))
            {
                write(writer);
            }
            await response.BodyWriter.FlushAsync(context.RequestAborted);
            return;
        }
        var buffer = new ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(buffer, FhirWriting.Options))
        {
            write(writer);
        }
        await SendAsync(context, subset is null ? buffer.WrittenMemory : SubsetWriter.OfDocument(buffer.WrittenMemory, subset));
    }

    /// <summary>Sends JSON in the format that is wanted.</summary>
    private static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        var format = FhirFormat.Of(context);
        Announce(context.Response, format);
        var body = format.IsXml ? FhirXml.FromJson(json, format.IsPretty) : format.IsPretty ? JsonCopy.Of(json, isPretty: true) : json;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }

    private static void Announce(HttpResponse response, FhirFormat format)
    {
        response.ContentType = format.MediaType;
        if (!response.Headers.Vary.Contains("Accept"))
        {
            response.Headers.Append("Vary", "Accept");
        }
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

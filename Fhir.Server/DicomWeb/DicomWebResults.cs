using System.Globalization;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest;

namespace Fhir.Server.DicomWeb;

/// <summary>What the DICOMweb door answers when it cannot do what was asked: one sentence as text, with the status of its kind.</summary>
internal static class DicomWebResults
{
    public const string Json = "application/dicom+json";

    public static IResult Problem(Problem problem) => new ProblemResult(problem);

    /// <summary>304 when the caller has it already; else null, and the ETag is set.</summary>
    public static IResult? NotModified(HttpContext context, string tag)
    {
        var etag = $"\"{tag}\"";
        context.Response.Headers.ETag = etag;
        context.Response.Headers.CacheControl = "private, no-cache";
        return IfNoneMatch.Holds(context.Request, etag) ? Results.StatusCode(StatusCodes.Status304NotModified) : null;
    }

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = FhirResults.StatusOf(problem.Kind);
            if (problem.RetryAfter is { } after)
            {
                response.Headers.RetryAfter = Math.Ceiling(after.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }
            FhirResults.Challenge(response, problem);
            response.ContentType = "text/plain; charset=utf-8";
            await response.WriteAsync(problem.Text + "\n", httpContext.RequestAborted);
        }
    }
}

using System.Globalization;
using Fhir.Server.Outcomes;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// A single part as the whole answer, or the range of it that was asked for (RFC 9110 §14). Several ranges at once are not given: the
/// whole is, as is allowed.
/// </summary>
internal sealed class SinglePartResult(MultipartPart part) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (request, response) = (httpContext.Request, httpContext.Response);
        var length = part.Content.Length;
        var (offset, count) = (0L, length ?? 0);
        if (part.Content.HasRanges && length is { } whole)
        {
            response.Headers.AcceptRanges = "bytes";
            if (WantedRange(request, response) is { } wanted)
            {
                if (!TryResolve(wanted, whole, out offset, out count))
                {
                    response.Headers.ContentRange = $"bytes */{whole.ToString(CultureInfo.InvariantCulture)}";
                    await DicomWebResults.Problem(new Problem(ProblemKind.RangeNotSatisfiable, "The range lies outside the content.")).ExecuteAsync(httpContext);
                    return;
                }
                response.StatusCode = StatusCodes.Status206PartialContent;
                response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {offset}-{offset + count - 1}/{whole}");
            }
        }
        response.ContentType = part.ContentType;
        response.ContentLength = length is null ? null : count;
        if (part.Location is not null)
        {
            response.Headers.ContentLocation = part.Location;
        }
        if (!HttpMethods.IsHead(request.Method) && (length is null || count > 0))
        {
            await part.Content.CopyAsync(response.BodyWriter, offset, count, httpContext.RequestAborted);
        }
    }

    /// <summary>The one range that is asked for of what the caller has a part of already; null when the whole is to be given.</summary>
    private static RangeItemHeaderValue? WantedRange(HttpRequest request, HttpResponse response)
    {
        if (!HttpMethods.IsGet(request.Method) || !RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var range)
            || !range.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase) || range.Ranges.Count != 1)
        {
            return null;
        }
        // A weak tag or a date never promises the same bytes here.
        var condition = request.Headers.IfRange.ToString().Trim();
        return condition.Length == 0 || condition == response.Headers.ETag.ToString() ? range.Ranges.First() : null;
    }

    private static bool TryResolve(RangeItemHeaderValue range, long whole, out long offset, out long count)
    {
        // Without a beginning it is so many of the last bytes.
        offset = range.From ?? Math.Max(0, whole - (range.To ?? 0));
        var end = range.From is null ? whole : Math.Min(whole, range.To is { } last && last < whole ? last + 1 : whole);
        count = end - offset;
        return count > 0;
    }
}

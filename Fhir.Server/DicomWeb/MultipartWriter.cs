using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;

namespace Fhir.Server.DicomWeb;

/// <summary>A part of a multipart answer whose length is known before it is sent.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="Location">Its address; null to say none.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="CopyAsync">Writes them.</param>
internal sealed record MultipartPart(string ContentType, string? Location, long Length, Func<PipeWriter, CancellationToken, ValueTask> CopyAsync);

/// <summary>
/// A <c>multipart/related</c> answer (RFC 2387): streamed part by part, with Content-Length since every length is known.
/// PS3.18 §8.7.3
/// </summary>
/// <param name="type">The media type of the parts.</param>
/// <param name="parts">The parts.</param>
/// <param name="tag">The entity tag of the answer: the boundary is made of it, since a strong tag promises the same bytes each time.</param>
internal sealed class MultipartResult(string type, IReadOnlyList<MultipartPart> parts, string tag) : IResult
{
    private readonly string boundary = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("boundary of " + tag))[..16]);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var heads = parts.Select(HeadOf).ToList();
        var end = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        response.ContentType = $"multipart/related; type=\"{type}\"; boundary={boundary}";
        response.ContentLength = heads.Sum(head => (long)head.Length) + parts.Sum(part => part.Length) + end.Length;
        for (var i = 0; i < parts.Count; i++)
        {
            await response.BodyWriter.WriteAsync(heads[i], httpContext.RequestAborted);
            await parts[i].CopyAsync(response.BodyWriter, httpContext.RequestAborted);
        }
        await response.BodyWriter.WriteAsync(end, httpContext.RequestAborted);
    }

    private byte[] HeadOf(MultipartPart part, int number)
    {
        var head = new StringBuilder(number == 0 ? "" : "\r\n").Append("--").Append(boundary).Append("\r\nContent-Type: ").Append(part.ContentType)
            .Append("\r\nContent-Length: ").Append(part.Length.ToString(CultureInfo.InvariantCulture));
        if (part.Location is not null)
        {
            head.Append("\r\nContent-Location: ").Append(part.Location);
        }
        return Encoding.ASCII.GetBytes(head.Append("\r\n\r\n").ToString());
    }
}

/// <summary>A single part as the whole answer.</summary>
internal sealed class SinglePartResult(MultipartPart part) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = part.ContentType;
        httpContext.Response.ContentLength = part.Length;
        if (part.Location is not null)
        {
            httpContext.Response.Headers.ContentLocation = part.Location;
        }
        await part.CopyAsync(httpContext.Response.BodyWriter, httpContext.RequestAborted);
    }
}

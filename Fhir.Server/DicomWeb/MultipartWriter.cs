using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Fhir.Server.DicomWeb;

/// <summary>A part of an answer.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="Location">Its address; null to say none.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record MultipartPart(string ContentType, string? Location, PartContent Content);

/// <summary>What stands between the parts of a <c>multipart/related</c> answer (RFC 2387). PS3.18 §8.6.1.2</summary>
/// <param name="type">The media type of the parts.</param>
/// <param name="tag">The entity tag of the answer: the boundary is made of it, since a strong tag promises the same bytes each time.</param>
internal sealed class MultipartFrame(string type, string tag)
{
    private readonly string boundary = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("boundary of " + tag))[..16]);

    public string ContentType => $"multipart/related; type=\"{type}\"; boundary={boundary}";

    public byte[] End => Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");

    public byte[] HeadOf(MultipartPart part, bool isFirst)
    {
        var head = new StringBuilder(isFirst ? "" : "\r\n").Append("--").Append(boundary).Append("\r\nContent-Type: ").Append(part.ContentType);
        if (part.Content.Length is { } length)
        {
            head.Append("\r\nContent-Length: ").Append(length.ToString(CultureInfo.InvariantCulture));
        }
        if (part.Location is not null)
        {
            head.Append("\r\nContent-Location: ").Append(part.Location);
        }
        return Encoding.ASCII.GetBytes(head.Append("\r\n\r\n").ToString());
    }
}

/// <summary>A <c>multipart/related</c> answer whose parts are known: streamed part by part, with Content-Length.</summary>
internal sealed class MultipartResult(string type, IReadOnlyList<MultipartPart> parts, string tag) : IResult
{
    private readonly MultipartFrame frame = new(type, tag);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var heads = parts.Select((part, number) => frame.HeadOf(part, number == 0)).ToList();
        var end = frame.End;
        response.ContentType = frame.ContentType;
        response.ContentLength = heads.Sum(head => (long)head.Length) + parts.Sum(part => part.Content.Length) + end.Length;
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            return;
        }
        for (var i = 0; i < parts.Count; i++)
        {
            await response.BodyWriter.WriteAsync(heads[i], httpContext.RequestAborted);
            await parts[i].Content.CopyAsync(response.BodyWriter, httpContext.RequestAborted);
        }
        await response.BodyWriter.WriteAsync(end, httpContext.RequestAborted);
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Outcomes;

namespace Fhir.Server.DicomWeb;

/// <summary>A picture of a multipart answer.</summary>
/// <param name="Order">The picture.</param>
/// <param name="Location">Its own address.</param>
internal sealed record RenderedPart(PictureOrder Order, string Location);

/// <summary>
/// Pictures as <c>multipart/related</c>, each made when its turn comes, so that only one is held. One that cannot be made has a part
/// of text in its place that says why: the others shall not be lost for it.
/// </summary>
/// <param name="type">The media type of the pictures.</param>
/// <param name="parts">At least one.</param>
/// <param name="first">The first one, made already.</param>
/// <param name="tag">The entity tag, of which the boundary is made.</param>
/// <param name="pictures">Where they are made.</param>
internal sealed class RenderedMultipart(
    string type, IReadOnlyList<RenderedPart> parts, Outcome<RenderedPicture> first, string tag, RenderedPictures pictures) : IResult
{
    private readonly string boundary = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("boundary of " + tag))[..16]);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = $"multipart/related; type=\"{type}\"; boundary={boundary}";
        for (var i = 0; i < parts.Count; i++)
        {
            var made = i == 0 ? first : await pictures.RenderAsync(parts[i].Order, httpContext.RequestAborted);
            if (made.TryGet(out var picture, out var problem))
            {
                await WriteAsync(response, i, picture.MediaType, picture.Bytes, httpContext.RequestAborted);
                continue;
            }
            if (problem.Kind == ProblemKind.Unavailable)
            {
                // What is only busy is not the picture's fault: a whole answer later is better than one with a hole now.
                httpContext.Abort();
                return;
            }
            await WriteAsync(response, i, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(problem.Text + "\n"), httpContext.RequestAborted);
        }
        await response.BodyWriter.WriteAsync(Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n"), httpContext.RequestAborted);
    }

    private async ValueTask WriteAsync(HttpResponse response, int number, string partType, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"{(number == 0 ? "" : "\r\n")}--{boundary}\r\nContent-Type: {partType}\r\nContent-Length: {bytes.Length}\r\nContent-Location: {parts[number].Location}\r\n\r\n");
        await response.BodyWriter.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        await response.BodyWriter.WriteAsync(bytes, cancellationToken);
    }
}

/// <summary>A large animation as the whole answer, sent while it is made. What breaks off within it breaks the answer off.</summary>
internal sealed class SentAnimation(PictureOrder order, RenderedPictures pictures) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var begun = false;
        var problem = await pictures.SendAsync(
            order,
            () =>
            {
                begun = true;
                response.ContentType = order.Type.MediaType();
                return response.Body;
            },
            httpContext.RequestAborted);
        if (problem is null)
        {
            return;
        }
        if (begun)
        {
            httpContext.Abort();
            return;
        }
        response.Headers.Remove("ETag");
        response.Headers.CacheControl = "no-store";
        await DicomWebResults.Problem(problem).ExecuteAsync(httpContext);
    }
}

using System.Text;
using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Outcomes;

namespace Fhir.Server.DicomWeb;

/// <summary>A picture or document of a multipart answer.</summary>
/// <param name="Tag">What it is made of and how.</param>
/// <param name="Location">Its own address.</param>
/// <param name="MakeAsync">Makes it.</param>
internal sealed record RenderedPart(string Tag, string Location, Func<CancellationToken, ValueTask<Outcome<MultipartPart>>> MakeAsync);

/// <summary>
/// Pictures or documents as <c>multipart/related</c>, each made when its turn comes, so that only one is held. One that cannot be made has
/// a part of text in its place that says why: the others shall not be lost for it.
/// </summary>
/// <param name="type">Their media type.</param>
/// <param name="parts">At least one.</param>
/// <param name="first">The first one, made already.</param>
/// <param name="tag">The entity tag, of which the boundary is made.</param>
internal sealed class RenderedMultipart(string type, IReadOnlyList<RenderedPart> parts, Outcome<MultipartPart> first, string tag) : IResult
{
    private readonly MultipartFrame frame = new(type, tag);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = frame.ContentType;
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            return;
        }
        for (var i = 0; i < parts.Count; i++)
        {
            var made = i == 0 ? first : await parts[i].MakeAsync(httpContext.RequestAborted);
            if (!made.TryGet(out var part, out var problem))
            {
                if (problem.Kind == ProblemKind.Unavailable)
                {
                    // What is only busy is not the picture's fault: a whole answer later is better than one with a hole now.
                    httpContext.Abort();
                    return;
                }
                part = new MultipartPart("text/plain; charset=utf-8", parts[i].Location, new HeldContent(Encoding.UTF8.GetBytes(problem.Text + "\n")));
            }
            await response.BodyWriter.WriteAsync(frame.HeadOf(part, i == 0), httpContext.RequestAborted);
            await part.Content.CopyAsync(response.BodyWriter, httpContext.RequestAborted);
        }
        await response.BodyWriter.WriteAsync(frame.End, httpContext.RequestAborted);
    }
}

/// <summary>A large animation as the whole answer, sent while it is made. What breaks off within it breaks the answer off.</summary>
internal sealed class SentAnimation(PictureOrder order, RenderedPictures pictures) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var begun = false;
        var problem = HttpMethods.IsHead(httpContext.Request.Method) ? await HeadAsync(response, httpContext.RequestAborted) : await pictures.SendAsync(
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

    /// <summary>The head is that of the whole when its first frame can be made.</summary>
    private async ValueTask<Problem?> HeadAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        var still = new PictureOrder(order.Instance, [order.Frames[0]], order.Look, order.Type, order.State);
        response.ContentType = order.Type.MediaType();
        return (await pictures.RenderAsync(still, cancellationToken)).Problem;
    }
}

using Fhir.Server.Outcomes;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// An answer that is made while it is sent: it waits for its turn (<see cref="TranscodingGate"/>) for each piece, can still be refused
/// before its first byte, and is broken off when it fails later.
/// </summary>
internal abstract partial class MadeAnswer(TranscodingGate gate) : IResult
{
    /// <summary>Its place, had while a piece is made and left before it is sent.</summary>
    protected GateTurn Turn { get; } = new(gate);

    /// <summary>Something was written, though it may still wait in the writer: from now on it can only be broken off.</summary>
    protected bool HasBegun { get; set; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using (Turn)
        {
            if (await Turn.BeginAsync(httpContext.RequestAborted) is { } busy)
            {
                await RefuseAsync(httpContext, busy);
                return;
            }
            try
            {
                if (await SendAsync(httpContext, httpContext.RequestAborted) is { } refusal)
                {
                    await RefuseAsync(httpContext, refusal);
                }
            }
            catch (BrokenOffException reason) when (!HasBegun && !httpContext.Response.HasStarted)
            {
                await RefuseAsync(httpContext, Problem.NotAcceptable(reason.Message));
            }
            catch (BrokenOffException reason)
            {
                BrokenOff(httpContext.RequestServices.GetRequiredService<ILogger<MadeAnswer>>(), httpContext.GetEndpoint()?.DisplayName ?? "", reason.Message);
                httpContext.Abort();
            }
        }
    }

    /// <summary>Sends it; a problem when it cannot be, and nothing was sent.</summary>
    protected abstract ValueTask<Problem?> SendAsync(HttpContext context, CancellationToken cancellationToken);

    /// <summary>Sends parts one after the other, beginning with the one the enumerator stands at.</summary>
    protected async ValueTask SendMultipartAsync(
        HttpContext context, string type, string tag, IAsyncEnumerator<MultipartPart> parts, CancellationToken cancellationToken)
    {
        var frame = new MultipartFrame(type, tag);
        var output = context.Response.BodyWriter;
        context.Response.ContentType = frame.ContentType;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }
        var isFirst = HasBegun = true;
        do
        {
            var head = frame.HeadOf(parts.Current, isFirst);
            head.CopyTo(output.GetMemory(head.Length));
            output.Advance(head.Length);
            await parts.Current.Content.CopyAsync(output, cancellationToken);
            isFirst = false;
        }
        while (await parts.MoveNextAsync());
        await output.WriteAsync(frame.End, cancellationToken);
    }

    private static Task RefuseAsync(HttpContext context, Problem problem)
    {
        context.Response.Headers.ETag = default;
        context.Response.Headers.ContentDisposition = default;
        context.Response.Headers.AcceptRanges = default;
        context.Response.ContentLength = null;
        return DicomWebResults.Problem(problem).ExecuteAsync(context);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Endpoint} was broken off: {Reason}")]
    private static partial void BrokenOff(ILogger logger, string endpoint, string reason);
}

using Fhir.Server.Access;
using Fhir.Server.DicomWeb;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest;
using Microsoft.AspNetCore.Http.Features;

namespace Fhir.Server.Hosting;

/// <summary>Tells who is asking, before any door opens. What cannot be told is 401, but for the address of a capability, which is 404.</summary>
internal sealed class CallerIdentification(RequestDelegate next, ICallerSource source, CapabilityCallers capabilities, PublicAddress address)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!address.IsKnown)
        {
            // Connections are taken a moment before the server is told on which addresses.
            await FhirResults.Problem(Problem.Unavailable("The server is starting.", TimeSpan.FromSeconds(1))).ExecuteAsync(context);
            return;
        }
        var identified = context.Features.Get<CapabilityRequest>() is { } shown
            ? await capabilities.IdentifyAsync(shown, context.RequestAborted)
            : await source.IdentifyAsync(context);
        if (!identified.TryGet(out var caller, out var problem))
        {
            await RefuseAsync(context, problem);
            return;
        }
        context.Features.Set(caller);
        await next(context);
    }

    /// <summary>Each door's way of saying no. What was sent is not read: the connection ends rather than take in a body of nobody's.</summary>
    private static Task RefuseAsync(HttpContext context, Problem problem)
    {
        var request = context.Request;
        if (request.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0)
        {
            if (HttpProtocol.IsHttp11(request.Protocol) || HttpProtocol.IsHttp10(request.Protocol))
            {
                context.Response.Headers.Connection = "close";
            }
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = 0;
            }
        }
        context.Response.Headers.CacheControl = "no-store";
        return (request.Path.StartsWithSegments("/dicomweb") ? DicomWebResults.Problem(problem) : FhirResults.Problem(problem)).ExecuteAsync(context);
    }
}

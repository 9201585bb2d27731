using Fhir.Server.Access;

namespace Fhir.Server.Hosting;

/// <summary>
/// Takes the secret out of the path of a capability before anything else sees it, and says of every answer that its address is nobody's business: not the
/// next page's, not a shared cache's.
/// </summary>
internal sealed class CapabilityConcealment(RequestDelegate next)
{
    private static readonly PathString Prefix = CapabilityRequest.Prefix;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase, out var rest) || rest.Value is not ['/', _, ..])
        {
            return next(context);
        }
        var path = rest.Value;
        var end = path.IndexOf('/', 1) is var slash and > 0 ? slash : path.Length;
        context.Features.Set(new CapabilityRequest(path[1..end]));
        request.Path = $"{CapabilityRequest.Prefix}/{CapabilityRequest.Concealed}{path[end..]}";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.OnStarting(KeepPrivate, context.Response);
        return next(context);
    }

    private static Task KeepPrivate(object state)
    {
        var headers = ((HttpResponse)state).Headers;
        headers["Referrer-Policy"] = "no-referrer";
        if (!headers.CacheControl.ToString().Contains("private", StringComparison.Ordinal))
        {
            headers.CacheControl = headers.CacheControl.Count == 0 ? "private, no-cache" : "private, " + headers.CacheControl;
        }
        return Task.CompletedTask;
    }
}

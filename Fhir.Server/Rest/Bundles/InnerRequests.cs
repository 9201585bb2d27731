using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http.Features;

namespace Fhir.Server.Rest;

/// <summary>
/// Requests inside a request: the entries of a batch go through the same routes and endpoints as if they had come alone, under the same
/// caller. Who builds the pipeline is <c>Hosting</c>.
/// </summary>
public sealed class InnerRequests
{
    private Lazy<RequestDelegate>? pipeline;

    /// <summary>From routing to endpoint; told once, at start, and built when all doors are there.</summary>
    public void Use(Func<RequestDelegate> build) => pipeline = new(build);

    /// <summary>Answers one request.</summary>
    /// <param name="outer">The request in which it stands: its caller, services and life are those of the inner one.</param>
    /// <param name="request">What is asked.</param>
    internal async Task<InnerAnswer> SendAsync(HttpContext outer, InnerRequest request)
    {
        var body = new MemoryStream();
        var features = new FeatureCollection();
        var headers = new HeaderDictionary { ["Accept"] = FhirResults.MediaType };
        foreach (var (name, value) in request.Headers)
        {
            headers[name] = value;
        }
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = request.Method,
            Scheme = outer.Request.Scheme,
            Protocol = outer.Request.Protocol,
            PathBase = outer.Request.PathBase,
            Path = request.Path,
            QueryString = request.Query.Value ?? "",
            Headers = headers,
            Body = MemoryMarshal.TryGetArray(request.Body, out var bytes) ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false) : Stream.Null,
        });
        if (request.Body.Length > 0)
        {
            headers.ContentLength = request.Body.Length;
            headers["Content-Type"] = request.ContentType;
        }
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        features.Set(outer.Features.Get<IServiceProvidersFeature>());
        features.Set(outer.Features.Get<IHttpRequestLifetimeFeature>());
        features.Set(outer.Features.Get<IHttpConnectionFeature>());
        features.Set(outer.Features.Get<Access.Caller>());
        var context = new DefaultHttpContext(features);
        context.Request.Host = outer.Request.Host;
        await (pipeline?.Value ?? throw new InvalidOperationException("The pipeline of inner requests was not told."))(context);
        await context.Response.BodyWriter.FlushAsync(outer.RequestAborted);
        return new InnerAnswer(context.Response.StatusCode, context.Response.Headers, body.GetBuffer().AsMemory(0, (int)body.Length));
    }
}

/// <summary>A request inside a request.</summary>
/// <param name="Method">As in HTTP.</param>
/// <param name="Path">From the root of the server.</param>
/// <param name="Query">With its question mark; empty for none.</param>
/// <param name="Headers">What it says beside.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="Body">May be empty.</param>
internal sealed record InnerRequest(
    string Method, PathString Path, QueryString Query, IReadOnlyList<KeyValuePair<string, string>> Headers, string ContentType, ReadOnlyMemory<byte> Body);

/// <summary>What it was answered.</summary>
internal sealed record InnerAnswer(int Status, IHeaderDictionary Headers, ReadOnlyMemory<byte> Body);

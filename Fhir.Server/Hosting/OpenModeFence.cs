using System.Net;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest;

namespace Fhir.Server.Hosting;

/// <summary>
/// Open mode answers this machine alone: a Host that is not loopback (a name rebound to 127.0.0.1), a request that was forwarded, and a
/// page of another origin are refused before anything is looked at.
/// </summary>
internal sealed class OpenModeFence(RequestDelegate next)
{
    private static readonly string[] Forwarding = ["Forwarded", "X-Real-IP", "Via", "CF-Connecting-IP", "True-Client-IP"];
    private static readonly string[] ForwardingPrefixes = ["X-Forwarded-", "X-Original-"];

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var origin = request.Headers.Origin.ToString();
        var refusal = context.Connection.RemoteIpAddress is { } peer && !IPAddress.IsLoopback(peer) ? "Open mode answers only this machine."
            : !IsLoopbackHost(request.Host.Host) ? "Open mode answers only to loopback names."
            : request.Headers.Keys.Any(IsForwarding) ? "Open mode takes no forwarded requests."
            : origin.Length > 0 && !IsLoopbackOrigin(origin) ? "Open mode answers no pages of other origins."
            : null;
        return refusal is null ? next(context) : FhirResults.Problem(Problem.Forbidden(refusal)).ExecuteAsync(context);
    }

    private static bool IsForwarding(string header) => Forwarding.Contains(header, StringComparer.OrdinalIgnoreCase)
        || ForwardingPrefixes.Any(prefix => header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    public static bool IsLoopbackOrigin(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out var uri) && IsLoopbackHost(uri.Host);

    public static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Fhir.Server.Access;

/// <summary>Says of a route that it is for everybody, and tells nothing of any record: nobody is asked who they are there.</summary>
public sealed class PublicRoute;

/// <summary>
/// Where nobody is asked who they are: what must be known before one can sign in, and the places of signing in, which see to themselves. Everything
/// else is closed, whether or not a route of that address exists.
/// </summary>
public static class PublicPlaces
{
    private static readonly PathString[] Whole =
    [
        "/healthz", "/.well-known", "/fhir/.well-known", "/fhir/metadata", "/oauth", "/account", "/static",
    ];

    private static readonly string[] Alone = ["/", "/favicon.ico", "/robots.txt"];

    /// <summary>Whether a request is for such a place.</summary>
    public static bool Includes(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var path = context.Request.Path;
        return context.GetEndpoint()?.Metadata.GetMetadata<PublicRoute>() is not null
            || Alone.Contains(path.Value, StringComparer.Ordinal)
            || Whole.Any(place => path.StartsWithSegments(place));
    }

    /// <summary>Lets everybody use a route.</summary>
    public static T ForEverybody<T>(this T route)
        where T : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(new PublicRoute()));
        return route;
    }
}

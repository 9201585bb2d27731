using Fhir.Server.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>
/// The authorisation server answers only where no secret can be overheard: when its public address is https, or this machine's own. TLS
/// may end at a proxy before it. Nor does it answer before the server knows its address.
/// </summary>
internal static class SafeAddress
{
    public static IApplicationBuilder UseSafeAddress(this IApplicationBuilder app)
    {
        var (address, addresses) = (app.ApplicationServices.GetRequiredService<PublicAddress>(), app.ApplicationServices.GetRequiredService<OAuthAddresses>());
        return app.Use((http, next) =>
        {
            if (!http.Request.Path.StartsWithSegments("/oauth"))
            {
                return next(http);
            }
            if (!address.IsKnown)
            {
                http.Response.Headers.RetryAfter = "1";
                return OAuthAnswers.Error(StatusCodes.Status503ServiceUnavailable, "temporarily_unavailable", "The server is starting.").ExecuteAsync(http);
            }
            return addresses.IsSafe ? next(http)
                : OAuthAnswers.Error(StatusCodes.Status400BadRequest, "invalid_request", "PublicBaseUrl must be https, or a loopback address.").ExecuteAsync(http);
        });
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using NetEscapades.AspNetCore.SecurityHeaders.Infrastructure;

namespace Fhir.Server.SignIn.Pages;

/// <summary>
/// The headers of pages: nothing from elsewhere, no inline script or style, in nobody's frame, no address handed on, TLS remembered where
/// there is TLS. FHIR and DICOMweb keep their own.
/// </summary>
internal static class PageHeaders
{
    private const int Year = 365 * 24 * 60 * 60;

    private static readonly HeaderPolicyCollection Pages = Make(formsStayHere: true);

    /// <summary>
    /// Of pages whose form may end elsewhere: after signing in or authorising at an app, before it at another provider. Browsers hold
    /// <c>form-action</c> against where a form's answer sends them too.
    /// </summary>
    private static readonly HeaderPolicyCollection OnTheWayToAnApp = Make(formsStayHere: false);

    public static IApplicationBuilder UsePageHeaders(this IApplicationBuilder app)
    {
        app.UseWhen(context => !IsOnTheWay(context), branch => branch.UseSecurityHeaders(Pages));
        app.UseWhen(IsOnTheWay, branch => branch.UseSecurityHeaders(OnTheWayToAnApp));
        return app;
    }

    private static bool IsOnTheWay(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/oauth") || context.Request.Path.StartsWithSegments("/account/sign-in")
        || context.Request.Path.StartsWithSegments("/account/links");

    private static HeaderPolicyCollection Make(bool formsStayHere) => new HeaderPolicyCollection()
        .AddContentTypeOptionsNoSniff()
        .AddFrameOptionsDeny()
        .AddReferrerPolicyNoReferrer()
        .AddStrictTransportSecurityMaxAge(Year)
        .AddCrossOriginOpenerPolicy(policy => policy.SameOrigin())
        .AddCrossOriginResourcePolicy(policy => policy.SameOrigin())
        .AddCustomHeader("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        .AddContentSecurityPolicy(policy =>
        {
            policy.AddDefaultSrc().None();
            policy.AddStyleSrc().Self();
            policy.AddScriptSrc().Self();
            policy.AddImgSrc().Self();
            policy.AddConnectSrc().Self();
            policy.AddBaseUri().None();
            policy.AddFrameAncestors().None();
            if (formsStayHere)
            {
                policy.AddFormAction().Self();
            }
        });
}

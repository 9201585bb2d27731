using Fhir.Server.SignIn.Accounts;
using Fhir.Server.SignIn.Texts;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.SignIn.Pages;

/// <summary>What holds for all pages of this room.</summary>
internal static class PageRoutes
{
    private const long FormLimit = 64 * 1024;

    /// <summary>
    /// Makes routes pages: found out who is signed in (<see cref="SignedInSession"/> among the request's features), never kept by anybody,
    /// bodies small, and no POST is looked at without its <see cref="FormToken"/>, unless the route says <c>DisableAntiforgery()</c>.
    /// They ask for no token of an app: anonymous callers get as far as them.
    /// </summary>
    public static RouteGroupBuilder AsPages(this RouteGroupBuilder group)
    {
        group.AllowAnonymous();
        group.WithMetadata(new DisableCorsAttribute());
        group.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            context.Response.Headers.CacheControl = "no-cache, no-store";
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            {
                body.MaxRequestBodySize = FormLimit;
            }
            await context.RequestServices.GetRequiredService<SignedIn>().FindAsync(context);
            if (HttpMethods.IsPost(context.Request.Method) && NeedsToken(context) && !await FormToken.IsGoodAsync(context))
            {
                var texts = FrameTexts.In(context.LanguageOf());
                return PageFrame.Problem(context, texts.FormExpired, texts.FormExpiredText);
            }
            return await next(invocation);
        });
        return group;
    }

    private static bool NeedsToken(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAntiforgeryMetadata>() is not { RequiresValidation: false };
}

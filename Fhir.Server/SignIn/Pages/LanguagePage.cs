using Fhir.Server.SignIn.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Pages;

/// <summary>The switch of language: remembers what was chosen in a cookie, and goes back.</summary>
internal static class LanguagePage
{
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(365);

    public static void MapLanguage(this RouteGroupBuilder pages) =>
        pages.MapGet("/language", Choose).WithName("account-language");

    private static IResult Choose(HttpContext context, string? to, string? returnUrl, SignedIn signedIn)
    {
        if (Languages.Find(to) is { } language)
        {
            var cookie = signedIn.CookieOptions(context);
            cookie.MaxAge = Remembered;
            context.Response.Cookies.Append(Languages.Cookie, language.Tag(), cookie);
        }
        return Results.Redirect(LocalAddress.Or(returnUrl));
    }
}

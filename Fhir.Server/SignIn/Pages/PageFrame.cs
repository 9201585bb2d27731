using Fhir.Server.SignIn.Accounts;
using Fhir.Server.SignIn.Texts;
using Microsoft.AspNetCore.Http;

namespace Fhir.Server.SignIn.Pages;

/// <summary>
/// What stands around every page of this room: head, name of the server, who is signed in, the switch of language. A page is its title
/// and its content; the content begins at the second level of headings, since the title is the first.
/// </summary>
internal static class PageFrame
{
    private const string HtmlType = "text/html; charset=utf-8";

    /// <summary>A whole page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="title">What the page is, for its heading and the window's title.</param>
    /// <param name="content">What stands in it.</param>
    /// <param name="status">The status of the answer.</param>
    /// <param name="script">The address of a script of ours the page needs; null for none.</param>
    public static IResult Page(HttpContext context, string title, Html content, int status = StatusCodes.Status200OK, string? script = null)
    {
        var language = context.LanguageOf();
        var texts = FrameTexts.In(language);
        Html scripts = script is null ? Html.Empty : $"<script src=\"{script}\" defer></script>";
        Html page = $$"""
            <!doctype html>
            <html lang="{{language.Tag()}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{title}} · PhrImaging</title>
            <link rel="stylesheet" href="{{PageFiles.StyleAddress}}">{{scripts}}</head>
            <body><a class="skip" href="#content">{{texts.SkipToContent}}</a>
            <header><a class="brand" href="/account">PhrImaging</a>{{WhoIsHere(context, texts)}}</header>
            <main id="content"><h1>{{title}}</h1>
            {{content}}
            </main>
            <footer>{{LanguageSwitch(context, language, texts)}}</footer>
            </body></html>
            """;
        return Results.Content(page.ToString(), HtmlType, statusCode: status);
    }

    /// <summary>A page that says why something cannot be done.</summary>
    public static IResult Problem(HttpContext context, string title, string text, int status = StatusCodes.Status400BadRequest) =>
        Page(context, title, $"<p class=\"problem\" role=\"alert\">{text}</p>", status);

    private static Html WhoIsHere(HttpContext context, FrameTexts texts)
    {
        if (context.Features.Get<SignedInSession>() is not { } session)
        {
            return Html.Empty;
        }
        return $"""
            <nav aria-label="{texts.AccountNavigation}"><a href="/account">{session.Account.DisplayName}</a>
            <form method="post" action="/account/sign-out">{FormToken.Field(context)}<button class="quiet">{texts.SignOut}</button></form></nav>
            """;
    }

    private static Html LanguageSwitch(HttpContext context, Language current, FrameTexts texts)
    {
        // What was asked by POST cannot be asked again by a link.
        var here = HttpMethods.IsGet(context.Request.Method) ? context.Request.Path + context.Request.QueryString : "/account";
        return Html.Join(Enum.GetValues<Language>().Select(language => One(language)));

        Html One(Language language)
        {
            var name = FrameTexts.NameOf(language);
            return language == current
                ? (Html)$"<span lang=\"{language.Tag()}\" aria-current=\"true\">{name}</span> "
                : $"<a lang=\"{language.Tag()}\" hreflang=\"{language.Tag()}\" href=\"/account/language?to={language.Tag()}&amp;returnUrl={Uri.EscapeDataString(here)}\">{name}</a> ";
        }
    }
}

using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Where somebody is signed in, and how to end it.</summary>
internal static class SessionsPage
{
    private const string Address = "/account/sessions";

    public static void MapSessions(this RouteGroupBuilder pages)
    {
        pages.MapGet("/sessions", (HttpContext context, SignedIn signedIn, Sessions sessions) => ShowAsync(context, signedIn, sessions, null)).WithName("account-sessions");
        pages.MapPost("/sessions/end", EndAsync).WithName("account-session-end");
        pages.MapPost("/sessions/end-others", EndOthersAsync).WithName("account-sessions-end-others");
    }

    private static async Task<IResult> ShowAsync(HttpContext context, SignedIn signedIn, Sessions sessions, string? notice)
    {
        if (await signedIn.FindAsync(context) is not { } mine)
        {
            return SignedIn.RequireSignIn(Address);
        }
        var texts = AccountTexts.In(context.LanguageOf());
        var all = await sessions.OfAsync(mine.Account, context.RequestAborted);
        Html others = all.Count < 2 ? Html.Empty : $"""
            <form method="post" action="/account/sessions/end-others">{FormToken.Field(context)}<p>{texts.EndEverywhereText}</p>
            <button class="second">{texts.EndEverywhere}</button></form>
            """;
        Html content = $"""
            {Fields.Notice(notice)}<ul class="plain">{all.Select(one => Row(context, one, one.Id == mine.Id, texts))}</ul>{others}
            <p><a href="/account">{texts.Back}</a></p>
            """;
        return PageFrame.Page(context, texts.Sessions, content);
    }

    private static Html Row(HttpContext context, SessionRow session, bool isThis, AccountTexts texts)
    {
        Html act = isThis ? (Html)$"<span class=\"soft\">{texts.ThisOne}</span>" : $"""
            <form method="post" action="/account/sessions/end">{FormToken.Field(context)}{Fields.Hidden("session", session.Id)}<button class="quiet">{texts.EndIt}</button></form>
            """;
        return $"""
            <li><span>{Agents.Describe(session.Agent)} <span class="soft">{session.Network}<br>{texts.Since(Times.Of(session.Created))}, {texts.LastSeen(Times.Of(session.LastSeen))}</span></span>{act}</li>
            """;
    }

    private static async Task<IResult> EndAsync(HttpContext context, SignedIn signedIn, Sessions sessions)
    {
        if (await signedIn.FindAsync(context) is not { Account: var account })
        {
            return SignedIn.RequireSignIn(Address);
        }
        await sessions.EndAsync(account, (await SentForm.ReadAsync(context)).Line("session"), context.RequestAborted);
        return await ShowAsync(context, signedIn, sessions, AccountTexts.In(context.LanguageOf()).SessionsEnded);
    }

    private static async Task<IResult> EndOthersAsync(HttpContext context, SignedIn signedIn, Sessions sessions)
    {
        if (await signedIn.FindAsync(context) is not { } mine)
        {
            return SignedIn.RequireSignIn(Address);
        }
        await sessions.EndAllAsync(mine.Account, mine.Id, context.RequestAborted);
        return await ShowAsync(context, signedIn, sessions, AccountTexts.In(context.LanguageOf()).SessionsEnded);
    }
}

/// <summary>What a browser calls itself, so that people recognise it.</summary>
internal static class Agents
{
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];

    private static readonly (string Mark, string Name)[] Systems =
        [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")];

    public static string Describe(string agent)
    {
        var browser = Array.Find(Browsers, one => agent.Contains(one.Mark, StringComparison.Ordinal)).Name;
        var system = Array.Find(Systems, one => agent.Contains(one.Mark, StringComparison.Ordinal)).Name;
        return browser is null && system is null ? agent : string.Join(", ", new[] { browser, system }.OfType<string>());
    }
}

/// <summary>Times as pages write them: as a log would, in UTC, the same in every language.</summary>
internal static class Times
{
    public static string Of(long microseconds) => $"{Microseconds.ToTime(microseconds):yyyy-MM-dd HH:mm} UTC";

    public static string DayOf(long microseconds) => $"{Microseconds.ToTime(microseconds):yyyy-MM-dd}";
}

using System.Globalization;
using Fhir.Server.Access;
using Fhir.Server.SignIn.Accounts;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>Where people see which apps they allowed what, and end it (SMART's <c>management_endpoint</c>). What is ended stops at the next request.</summary>
internal static class AppsPage
{
    public static void MapAppsPage(this RouteGroupBuilder pages)
    {
        pages.MapGet("/apps", (HttpContext context, SignedIn signedIn, AuthorisationStore authorisations, PatientChoices patients) =>
            ShowAsync(context, signedIn, authorisations, patients, null)).WithName("account-apps");
        pages.MapPost("/apps", EndAsync).WithName("account-apps-sent");
    }

    private static async Task<IResult> ShowAsync(
        HttpContext context, SignedIn signedIn, AuthorisationStore authorisations, PatientChoices patients, string? done)
    {
        if (await signedIn.FindAsync(context) is not { Account: var account })
        {
            return SignedIn.RequireSignIn(OAuthAddresses.AppsPath);
        }
        var texts = AppTexts.In(context.LanguageOf());
        var shown = new List<Html>();
        foreach (var app in OnePerRecord(await authorisations.OfUserAsync(account.Id, context.RequestAborted)))
        {
            var whose = app.Patient is { } record ? await patients.NameAsync(record, account, context.RequestAborted) : null;
            shown.Add(One(context, app, whose, texts));
        }
        Html content = shown.Count == 0
            ? (Html)$"{Fields.Notice(done)}<p>{texts.NoApps}</p>"
            : $"{Fields.Notice(done)}<p>{texts.AppsText}</p><ul class=\"plain\">{Html.Join(shown)}</ul>";
        return PageFrame.Page(context, texts.Apps, content);
    }

    private static async Task<IResult> EndAsync(HttpContext context, SignedIn signedIn, AuthorisationStore authorisations, PatientChoices patients)
    {
        if (await signedIn.FindAsync(context) is not { Account: var account })
        {
            return SignedIn.RequireSignIn(OAuthAddresses.AppsPath);
        }
        var asked = (await SentForm.ReadAsync(context)).Line("authorisation");
        var own = await authorisations.OfUserAsync(account.Id, context.RequestAborted);
        if (own.FirstOrDefault(app => app.Id == asked) is not { } ended)
        {
            return await ShowAsync(context, signedIn, authorisations, patients, null);
        }
        foreach (var app in own.Where(app => app.Client == ended.Client && app.Patient == ended.Patient))
        {
            await authorisations.RevokeAsync(app.Id, context.RequestAborted);
        }
        return await ShowAsync(context, signedIn, authorisations, patients, AppTexts.In(context.LanguageOf()).Revoked);
    }

    /// <summary>An app that was allowed the same record again and again is one app to a person, and ended as one.</summary>
    private static IEnumerable<AuthorisedApp> OnePerRecord(IEnumerable<AuthorisedApp> apps) => apps.GroupBy(app => (app.Client, app.Patient)).Select(same => same.First() with
    {
        Scopes = ScopeSet.Parse(string.Join(' ', same.SelectMany(app => app.Scopes.Texts))), Since = same.Min(app => app.Since), LastUsed = same.Max(app => app.LastUsed),
    });

    private static Html One(HttpContext context, AuthorisedApp app, string? whose, AppTexts texts)
    {
        Html record = whose is null ? Html.Empty : $"<p>{texts.RecordOf(whose)}</p>";
        var scopes = Html.Join(app.Scopes.Texts.Select(scope => (Html)$"<li>{texts.Say(scope)}</li>"));
        return $"""
            <li><div><h2>{app.Name}</h2>{record}<ul>{scopes}</ul><p class="soft">{texts.Since(Day(app.Since))}, {texts.LastUsed(Day(app.LastUsed))}</p></div>
            <form method="post" action="{OAuthAddresses.AppsPath}">{FormToken.Field(context)}{Fields.Hidden("authorisation", app.Id)}<button class="second">{texts.Revoke(app.Name)}</button></form></li>
            """;
    }

    private static string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

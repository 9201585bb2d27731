using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>The other side of a proxy grant: whom one acts for, and accepting an invitation.</summary>
internal static class ActingForPages
{
    public static void MapActingFor(this RouteGroupBuilder pages)
    {
        pages.MapGet("/acting-for", ShowAsync).WithName("account-acting-for");
        pages.MapGet("/invitation", InvitationAsync).WithName("account-invitation");
        pages.MapPost("/invitation", AcceptAsync).WithName("account-invitation-sent");
    }

    private static async Task<IResult> ShowAsync(HttpContext context, SignedIn signedIn, ProxyGrants grants)
    {
        if (await signedIn.FindAsync(context) is not { Account: var account })
        {
            return SignedIn.RequireSignIn("/account/acting-for");
        }
        var texts = AccountTexts.In(context.LanguageOf());
        var rows = (await grants.OfProxyAsync(account.Id, context.RequestAborted)).Select(one => (Html)$"""
            <li><span>{one.Patient ?? one.Grant.Record} <span class="soft">{ProxiesPage.ScopeOf(one.Grant.Scopes, texts)}, {ProxiesPage.EndOf(one.Grant.End, texts)}</span></span></li>
            """).ToList();
        Html list = rows.Count == 0 ? (Html)$"<p>{texts.ActForNobody}</p>" : $"<ul class=\"plain\">{rows}</ul>";
        return PageFrame.Page(context, texts.ActFor, $"{list}<p><a href=\"/account\">{texts.Back}</a></p>");
    }

    private static async Task<IResult> InvitationAsync(HttpContext context, string? code, SignedIn signedIn, ProxyDesk desk, Attempts attempts)
    {
        if (await signedIn.FindAsync(context) is not { Account: var account })
        {
            return SignedIn.RequireSignIn($"/account/invitation?code={Uri.EscapeDataString(code ?? "")}");
        }
        if (attempts.Refusal("invitation " + account.Id, context) is { } refusal)
        {
            return refusal;
        }
        if (await desk.FindAsync(code ?? "", account, context.RequestAborted) is not var (_, patient))
        {
            return Wrong(context);
        }
        var texts = AccountTexts.In(context.LanguageOf());
        Html content = $"""
            <p>{texts.InvitationText(patient.DisplayName)}</p>
            <form method="post" action="/account/invitation">{FormToken.Field(context)}{Fields.Hidden("code", code)}<button>{texts.InvitationAccept}</button></form>
            """;
        return PageFrame.Page(context, texts.InvitationTitle, content);
    }

    private static async Task<IResult> AcceptAsync(HttpContext context, SignedIn signedIn, ProxyDesk desk, Attempts attempts)
    {
        if (await signedIn.FindAsync(context) is not { Account: var account })
        {
            return SignedIn.RequireSignIn("/account/acting-for");
        }
        if (attempts.Refusal("invitation " + account.Id, context) is { } refusal)
        {
            return refusal;
        }
        var code = (await SentForm.ReadAsync(context)).Line("code");
        if (await desk.FindAsync(code, account, context.RequestAborted) is not var (invitation, patient)
            || !await desk.AcceptAsync(invitation, patient, account, context.RequestAborted))
        {
            return Wrong(context);
        }
        var texts = AccountTexts.In(context.LanguageOf());
        return PageFrame.Page(
            context, texts.InvitationTitle, $"{Fields.Notice(texts.InvitationAccepted(patient.DisplayName))}<p><a href=\"/account/acting-for\">{texts.ActFor}</a></p>");
    }

    private static IResult Wrong(HttpContext context)
    {
        var texts = AccountTexts.In(context.LanguageOf());
        return PageFrame.Problem(context, texts.InvitationTitle, texts.InvitationWrong, StatusCodes.Status404NotFound);
    }
}

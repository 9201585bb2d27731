using Fhir.Server.SignIn.OAuth;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>The page of one's own account: what is known, and the way to everything that can be changed.</summary>
internal static class AccountPage
{
    public static void MapAccountPage(this RouteGroupBuilder pages) =>
        pages.MapGet("/", ShowAsync).WithName("account");

    private static async Task<IResult> ShowAsync(HttpContext context, SignedIn signedIn, ExternalSignIns external)
    {
        if (await signedIn.FindAsync(context) is not { Account: var account })
        {
            return SignedIn.RequireSignIn("/account");
        }
        var texts = AccountTexts.In(context.LanguageOf());
        var apps = AppTexts.In(context.LanguageOf());
        Html content = $"""
            <dl><dt>{texts.Name}</dt><dd>{account.DisplayName}</dd>
            <dt>{texts.Email}</dt><dd>{account.Email}</dd>
            <dt>{texts.Role}</dt><dd>{KindOf(account.Kind, texts)}</dd>
            <dt>{texts.Assurance}</dt><dd>{AssuranceOf(account.Assurance, texts)}</dd></dl>
            <h2>{texts.Security}</h2><ul class="plain">
            {Way("/account/sessions", texts.Sessions)}
            {Way("/account/password", texts.ChangePassword)}
            {Way("/account/authenticator", texts.Authenticator)}
            {Way("/account/passkeys", texts.Passkeys)}
            {(external.All.Count == 0 ? Html.Empty : Way("/account/links", texts.LinkedSignIns))}</ul>
            <h2>{apps.Apps}</h2><ul class="plain">{Way(OAuthAddresses.AppsPath, apps.Apps)}</ul>
            <h2>{texts.OnBehalf}</h2><ul class="plain">
            {(account.Record is null ? Html.Empty : Way("/account/proxies", texts.Proxies))}
            {Way("/account/acting-for", texts.ActFor)}</ul>
            {(account.Kind == AccountKind.Administrator ? (Html)$"<h2>{texts.Administration}</h2><ul class=\"plain\">{Way("/account/admin/accounts", texts.Accounts)}{Way("/account/admin/clients", ClientTexts.In(context.LanguageOf()).Clients)}</ul>" : Html.Empty)}
            """;
        return PageFrame.Page(context, texts.Account, content);
    }

    /// <summary>What an account is, in words.</summary>
    public static string KindOf(AccountKind kind, AccountTexts texts) => kind switch
    {
        AccountKind.Patient => texts.KindPatient,
        AccountKind.RelatedPerson => texts.KindRelatedPerson,
        AccountKind.Practitioner => texts.KindPractitioner,
        AccountKind.SiteOperator => texts.KindSiteOperator,
        _ => texts.KindAdministrator,
    };

    private static string AssuranceOf(AssuranceLevel assurance, AccountTexts texts) => assurance switch
    {
        AssuranceLevel.Claimed => texts.AssuranceClaimed,
        AssuranceLevel.EmailConfirmed => texts.AssuranceEmailConfirmed,
        _ => texts.AssuranceIdentityProofed,
    };

    private static Html Way(string address, string text) => $"<li><a href=\"{address}\">{text}</a></li>";
}

using System.Globalization;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Accounts, for administrators: who has one, whether it works, what it is. Nothing of records.</summary>
internal static class AdministrationPages
{
    private const string Address = "/account/admin/accounts";
    private const int PageSize = 50;

    public static void MapAdministration(this RouteGroupBuilder pages)
    {
        var admin = pages.MapGroup("/admin").ForAdministrators();
        admin.MapGet("/accounts", ListAsync).WithName("admin-accounts");
        admin.MapGet("/accounts/{id}", async (HttpContext context, string id, UserManager<Account> users) =>
            await users.FindByIdAsync(id) is { } account ? Page(context, account, null, null) : Missing(context)).WithName("admin-account");
        admin.MapPost("/accounts/{id}/disable", (HttpContext context, string id, AccountAdministration accounts) => SwitchAsync(context, id, accounts, true)).WithName("admin-account-disable");
        admin.MapPost("/accounts/{id}/enable", (HttpContext context, string id, AccountAdministration accounts) => SwitchAsync(context, id, accounts, false)).WithName("admin-account-enable");
        admin.MapPost("/accounts/{id}/kind", ChangeAsync).WithName("admin-account-kind");
    }

    /// <summary>Lets only administrators further.</summary>
    public static RouteGroupBuilder ForAdministrators(this RouteGroupBuilder group)
    {
        group.AddEndpointFilter(async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            var texts = AccountTexts.In(context.LanguageOf());
            return context.Features.Get<SignedInSession>() switch
            {
                null => SignedIn.RequireSignIn(context.Request.Path + context.Request.QueryString),
                { Account.Kind: AccountKind.Administrator } => await next(invocation),
                _ => PageFrame.Problem(context, texts.Forbidden, texts.ForbiddenText, StatusCodes.Status403Forbidden),
            };
        });
        return group;
    }

    private static async Task<IResult> ListAsync(HttpContext context, string? text, int? page, AccountStore accounts)
    {
        var texts = AccountTexts.In(context.LanguageOf());
        var number = Math.Clamp(page ?? 0, 0, 100_000);
        var found = await accounts.FindAsync(text, number * PageSize, PageSize + 1, context.RequestAborted);
        var rows = found.Take(PageSize).Select(one => Row(one, texts));
        var next = (number + 1).ToString(CultureInfo.InvariantCulture);
        Html more = found.Count > PageSize ? $"<p><a href=\"{Address}?text={Uri.EscapeDataString(text ?? "")}&amp;page={next}\">{texts.Next}</a></p>" : Html.Empty;
        Html list = found.Count == 0 ? (Html)$"<p>{texts.NoAccounts}</p>" : $"<ul class=\"plain\">{rows}</ul>";
        Html content = $"""
            <form method="get" action="{Address}">{Fields.Text("text", texts.SearchAddress, "search", text, isRequired: false)}<button class="second">{texts.Search}</button></form>
            {list}{more}<p><a href="/account">{texts.Back}</a></p>
            """;
        return PageFrame.Page(context, texts.Accounts, content);
    }

    private static Html Row(Account account, AccountTexts texts)
    {
        Html disabled = account.IsDisabled ? (Html)$" <strong>{texts.Disabled}</strong>" : Html.Empty;
        return $"""
            <li><span>{account.DisplayName}<br><span class="soft">{account.Email}, {AccountPage.KindOf(account.Kind, texts)}</span>{disabled}</span>
            <a href="{Address}/{account.Id}">{texts.Open}</a></li>
            """;
    }

    private static async Task<IResult> SwitchAsync(HttpContext context, string id, AccountAdministration accounts, bool isDisabled) =>
        await accounts.SwitchAsync(id, isDisabled, context.RequestAborted) ? Results.Redirect($"{Address}/{id}") : Missing(context);

    private static async Task<IResult> ChangeAsync(HttpContext context, string id, AccountAdministration accounts, UserManager<Account> users)
    {
        var form = await SentForm.ReadAsync(context);
        if (await users.FindByIdAsync(id) is not { } account || !Enum.TryParse<AccountKind>(form.Line("kind"), out var kind))
        {
            return Missing(context);
        }
        var by = context.Features.Get<SignedInSession>()!.Account;
        var order = new RoleOrder(kind, form.Line("organization"), form.Line("practitioner"), form.Ticked("checked"));
        var texts = AccountTexts.In(context.LanguageOf());
        var done = await accounts.MakeAsync(account, order, by, context.RequestAborted);
        return done switch
        {
            RoleAnswer.Done => Page(context, account, texts.Saved, null),
            RoleAnswer.HasRecord => Page(context, account, null, texts.HasRecord),
            RoleAnswer.NoOrganization => Page(context, account, null, texts.OrganizationUnknown),
            _ => Page(context, account, null, texts.PractitionerUnknown),
        };
    }

    private static IResult Page(HttpContext context, Account account, string? notice, string? problem)
    {
        var texts = AccountTexts.In(context.LanguageOf());
        var act = account.IsDisabled ? "enable" : "disable";
        var kinds = new[] { AccountKind.RelatedPerson, AccountKind.Practitioner, AccountKind.SiteOperator, AccountKind.Administrator };
        Html change = account.Record is not null ? (Html)$"<p>{texts.HasRecord}</p>" : $"""
            <form method="post" action="{Address}/{account.Id}/kind">{FormToken.Field(context)}
            {Fields.Choice("kind", texts.Role, kinds.Select(kind => (kind.ToString(), AccountPage.KindOf(kind, texts))), account.Kind.ToString())}
            {Fields.Text("organization", texts.OrganizationId, "text", account.Organization, isRequired: false)}
            {Fields.Text("practitioner", texts.PractitionerId, "text", PractitionerOf(account), isRequired: false)}
            {Fields.Tick("checked", texts.IdentityChecked, account.Assurance == AssuranceLevel.IdentityProofed)}
            <button>{texts.Save}</button></form>
            """;
        Html content = $"""
            {Fields.Notice(notice)}{Fields.Alert(problem)}
            <dl><dt>{texts.Email}</dt><dd>{account.Email}</dd><dt>{texts.Role}</dt><dd>{AccountPage.KindOf(account.Kind, texts)}</dd></dl>
            <h2>{texts.MakePractitioner}</h2>{change}
            <h2>{texts.Accounts}</h2>
            <form method="post" action="{Address}/{account.Id}/{act}">{FormToken.Field(context)}<button class="second">{(account.IsDisabled ? texts.Enable : texts.Disable)}</button></form>
            <p><a href="{Address}">{texts.Accounts}</a></p>
            """;
        return PageFrame.Page(context, account.DisplayName, content, problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static string? PractitionerOf(Account account) =>
        account.FhirUser?.Split('/') is ["Practitioner", var id] ? id : null;

    private static IResult Missing(HttpContext context)
    {
        var texts = FrameTexts.In(context.LanguageOf());
        return PageFrame.Problem(context, texts.NotFound, texts.NotFound, StatusCodes.Status404NotFound);
    }
}

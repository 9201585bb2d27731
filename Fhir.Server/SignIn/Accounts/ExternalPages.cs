using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>
/// Signing in with another provider. It must have been linked from the account page before: an address the provider tells is never taken
/// for the same person.
/// </summary>
internal static class ExternalPages
{
    private const string Address = "/account/links";
    private const string LinkTo = "link-to";
    private const string ReturnUrl = "return-url";

    public static void MapExternal(this RouteGroupBuilder pages)
    {
        pages.MapPost("/sign-in/external/{provider}", GoAsync).WithName("account-external");
        pages.MapGet("/sign-in/external-done", DoneAsync).WithName("account-external-done");
        pages.MapGet("/sign-in/external-failed", (HttpContext context) =>
        {
            var texts = SignInTexts.In(context.LanguageOf());
            return PageFrame.Problem(context, texts.ExternalFailed, texts.ExternalFailedText);
        }).WithName("account-external-failed");
        pages.MapGet("/links", ShowAsync).WithName("account-links");
        pages.MapPost("/links/remove", RemoveAsync).WithName("account-link-remove");
    }

    private static async Task<IResult> GoAsync(HttpContext context, string provider, ExternalSignIns external, FreshAccount fresh)
    {
        if (!external.All.Any(one => one.Name == provider))
        {
            var texts = FrameTexts.In(context.LanguageOf());
            return PageFrame.Problem(context, texts.NotFound, texts.NotFound, StatusCodes.Status404NotFound);
        }
        var form = await SentForm.ReadAsync(context);
        var properties = new AuthenticationProperties { RedirectUri = "/account/sign-in/external-done" };
        properties.Items["provider"] = provider;
        properties.Items[ReturnUrl] = LocalAddress.Or(form.Line("returnUrl"));
        if (form.Ticked("link"))
        {
            if (await fresh.FindAsync(context) is not { } account)
            {
                return FreshAccount.Ask(Address);
            }
            properties.Items[LinkTo] = account.Id;
        }
        return Results.Challenge(properties, [ExternalSignIns.SchemeOf(provider)]);
    }

    private static async Task<IResult> DoneAsync(HttpContext context, ExternalSignIns external, UserManager<Account> users, SignInRun run, FreshAccount fresh)
    {
        var texts = SignInTexts.In(context.LanguageOf());
        var said = external.All.Count == 0 ? AuthenticateResult.NoResult() : await context.AuthenticateAsync(ExternalSignIns.Cookie);
        if (!said.Succeeded || said.Properties.Items["provider"] is not { } provider || said.Principal.FindFirst("sub")?.Value is not { } subject)
        {
            return PageFrame.Problem(context, texts.ExternalFailed, texts.ExternalFailedText);
        }
        await context.SignOutAsync(ExternalSignIns.Cookie);
        var owner = await users.FindByLoginAsync(provider, subject);
        if (said.Properties.Items.TryGetValue(LinkTo, out var linkTo))
        {
            return await fresh.FindAsync(context) is { } account && account.Id == linkTo
                ? await LinkAsync(context, users, account, owner, provider, subject)
                : FreshAccount.Ask(Address);
        }
        return owner is { IsDisabled: false, EmailConfirmed: true }
            ? await run.BeginAsync(context, owner, ["fed"], said.Properties.Items[ReturnUrl] ?? "/account")
            : PageFrame.Problem(context, texts.ExternalUnknown, texts.ExternalUnknownText, StatusCodes.Status403Forbidden);
    }

    private static async Task<IResult> LinkAsync(
        HttpContext context, UserManager<Account> users, Account account, Account? owner, string provider, string subject)
    {
        if (owner is not null && owner.Id != account.Id)
        {
            var texts = AccountTexts.In(context.LanguageOf());
            return PageFrame.Problem(context, texts.LinkedSignIns, texts.LinkTaken, StatusCodes.Status409Conflict);
        }
        if (owner is null)
        {
            Registration.Held(await users.AddLoginAsync(account, new UserLoginInfo(provider, subject, provider)));
        }
        return Results.Redirect(Address);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, FreshAccount fresh, ExternalSignIns external, UserManager<Account> users)
    {
        if (await fresh.FindAsync(context) is not { } account)
        {
            return FreshAccount.Ask(Address);
        }
        var texts = AccountTexts.In(context.LanguageOf());
        var linked = (await users.GetLoginsAsync(account)).ToLookup(one => one.LoginProvider);
        var rows = external.All.Select(one => linked[one.Name].FirstOrDefault() is { } login
            ? Linked(context, one.DisplayName, login, texts)
            : Unlinked(context, one.Name, one.DisplayName, texts));
        return PageFrame.Page(context, texts.LinkedSignIns, $"<ul class=\"plain\">{rows}</ul><p><a href=\"/account\">{texts.Back}</a></p>");
    }

    private static Html Linked(HttpContext context, string name, UserLoginInfo login, AccountTexts texts) => $"""
        <li><span>{texts.Linked(name)}</span><form method="post" action="/account/links/remove">{FormToken.Field(context)}
        {Fields.Hidden("provider", login.LoginProvider)}{Fields.Hidden("key", login.ProviderKey)}<button class="quiet">{texts.Remove}</button></form></li>
        """;

    private static Html Unlinked(HttpContext context, string provider, string name, AccountTexts texts) => $"""
        <li><span>{name}</span><form method="post" action="/account/sign-in/external/{provider}">{FormToken.Field(context)}
        {Fields.Hidden("link", "yes")}<button class="quiet">{texts.Link(name)}</button></form></li>
        """;

    private static async Task<IResult> RemoveAsync(HttpContext context, FreshAccount fresh, UserManager<Account> users)
    {
        if (await fresh.FindAsync(context) is not { } account)
        {
            return FreshAccount.Ask(Address);
        }
        var form = await SentForm.ReadAsync(context);
        Registration.Held(await users.RemoveLoginAsync(account, form.Line("provider"), form.Line("key")));
        return Results.Redirect(Address);
    }
}

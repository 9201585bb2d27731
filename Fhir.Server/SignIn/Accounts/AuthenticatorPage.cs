using System.Globalization;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>The second step: an authenticator app (RFC 6238) and the codes for whoever lost it. Only for who signed in a moment ago.</summary>
internal static class AuthenticatorPage
{
    private const string Address = "/account/authenticator";
    private const int RecoveryCodes = 10;

    public static void MapAuthenticator(this RouteGroupBuilder pages)
    {
        pages.MapGet("/authenticator", ShowAsync).WithName("account-authenticator");
        pages.MapPost("/authenticator/on", TurnOnAsync).WithName("account-authenticator-on");
        pages.MapPost("/authenticator/off", TurnOffAsync).WithName("account-authenticator-off");
        pages.MapPost("/authenticator/codes", NewCodesAsync).WithName("account-recovery-codes");
    }

    private static async Task<IResult> ShowAsync(HttpContext context, FreshAccount fresh, UserManager<Account> users) =>
        await fresh.FindAsync(context) is { } account ? await PageAsync(context, users, account, null) : FreshAccount.Ask(Address);

    private static async Task<IResult> TurnOnAsync(
        HttpContext context, FreshAccount fresh, UserManager<Account> users, SecondFactor factor, Attempts attempts)
    {
        if (await fresh.FindAsync(context) is not { } account)
        {
            return FreshAccount.Ask(Address);
        }
        if (attempts.Refusal(account.Id, context) is { } refusal)
        {
            return refusal;
        }
        var code = (await SentForm.ReadAsync(context)).Line("code").Replace(" ", "", StringComparison.Ordinal);
        if (!await factor.TakeTimeCodeAsync(account, code))
        {
            return await PageAsync(context, users, account, AccountTexts.In(context.LanguageOf()).CodeWrong);
        }
        Registration.Held(await users.SetTwoFactorEnabledAsync(account, true));
        return await CodesAsync(context, users, account);
    }

    private static async Task<IResult> TurnOffAsync(HttpContext context, FreshAccount fresh, UserManager<Account> users)
    {
        if (await fresh.FindAsync(context) is not { } account)
        {
            return FreshAccount.Ask(Address);
        }
        Registration.Held(await users.SetTwoFactorEnabledAsync(account, false));
        Registration.Held(await users.ResetAuthenticatorKeyAsync(account));
        return Results.Redirect(Address);
    }

    private static async Task<IResult> NewCodesAsync(HttpContext context, FreshAccount fresh, UserManager<Account> users) =>
        await fresh.FindAsync(context) is { TwoFactorEnabled: true } account ? await CodesAsync(context, users, account) : FreshAccount.Ask(Address);

    private static async Task<IResult> CodesAsync(HttpContext context, UserManager<Account> users, Account account)
    {
        var texts = AccountTexts.In(context.LanguageOf());
        var codes = await users.GenerateNewTwoFactorRecoveryCodesAsync(account, RecoveryCodes) ?? [];
        Html content = $"""
            <p>{texts.AuthenticatorOn}</p><p class="notice" role="status">{texts.RecoveryCodesText}</p>
            <ol class="codes plate">{codes.Select(code => (Html)$"<li><code>{code}</code></li>")}</ol><p><a href="/account">{texts.Back}</a></p>
            """;
        return PageFrame.Page(context, texts.RecoveryCodes, content);
    }

    private static async Task<IResult> PageAsync(HttpContext context, UserManager<Account> users, Account account, string? problem)
    {
        var texts = AccountTexts.In(context.LanguageOf());
        var content = account.TwoFactorEnabled
            ? On(context, texts, await users.CountRecoveryCodesAsync(account))
            : Off(context, texts, account, await KeyAsync(users, account), problem);
        return PageFrame.Page(
            context, texts.Authenticator, $"{content}<p><a href=\"/account\">{texts.Back}</a></p>",
            problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static Html On(HttpContext context, AccountTexts texts, int left) => $"""
        <p>{texts.AuthenticatorOn}</p><p>{texts.RecoveryCodesLeft(left.ToString(CultureInfo.InvariantCulture))}</p>
        <div class="others"><form method="post" action="/account/authenticator/codes">{FormToken.Field(context)}<button class="second">{texts.RecoveryCodesNew}</button></form>
        <form method="post" action="/account/authenticator/off">{FormToken.Field(context)}<button class="second">{texts.AuthenticatorTurnOff}</button></form></div>
        """;

    private static Html Off(HttpContext context, AccountTexts texts, Account account, string key, string? problem) => $"""
        <p>{texts.AuthenticatorOff}</p><p>{texts.AuthenticatorHow}</p>
        <div class="plate"><p>{texts.AuthenticatorKey}: <span class="code" id="authenticator-key">{Grouped(key)}</span></p>
        <p><a href="{UriOf(account, key)}">{texts.AuthenticatorLink}</a></p></div>
        <form method="post" action="/account/authenticator/on">{FormToken.Field(context)}
        {Fields.Text("code", SignInTexts.In(context.LanguageOf()).Code, "text", null, "one-time-code", null, problem)}<button>{texts.AuthenticatorTurnOn}</button></form>
        """;

    private static async Task<string> KeyAsync(UserManager<Account> users, Account account)
    {
        if (await users.GetAuthenticatorKeyAsync(account) is { Length: > 0 } key)
        {
            return key;
        }
        Registration.Held(await users.ResetAuthenticatorKeyAsync(account));
        return (await users.GetAuthenticatorKeyAsync(account))!;
    }

    private static string UriOf(Account account, string key) =>
        $"otpauth://totp/PhrImaging:{Uri.EscapeDataString(account.Email!)}?secret={key}&issuer=PhrImaging&digits=6";

    private static string Grouped(string key) => string.Join(' ', key.Chunk(4).Select(part => new string(part)));
}

/// <summary>The account of whoever signed in a moment ago; changing how one signs in needs that.</summary>
internal sealed class FreshAccount(SignedIn signedIn, UserManager<Account> users, TimeProvider clock, Microsoft.Extensions.Options.IOptions<SignInOptions> options)
{
    /// <summary>The account, to be changed; null when nobody is signed in or it was too long ago.</summary>
    public async Task<Account?> FindAsync(HttpContext context) =>
        await signedIn.FindAsync(context) is { } session && clock.GetUtcNow() - session.AuthTime <= options.Value.FreshSignIn
            ? await users.FindByIdAsync(session.Account.Id)
            : null;

    /// <summary>Sends the browser to sign in once more.</summary>
    public static IResult Ask(string address) => SignedIn.RequireSignIn(address, again: true);
}

using System.Globalization;
using Fhir.Server.Access;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Where the links in mails lead: confirming an address, choosing a new password. Opening a link does nothing yet, since mail programs open them too.</summary>
internal static class MailedLinkPages
{
    public static void MapMailedLinks(this RouteGroupBuilder pages)
    {
        pages.MapGet("/confirm", (HttpContext context, string? account, string? code) => ConfirmPage(context, account, code, null)).WithName("account-confirm");
        pages.MapPost("/confirm", ConfirmAsync).WithName("account-confirm-sent");
        pages.MapGet("/forgotten", ForgottenPage).WithName("account-forgotten");
        pages.MapPost("/forgotten", ForgottenAsync).WithName("account-forgotten-sent");
        pages.MapGet("/reset", (HttpContext context, string? account, string? code, IOptions<SignInOptions> options) =>
            ResetPage(context, options.Value, account, code, null)).WithName("account-reset");
        pages.MapPost("/reset", ResetAsync).WithName("account-reset-sent");
    }

    /// <summary>
    /// Confirms with the link and the password of the registration: who registered somebody else's address cannot have its owner confirm
    /// a password of theirs.
    /// </summary>
    private static async Task<IResult> ConfirmAsync(HttpContext context, UserManager<Account> users, Attempts attempts)
    {
        var form = await SentForm.ReadAsync(context);
        if (attempts.Refusal(form.Line("account"), context) is { } refusal)
        {
            return refusal;
        }
        if (await users.FindByIdAsync(form.Line("account")) is not { IsDisabled: false } account || AccountMail.TokenOf(form.Line("code")) is not { } token
            || await users.IsLockedOutAsync(account))
        {
            return Invalid(context);
        }
        var texts = SignInTexts.In(context.LanguageOf());
        if (!await users.CheckPasswordAsync(account, form.Raw("password")))
        {
            await users.AccessFailedAsync(account);
            return ConfirmPage(context, form.Line("account"), form.Line("code"), texts.SignInFailed);
        }
        if (!(await users.ConfirmEmailAsync(account, token)).Succeeded)
        {
            return Invalid(context);
        }
        await AssureAsync(users, account);
        return PageFrame.Page(context, texts.ConfirmTitle, $"{Fields.Notice(texts.Confirmed)}<p><a class=\"button\" href=\"/account/sign-in\">{texts.SignIn}</a></p>");
    }

    private static async Task<IResult> ForgottenAsync(HttpContext context, UserManager<Account> users, AccountMail mail, Attempts attempts)
    {
        var email = (await SentForm.ReadAsync(context)).Line("email");
        if (attempts.Refusal(email, context) is { } refusal)
        {
            return refusal;
        }
        var even = new EvenTime();
        if (await users.FindByEmailAsync(email) is { IsDisabled: false } account)
        {
            await mail.ResetAsync(account, context.LanguageOf(), context.RequestAborted);
        }
        await even.WaitAsync(context.RequestAborted);
        var texts = SignInTexts.In(context.LanguageOf());
        return PageFrame.Page(context, texts.CheckMail, $"<p>{texts.CheckMailText}</p>");
    }

    private static async Task<IResult> ResetAsync(
        HttpContext context, UserManager<Account> users, Attempts attempts, IOptions<SignInOptions> options, Sessions sessions, AccountMail mail)
    {
        var form = await SentForm.ReadAsync(context);
        if (attempts.Refusal(form.Line("account"), context) is { } refusal)
        {
            return refusal;
        }
        if (await users.FindByIdAsync(form.Line("account")) is not { IsDisabled: false } account || AccountMail.TokenOf(form.Line("code")) is not { } token)
        {
            return Invalid(context);
        }
        var texts = SignInTexts.In(context.LanguageOf());
        if (AccountRules.ProblemOf(form.Raw("password"), account.Email!, options.Value, texts) is { } problem)
        {
            return ResetPage(context, options.Value, account.Id, form.Line("code"), problem);
        }
        if (!(await users.ResetPasswordAsync(account, token, form.Raw("password"))).Succeeded)
        {
            return Invalid(context);
        }
        await AssureAsync(users, account);
        await users.SetLockoutEndDateAsync(account, null);
        await users.ResetAccessFailedCountAsync(account);
        await sessions.EndAllAsync(account, null, context.RequestAborted);
        await mail.ChangedAsync(account, context.LanguageOf(), context.RequestAborted);
        return PageFrame.Page(context, texts.ForgottenTitle, $"{Fields.Notice(texts.PasswordSet)}<p><a class=\"button\" href=\"/account/sign-in\">{texts.SignIn}</a></p>");
    }

    /// <summary>Who read a mail at the address has confirmed it.</summary>
    private static async Task AssureAsync(UserManager<Account> users, Account account)
    {
        account.EmailConfirmed = true;
        account.Assurance = account.Assurance == AssuranceLevel.Claimed ? AssuranceLevel.EmailConfirmed : account.Assurance;
        Registration.Held(await users.UpdateAsync(account));
    }

    private static IResult ConfirmPage(HttpContext context, string? account, string? code, string? problem)
    {
        var texts = SignInTexts.In(context.LanguageOf());
        Html content = $"""
            <p>{texts.ConfirmText}</p>
            <form method="post" action="/account/confirm">{FormToken.Field(context)}{Fields.Hidden("account", account)}{Fields.Hidden("code", code)}
            {Fields.Text("password", texts.Password, "password", null, "current-password", null, problem)}
            <button>{texts.Confirm}</button></form>
            """;
        return PageFrame.Page(context, texts.ConfirmTitle, content, problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static IResult ForgottenPage(HttpContext context)
    {
        var texts = SignInTexts.In(context.LanguageOf());
        Html content = $"""
            <p>{texts.ForgottenText}</p>
            <form method="post" action="/account/forgotten">{FormToken.Field(context)}
            {Fields.Text("email", texts.Email, "email", null, "email")}<button>{texts.Send}</button></form>
            """;
        return PageFrame.Page(context, texts.ForgottenTitle, content);
    }

    private static IResult ResetPage(HttpContext context, SignInOptions options, string? account, string? code, string? problem)
    {
        var texts = SignInTexts.In(context.LanguageOf());
        var length = options.PasswordLength.ToString(CultureInfo.InvariantCulture);
        Html content = $"""
            <form method="post" action="/account/reset">{FormToken.Field(context)}{Fields.Hidden("account", account)}{Fields.Hidden("code", code)}
            {Fields.Text("password", texts.NewPassword, "password", null, "new-password", texts.PasswordRule(length), problem)}
            <button>{texts.SetPassword}</button></form>
            """;
        return PageFrame.Page(context, texts.ForgottenTitle, content, problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static IResult Invalid(HttpContext context)
    {
        var texts = SignInTexts.In(context.LanguageOf());
        return PageFrame.Problem(context, texts.LinkInvalid, texts.LinkInvalidText);
    }
}

using System.Globalization;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Changing one's password: with the one that held, and with all other sessions ended.</summary>
internal static class PasswordPage
{
    private const string Address = "/account/password";

    public static void MapPassword(this RouteGroupBuilder pages)
    {
        pages.MapGet("/password", async (HttpContext context, SignedIn signedIn, IOptions<SignInOptions> options) =>
            await signedIn.FindAsync(context) is null ? SignedIn.RequireSignIn(Address) : Page(context, options.Value)).WithName("account-password");
        pages.MapPost("/password", ChangeAsync).WithName("account-password-sent");
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context, SignedIn signedIn, Attempts attempts, IOptions<SignInOptions> options, PasswordChange change)
    {
        if (await signedIn.FindAsync(context) is not { } session)
        {
            return SignedIn.RequireSignIn(Address);
        }
        if (attempts.Refusal(session.Account.Id, context) is { } refusal)
        {
            return refusal;
        }
        var form = await SentForm.ReadAsync(context);
        if (AccountRules.ProblemOf(form.Raw("new"), session.Account.Email!, options.Value, SignInTexts.In(context.LanguageOf())) is { } problem)
        {
            return Page(context, options.Value, newProblem: problem);
        }
        var texts = AccountTexts.In(context.LanguageOf());
        return await change.RunAsync(session, form.Raw("current"), form.Raw("new"), context.LanguageOf(), context.RequestAborted)
            ? PageFrame.Page(context, texts.ChangePassword, $"{Fields.Notice(SignInTexts.In(context.LanguageOf()).PasswordSet)}<p><a href=\"/account\">{texts.Back}</a></p>")
            : Page(context, options.Value, currentProblem: texts.CurrentPasswordWrong);
    }

    private static IResult Page(HttpContext context, SignInOptions options, string? currentProblem = null, string? newProblem = null)
    {
        var texts = AccountTexts.In(context.LanguageOf());
        var general = SignInTexts.In(context.LanguageOf());
        var length = options.PasswordLength.ToString(CultureInfo.InvariantCulture);
        Html content = $"""
            <form method="post" action="{Address}">{FormToken.Field(context)}
            {Fields.Text("current", texts.CurrentPassword, "password", null, "current-password", null, currentProblem)}
            {Fields.Text("new", general.NewPassword, "password", null, "new-password", general.PasswordRule(length), newProblem)}
            <button>{general.SetPassword}</button></form><p><a href="/account">{texts.Back}</a></p>
            """;
        return PageFrame.Page(
            context, texts.ChangePassword, content, (currentProblem ?? newProblem) is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }
}

/// <summary>What changing a password does.</summary>
internal sealed class PasswordChange(UserManager<Account> users, Sessions sessions, AccountMail mail)
{
    /// <summary>Changes it; false when the current one is wrong, or was wrong too often.</summary>
    public async Task<bool> RunAsync(SignedInSession session, string current, string next, Language language, CancellationToken cancellationToken)
    {
        var account = await users.FindByIdAsync(session.Account.Id);
        if (account is null || await users.IsLockedOutAsync(account))
        {
            return false;
        }
        var changed = await users.ChangePasswordAsync(account, current, next);
        if (changed.Errors.Any(error => error.Code == nameof(IdentityErrorDescriber.PasswordMismatch)))
        {
            await users.AccessFailedAsync(account);
            return false;
        }
        Registration.Held(changed);
        await sessions.EndAllAsync(account, session.Id, cancellationToken);
        await mail.ChangedAsync(account, language, cancellationToken);
        return true;
    }
}

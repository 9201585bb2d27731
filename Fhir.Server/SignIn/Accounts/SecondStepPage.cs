using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>The second step of signing in: a code of an authenticator app, or a recovery code.</summary>
internal static class SecondStepPage
{
    public static void MapSecondStep(this RouteGroupBuilder pages)
    {
        pages.MapGet("/sign-in/second-step", (HttpContext context, Notes notes) =>
            notes.Find(context, Notes.SecondStep) is null ? Expired(context) : Page(context, null)).WithName("account-second-step");
        pages.MapPost("/sign-in/second-step", CheckAsync).WithName("account-second-step-sent");
    }

    private static async Task<IResult> CheckAsync(
        HttpContext context, Notes notes, UserManager<Account> users, SecondFactor factor, Attempts attempts, SignInRun run)
    {
        if (notes.Find(context, Notes.SecondStep)?.Split('\n') is not [var id, var stamp, var returnUrl])
        {
            return Expired(context);
        }
        if (attempts.Refusal(id, context) is { } refusal)
        {
            return refusal;
        }
        var account = await users.FindByIdAsync(id);
        if (account is null || account.IsDisabled || account.SecurityStamp != stamp || await users.IsLockedOutAsync(account))
        {
            notes.Forget(context, Notes.SecondStep);
            return Expired(context);
        }
        var form = await SentForm.ReadAsync(context);
        if (!await factor.TakeAsync(account, form.Line("code")))
        {
            await users.AccessFailedAsync(account);
            return Page(context, SignInTexts.In(context.LanguageOf()).CodeWrong);
        }
        notes.Forget(context, Notes.SecondStep);
        return await run.BeginAsync(context, account, ["pwd", "otp", "mfa"], returnUrl);
    }

    private static IResult Page(HttpContext context, string? problem)
    {
        var texts = SignInTexts.In(context.LanguageOf());
        Html content = $"""
            <form method="post" action="/account/sign-in/second-step">{FormToken.Field(context)}
            {Fields.Text("code", texts.Code, "text", null, "one-time-code", texts.SecondStepText, problem)}
            <button>{texts.Continue}</button></form>
            """;
        return PageFrame.Page(context, texts.SecondStep, content, problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static IResult Expired(HttpContext context)
    {
        var texts = SignInTexts.In(context.LanguageOf());
        return PageFrame.Page(
            context, texts.SecondStep, $"<p class=\"problem\" role=\"alert\">{texts.SecondStepExpired}</p><p><a href=\"/account/sign-in\">{texts.SignIn}</a></p>",
            StatusCodes.Status400BadRequest);
    }
}

/// <summary>Codes that are asked for beside the password. Each is taken once.</summary>
internal sealed class SecondFactor(UserManager<Account> users, TimeProvider clock)
{
    private const int Digits = 6;

    /// <summary>Takes a code of the authenticator or a recovery code; false when it is neither, or was taken before.</summary>
    public async Task<bool> TakeAsync(Account account, string code)
    {
        var plain = new string([.. code.Where(one => !char.IsWhiteSpace(one))]);
        return plain.Length == Digits && plain.All(char.IsAsciiDigit)
            ? await TakeTimeCodeAsync(account, plain)
            : (await users.RedeemTwoFactorRecoveryCodeAsync(account, plain.ToUpperInvariant())).Succeeded;
    }

    /// <summary>Takes a code of the authenticator alone.</summary>
    public async Task<bool> TakeTimeCodeAsync(Account account, string code)
    {
        var key = await users.GetAuthenticatorKeyAsync(account);
        if (key is null || Totp.StepOf(key, code, clock.GetUtcNow()) is not { } step || step <= account.LastTimeStep)
        {
            return false;
        }
        account.LastTimeStep = step;
        // Of two who show the same code at the same time, one finds the account changed.
        return (await users.UpdateAsync(account)).Succeeded;
    }
}

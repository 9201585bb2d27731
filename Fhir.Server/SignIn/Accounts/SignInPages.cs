using Fhir.Server.SignIn.Mail;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Signing in by password; the second step is <see cref="SecondStepPage"/>.</summary>
internal static class SignInPages
{
    public static void MapSignInPages(this RouteGroupBuilder pages)
    {
        pages.MapGet("/sign-in", ShowAsync).WithName("account-sign-in");
        pages.MapPost("/sign-in", SignInAsync).WithName("account-sign-in-sent");
        pages.MapPost("/sign-out", SignOutAsync).WithName("account-sign-out");
    }

    private static async Task<IResult> ShowAsync(HttpContext context, string? returnUrl, bool? again, SignedIn signedIn, ExternalSignIns external) =>
        await signedIn.FindAsync(context) is not null && again != true
            ? Results.Redirect(LocalAddress.Or(returnUrl))
            : Page(context, external, returnUrl, null, null, again == true);

    private static async Task<IResult> SignInAsync(
        HttpContext context, PasswordCheck passwords, Attempts attempts, SignInRun run, ExternalSignIns external)
    {
        var form = await SentForm.ReadAsync(context);
        var (email, returnUrl) = (form.Line("email"), form.Line("returnUrl"));
        if (attempts.Refusal(email, context) is { } refusal)
        {
            return refusal;
        }
        var even = new EvenTime();
        var account = await passwords.FindAsync(email, form.Raw("password"));
        await even.WaitAsync(context.RequestAborted);
        return account is null
            ? Page(context, external, returnUrl, email, SignInTexts.In(context.LanguageOf()).SignInFailed, false)
            : await run.AfterPasswordAsync(context, account, LocalAddress.Or(returnUrl));
    }

    private static async Task<IResult> SignOutAsync(HttpContext context, SignedIn signedIn, Access.ISessionEnd ends)
    {
        if (await signedIn.EndAsync(context) is { } session)
        {
            await ends.SessionsEndedAsync([session], context.RequestAborted);
        }
        return Results.Redirect("/account/sign-in");
    }

    private static IResult Page(HttpContext context, ExternalSignIns external, string? returnUrl, string? email, string? problem, bool again)
    {
        var texts = SignInTexts.In(context.LanguageOf());
        var back = LocalAddress.Or(returnUrl);
        Html intro = again ? $"<p>{texts.SignInAgain}</p>" : Html.Empty;
        var others = Html.Join(external.All.Select(one => (Html)$"""
            <form method="post" action="/account/sign-in/external/{one.Name}">{FormToken.Field(context)}{Fields.Hidden("returnUrl", back)}<button class="second">{texts.With(one.DisplayName)}</button></form>
            """));
        Html content = $"""
            {intro}{Fields.Alert(problem)}
            <form method="post" action="/account/sign-in">{FormToken.Field(context)}{Fields.Hidden("returnUrl", back)}
            {Fields.Text("email", texts.Email, "email", email, "username webauthn")}
            {Fields.Text("password", texts.Password, "password", null, "current-password")}
            <button>{texts.SignIn}</button></form>
            <div class="others" data-passkey-sign-in data-return-url="{back}" data-failed="{texts.PasskeyFailed}" data-form-token="{FormToken.Value(context)}" hidden>
            <button type="button" class="second">{texts.WithPasskey}</button><p class="problem" role="alert" hidden></p></div>
            <div class="others">{others}</div>
            <p><a href="/account/forgotten">{texts.Forgotten}</a></p>
            <p>{texts.NoAccountYet} <a href="/account/register">{texts.Register}</a></p>
            """;
        return PageFrame.Page(
            context, texts.SignIn, content, problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest, PageFiles.PasskeyScriptAddress);
    }
}

/// <summary>What happens between a right password and a session.</summary>
internal sealed class SignInRun(UserManager<Account> users, SignedIn signedIn, Notes notes, OwnRecord records, AccountMail mail)
{
    private static readonly TimeSpan SecondStepTime = TimeSpan.FromMinutes(5);

    /// <summary>Asks for the second step where there is one, for the address to be confirmed where it is not, else begins the session.</summary>
    public async Task<IResult> AfterPasswordAsync(HttpContext context, Account account, string returnUrl)
    {
        if (!account.EmailConfirmed)
        {
            // Who knows the password may know that there is an account.
            await mail.ConfirmAsync(account, context.LanguageOf(), context.RequestAborted);
            var texts = SignInTexts.In(context.LanguageOf());
            return PageFrame.Page(context, texts.ConfirmFirst, $"<p>{texts.ConfirmFirstText}</p>", StatusCodes.Status403Forbidden);
        }
        if (await users.GetTwoFactorEnabledAsync(account))
        {
            notes.Keep(context, Notes.SecondStep, $"{account.Id}\n{account.SecurityStamp}\n{returnUrl}", SecondStepTime);
            return Results.Redirect("/account/sign-in/second-step");
        }
        return await BeginAsync(context, account, ["pwd"], returnUrl);
    }

    /// <summary>Begins the session; the record of a patient is there from now on.</summary>
    public async Task BeginSessionAsync(HttpContext context, Account account, IReadOnlyList<string> methods)
    {
        await users.ResetAccessFailedCountAsync(account);
        await records.EnsureAsync(account, context.RequestAborted);
        await signedIn.BeginAsync(context, account, methods);
    }

    /// <summary>The same, and on to where the person was going.</summary>
    public async Task<IResult> BeginAsync(HttpContext context, Account account, IReadOnlyList<string> methods, string returnUrl)
    {
        await BeginSessionAsync(context, account, methods);
        return Results.Redirect(LocalAddress.Or(returnUrl));
    }
}

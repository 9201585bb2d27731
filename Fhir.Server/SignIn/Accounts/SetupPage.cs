using System.Globalization;
using Fhir.Server.Access;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Makes the first administrator, for whoever can read what the server printed at its start.</summary>
internal static class SetupPage
{
    public static void MapSetup(this RouteGroupBuilder pages)
    {
        pages.MapGet("/setup", (HttpContext context, IOptions<SignInOptions> options) => Page(context, options.Value, null, null, null, null)).WithName("account-setup");
        pages.MapPost("/setup", SetUpAsync).WithName("account-setup-sent");
    }

    private static async Task<IResult> SetUpAsync(HttpContext context, Attempts attempts, IOptions<SignInOptions> options, FirstAdministrator first, UserManager<Account> users)
    {
        if (attempts.Refusal("setup", context) is { } refusal)
        {
            return refusal;
        }
        var form = await SentForm.ReadAsync(context);
        var (email, name, texts) = (form.Line("email"), form.Line("name"), SignInTexts.In(context.LanguageOf()));
        var emailProblem = AccountRules.IsAddress(email) && await users.FindByEmailAsync(email) is null ? null : texts.EmailInvalid;
        var passwordProblem = AccountRules.ProblemOf(form.Raw("password"), email, options.Value, texts);
        if ((emailProblem ?? passwordProblem) is not null || name.Length == 0)
        {
            return Page(context, options.Value, email, null, emailProblem, passwordProblem);
        }
        return await first.MakeAsync(form.Line("code"), email, name, form.Raw("password"), context.RequestAborted)
            ? Results.Redirect("/account/sign-in")
            : Page(context, options.Value, email, texts.SetupCodeWrong, null, null);
    }

    private static IResult Page(HttpContext context, SignInOptions options, string? email, string? codeProblem, string? emailProblem, string? passwordProblem)
    {
        var texts = SignInTexts.In(context.LanguageOf());
        var length = options.PasswordLength.ToString(CultureInfo.InvariantCulture);
        Html content = $"""
            <form method="post" action="/account/setup">{FormToken.Field(context)}
            {Fields.Text("code", texts.Code, "text", null, "off", texts.SetupText, codeProblem)}
            {Fields.Text("name", texts.YourName, "text", null, "name")}
            {Fields.Text("email", texts.Email, "email", email, "email", null, emailProblem)}
            {Fields.Text("password", texts.Password, "password", null, "new-password", texts.PasswordRule(length), passwordProblem)}
            <button>{texts.Continue}</button></form>
            """;
        var isRefused = (codeProblem ?? emailProblem ?? passwordProblem) is not null;
        return PageFrame.Page(context, texts.SetupTitle, content, isRefused ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
    }
}

/// <summary>The first administrator, and the code they are made with.</summary>
internal sealed class FirstAdministrator(OneTimeCodes codes, AdministratorWatch administrators, UserManager<Account> users, TimeProvider clock)
{
    private const string Purpose = "first-administrator";

    /// <summary>A new code in place of the one before; null when there is an administrator.</summary>
    public async Task<string?> MakeCodeAsync(CancellationToken cancellationToken)
    {
        if (await administrators.AnyAsync(cancellationToken))
        {
            return null;
        }
        var code = TokenHash.MakeSecret();
        await codes.KeepAsync(Purpose, TokenHash.Of(code), cancellationToken);
        return code;
    }

    /// <summary>Makes the administrator; false when the code is not the one printed last, or there is one already.</summary>
    public async Task<bool> MakeAsync(string code, string email, string name, string password, CancellationToken cancellationToken)
    {
        if (!await codes.UseAsync(Purpose, TokenHash.Of(code), cancellationToken) || await administrators.AnyAsync(cancellationToken))
        {
            return false;
        }
        Registration.Held(await users.CreateAsync(
            new Account
            {
                UserName = email, Email = email, DisplayName = name, EmailConfirmed = true, Kind = AccountKind.Administrator,
                Assurance = AssuranceLevel.IdentityProofed, LockoutEnabled = true, Created = Microseconds.Of(clock.GetUtcNow()),
            },
            password));
        return true;
    }
}

/// <summary>Prints the code at a start without an administrator: to the console, which the log is not.</summary>
internal sealed class FirstAdministratorCode(AdministratorWatch administrators, IServiceScopeFactory scopes, PublicAddress address) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await address.WhenKnownAsync(stoppingToken);
        if (await administrators.AnyAsync(stoppingToken))
        {
            return;
        }
        await using var scope = scopes.CreateAsyncScope();
        if (await scope.ServiceProvider.GetRequiredService<FirstAdministrator>().MakeCodeAsync(stoppingToken) is { } code)
        {
            await Console.Out.WriteLineAsync($"There is no administrator yet. Make one at {address.Base}/account/setup with this code, which works once:\n    {code}");
        }
    }
}

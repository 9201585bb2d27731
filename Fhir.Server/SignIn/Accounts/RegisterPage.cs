using System.Globalization;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Registration of patients and of those who act for others. The answer never tells whether an address is known.</summary>
internal static class RegisterPage
{
    private const string ForOthers = "others";

    public static void MapRegister(this RouteGroupBuilder pages)
    {
        pages.MapGet("/register", (HttpContext context, IOptions<SignInOptions> options) =>
            Page(context, options.Value, RegistrationForm.Empty, RegistrationProblems.None)).WithName("account-register");
        pages.MapPost("/register", RegisterAsync).WithName("account-register-sent");
    }

    private static async Task<IResult> RegisterAsync(
        HttpContext context, IOptions<SignInOptions> options, Registration registration, Attempts attempts, TimeProvider clock)
    {
        var form = RegistrationForm.Of(await SentForm.ReadAsync(context));
        if (attempts.Refusal(form.Email, context) is { } refusal)
        {
            return refusal;
        }
        var texts = SignInTexts.In(context.LanguageOf());
        var problems = RegistrationProblems.Of(form, options.Value, texts, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
        if (problems.Any)
        {
            return Page(context, options.Value, form, problems);
        }
        var even = new EvenTime();
        await registration.RegisterAsync(form, context.LanguageOf(), context.RequestAborted);
        await even.WaitAsync(context.RequestAborted);
        return PageFrame.Page(context, texts.CheckMail, $"<p>{texts.CheckMailText}</p>");
    }

    private static IResult Page(HttpContext context, SignInOptions options, RegistrationForm form, RegistrationProblems problems)
    {
        var texts = SignInTexts.In(context.LanguageOf());
        var length = options.PasswordLength.ToString(CultureInfo.InvariantCulture);
        Html content = $"""
            <p>{texts.RegisterIntro}</p>
            <form method="post" action="/account/register">{FormToken.Field(context)}
            {Fields.Text("email", texts.Email, "email", form.Email, "email", null, problems.Email)}
            {Fields.Text("password", texts.Password, "password", null, "new-password", texts.PasswordRule(length), problems.Password)}
            {Fields.Choice("role", texts.Role, [("own", texts.RoleOwn), (ForOthers, texts.RoleOther)], form.IsForOthers ? ForOthers : "own")}
            {Fields.Text("given", texts.GivenNames, "text", form.Given, "given-name", texts.WhyDemographics, problems.Name)}
            {Fields.Text("family", texts.FamilyName, "text", form.Family, "family-name", null, problems.Name)}
            {Fields.Text("birthDate", texts.BirthDate, "date", form.BirthDate, "bday", null, problems.BirthDate, isRequired: false)}
            {Fields.Choice("gender", texts.Sex, [("unknown", texts.SexUnknown), ("female", texts.SexFemale), ("male", texts.SexMale), ("other", texts.SexOther)], form.Gender)}
            <button>{texts.Register}</button></form>
            """;
        return PageFrame.Page(context, texts.RegisterTitle, content, problems.Any ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
    }

    /// <summary>What was typed.</summary>
    internal sealed record RegistrationForm(string Email, string Password, bool IsForOthers, string Given, string Family, string BirthDate, string Gender)
    {
        public static RegistrationForm Empty { get; } = new("", "", false, "", "", "", "unknown");

        private static readonly string[] Genders = ["female", "male", "other", "unknown"];

        public static RegistrationForm Of(SentForm form) => new(
            form.Line("email"), form.Raw("password"), form.Line("role") == ForOthers, form.Line("given"), form.Line("family"), form.Line("birthDate"),
            Genders.Contains(form.Line("gender")) ? form.Line("gender") : "unknown");
    }

    /// <summary>What is wrong with it, field by field.</summary>
    internal sealed record RegistrationProblems(string? Email, string? Password, string? Name, string? BirthDate)
    {
        private const int LongestName = 100;
        private const int OldestPerson = 130;

        public static RegistrationProblems None { get; } = new(null, null, null, null);

        public bool Any => (Email ?? Password ?? Name ?? BirthDate) is not null;

        public static RegistrationProblems Of(RegistrationForm form, SignInOptions options, SignInTexts texts, DateOnly today) => new(
            AccountRules.IsAddress(form.Email) ? null : texts.EmailInvalid,
            AccountRules.ProblemOf(form.Password, form.Email, options, texts),
            IsName(form.Given) && IsName(form.Family) ? null : texts.NameMissing,
            form.IsForOthers || IsPast(form.BirthDate, today) ? null : texts.BirthDateInvalid);

        private static bool IsName(string text) => text.Length is > 0 and <= LongestName && !text.Any(char.IsControl);

        private static bool IsPast(string text, DateOnly today) =>
            DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && date <= today && date > today.AddYears(-OldestPerson);
    }
}

using Fhir.Server.SignIn.Pages;

namespace Fhir.Server.SignIn.Texts;

/// <summary>Texts of signing in, registering and what is mailed for it. One table a language: a text that is missing in one does not compile.</summary>
internal abstract class SignInTexts
{
    private static readonly SignInTexts English = new EnglishSignInTexts();
    private static readonly SignInTexts Spanish = new SpanishSignInTexts();

    /// <summary>The table of a language.</summary>
    public static SignInTexts In(Language language) => language == Language.Spanish ? Spanish : English;

    public abstract string SignIn { get; }

    public abstract string SignInAgain { get; }

    public abstract string Email { get; }

    public abstract string Password { get; }

    public abstract string SignInFailed { get; }

    public abstract string Forgotten { get; }

    public abstract string NoAccountYet { get; }

    public abstract string Register { get; }

    public abstract string WithPasskey { get; }

    public abstract string PasskeyFailed { get; }

    public abstract string With(string provider);

    public abstract string Or { get; }

    public abstract string SecondStep { get; }

    public abstract string SecondStepText { get; }

    public abstract string Code { get; }

    public abstract string CodeWrong { get; }

    public abstract string Continue { get; }

    public abstract string SecondStepExpired { get; }

    public abstract string RegisterTitle { get; }

    public abstract string RegisterIntro { get; }

    public abstract string GivenNames { get; }

    public abstract string FamilyName { get; }

    public abstract string BirthDate { get; }

    public abstract string Sex { get; }

    public abstract string SexFemale { get; }

    public abstract string SexMale { get; }

    public abstract string SexOther { get; }

    public abstract string SexUnknown { get; }

    public abstract string WhyDemographics { get; }

    public abstract string Role { get; }

    public abstract string RoleOwn { get; }

    public abstract string RoleOther { get; }

    public abstract string PasswordRule(string length);

    public abstract string PasswordTooShort(string length);

    public abstract string PasswordTooCommon { get; }

    public abstract string PasswordLikeAddress { get; }

    public abstract string EmailInvalid { get; }

    public abstract string NameMissing { get; }

    public abstract string BirthDateInvalid { get; }

    public abstract string CheckMail { get; }

    public abstract string CheckMailText { get; }

    public abstract string ConfirmTitle { get; }

    public abstract string ConfirmText { get; }

    public abstract string Confirm { get; }

    public abstract string Confirmed { get; }

    public abstract string LinkInvalid { get; }

    public abstract string LinkInvalidText { get; }

    public abstract string ConfirmFirst { get; }

    public abstract string ConfirmFirstText { get; }

    public abstract string ForgottenTitle { get; }

    public abstract string ForgottenText { get; }

    public abstract string Send { get; }

    public abstract string NewPassword { get; }

    public abstract string SetPassword { get; }

    public abstract string PasswordSet { get; }

    public abstract string MailConfirmSubject { get; }

    public abstract string MailConfirmText(string link);

    public abstract string MailKnownSubject { get; }

    public abstract string MailKnownText(string link);

    public abstract string MailResetSubject { get; }

    public abstract string MailResetText(string link);

    public abstract string MailChangedSubject { get; }

    public abstract string MailChangedText(string link);

    public abstract string ExternalUnknown { get; }

    public abstract string ExternalUnknownText { get; }

    public abstract string ExternalFailed { get; }

    public abstract string ExternalFailedText { get; }

    public abstract string SetupTitle { get; }

    public abstract string SetupText { get; }

    public abstract string SetupCodeWrong { get; }

    public abstract string YourName { get; }
}

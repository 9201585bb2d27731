namespace Fhir.Server.SignIn.Texts;

/// <summary>In English.</summary>
internal sealed class EnglishSignInTexts : SignInTexts
{
    public override string SignIn => "Sign in";

    public override string SignInAgain => "Show once more that it is you.";

    public override string Email => "E-mail address";

    public override string Password => "Password";

    public override string SignInFailed => "The address or the password is not right, or there were too many attempts. After several wrong passwords an account rests for a while.";

    public override string Forgotten => "Password forgotten?";

    public override string NoAccountYet => "No account yet?";

    public override string Register => "Register";

    public override string WithPasskey => "Sign in with a passkey";

    public override string PasskeyFailed => "That did not work. Try again, or use your password.";

    public override string With(string provider) => $"Sign in with {provider}";

    public override string Or => "or";

    public override string SecondStep => "One more step";

    public override string SecondStepText => "Enter the six digits your authenticator app shows, or one of your recovery codes.";

    public override string Code => "Code";

    public override string CodeWrong => "That code is not right, or was used already.";

    public override string Continue => "Continue";

    public override string SecondStepExpired => "That took too long. Sign in again.";

    public override string RegisterTitle => "Make an account";

    public override string RegisterIntro => "With an account you have a record of your own, in which your images are kept for you.";

    public override string GivenNames => "Given names";

    public override string FamilyName => "Family name";

    public override string BirthDate => "Date of birth";

    public override string Sex => "Sex, as in your papers";

    public override string SexFemale => "Female";

    public override string SexMale => "Male";

    public override string SexOther => "Other";

    public override string SexUnknown => "I would rather not say";

    public override string WhyDemographics => "Name, date of birth and sex are compared with those in your images, so that nobody else's get into your record.";

    public override string Role => "Whose images?";

    public override string RoleOwn => "My own";

    public override string RoleOther => "Only those of somebody who invites me";

    public override string PasswordRule(string length) => $"At least {length} characters. A short sentence is good.";

    public override string PasswordTooShort(string length) => $"The password needs at least {length} characters.";

    public override string PasswordTooCommon => "That password is on lists everybody tries first. Choose another.";

    public override string PasswordLikeAddress => "The password must not be like the address.";

    public override string EmailInvalid => "That is no e-mail address.";

    public override string NameMissing => "Enter your names as they stand in your papers.";

    public override string BirthDateInvalid => "Enter a date of birth that lies in the past.";

    public override string CheckMail => "Look into your mail";

    public override string CheckMailText => "If this address can be used, a message is on its way. It says what to do next. Nobody is told whether an address has an account.";

    public override string ConfirmTitle => "Confirm your address";

    public override string ConfirmText => "Press the button to confirm that this address is yours.";

    public override string Confirm => "Confirm";

    public override string Confirmed => "Your address is confirmed. You can sign in now.";

    public override string LinkInvalid => "This link is not valid any more";

    public override string LinkInvalidText => "It was used, is too old or was cut short. Ask for a new one.";

    public override string ConfirmFirst => "Confirm your address first";

    public override string ConfirmFirstText => "We sent you the message once more. Open the link in it, then sign in.";

    public override string ForgottenTitle => "A new password";

    public override string ForgottenText => "Enter your address. We send you a link with which you choose a new password.";

    public override string Send => "Send";

    public override string NewPassword => "New password";

    public override string SetPassword => "Set the password";

    public override string PasswordSet => "The new password holds. All other sessions were ended.";

    public override string MailConfirmSubject => "Confirm your address";

    public override string MailConfirmText(string link) => $"Somebody, probably you, made an account at PhrImaging with this address. Open this link to confirm that it is yours:\n\n{link}\n\nIf it was not you, do nothing.";

    public override string MailKnownSubject => "You have an account already";

    public override string MailKnownText(string link) => $"Somebody, probably you, tried to make an account at PhrImaging with this address. It has one already. If you forgot the password, choose a new one here:\n\n{link}\n\nIf it was not you, do nothing.";

    public override string MailResetSubject => "Choose a new password";

    public override string MailResetText(string link) => $"Somebody, probably you, asked for a new password at PhrImaging. Choose it here:\n\n{link}\n\nIf it was not you, do nothing: your password stays as it is.";

    public override string MailChangedSubject => "Your password was changed";

    public override string MailChangedText(string link) => $"The password of your account at PhrImaging was changed, and all sessions were ended. If it was not you, choose a new one at once:\n\n{link}";

    public override string ExternalUnknown => "No account is linked to that sign-in";

    public override string ExternalUnknownText => "Sign in here with your password once, then link the other sign-in under Account.";

    public override string ExternalFailed => "The other sign-in did not work";

    public override string ExternalFailedText => "Nothing was done. Try again, or use your password.";

    public override string SetupTitle => "Set up the administrator";

    public override string SetupText => "Enter the code the server printed at its first start. It works once.";

    public override string SetupCodeWrong => "That is not the code, or an administrator exists already.";

    public override string YourName => "Your name";
}

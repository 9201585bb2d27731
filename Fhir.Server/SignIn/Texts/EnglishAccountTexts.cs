namespace Fhir.Server.SignIn.Texts;

/// <summary>In English.</summary>
internal sealed class EnglishAccountTexts : AccountTexts
{
    public override string Account => "Account";

    public override string Yours => "About you";

    public override string KindPatient => "Patient, with a record of your own";

    public override string KindRelatedPerson => "Acts for others";

    public override string KindPractitioner => "Practitioner";

    public override string KindSiteOperator => "Site operator";

    public override string KindAdministrator => "Administrator";

    public override string AssuranceClaimed => "not confirmed";

    public override string AssuranceEmailConfirmed => "e-mail address confirmed";

    public override string AssuranceIdentityProofed => "identity checked";

    public override string Name => "Name";

    public override string Assurance => "How sure we are";

    public override string Role => "Role";

    public override string Security => "How you sign in";

    public override string Sessions => "Devices where you are signed in";

    public override string ThisOne => "this one";

    public override string Since(string time) => $"since {time}";

    public override string LastSeen(string time) => $"last seen {time}";

    public override string EndIt => "Sign out there";

    public override string EndEverywhere => "Sign out everywhere else";

    public override string EndEverywhereText => "Apps that may only act while you are signed in stop at once, too.";

    public override string SessionsEnded => "They were signed out.";

    public override string Password => "Password";

    public override string ChangePassword => "Change the password";

    public override string CurrentPassword => "Current password";

    public override string CurrentPasswordWrong => "The current password is not right.";

    public override string Authenticator => "Authenticator app";

    public override string AuthenticatorOn => "A code of your authenticator app is asked for after the password.";

    public override string AuthenticatorOff => "Add a second step: a code that changes every 30 seconds, shown by an app on your phone.";

    public override string AuthenticatorSetUp => "Set up";

    public override string AuthenticatorKey => "Key";

    public override string AuthenticatorHow => "Enter this key in your authenticator app, or open the link on the phone that has it. Then enter the six digits it shows.";

    public override string AuthenticatorLink => "Open in the app";

    public override string AuthenticatorTurnOn => "Turn on";

    public override string AuthenticatorTurnOff => "Turn off";

    public override string CodeWrong => "That code is not right.";

    public override string RecoveryCodes => "Recovery codes";

    public override string RecoveryCodesText => "Keep these where you find them without your phone. Each works once, and they are shown only now.";

    public override string RecoveryCodesLeft(string count) => $"{count} recovery codes are left.";

    public override string RecoveryCodesNew => "Make new ones";

    public override string Passkeys => "Passkeys";

    public override string PasskeysText => "A passkey signs you in by your fingerprint, face or screen lock. It needs no password and cannot be given away on a false page.";

    public override string PasskeyAdd => "Add a passkey";

    public override string PasskeyName => "Name of the device";

    public override string PasskeyAdded(string time) => $"added {time}";

    public override string PasskeyFailed => "The passkey was not added.";

    public override string Remove => "Remove";

    public override string LinkedSignIns => "Other sign-ins";

    public override string Link(string provider) => $"Link {provider}";

    public override string Linked(string provider) => $"{provider} is linked.";

    public override string LinkTaken => "That sign-in belongs to another account.";

    public override string SignInAgainFirst => "For this, show once more that it is you.";

    public override string Saved => "Saved.";

    public override string Back => "Back to the account";

    public override string OnBehalf => "On somebody's behalf";

    public override string Proxies => "People who act for you";

    public override string ProxiesText => "They see your record as you allow, are named as such wherever they act, and you can end it at any time.";

    public override string ProxyInvite => "Invite somebody";

    public override string ProxyName => "Their name";

    public override string ProxyEmail => "Their e-mail address";

    public override string ProxyRelationship => "They are your";

    public override string RelationshipParent => "Parent";

    public override string RelationshipChild => "Child";

    public override string RelationshipSpouse => "Spouse or partner";

    public override string RelationshipSibling => "Sister or brother";

    public override string RelationshipGuardian => "Guardian";

    public override string RelationshipFriend => "Friend";

    public override string RelationshipOther => "Somebody else";

    public override string ProxyScope => "They may";

    public override string ProxyScopeAll => "do everything you may";

    public override string ProxyScopeRead => "look at everything, change nothing";

    public override string ProxyScopeImages => "look at images and reports only";

    public override string ProxyUntil => "Until (empty: until you end it)";

    public override string ProxyUntilAge(string age) => $"until my birthday at {age}";

    public override string ProxyUntilAgeText => "For a child's record: the grant ends by itself.";

    public override string ProxySend => "Send the invitation";

    public override string ProxySent => "The invitation was sent.";

    public override string ProxyInvited(string name, string time) => $"{name}, invited, until {time}";

    public override string ProxyGranted(string name) => $"{name}";

    public override string ProxyEnds(string time) => $"ends {time}";

    public override string ProxyNoEnd => "no end";

    public override string ProxyRevoke => "End";

    public override string ProxyRevoked => "It was ended.";

    public override string ProxyWithdraw => "Take back";

    public override string ActFor => "People you act for";

    public override string ActForNobody => "Nobody.";

    public override string DateInvalid => "Enter a date that lies in the future.";

    public override string AlreadyThatOld(string age) => $"The person of this record is {age} already.";

    public override string InvitationTitle => "An invitation";

    public override string InvitationText(string name) => $"{name} asks you to act for them: you would see their record here. Accept only if you know them.";

    public override string InvitationAccept => "Accept";

    public override string InvitationWrong => "This invitation is not for this account, was used, was taken back or is too old.";

    public override string InvitationAccepted(string name) => $"You can act for {name} now.";

    public override string MailInvitationSubject(string name) => $"{name} asks you to act for them";

    public override string MailInvitationText(string name, string link) => $"{name} invites you to act for them at PhrImaging, where their medical images are kept. Sign in with this address (or register first), then open:\n\n{link}\n\nIf you do not know them, do nothing.";

    public override string Administration => "Administration";

    public override string Accounts => "Accounts";

    public override string Search => "Search";

    public override string SearchAddress => "Part of an address";

    public override string Disabled => "disabled";

    public override string Disable => "Disable";

    public override string Enable => "Enable";

    public override string Open => "Open";

    public override string Next => "Next page";

    public override string NoAccounts => "No account matches.";

    public override string MakePractitioner => "What this account is";

    public override string OrganizationId => "Id of the Organization";

    public override string PractitionerId => "Id of the Practitioner (empty: made of the name)";

    public override string OrganizationUnknown => "There is no such Organization.";

    public override string PractitionerUnknown => "There is no such Practitioner.";

    public override string HasRecord => "This account has a record of its own; it stays a patient's.";

    public override string IdentityChecked => "I have checked the papers of this person.";

    public override string Save => "Save";

    public override string Forbidden => "This page is not for you";

    public override string ForbiddenText => "Only administrators can open it.";

    public override string Email => "E-mail address";

    public override string DemoAccount => "demo account";
}

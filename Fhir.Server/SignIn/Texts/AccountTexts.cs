using Fhir.Server.SignIn.Pages;

namespace Fhir.Server.SignIn.Texts;

/// <summary>Texts of the account page and what belongs to it. One table a language: a text that is missing in one does not compile.</summary>
internal abstract class AccountTexts
{
    private static readonly AccountTexts English = new EnglishAccountTexts();
    private static readonly AccountTexts Spanish = new SpanishAccountTexts();

    /// <summary>The table of a language.</summary>
    public static AccountTexts In(Language language) => language == Language.Spanish ? Spanish : English;

    public abstract string Account { get; }

    public abstract string Yours { get; }

    public abstract string KindPatient { get; }

    public abstract string KindRelatedPerson { get; }

    public abstract string KindPractitioner { get; }

    public abstract string KindSiteOperator { get; }

    public abstract string KindAdministrator { get; }

    public abstract string AssuranceClaimed { get; }

    public abstract string AssuranceEmailConfirmed { get; }

    public abstract string AssuranceIdentityProofed { get; }

    public abstract string Name { get; }

    public abstract string Assurance { get; }

    public abstract string Role { get; }

    public abstract string Security { get; }

    public abstract string Sessions { get; }

    public abstract string ThisOne { get; }

    public abstract string Since(string time);

    public abstract string LastSeen(string time);

    public abstract string EndIt { get; }

    public abstract string EndEverywhere { get; }

    public abstract string EndEverywhereText { get; }

    public abstract string SessionsEnded { get; }

    public abstract string Password { get; }

    public abstract string ChangePassword { get; }

    public abstract string CurrentPassword { get; }

    public abstract string CurrentPasswordWrong { get; }

    public abstract string Authenticator { get; }

    public abstract string AuthenticatorOn { get; }

    public abstract string AuthenticatorOff { get; }

    public abstract string AuthenticatorSetUp { get; }

    public abstract string AuthenticatorKey { get; }

    public abstract string AuthenticatorHow { get; }

    public abstract string AuthenticatorLink { get; }

    public abstract string AuthenticatorTurnOn { get; }

    public abstract string AuthenticatorTurnOff { get; }

    public abstract string CodeWrong { get; }

    public abstract string RecoveryCodes { get; }

    public abstract string RecoveryCodesText { get; }

    public abstract string RecoveryCodesLeft(string count);

    public abstract string RecoveryCodesNew { get; }

    public abstract string Passkeys { get; }

    public abstract string PasskeysText { get; }

    public abstract string PasskeyAdd { get; }

    public abstract string PasskeyName { get; }

    public abstract string PasskeyAdded(string time);

    public abstract string PasskeyFailed { get; }

    public abstract string Remove { get; }

    public abstract string LinkedSignIns { get; }

    public abstract string Link(string provider);

    public abstract string Linked(string provider);

    public abstract string LinkTaken { get; }

    public abstract string SignInAgainFirst { get; }

    public abstract string Saved { get; }

    public abstract string Back { get; }

    public abstract string OnBehalf { get; }

    public abstract string Proxies { get; }

    public abstract string ProxiesText { get; }

    public abstract string ProxyInvite { get; }

    public abstract string ProxyName { get; }

    public abstract string ProxyEmail { get; }

    public abstract string ProxyRelationship { get; }

    public abstract string RelationshipParent { get; }

    public abstract string RelationshipChild { get; }

    public abstract string RelationshipSpouse { get; }

    public abstract string RelationshipSibling { get; }

    public abstract string RelationshipGuardian { get; }

    public abstract string RelationshipFriend { get; }

    public abstract string RelationshipOther { get; }

    public abstract string ProxyScope { get; }

    public abstract string ProxyScopeAll { get; }

    public abstract string ProxyScopeRead { get; }

    public abstract string ProxyScopeImages { get; }

    public abstract string ProxyUntil { get; }

    public abstract string ProxyUntilAge(string age);

    public abstract string ProxyUntilAgeText { get; }

    public abstract string ProxySend { get; }

    public abstract string ProxySent { get; }

    public abstract string ProxyInvited(string name, string time);

    public abstract string ProxyGranted(string name);

    public abstract string ProxyEnds(string time);

    public abstract string ProxyNoEnd { get; }

    public abstract string ProxyRevoke { get; }

    public abstract string ProxyRevoked { get; }

    public abstract string ProxyWithdraw { get; }

    public abstract string ActFor { get; }

    public abstract string ActForNobody { get; }

    public abstract string DateInvalid { get; }

    public abstract string AlreadyThatOld(string age);

    public abstract string InvitationTitle { get; }

    public abstract string InvitationText(string name);

    public abstract string InvitationAccept { get; }

    public abstract string InvitationWrong { get; }

    public abstract string InvitationAccepted(string name);

    public abstract string MailInvitationSubject(string name);

    public abstract string MailInvitationText(string name, string link);

    public abstract string Administration { get; }

    public abstract string Accounts { get; }

    public abstract string Search { get; }

    public abstract string SearchAddress { get; }

    public abstract string Disabled { get; }

    public abstract string Disable { get; }

    public abstract string Enable { get; }

    public abstract string Open { get; }

    public abstract string Next { get; }

    public abstract string NoAccounts { get; }

    public abstract string MakePractitioner { get; }

    public abstract string OrganizationId { get; }

    public abstract string PractitionerId { get; }

    public abstract string OrganizationUnknown { get; }

    public abstract string PractitionerUnknown { get; }

    public abstract string HasRecord { get; }

    public abstract string IdentityChecked { get; }

    public abstract string Save { get; }

    public abstract string Forbidden { get; }

    public abstract string ForbiddenText { get; }

    public abstract string Email { get; }

    public abstract string DemoAccount { get; }
}

using Fhir.Server.SignIn.OAuth;

namespace Fhir.Server.SignIn.Texts;

/// <summary>In English.</summary>
internal sealed class EnglishAppTexts : AppTexts
{
    public override string CannotGoOn => "This cannot go on";

    public override string UnknownApp => "The app that sent you here is not registered with this server. Nothing was given to it.";

    public override string UnknownRedirect => "The app wants you to be sent to an address it is not registered with. Nothing was given to it.";

    public override string Title(string app) => $"Allow {app}?";

    public override string Asks(string app, string host) => $"{app} asks to use health data kept here. If you allow it, you are sent on to {host}.";

    public override string WhoseRecord => "Whose record?";

    public override string YourOwn(string name) => $"{name} (your own)";

    public override string AsProxy(string name) => $"{name} (you act for them)";

    public override string OpenedByPortal(string name) => $"{name} (the record you have open)";

    public override string WhichStudy => "Which study is to be opened?";

    public override string WhatItMay => "What may it do?";

    public override string LessIsFine => "Take away what you do not want to allow.";

    public override string AlsoNew => "This covers what is in the record now and what is added later: also new images in future.";

    public override string HowLong => "For how long?";

    public override string OneHour => "For one hour, or until you sign out.";

    public override string WhileSignedIn => "As long as you are signed in here.";

    public override string UntilEnded(int days) => $"Also while you are away, until you end it or it is not used for {days} days.";

    public override string EndAnyTime => "You can end it at any time under “Apps” in your account.";

    public override string Allow => "Allow";

    public override string Deny => "Do not allow";

    public override string ChooseRecord => "Choose whose record it may use.";

    public override string ChooseSomething => "Leave at least one tick, or do not allow it.";

    public override string Apps => "Apps";

    public override string NoApps => "You have not allowed any app to use your data.";

    public override string AppsText => "These apps may use data kept here because you allowed it. What you end stops at once.";

    public override string Since(string day) => $"since {day}";

    public override string LastUsed(string day) => $"last used {day}";

    public override string RecordOf(string name) => $"Record of {name}";

    public override string Revoke(string app) => $"End {app}";

    public override string Revoked => "It was ended. The app gets nothing more.";

    protected override string Named(string scope) => scope switch
    {
        ScopeRules.OpenId => "Know that it is you who comes back",
        ScopeRules.FhirUser => "Know who you are in this system",
        ScopeRules.Profile => "Know your name",
        ScopeRules.Launch => "Know which record is open",
        ScopeRules.LaunchPatient => "Know whose record you chose",
        ScopeRules.LaunchStudy => "Know which study is open",
        ScopeRules.Offline => "Stay connected while you are away",
        ScopeRules.Online => "Stay connected as long as you are signed in here",
        _ => scope,
    };

    protected override string Say(string verbs, string type, bool everywhere, string? criterion) =>
        $"{char.ToUpperInvariant(verbs[0])}{verbs[1..]}: {type}{(criterion is null ? "" : $", only {criterion}")}{(everywhere ? ", in every record you may use" : "")}";

    protected override string See => "see";

    protected override string Search => "search";

    protected override string Add => "add";

    protected override string Change => "change";

    protected override string Remove => "remove";

    protected override string And => "and";

    protected override string TypeName(string type) => type switch
    {
        "*" => "everything in the record",
        "ImagingStudy" => "imaging studies with their pictures",
        "Patient" => "name, birth date and contact details",
        "DiagnosticReport" => "reports",
        "DocumentReference" => "documents",
        "Observation" => "measurements and findings",
        "Condition" => "diagnoses",
        "AllergyIntolerance" => "allergies",
        "MedicationRequest" or "MedicationStatement" => "medicines",
        "Immunization" => "vaccinations",
        "Procedure" => "procedures",
        "Encounter" => "visits",
        "Appointment" => "appointments",
        "Consent" => "decisions about who may see the record",
        "Endpoint" => "where pictures are fetched",
        "Practitioner" or "PractitionerRole" => "people who treated you",
        "Organization" => "hospitals and practices",
        "AuditEvent" => "who looked at the record",
        "QuestionnaireResponse" => "answers to questionnaires",
        _ => type,
    };
}

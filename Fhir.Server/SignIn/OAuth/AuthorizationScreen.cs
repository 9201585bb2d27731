using Fhir.Server.Access;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>
/// The page that asks a person: which app, which data in plain words, for how long; everything can be taken away but the question. The
/// request travels in hidden fields and is judged anew when the form comes back.
/// </summary>
internal sealed class AuthorizationScreen(IOptions<OAuthOptions> options)
{
    public const string Decision = "decision";
    public const string Allowed = "allow";
    public const string Denied = "deny";
    public const string Granted = "granted";
    public const string Record = "record";
    public const string Study = "study";

    /// <summary>Fields of this form, which are no part of the app's request.</summary>
    public static IReadOnlyList<string> OwnFields { get; } = [Decision, Granted, Record, Study, FormToken.FieldName];

    /// <param name="http">The request.</param>
    /// <param name="ask">What the app asks for.</param>
    /// <param name="choices">The records it could be given; empty when it needs none.</param>
    /// <param name="problem">What was wrong with the form.</param>
    public IResult Show(HttpContext http, AuthorizationAsk ask, IReadOnlyList<PatientChoice> choices, string? problem = null)
    {
        var texts = AppTexts.In(http.LanguageOf());
        var name = ask.Client.Name;
        Html content = $"""
            {Fields.Alert(problem)}
            <p>{texts.Asks(name, HostOf(ask.RedirectUri))}</p>
            <form method="post" action="{OAuthAddresses.AuthorizePath}">{FormToken.Field(http)}{Carried(http)}
            {(choices.Count == 0 ? Html.Empty : Records(choices, texts))}
            <fieldset><legend>{texts.WhatItMay}</legend><p class="hint">{texts.LessIsFine}</p>
            {Html.Join(ask.Scopes.Texts.Select((scope, at) => Tick(scope, at, texts)))}
            {(ask.Scopes.Resources.Count == 0 ? Html.Empty : (Html)$"<p>{texts.AlsoNew}</p>")}</fieldset>
            <h2>{texts.HowLong}</h2><p>{HowLong(ask.Scopes, texts)} {texts.EndAnyTime}</p>
            <div class="others"><button name="{Decision}" value="{Allowed}">{texts.Allow}</button>
            <button class="second" name="{Decision}" value="{Denied}" formnovalidate>{texts.Deny}</button></div></form>
            """;
        return PageFrame.Page(http, texts.Title(name), content, problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    /// <summary>Asks which study the app is to be opened with, after everything else was allowed.</summary>
    public static IResult ShowStudies(HttpContext http, AuthorizationAsk ask, ScopeSet granted, string record, IReadOnlyList<StudyChoice> studies)
    {
        var texts = AppTexts.In(http.LanguageOf());
        var radios = studies.Select((study, at) => (Html)$"""
            <div class="field tick"><input type="radio" id="study-{at}" name="{Study}" value="{study.Id}" required><label for="study-{at}">{study.Text}</label></div>
            """);
        Html content = $"""
            <form method="post" action="{OAuthAddresses.AuthorizePath}">{FormToken.Field(http)}{Carried(http)}{Fields.Hidden(Record, record)}
            {Html.Join(granted.Texts.Select(scope => Fields.Hidden(Granted, scope)))}
            <fieldset><legend>{texts.WhichStudy}</legend>{Html.Join(radios)}</fieldset>
            <div class="others"><button name="{Decision}" value="{Allowed}">{texts.Allow}</button>
            <button class="second" name="{Decision}" value="{Denied}" formnovalidate>{texts.Deny}</button></div></form>
            """;
        return PageFrame.Page(http, texts.Title(ask.Client.Name), content);
    }

    private string HowLong(ScopeSet scopes, AppTexts texts) =>
        scopes.Has(ScopeRules.Offline) ? texts.UntilEnded((int)options.Value.RefreshTokenLifetime.TotalDays)
        : scopes.Has(ScopeRules.Online) ? texts.WhileSignedIn
        : texts.OneHour;

    private static Html Carried(HttpContext http)
    {
        var request = http.GetOpenIddictRequestOrThrow();
        return Html.Join(request.GetParameters().Where(one => !OwnFields.Contains(one.Key))
            .Select(one => Fields.Hidden(one.Key, (string?)one.Value)));
    }

    private static Html Records(IReadOnlyList<PatientChoice> choices, AppTexts texts) =>
        $"<fieldset><legend>{texts.WhoseRecord}</legend>{Html.Join(choices.Select((choice, at) => Radio(choice, at, choices.Count == 1, texts)))}</fieldset>";

    private static Html Radio(PatientChoice choice, int at, bool isOnly, AppTexts texts)
    {
        var label = choice.Basis switch
        {
            RecordBasis.Self => texts.YourOwn(choice.Name),
            RecordBasis.Proxy => texts.AsProxy(choice.Name),
            _ => texts.OpenedByPortal(choice.Name),
        };
        Html chosen = isOnly ? (Html)$" checked" : Html.Empty;
        return $"""
            <div class="field tick"><input type="radio" id="record-{at}" name="{Record}" value="{choice.Record}" required{chosen}><label for="record-{at}">{label}</label></div>
            """;
    }

    private static Html Tick(string scope, int at, AppTexts texts) => $"""
        <div class="field tick"><input type="checkbox" id="scope-{at}" name="{Granted}" value="{scope}" checked><label for="scope-{at}">{texts.Say(scope)}<span class="hint">{scope}</span></label></div>
        """;

    private static string HostOf(string redirectUri) =>
        new Uri(redirectUri) is { Scheme: "http" or "https" } web ? web.Authority : new Uri(redirectUri).Scheme;
}

using System.Text.Json.Nodes;
using Fhir.Server.Access;
using Fhir.Server.SignIn.Accounts;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>
/// The authorization endpoint, behind <see cref="AuthorizationRequestCheck"/>: has the person sign in, asks them, and keeps what they
/// allow. https://hl7.org/fhir/smart-app-launch/app-launch.html#obtain-authorization-code
/// </summary>
internal static class AuthorizeEndpoint
{
    public static void MapAuthorize(this IEndpointRouteBuilder app) =>
        app.MapGroup("/oauth").AsPages().MapMethods("/authorize", [HttpMethods.Get, HttpMethods.Post], AuthorizeAsync)
            .DisableAntiforgery().WithName("authorize");

    private static async Task<IResult> AuthorizeAsync(HttpContext http, SignedIn signedIn, PatientChoices patients, AuthorizationRun run)
    {
        var request = http.GetOpenIddictRequestOrThrow();
        var ask = http.Features.Get<AuthorizationAsk>() ?? throw new InvalidOperationException("The request was not checked.");
        var session = await signedIn.FindAsync(http);
        if (request.HasPromptValue(PromptValues.None))
        {
            // A person is always asked.
            return run.Refuse(ask, session is null ? Errors.LoginRequired : Errors.ConsentRequired, "The user has to be asked.");
        }
        if (session is null || request.HasPromptValue(PromptValues.Login))
        {
            return SignedIn.RequireSignIn(BackTo(request), again: session is not null);
        }
        var needsPatient = AuthorizationAsk.NeedsPatient(ask.Scopes) || ask.Launch is not null;
        var choices = needsPatient ? await patients.ListAsync(session.Account, ask.Launch, http.RequestAborted) : [];
        if (needsPatient && choices.Count == 0)
        {
            return run.Refuse(ask, Errors.AccessDenied, "There is no record this user could give.");
        }
        return await run.DecideAsync(http, ask, session, choices);
    }

    /// <summary>This request as a link, to come back to after signing in; it does not ask to sign in again.</summary>
    private static string BackTo(OpenIddictRequest request) => QueryHelpers.AddQueryString(
        OAuthAddresses.AuthorizePath,
        request.GetParameters().Where(one => one.Key != Parameters.Prompt && !AuthorizationScreen.OwnFields.Contains(one.Key))
            .Select(one => KeyValuePair.Create(one.Key, (string?)one.Value)));
}

/// <summary>What a person decides on the authorisation screen, carried out.</summary>
internal sealed class AuthorizationRun(
    AuthorizationScreen screen, StudyChoices studies, AuthorisationStore authorisations, LaunchStore launches, OAuthAddresses addresses)
{
    /// <summary>Shows the screen, or does what was decided on it.</summary>
    public async Task<IResult> DecideAsync(HttpContext http, AuthorizationAsk ask, SignedInSession session, IReadOnlyList<PatientChoice> choices)
    {
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(http.RequestAborted) : FormCollection.Empty;
        var decision = form[AuthorizationScreen.Decision].ToString();
        if (decision.Length == 0 || !await FormToken.IsGoodAsync(http))
        {
            // An app may POST its request too; only our own form decides.
            return screen.Show(http, ask, choices);
        }
        if (decision != AuthorizationScreen.Allowed)
        {
            return Refuse(ask, Errors.AccessDenied, "The user did not allow it.");
        }
        var texts = AppTexts.In(http.LanguageOf());
        var ticked = form[AuthorizationScreen.Granted].ToHashSet(StringComparer.Ordinal);
        var granted = ScopeSet.Parse(string.Join(' ', ask.Scopes.Texts.Where(ticked.Contains)));
        if (granted.Texts.Count == 0)
        {
            return screen.Show(http, ask, choices, texts.ChooseSomething);
        }
        var chosen = choices.FirstOrDefault(choice => choice.Record == form[AuthorizationScreen.Record].ToString());
        if (choices.Count > 0 && chosen is null)
        {
            return screen.Show(http, ask, choices, texts.ChooseRecord);
        }
        var study = ask.Launch?.Study;
        if (ask.Launch is null && chosen is not null && granted.Has(ScopeRules.LaunchStudy))
        {
            var offered = await studies.ListAsync(chosen.Record, session.Account, http.RequestAborted);
            study = offered.FirstOrDefault(one => one.Id == form[AuthorizationScreen.Study].ToString())?.Id;
            if (study is null && offered.Count > 0)
            {
                return AuthorizationScreen.ShowStudies(http, ask, granted, chosen.Record, offered);
            }
        }
        return await AllowAsync(http, ask, session, granted, chosen?.Record, study);
    }

    /// <summary>Tells the app why not.</summary>
    public IResult Refuse(AuthorizationAsk ask, string error, string text) =>
        AuthorizationErrors.Redirect(ask.RedirectUri, ask.State, addresses.Issuer, error, text);

    private async Task<IResult> AllowAsync(HttpContext http, AuthorizationAsk ask, SignedInSession session, ScopeSet granted, string? record, string? study)
    {
        if (ask.LaunchValue is { } launch && !await launches.TryUseAsync(launch, http.RequestAborted))
        {
            return Refuse(ask, Errors.InvalidRequest, "The launch was used already.");
        }
        var account = session.Account;
        var row = new AuthorisationRow
        {
            Id = Guid.NewGuid().ToString("N"), Client = ask.Client.Id, User = account.Id, FhirUser = account.FhirUser, Patient = record,
            Organization = account.Organization, Scopes = granted.ToString(), Context = ContextOf(ask, granted, record, study),
            Session = granted.Has(ScopeRules.Offline) ? null : session.Id,
        };
        await authorisations.AddAsync(row, http.RequestAborted);
        var principal = OwnClaims.Make(row, granted.Texts).Saying(
            granted.Has(ScopeRules.FhirUser) && account.FhirUser is { } user ? $"{addresses.Fhir}/{user}" : null,
            granted.Has(ScopeRules.Profile) ? account.DisplayName : null, session.AuthTime);
        return Results.SignIn(principal, authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    /// <summary>Members of the token response beside the patient. https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#launch-context-arrives-with-your-access_token</summary>
    private static string ContextOf(AuthorizationAsk ask, ScopeSet granted, string? record, string? study)
    {
        var context = new JsonObject();
        if (record is not null)
        {
            // A portal that opened the record shows whose it is.
            context["need_patient_banner"] = ask.Launch is null;
        }
        if (ask.Launch?.Encounter is { } encounter)
        {
            context["encounter"] = encounter;
        }
        if (study is not null && (granted.Has(ScopeRules.Launch) || granted.Has(ScopeRules.LaunchStudy)))
        {
            context["fhirContext"] = new JsonArray(new JsonObject { ["reference"] = $"ImagingStudy/{study}" });
        }
        return context.ToJsonString();
    }
}

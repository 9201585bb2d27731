using Fhir.Server.Access;
using Fhir.Server.Storage.Accounts;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>An authorization request that is in order: who asks for what. Only the person has still to be asked.</summary>
/// <param name="Client">The app.</param>
/// <param name="RedirectUri">Where the browser goes back to.</param>
/// <param name="State">What the app gets back.</param>
/// <param name="Scopes">What it asks for.</param>
/// <param name="Launch">What a portal prepared (EHR launch); null in a standalone launch.</param>
/// <param name="LaunchValue">The hash of the launch value.</param>
internal sealed record AuthorizationAsk(
    ClientRow Client, string RedirectUri, string State, ScopeSet Scopes, LaunchRow? Launch, TokenHash? LaunchValue)
{
    /// <summary>Whether a patient has to be in context: SMART asks for one whenever a <c>patient/</c> scope is granted.</summary>
    public static bool NeedsPatient(ScopeSet scopes) =>
        scopes.Has(ScopeRules.LaunchPatient) || scopes.Has(ScopeRules.LaunchStudy) || scopes.Resources.Any(scope => scope.Level == ScopeLevel.Patient);
}

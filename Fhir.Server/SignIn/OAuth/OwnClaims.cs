using System.Collections.Immutable;
using System.Security.Claims;
using Fhir.Server.Storage.Accounts;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>What a code and a refresh token carry besides what OpenIddict puts in: which authorisation they come of, and what an id token says.</summary>
internal static class OwnClaims
{
    private const string Authorisation = "phr_authorisation";
    private const string FhirUser = "fhirUser";

    /// <summary>The principal of an authorisation.</summary>
    public static ClaimsPrincipal Make(AuthorisationRow row, IEnumerable<string> scopes)
    {
        var identity = new ClaimsIdentity("smart", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, row.User ?? row.Client).SetClaim(Authorisation, row.Id);
        identity.SetScopes(scopes);
        return With(new ClaimsPrincipal(identity));
    }

    /// <summary>Adds what the id token says of the user.</summary>
    /// <param name="principal">Of the authorisation.</param>
    /// <param name="fhirUser">The user as a resource, absolute; null when there is none or the app may not know.</param>
    /// <param name="name">How pages call them; null when the app may not know.</param>
    /// <param name="signedIn">When they last showed who they are.</param>
    public static ClaimsPrincipal Saying(this ClaimsPrincipal principal, string? fhirUser, string? name, DateTimeOffset signedIn)
    {
        principal.SetClaim(FhirUser, fhirUser).SetClaim(Claims.Name, name).SetClaim(Claims.AuthenticationTime, signedIn.ToUnixTimeSeconds());
        return With(principal);
    }

    /// <summary>The authorisation a principal comes of.</summary>
    public static string? AuthorisationOf(this ClaimsPrincipal? principal) => principal?.GetClaim(Authorisation);

    private static ClaimsPrincipal With(ClaimsPrincipal principal)
    {
        principal.SetDestinations(static claim => claim.Type switch
        {
            Authorisation => [Destinations.AccessToken],
            FhirUser or Claims.Name or Claims.AuthenticationTime => [Destinations.IdentityToken],
            _ => ImmutableArray<string>.Empty,
        });
        return principal;
    }
}

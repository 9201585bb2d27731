using System.Text.RegularExpressions;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.SignIn.OAuth;
using Fhir.Server.Storage;

namespace Fhir.Server.SignIn.Clients;

/// <summary>What is wrong with a registration, before anything is kept.</summary>
internal static partial class RegistrationRules
{
    /// <summary>The first fault; null when there is none.</summary>
    public static Problem? Check(ClientRegistration client, ScopeJudge judge)
    {
        var scopes = ScopeRules.Read(client.Scopes ?? "", judge);
        return client.Id is { } id && !ClientId().IsMatch(id) ? Problem.Invalid("A client id has 1 to 64 letters, digits, dots, dashes and underscores.")
            : string.IsNullOrWhiteSpace(client.Name) ? Problem.Invalid("A client needs a name: people are asked to trust it.")
            : client.RedirectUris.FirstOrDefault(one => !RedirectUris.IsAcceptable(one)) is { } redirect
                ? Problem.Invalid($"'{redirect}' is no redirect address: https, http on a loopback address, or a scheme of the app's own such as org.example.app:/back; no fragment.")
            : client.LaunchUrl is { } launch && !IsWeb(launch) ? Problem.Invalid($"'{launch}' is no launch address: https, or http on a loopback address.")
            : client.Organization is { } site && !RecordId.MayBeUnclaimed(site) ? Problem.Invalid($"'{site}' cannot be the id of a site's Organization.")
            : client.Namespaces.FirstOrDefault(one => !GuardedRecord.IsNamespace(one)) is { } space
                ? Problem.Invalid($"'{space}' is no namespace: a URI, as urn:oid:1.2.3 or https://hospital.example/mrn.")
            : client.Namespaces.Count > 0 && client.Organization is null ? Problem.Invalid("Namespaces of patient identifiers are registered to a site: name its Organization.")
            : !scopes.IsSuccess ? scopes.Problem
            : client.Kind == ClientKind.Asymmetric ? CheckKeys(client)
            : client.Jwks is not null || client.JwksUri is not null ? Problem.Invalid("Keys are for asymmetric clients.")
            : null;
    }

    private static Problem? CheckKeys(ClientRegistration client)
    {
        if ((client.Jwks is null) == (client.JwksUri is null))
        {
            return Problem.Invalid("An asymmetric client needs its keys: a JSON Web Key Set, or its address.");
        }
        if (client.JwksUri is { } address)
        {
            return IsWeb(address) ? null : Problem.Invalid($"'{address}' is no address of keys: https, or http on a loopback address.");
        }
        try
        {
            return ClientKeys.Parse(client.Jwks!).Count > 0 ? null
                : Problem.Invalid("None of the keys can be used: RSA of 2048 bits or more, or EC on P-384, each with a kid and without its private half.");
        }
        catch (ArgumentException)
        {
            return Problem.Invalid("The keys are no JSON Web Key Set.");
        }
    }

    private static bool IsWeb(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex ClientId();
}

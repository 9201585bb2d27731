using Fhir.Server.Access;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>The addresses of the authorisation server, absolute ones from the public address and never from a Host header.</summary>
internal sealed class OAuthAddresses(PublicAddress address)
{
    public const string AuthorizePath = "/oauth/authorize";
    public const string TokenPath = "/oauth/token";
    public const string RevokePath = "/oauth/revoke";
    public const string IntrospectPath = "/oauth/introspect";
    public const string KeysPath = "/oauth/jwks";
    public const string AppsPath = "/account/apps";

    /// <summary>The issuer to the letter: as discovery, id tokens and introspection say it.</summary>
    public string Issuer => new Uri(address.Base).AbsoluteUri;

    public string Authorize => address.Base + AuthorizePath;

    public string Token => address.Base + TokenPath;

    public string Revoke => address.Base + RevokePath;

    public string Introspect => address.Base + IntrospectPath;

    public string Keys => address.Base + KeysPath;

    public string Apps => address.Base + AppsPath;

    public string Fhir => address.Fhir;

    /// <summary>Whether the server is reached by TLS, or by this machine alone: without, no secret may travel.</summary>
    public bool IsSafe => new Uri(address.Base) is var uri && (uri.Scheme == Uri.UriSchemeHttps || uri.IsLoopback);
}

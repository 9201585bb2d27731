namespace Fhir.Server.SignIn.Clients;

/// <summary>How a client shows who it is. See https://hl7.org/fhir/smart-app-launch/app-launch.html</summary>
public enum ClientKind
{
    /// <summary>It cannot keep a secret: its redirect address and PKCE speak for it.</summary>
    Public,

    /// <summary>By a secret it shares with the server.</summary>
    Symmetric,

    /// <summary>By an assertion signed with a key of which the server knows the public half.</summary>
    Asymmetric,
}

/// <summary>What an administrator says of a client, by command, page or configuration (section <c>OAuth:Clients</c>).</summary>
public sealed class ClientRegistration
{
    /// <summary>The <c>client_id</c>; null for one that is made up.</summary>
    public string? Id { get; set; }

    /// <summary>What people are told it is called.</summary>
    public string Name { get; set; } = "";

    /// <summary>How it shows who it is.</summary>
    public ClientKind Kind { get; set; }

    /// <summary>Where a browser is sent back to; compared to the letter, but for the port of a loopback address.</summary>
    public IList<string> RedirectUris { get; set; } = [];

    /// <summary>The most it may ask for, separated by blanks; null for what an app of a patient usually needs.</summary>
    public string? Scopes { get; set; }

    /// <summary>The id of the Organization a site's client is bound to.</summary>
    public string? Organization { get; set; }

    /// <summary>Namespaces of patient identifiers its site may assert; the first is its default.</summary>
    public IList<string> Namespaces { get; set; } = [];

    /// <summary>Records it may reach when it speaks for itself.</summary>
    public IList<string> Records { get; set; } = [];

    /// <summary>Where an EHR launch starts it.</summary>
    public string? LaunchUrl { get; set; }

    /// <summary>Its public keys, a JSON Web Key Set (RFC 7517 §5).</summary>
    public string? Jwks { get; set; }

    /// <summary>Where its public keys are.</summary>
    public string? JwksUri { get; set; }

    /// <summary>Its secret; null for one that is made up and told once. Only configuration gives one.</summary>
    public string? Secret { get; set; }

    /// <summary>Purpose of use when nothing else says one, a code of v3-ActReason.</summary>
    public string? Purpose { get; set; }

    /// <summary>May introspect tokens of other clients.</summary>
    public bool IsResourceServer { get; set; }
}

/// <summary>A client as it was registered.</summary>
/// <param name="Id">The <c>client_id</c>.</param>
/// <param name="Secret">Told this once; null for clients without.</param>
public sealed record RegisteredClient(string Id, string? Secret);

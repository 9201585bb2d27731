using Fhir.Server.SignIn.Clients;

namespace Fhir.Server.SignIn.Texts;

/// <summary>In English.</summary>
internal sealed class EnglishClientTexts : ClientTexts
{
    public override string Clients => "Apps and sites";

    public override string AddOne => "Register an app or a site";

    public override string Name => "Name, as people are shown it";

    public override string IdHint => "Leave it empty to have one made up.";

    public override string Kind => "How it shows who it is";

    public override string KindOf(ClientKind kind) => kind switch
    {
        ClientKind.Public => "Public: no secret (PKCE alone)",
        ClientKind.Symmetric => "Symmetric: a secret",
        _ => "Asymmetric: assertions it signs",
    };

    public override string Redirects => "Redirect addresses";

    public override string SeveralHint => "Several may stand here, with blanks between them.";

    public override string LaunchUrl => "Launch address";

    public override string Scopes => "The most it may ask for";

    public override string ScopesHint => "Leave it empty for what an app of a patient usually needs.";

    public override string JwksUri => "Address of its public keys";

    public override string Jwks => "Its public keys (JSON Web Key Set)";

    public override string Organization => "Organization it is bound to (id)";

    public override string Namespaces => "Namespaces of patient identifiers its site may assert";

    public override string Records => "Records it may reach by itself (ids)";

    public override string ResourceServer => "May introspect tokens of other clients";

    public override string Add => "Register";

    public override string Added => "Registered:";

    public override string SecretOnce => "Its secret, shown this once:";

    public override string Disable(string client) => $"Disable {client}";

    public override string Disabled => "It was disabled, and every token of it is void.";

    public override string IsDisabled => "disabled";
}

using System.CommandLine;
using Fhir.Server.SignIn.Clients;

namespace Fhir.Server.Hosting.AccessCommands;

/// <summary>The options of <c>clients add</c>.</summary>
internal sealed class ClientOptions
{
    private readonly Option<string?> id = new("--id") { Description = "The client_id; else one is made up." };
    private readonly Option<string> name = new("--name") { Description = "What people are told it is called.", Required = true };

    private readonly Option<ClientKind> kind = new("--kind")
    {
        Description = "How it shows who it is: Public (PKCE alone), Symmetric (a secret), Asymmetric (signed assertions).",
    };

    private readonly Option<string[]> redirects = new("--redirect") { Description = "An address a browser may be sent back to. May be repeated." };
    private readonly Option<string?> scopes = new("--scopes") { Description = "The most it may ask for; else what an app of a patient usually needs." };
    private readonly Option<string?> organization = new("--organization") { Description = "The id of the Organization it is bound to." };
    private readonly Option<string[]> namespaces = new("--namespace") { Description = "A namespace of patient identifiers its site may assert. May be repeated; the first is its default." };
    private readonly Option<string[]> records = new("--record") { Description = "The id of a Patient whose record it may reach when it speaks for itself. May be repeated." };
    private readonly Option<string?> launchUrl = new("--launch-url") { Description = "Where an EHR launch starts it." };
    private readonly Option<string?> jwks = new("--jwks") { Description = "Its public keys: a file with a JSON Web Key Set, or the address of one." };
    private readonly Option<string?> purpose = new("--purpose") { Description = "Purpose of use when nothing else says one, a code of v3-ActReason." };
    private readonly Option<bool> resourceServer = new("--resource-server") { Description = "May introspect tokens of other clients." };

    public IEnumerable<Option> All =>
        [id, name, kind, redirects, scopes, organization, namespaces, records, launchUrl, jwks, purpose, resourceServer];

    /// <summary>What was said. Throws <see cref="IOException"/> when the file of keys cannot be read.</summary>
    public async Task<ClientRegistration> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var keys = parsed.GetValue(jwks);
        var isAddress = keys is not null && Uri.TryCreate(keys, UriKind.Absolute, out var uri) && !uri.IsFile;
        return new ClientRegistration
        {
            Id = parsed.GetValue(id), Name = parsed.GetValue(name)!, Kind = parsed.GetValue(kind), RedirectUris = parsed.GetValue(redirects) ?? [],
            Scopes = parsed.GetValue(scopes), Organization = parsed.GetValue(organization), Namespaces = parsed.GetValue(namespaces) ?? [],
            Records = parsed.GetValue(records) ?? [], LaunchUrl = parsed.GetValue(launchUrl), JwksUri = isAddress ? keys : null,
            Jwks = keys is null || isAddress ? null : await File.ReadAllTextAsync(keys, cancellationToken),
            Purpose = parsed.GetValue(purpose), IsResourceServer = parsed.GetValue(resourceServer),
        };
    }
}

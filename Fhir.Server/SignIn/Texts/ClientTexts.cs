using Fhir.Server.SignIn.Clients;
using Fhir.Server.SignIn.Pages;

namespace Fhir.Server.SignIn.Texts;

/// <summary>What the page of clients says. One table a language: a text that is missing in one does not compile.</summary>
internal abstract class ClientTexts
{
    private static readonly ClientTexts English = new EnglishClientTexts();
    private static readonly ClientTexts Spanish = new SpanishClientTexts();

    /// <summary>The table of a language.</summary>
    public static ClientTexts In(Language language) => language == Language.Spanish ? Spanish : English;

    public abstract string Clients { get; }

    public abstract string AddOne { get; }

    public abstract string Name { get; }

    public abstract string IdHint { get; }

    public abstract string Kind { get; }

    public abstract string KindOf(ClientKind kind);

    public abstract string Redirects { get; }

    public abstract string SeveralHint { get; }

    public abstract string LaunchUrl { get; }

    public abstract string Scopes { get; }

    public abstract string ScopesHint { get; }

    public abstract string JwksUri { get; }

    public abstract string Jwks { get; }

    public abstract string Organization { get; }

    public abstract string Namespaces { get; }

    public abstract string Records { get; }

    public abstract string ResourceServer { get; }

    public abstract string Add { get; }

    public abstract string Added { get; }

    public abstract string SecretOnce { get; }

    public abstract string Disable(string client);

    public abstract string Disabled { get; }

    public abstract string IsDisabled { get; }
}

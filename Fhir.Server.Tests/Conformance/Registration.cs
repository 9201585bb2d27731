namespace Fhir.Server.Tests.Conformance;

/// <summary>How a client shows who it is, as the administrator's command numbers it.</summary>
internal enum Kind
{
    Public,
    Symmetric,
    Asymmetric,
}

/// <summary>What an administrator says of a client.</summary>
internal sealed record Registration(string Name, Kind Kind = Kind.Public)
{
    public string? Id { get; init; }

    public IReadOnlyList<string> RedirectUris { get; init; } = [];

    public string? Scopes { get; init; }

    public IReadOnlyList<string> Records { get; init; } = [];

    public string? Organization { get; init; }

    public IReadOnlyList<string> Namespaces { get; init; } = [];

    public string? LaunchUrl { get; init; }

    public string? Jwks { get; init; }

    public string? JwksUri { get; init; }

    public bool IsResourceServer { get; init; }
}

/// <summary>What the administrator is told.</summary>
internal sealed record Registered(string Id, string? Secret);

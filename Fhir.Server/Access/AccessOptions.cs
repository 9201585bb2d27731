using Microsoft.Extensions.Configuration;

namespace Fhir.Server.Access;

/// <summary>How callers are told apart.</summary>
public enum AccessMode
{
    /// <summary>Everything is allowed to everybody; only on loopback addresses.</summary>
    Open,

    /// <summary>SMART on FHIR: who has an account, or a client that was registered, and nobody else.</summary>
    Smart,
}

/// <summary>Section <c>Access</c>.</summary>
public sealed class AccessOptions
{
    private const AccessMode Default = AccessMode.Smart;

    /// <summary>Default: <see cref="AccessMode.Smart"/>.</summary>
    public AccessMode Mode { get; set; } = Default;

    /// <summary>The mode of a configuration, for what is put together by it.</summary>
    internal static AccessMode ModeIn(IConfiguration configuration) => configuration.GetValue("Access:Mode", Default);
}

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
    /// <summary>Default: <see cref="AccessMode.Open"/>.</summary>
    public AccessMode Mode { get; set; } = AccessMode.Open;
}

namespace Fhir.Server.Consents;

/// <summary>What holds where nobody has said anything. https://profiles.ihe.net/ITI/PCF/</summary>
public enum ImplicitPolicy
{
    /// <summary>Nobody but the patient, their proxies, and who contributed something, of that.</summary>
    Deny,

    /// <summary>Practitioners, and clients launched for a patient, see every record their scopes cover.</summary>
    Normal,
}

/// <summary>Section <c>Consents</c>.</summary>
public sealed class ConsentsOptions
{
    /// <summary>Default: <see cref="Consents.ImplicitPolicy.Deny"/>.</summary>
    public ImplicitPolicy ImplicitPolicy { get; set; } = ImplicitPolicy.Deny;
}

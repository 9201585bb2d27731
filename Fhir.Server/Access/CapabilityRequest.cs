namespace Fhir.Server.Access;

/// <summary>
/// That a request came to the address of a capability, and with which secret. The path of the request says <see cref="Concealed"/> in its place, so
/// that nothing that writes paths down can write it.
/// </summary>
public sealed class CapabilityRequest(string secret)
{
    /// <summary>What addresses of capabilities begin with.</summary>
    public const string Prefix = "/dicomweb/capabilities";

    /// <summary>What stands in the path in place of the secret.</summary>
    public const string Concealed = "concealed";

    /// <summary>The name of the policy of other origins: any may read, for what is shown stands in the address and no cookie counts.</summary>
    public const string CrossOriginPolicy = "capabilities";

    /// <summary>The secret; not for logs.</summary>
    public string Secret => secret;

    /// <summary>The record of the capability, once it is known to be good.</summary>
    public string? Record { get; set; }
}

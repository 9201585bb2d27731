namespace Fhir.Server.Storage.Accounts;

/// <summary>A bearer capability as it is kept; see <see cref="Access.Capability"/>. Times in microseconds of Unix time.</summary>
public sealed class CapabilityRow
{
    /// <summary><see cref="Access.TokenHash.Value"/> of the secret in its address.</summary>
    public required string Hash { get; set; }

    /// <summary>Names it in audit.</summary>
    public required string Id { get; set; }

    public required string Authorisation { get; set; }

    /// <summary><see cref="Access.TokenHash.Value"/> of the access token it was asked for with.</summary>
    public required string Token { get; set; }

    public required string Record { get; set; }

    /// <summary>The Study Instance UID.</summary>
    public required string Study { get; set; }

    /// <summary>Of the study only these Series Instance UIDs, separated by blanks; null for all of them.</summary>
    public string? Series { get; set; }

    public long Expires { get; set; }

    public long? Revoked { get; set; }
}

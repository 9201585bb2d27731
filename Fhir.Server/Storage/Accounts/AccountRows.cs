namespace Fhir.Server.Storage.Accounts;

/// <summary>A browser in which somebody is signed in. Times in microseconds of Unix time.</summary>
public sealed class SessionRow
{
    /// <summary>What authorisations that end with it name; no secret.</summary>
    public required string Id { get; set; }

    /// <summary><see cref="Access.TokenHash.Value"/> of the cookie.</summary>
    public required string Hash { get; set; }

    /// <summary>Whose it is.</summary>
    public required string Account { get; set; }

    /// <summary>How they showed who they are: values of <c>amr</c> (RFC 8176), separated by blanks.</summary>
    public required string Methods { get; set; }

    /// <summary>When they showed it (<c>auth_time</c>).</summary>
    public long Created { get; set; }

    /// <summary>To the minute.</summary>
    public long LastSeen { get; set; }

    /// <summary>When it ends whatever happens.</summary>
    public long Expires { get; set; }

    /// <summary>When it was ended; null while it lives.</summary>
    public long? Ended { get; set; }

    /// <summary>What the browser calls itself, cut short.</summary>
    public string Agent { get; set; } = "";

    /// <summary>Where it came from, coarsely: the first three bytes of an IPv4 address, the first 48 bits of an IPv6 one.</summary>
    public string Network { get; set; } = "";
}

/// <summary>A code that is shown once and used once; the newest of a purpose takes the place of the one before.</summary>
public sealed class OneTimeCodeRow
{
    /// <summary>What it is for.</summary>
    public required string Purpose { get; set; }

    /// <summary><see cref="Access.TokenHash.Value"/> of the code.</summary>
    public required string Hash { get; set; }

    public long Made { get; set; }
}

/// <summary>A patient invites somebody to act for them.</summary>
public sealed class ProxyInvitationRow
{
    public required string Id { get; set; }

    /// <summary><see cref="Access.TokenHash.Value"/> of the code in the mail.</summary>
    public required string Hash { get; set; }

    /// <summary>The record it opens.</summary>
    public required string Record { get; set; }

    /// <summary>The account that invites.</summary>
    public required string Inviter { get; set; }

    /// <summary>How the patient calls the person.</summary>
    public required string Name { get; set; }

    /// <summary>Where the code was sent; no other account can use it.</summary>
    public required string Email { get; set; }

    /// <summary>A code of https://terminology.hl7.org/CodeSystem-v3-RoleCode.html</summary>
    public required string Relationship { get; set; }

    /// <summary>As <see cref="ProxyGrantRow.Scopes"/>.</summary>
    public string? Scopes { get; set; }

    /// <summary>End of the grant to be.</summary>
    public long? End { get; set; }

    /// <summary>When the invitation itself ends.</summary>
    public long Expires { get; set; }
}

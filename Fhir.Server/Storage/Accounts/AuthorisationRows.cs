namespace Fhir.Server.Storage.Accounts;

/// <summary>An authorisation as it is kept; see <see cref="Access.Authorisation"/>. Times in microseconds of Unix time.</summary>
public sealed class AuthorisationRow
{
    public required string Id { get; set; }

    public required string Client { get; set; }

    public string? User { get; set; }

    public string? FhirUser { get; set; }

    public string? Patient { get; set; }

    public string? Organization { get; set; }

    public string? Purpose { get; set; }

    /// <summary>Granted at first; a token may have fewer.</summary>
    public required string Scopes { get; set; }

    /// <summary>What the token response says beside (<c>fhirContext</c>, <c>intent</c> …), a JSON object.</summary>
    public string Context { get; set; } = "{}";

    /// <summary>Ends with this session of the user (<c>online_access</c>, and who asked for neither); null when it does not.</summary>
    public string? Session { get; set; }

    public long Created { get; set; }

    public long LastUsed { get; set; }

    public long? Revoked { get; set; }

    public long Epoch { get; set; }
}

/// <summary>An access token.</summary>
public sealed class AccessTokenRow
{
    /// <summary><see cref="Access.TokenHash.Value"/>.</summary>
    public required string Hash { get; set; }

    public required string Authorisation { get; set; }

    public required string Scopes { get; set; }

    public long Issued { get; set; }

    public long Expires { get; set; }
}

/// <summary>What makes an account a proxy for a record: given by the patient, bounded, revocable.</summary>
public sealed class ProxyGrantRow
{
    public required string Id { get; set; }

    public required string Account { get; set; }

    public required string Record { get; set; }

    public required string RelatedPerson { get; set; }

    /// <summary>At most these, as <c>patient/</c> scopes; null for all.</summary>
    public string? Scopes { get; set; }

    public long Start { get; set; }

    public long? End { get; set; }

    public long? Revoked { get; set; }
}

/// <summary>A client beside what OAuth says of it.</summary>
public sealed class ClientRow
{
    /// <summary>The <c>client_id</c>.</summary>
    public required string Id { get; set; }

    public required string Name { get; set; }

    /// <summary>The Organization a site's client is bound to.</summary>
    public string? Organization { get; set; }

    /// <summary>Where its keys are, when not registered by value.</summary>
    public string? JwksUri { get; set; }

    /// <summary>The most it may ask for, separated by blanks.</summary>
    public required string Scopes { get; set; }

    /// <summary>Records an administrator allowed it, ids separated by blanks; of a client that speaks for itself.</summary>
    public string Records { get; set; } = "";

    /// <summary>Namespaces of patient identifiers its site may assert, separated by blanks; the first is its default.</summary>
    public string Namespaces { get; set; } = "";

    /// <summary>Where an EHR launch starts it.</summary>
    public string? LaunchUrl { get; set; }

    /// <summary>Purpose of use when the token says none.</summary>
    public string? Purpose { get; set; }

    /// <summary>May introspect tokens of others.</summary>
    public bool IsResourceServer { get; set; }

    public bool IsDisabled { get; set; }
}

/// <summary>An assertion that was used: it is not taken again while it could be valid.</summary>
public sealed class SeenAssertionRow
{
    public required string Client { get; set; }

    public required string Jti { get; set; }

    public long Expires { get; set; }
}

/// <summary>An EHR launch that was prepared; used once.</summary>
public sealed class LaunchRow
{
    /// <summary><see cref="Access.TokenHash.Value"/> of the launch value.</summary>
    public required string Hash { get; set; }

    public required string Patient { get; set; }

    public string? User { get; set; }

    public string? Client { get; set; }

    /// <summary>The id of an ImagingStudy to be opened.</summary>
    public string? Study { get; set; }

    public string? Encounter { get; set; }

    public long Expires { get; set; }

    public long? Used { get; set; }
}

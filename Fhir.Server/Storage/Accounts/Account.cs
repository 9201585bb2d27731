using Microsoft.AspNetCore.Identity;

namespace Fhir.Server.Storage.Accounts;

/// <summary>What a person is to this server.</summary>
public enum AccountKind
{
    /// <summary>Has a record of their own.</summary>
    Patient,

    /// <summary>Looks after records of others.</summary>
    RelatedPerson,

    /// <summary>Treats patients, for an Organization.</summary>
    Practitioner,

    /// <summary>Runs the connection of a site.</summary>
    SiteOperator,

    /// <summary>Runs the server. Sees configuration, never content of records.</summary>
    Administrator,
}

/// <summary>How sure it is that a person is who they say.</summary>
public enum AssuranceLevel
{
    /// <summary>They said so.</summary>
    Claimed,

    /// <summary>Their e-mail address answers.</summary>
    EmailConfirmed,

    /// <summary>Somebody checked, at a desk or by a site.</summary>
    IdentityProofed,
}

/// <summary>A person who can sign in.</summary>
public sealed class Account : IdentityUser
{
    /// <summary>What they are.</summary>
    public AccountKind Kind { get; set; }

    /// <summary>How sure that is.</summary>
    public AssuranceLevel Assurance { get; set; }

    /// <summary>Who they are as a resource: <c>Patient/…</c>, <c>RelatedPerson/…</c>, <c>Practitioner/…</c>; null for those without one.</summary>
    public string? FhirUser { get; set; }

    /// <summary>The record of a patient, planned at registration and made idempotently at first use; null for others.</summary>
    public string? Record { get; set; }

    /// <summary>The id of the Organization they work for; null for patients.</summary>
    public string? Organization { get; set; }

    /// <summary>How pages call them.</summary>
    public string DisplayName { get; set; } = "";

    /// <summary>Disabled by an administrator: neither signs in nor uses any token.</summary>
    public bool IsDisabled { get; set; }
}

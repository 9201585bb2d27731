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

    /// <summary>When it was made; microseconds of Unix time.</summary>
    public long Created { get; set; }

    /// <summary>Given names as registered; kept only until the Patient is made. So are the next three.</summary>
    public string? Given { get; set; }

    /// <summary>Family name as registered.</summary>
    public string? Family { get; set; }

    /// <summary>As <c>1972-12-10</c>.</summary>
    public string? BirthDate { get; set; }

    /// <summary>A code of https://hl7.org/fhir/R4/valueset-administrative-gender.html</summary>
    public string? Gender { get; set; }

    /// <summary>The last time step an authenticator's code was taken of, so that none is taken twice (RFC 6238 §5.2).</summary>
    public long LastTimeStep { get; set; }
}

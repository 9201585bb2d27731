namespace Fhir.Server.Access;

/// <summary>What an access token stands for: who let which client do what, for whom, until when. A value; what it says was true when it was looked up.</summary>
public sealed record Authorisation
{
    /// <summary>The authorisation; every token that came of it, by refreshing too, shares it.</summary>
    public required string Id { get; init; }

    /// <summary>The OAuth <c>client_id</c>.</summary>
    public required string Client { get; init; }

    /// <summary>What it allows.</summary>
    public required ScopeSet Scopes { get; init; }

    /// <summary>When this token ends.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The state of <see cref="Id"/> when it was looked up; see <see cref="IAuthorisations.EpochAsync"/>.</summary>
    public required long Epoch { get; init; }

    /// <summary>The account of the user; null for a client that speaks for itself.</summary>
    public string? User { get; init; }

    /// <summary>The user as a resource: <c>Patient/…</c>, <c>RelatedPerson/…</c>, <c>Practitioner/…</c>; null when there is none.</summary>
    public string? FhirUser { get; init; }

    /// <summary>The patient in context (= the record); null when none was launched.</summary>
    public string? Patient { get; init; }

    /// <summary>The id of the Organization the client (a site) or the user belongs to; null when there is none.</summary>
    public string? Organization { get; init; }

    /// <summary>
    /// The namespaces of patient identifiers the Organization of a client that speaks for itself may assert, as URIs; the first is meant where a file
    /// names none. Empty for whoever sends for no site.
    /// </summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>The hash of the token this was looked up by: what is handed on for a while in its name lives no longer. Null when that is not known.</summary>
    public TokenHash? Token { get; init; }

    /// <summary>Purpose of use, a code of v3-ActReason; null when nobody said one.</summary>
    public string? Purpose { get; init; }

    /// <summary>The records the user, or a client that speaks for itself, may reach by right: their own, those they are a proxy for, those a client was allowed by an administrator.</summary>
    public IReadOnlyList<AuthorisedRecord> Records { get; init; } = [];
}

/// <summary>Why a record may be reached.</summary>
public enum RecordBasis
{
    /// <summary>It is the user's own.</summary>
    Self,

    /// <summary>The user is a proxy.</summary>
    Proxy,

    /// <summary>An administrator allowed it to the client.</summary>
    Client,
}

/// <summary>A record that may be reached by right.</summary>
/// <param name="Record">The record id (= <c>Patient.id</c>).</param>
/// <param name="Basis">Why.</param>
/// <param name="From">Not before; null for no such bound.</param>
/// <param name="Until">Not at or after; null for no such bound.</param>
/// <param name="Scopes">What a proxy may do at most, as <c>patient/</c> scopes; null for all.</param>
public sealed record AuthorisedRecord(string Record, RecordBasis Basis, DateTimeOffset? From = null, DateTimeOffset? Until = null, string? Scopes = null);

/// <summary>
/// Knows what was authorised. Tokens are opaque random values of which only the SHA-256 is kept. One store implements it; the fast path
/// asks it once for a token and then only for the epoch.
/// </summary>
public interface IAuthorisations
{
    /// <summary>What a token stands for; null when it is unknown, expired, revoked, or its client or user is disabled.</summary>
    ValueTask<Authorisation?> FindAsync(TokenHash token, CancellationToken cancellationToken);

    /// <summary>
    /// One number that changes whenever anything an authorisation rests on changes: it was revoked, or its client, user, proxy grants or
    /// launch were. Equal to <see cref="Authorisation.Epoch"/> = still as it was looked up.
    /// </summary>
    ValueTask<long> EpochAsync(string authorisation, CancellationToken cancellationToken);
}

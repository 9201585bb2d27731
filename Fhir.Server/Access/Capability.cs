namespace Fhir.Server.Access;

/// <summary>
/// A bearer capability as it is kept: its address is enough to read named studies for a while, in the name of an access token. What it shows is what the
/// token may see at that moment, and never more than these studies. SMART Imaging Access, <i>Capability URLs</i>.
/// </summary>
public sealed record Capability
{
    /// <summary>The longest life of a capability; it ends sooner with its token.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Names it in audit. Nothing can be opened with it.</summary>
    public required string Id { get; init; }

    /// <summary>The <see cref="Access.Authorisation.Id"/> in whose name it was made.</summary>
    public required string Authorisation { get; init; }

    /// <summary>The access token it was asked for with: without that it is nothing.</summary>
    public required TokenHash Token { get; init; }

    /// <summary>The record with the studies that may be read, and of these the series its maker saw if these were not all.</summary>
    public required ReachedRecord Reach { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset Expires { get; init; }
}

/// <summary>Keeps capabilities, by the hash of the secret in their address. There is one only where there are tokens.</summary>
public interface ICapabilities
{
    /// <summary>Keeps a new one.</summary>
    ValueTask AddAsync(TokenHash secret, Capability capability, CancellationToken cancellationToken);

    /// <summary>The capability of a secret; null when it is unknown, has expired or was revoked.</summary>
    ValueTask<Capability?> FindAsync(TokenHash secret, CancellationToken cancellationToken);

    /// <summary>Ends those of a study, as when it is deleted: one that comes again later is not theirs.</summary>
    ValueTask RevokeOfStudyAsync(string record, string studyInstanceUid, CancellationToken cancellationToken);
}

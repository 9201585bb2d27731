using Fhir.Server.Access;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Capabilities that were given out, a row a study of each. What is looked up here is never kept in memory.</summary>
public sealed class CapabilityStore : ICapabilities
{
    private readonly AccountsSql accounts;
    private readonly TimeProvider clock;

    internal CapabilityStore(AccountsSql accounts, TimeProvider clock) => (this.accounts, this.clock) = (accounts, clock);

    private long Now => Microseconds.Of(clock.GetUtcNow());

    /// <inheritdoc/>
    public async ValueTask AddAsync(TokenHash secret, Capability capability, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(capability);
        foreach (var study in capability.Reach.Studies ?? [])
        {
            await accounts.ExecuteAsync(
                """
                INSERT INTO capability ("Hash", "Id", "Authorisation", "Token", "Record", "Study", "Series", "Expires")
                VALUES (@hash, @id, @authorisation, @token, @record, @study, @series, @expires)
                """,
                cancellationToken,
                ("@hash", secret.Value), ("@id", capability.Id), ("@authorisation", capability.Authorisation), ("@token", capability.Token.Value),
                ("@record", capability.Reach.Record), ("@study", study.StudyInstanceUid),
                ("@series", study.Series is null ? null : string.Join(' ', study.Series)), ("@expires", Microseconds.Of(capability.Expires)));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Capability?> FindAsync(TokenHash secret, CancellationToken cancellationToken)
    {
        var rows = await accounts.QueryAsync(
            """
            SELECT "Id", "Authorisation", "Token", "Record", "Study", "Series", "Expires" FROM capability
            WHERE "Hash" = @hash AND "Revoked" IS NULL AND "Expires" > @now
            """,
            row => new Capability
            {
                Id = row.GetString(0), Authorisation = row.GetString(1), Token = TokenHash.Kept(row.GetString(2)),
                Reach = new ReachedRecord(row.GetString(3), [new ReachedStudy(row.GetString(4), row.TextOrNull(5)?.Split(' '))]),
                Expires = Microseconds.ToTime(row.GetInt64(6)),
            },
            cancellationToken, ("@hash", secret.Value), ("@now", Now));
        return rows is [var first, ..] ? first with { Reach = new(first.Reach.Record, [.. rows.SelectMany(row => row.Reach.Studies!)]) } : null;
    }

    /// <inheritdoc/>
    public async ValueTask RevokeOfStudyAsync(string record, string studyInstanceUid, CancellationToken cancellationToken) => await accounts.ExecuteAsync(
        """UPDATE capability SET "Revoked" = @now WHERE "Record" = @record AND "Study" = @study AND "Revoked" IS NULL""", cancellationToken,
        ("@record", record), ("@study", studyInstanceUid), ("@now", Now));

    /// <summary>Removes what can never be used again.</summary>
    public async ValueTask SweepAsync(CancellationToken cancellationToken) =>
        await accounts.ExecuteAsync("""DELETE FROM capability WHERE "Expires" <= @now""", cancellationToken, ("@now", Now));
}

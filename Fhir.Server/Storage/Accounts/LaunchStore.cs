using Fhir.Server.Access;

namespace Fhir.Server.Storage.Accounts;

/// <summary>EHR launches that were prepared. Each is used once.</summary>
public sealed class LaunchStore
{
    private readonly AccountsSql accounts;
    private readonly TimeProvider clock;

    internal LaunchStore(AccountsSql accounts, TimeProvider clock) => (this.accounts, this.clock) = (accounts, clock);

    private long Now => Microseconds.Of(clock.GetUtcNow());

    /// <summary>Keeps a launch.</summary>
    public async ValueTask AddAsync(LaunchRow row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        await accounts.ExecuteAsync(
            """
            INSERT INTO launch ("Hash", "Patient", "User", "Client", "Study", "Encounter", "Expires")
            VALUES (@hash, @patient, @user, @client, @study, @encounter, @expires)
            """,
            cancellationToken,
            ("@hash", row.Hash), ("@patient", row.Patient), ("@user", row.User), ("@client", row.Client), ("@study", row.Study),
            ("@encounter", row.Encounter), ("@expires", row.Expires));
    }

    /// <summary>A launch that can still be used; null for an unknown, expired or used one.</summary>
    public async ValueTask<LaunchRow?> FindAsync(TokenHash launch, CancellationToken cancellationToken)
    {
        var rows = await accounts.QueryAsync(
            """SELECT "Hash", "Patient", "User", "Client", "Study", "Encounter", "Expires" FROM launch WHERE "Hash" = @hash AND "Used" IS NULL AND "Expires" > @now""",
            row => new LaunchRow
            {
                Hash = row.GetString(0), Patient = row.GetString(1), User = row.TextOrNull(2), Client = row.TextOrNull(3), Study = row.TextOrNull(4),
                Encounter = row.TextOrNull(5), Expires = row.GetInt64(6),
            },
            cancellationToken, ("@hash", launch.Value), ("@now", Now));
        return rows is [var found] ? found : null;
    }

    /// <summary>Uses a launch; false when it was used already, or meanwhile by another.</summary>
    public async ValueTask<bool> TryUseAsync(TokenHash launch, CancellationToken cancellationToken) => await accounts.ExecuteAsync(
        """UPDATE launch SET "Used" = @now WHERE "Hash" = @hash AND "Used" IS NULL AND "Expires" > @now""", cancellationToken,
        ("@hash", launch.Value), ("@now", Now)) == 1;

    /// <summary>Removes what can never be used again.</summary>
    public async ValueTask SweepAsync(CancellationToken cancellationToken) =>
        await accounts.ExecuteAsync("""DELETE FROM launch WHERE "Expires" <= @now""", cancellationToken, ("@now", Now));
}

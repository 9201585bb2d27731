namespace Fhir.Server.Storage.Accounts;

/// <summary>Client assertions that were used (RFC 7523 §3, claim <c>jti</c>): none is taken twice.</summary>
public sealed class AssertionStore
{
    private readonly AccountsSql accounts;
    private readonly TimeProvider clock;

    internal AssertionStore(AccountsSql accounts, TimeProvider clock) => (this.accounts, this.clock) = (accounts, clock);

    /// <summary>Takes note of an assertion; false when it was used already.</summary>
    public async ValueTask<bool> TryUseAsync(string client, string jti, DateTimeOffset expires, CancellationToken cancellationToken) =>
        await accounts.ExecuteAsync(
            """INSERT INTO seen_assertion ("Client", "Jti", "Expires") VALUES (@client, @jti, @expires) ON CONFLICT DO NOTHING""", cancellationToken,
            ("@client", client), ("@jti", jti), ("@expires", Microseconds.Of(expires))) == 1;

    /// <summary>Removes those that have expired: they would be refused for their age.</summary>
    public async ValueTask SweepAsync(CancellationToken cancellationToken) => await accounts.ExecuteAsync(
        """DELETE FROM seen_assertion WHERE "Expires" <= @now""", cancellationToken, ("@now", Microseconds.Of(clock.GetUtcNow())));
}

using Fhir.Server.Access;

namespace Fhir.Server.Storage.Accounts;

/// <summary>
/// What was authorised, and the access tokens that came of it. Looked up without EF, so that the first request after a start does not wait
/// for its model. Whatever takes something away raises the epoch, so that it holds from the next request on.
/// </summary>
public sealed class AuthorisationStore : IAuthorisations
{
    /// <summary>The epoch of an authorisation that is gone: no lookup ever gave it.</summary>
    private const long Gone = -1;

    private readonly AccountsSql accounts;
    private readonly AuthorisationEpochs epochs = new();
    private readonly TimeProvider clock;

    internal AuthorisationStore(AccountsSql accounts, TimeProvider clock) => (this.accounts, this.clock) = (accounts, clock);

    private long Now => Microseconds.Of(clock.GetUtcNow());

    /// <inheritdoc/>
    public async ValueTask<Authorisation?> FindAsync(TokenHash token, CancellationToken cancellationToken)
    {
        var found = await accounts.QueryAsync(
            AuthorisationReading.ByToken, row => (State: AuthorisationReading.StateOf(row), Scopes: row.GetString(17), Expires: row.GetInt64(18)),
            cancellationToken, ("@hash", token.Value), ("@now", Now), ("@no", false));
        if (found is not [var (read, scopes, expires)])
        {
            return null;
        }
        var state = await WithGrantsAsync(read, cancellationToken);
        return new Authorisation
        {
            Id = state.Id, Client = state.Client, Scopes = AuthorisationReading.Remaining(scopes, state.Scopes), Expires = Microseconds.ToTime(expires),
            Epoch = state.Epoch, User = state.User, FhirUser = state.FhirUser, Patient = state.Patient, Organization = state.Organization,
            Purpose = state.Purpose, Records = state.Records, Namespaces = state.Namespaces, Token = token,
        };
    }

    /// <inheritdoc/>
    public async ValueTask<long> EpochAsync(string authorisation, CancellationToken cancellationToken)
    {
        if (accounts.IsInProcess && epochs.TryGet(authorisation, out var known))
        {
            return known;
        }
        var begun = epochs.Generation;
        var rows = await accounts.QueryAsync(
            """SELECT "Epoch" FROM authorisation WHERE "Id" = @id AND "Revoked" IS NULL""", row => row.GetInt64(0), cancellationToken, ("@id", authorisation));
        var epoch = rows is [var read] ? read : Gone;
        if (accounts.IsInProcess)
        {
            epochs.Remember(authorisation, epoch, begun);
        }
        return epoch;
    }

    /// <summary>The authorisation as it stands now; null when it was revoked, or its client or user is disabled.</summary>
    public async ValueTask<AuthorisationState?> StateAsync(string authorisation, CancellationToken cancellationToken)
    {
        var found = await accounts.QueryAsync(
            AuthorisationReading.ById, AuthorisationReading.StateOf, cancellationToken, ("@id", authorisation), ("@no", false));
        return found is [var state] ? await WithGrantsAsync(state, cancellationToken) : null;
    }

    /// <summary>The records a user may reach by right now: their own, those they are a proxy for.</summary>
    public async ValueTask<IReadOnlyList<AuthorisedRecord>> RecordsOfAsync(Account account, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(account);
        var grants = await GrantsOfAsync(account.Id, cancellationToken);
        return account.Record is { } own ? [new(own, RecordBasis.Self), .. grants] : grants;
    }

    /// <summary>Whether a session in a browser still lasts.</summary>
    /// <param name="session">Its id.</param>
    /// <param name="idle">How long one lasts without a request.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<bool> IsSessionLiveAsync(string session, TimeSpan idle, CancellationToken cancellationToken)
    {
        var found = await accounts.QueryAsync(
            """SELECT 1 FROM session WHERE "Id" = @id AND "Ended" IS NULL AND "Expires" > @now AND "LastSeen" > @idle""", row => row.GetInt32(0), cancellationToken,
            ("@id", session), ("@now", Now), ("@idle", Now - (long)idle.TotalMicroseconds));
        return found.Count > 0;
    }

    /// <summary>The id of the account that is a resource, as <c>Practitioner/…</c>; null when none is.</summary>
    public async ValueTask<string?> AccountOfAsync(string fhirUser, CancellationToken cancellationToken)
    {
        var found = await accounts.QueryAsync(
            """SELECT "Id" FROM "AspNetUsers" WHERE "FhirUser" = @fhirUser ORDER BY "Id" LIMIT 1""", row => row.GetString(0), cancellationToken,
            ("@fhirUser", fhirUser));
        return found is [var account] ? account : null;
    }

    /// <summary>Keeps a new authorisation.</summary>
    public async ValueTask AddAsync(AuthorisationRow row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        row.Created = row.LastUsed = Now;
        await accounts.ExecuteAsync(
            """
            INSERT INTO authorisation ("Id", "Client", "User", "FhirUser", "Patient", "Organization", "Purpose", "Scopes", "Context", "Session", "Created", "LastUsed", "Epoch")
            VALUES (@id, @client, @user, @fhirUser, @patient, @organization, @purpose, @scopes, @context, @session, @created, @created, 0)
            """,
            cancellationToken,
            ("@id", row.Id), ("@client", row.Client), ("@user", row.User), ("@fhirUser", row.FhirUser), ("@patient", row.Patient),
            ("@organization", row.Organization), ("@purpose", row.Purpose), ("@scopes", row.Scopes), ("@context", row.Context), ("@session", row.Session),
            ("@created", row.Created));
    }

    /// <summary>Keeps an access token.</summary>
    /// <param name="authorisation">What it comes of.</param>
    /// <param name="token">Its hash.</param>
    /// <param name="scopes">What it allows, within what was granted.</param>
    /// <param name="expires">When it ends.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask IssueAsync(string authorisation, TokenHash token, ScopeSet scopes, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        var now = Now;
        await accounts.ExecuteAsync(
            """
            INSERT INTO access_token ("Hash", "Authorisation", "Scopes", "Issued", "Expires") VALUES (@hash, @id, @scopes, @now, @expires);
            UPDATE authorisation SET "LastUsed" = @now WHERE "Id" = @id;
            """,
            cancellationToken,
            ("@hash", token.Value), ("@id", authorisation), ("@scopes", scopes.ToString()), ("@now", now), ("@expires", Microseconds.Of(expires)));
    }

    /// <summary>Takes scopes away from an authorisation; its tokens lose them at the next request.</summary>
    public ValueTask NarrowAsync(string authorisation, ScopeSet scopes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        return ChangeAsync(
            """UPDATE authorisation SET "Scopes" = @scopes, "Epoch" = "Epoch" + 1 WHERE "Id" = @id""", cancellationToken,
            ("@id", authorisation), ("@scopes", scopes.ToString()));
    }

    /// <summary>Ends an authorisation and every token of it.</summary>
    public ValueTask RevokeAsync(string authorisation, CancellationToken cancellationToken) =>
        RevokeAsync("\"Id\" = @what", authorisation, cancellationToken);

    /// <summary>Ends everything a client was authorised.</summary>
    public ValueTask RevokeOfClientAsync(string client, CancellationToken cancellationToken) =>
        RevokeAsync("\"Client\" = @what", client, cancellationToken);

    /// <summary>Ends everything a user authorised.</summary>
    public ValueTask RevokeOfUserAsync(string account, CancellationToken cancellationToken) =>
        RevokeAsync("\"User\" = @what", account, cancellationToken);

    /// <summary>Ends what was to live no longer than a session of the user.</summary>
    public ValueTask RevokeOfSessionAsync(string session, CancellationToken cancellationToken) =>
        RevokeAsync("\"Session\" = @what", session, cancellationToken);

    /// <summary>Says that something of a user changed, such as a proxy grant or that they are disabled: what rests on it is looked up anew.</summary>
    public ValueTask UserChangedAsync(string account, CancellationToken cancellationToken) => ChangeAsync(
        """UPDATE authorisation SET "Epoch" = "Epoch" + 1 WHERE "User" = @what AND "Revoked" IS NULL""", cancellationToken, ("@what", account));

    /// <summary>Says that something of a client changed, such as its records or that it is disabled.</summary>
    public ValueTask ClientChangedAsync(string client, CancellationToken cancellationToken) => ChangeAsync(
        """UPDATE authorisation SET "Epoch" = "Epoch" + 1 WHERE "Client" = @what AND "Revoked" IS NULL""", cancellationToken, ("@what", client));

    /// <summary>What a user authorised and an app can still use, newest first.</summary>
    public async ValueTask<IReadOnlyList<AuthorisedApp>> OfUserAsync(string account, CancellationToken cancellationToken) => await accounts.QueryAsync(
        """
        SELECT a."Id", a."Client", c."Name", a."Patient", a."Scopes", a."Created", a."LastUsed"
        FROM authorisation a JOIN client c ON c."Id" = a."Client"
        WHERE a."User" = @account AND a."Revoked" IS NULL
          AND (a."Scopes" LIKE '%offline_access%' OR a."Scopes" LIKE '%online_access%'
            OR EXISTS (SELECT 1 FROM access_token t WHERE t."Authorisation" = a."Id" AND t."Expires" > @now))
        ORDER BY a."Created" DESC, a."Id" LIMIT 500
        """,
        row => new AuthorisedApp(
            row.GetString(0), row.GetString(1), row.GetString(2), row.TextOrNull(3), ScopeSet.Parse(row.GetString(4)), Microseconds.ToTime(row.GetInt64(5)),
            Microseconds.ToTime(row.GetInt64(6))),
        cancellationToken, ("@account", account), ("@now", Now));

    /// <summary>Removes what can never be used again.</summary>
    public async ValueTask SweepAsync(CancellationToken cancellationToken)
    {
        // Without a scope that gives a refresh token, an authorisation ends with its last access token; a code lives a minute.
        var now = Now;
        await accounts.ExecuteAsync(
            """
            DELETE FROM access_token WHERE "Expires" <= @now;
            DELETE FROM authorisation WHERE "LastUsed" < @dayAgo AND ("Revoked" IS NOT NULL OR ("Scopes" NOT LIKE '%offline_access%' AND "Scopes" NOT LIKE '%online_access%'))
              AND NOT EXISTS (SELECT 1 FROM access_token t WHERE t."Authorisation" = authorisation."Id");
            """,
            cancellationToken, ("@now", now), ("@dayAgo", now - (long)TimeSpan.FromDays(1).TotalMicroseconds));
    }

    private ValueTask RevokeAsync(string condition, string what, CancellationToken cancellationToken) => ChangeAsync(
        $"""UPDATE authorisation SET "Revoked" = @now, "Epoch" = "Epoch" + 1 WHERE {condition} AND "Revoked" IS NULL""", cancellationToken,
        ("@what", what), ("@now", Now));

    private async ValueTask ChangeAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] values)
    {
        await accounts.ExecuteAsync(sql, cancellationToken, values);
        epochs.Forget();
    }

    private async ValueTask<AuthorisationState> WithGrantsAsync(AuthorisationState state, CancellationToken cancellationToken) =>
        state.User is null ? state : state with { Records = [.. state.Records, .. await GrantsOfAsync(state.User, cancellationToken)] };

    private async ValueTask<IReadOnlyList<AuthorisedRecord>> GrantsOfAsync(string account, CancellationToken cancellationToken) =>
        await accounts.QueryAsync(AuthorisationReading.Grants, AuthorisationReading.ProxyRecord, cancellationToken, ("@account", account), ("@now", Now));
}

/// <summary>An app a user authorised.</summary>
/// <param name="Id">The authorisation.</param>
/// <param name="Client">The <c>client_id</c>.</param>
/// <param name="Name">What the app calls itself.</param>
/// <param name="Patient">The record it was given; null when none.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Since">When it was authorised.</param>
/// <param name="LastUsed">When it last fetched a token.</param>
public sealed record AuthorisedApp(
    string Id, string Client, string Name, string? Patient, ScopeSet Scopes, DateTimeOffset Since, DateTimeOffset LastUsed);

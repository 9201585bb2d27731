using System.Data.Common;
using System.Text.Json;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Clients beside what OAuth says of them.</summary>
public sealed class ClientStore
{
    private const string Columns =
        """ "Id", "Name", "Organization", "JwksUri", "Scopes", "Records", "Namespaces", "LaunchUrl", "Purpose", "IsResourceServer", "IsDisabled" """;

    private static readonly TimeSpan OriginsHold = TimeSpan.FromSeconds(30);

    private readonly AccountsSql accounts;
    private readonly AuthorisationStore authorisations;
    private (IReadOnlySet<string> Origins, long Read)? origins;

    internal ClientStore(AccountsSql accounts, AuthorisationStore authorisations) => (this.accounts, this.authorisations) = (accounts, authorisations);

    /// <summary>A client; null when it is not registered. One that is disabled is given, and says so.</summary>
    public async ValueTask<ClientRow?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var rows = await accounts.QueryAsync($"""SELECT {Columns} FROM client WHERE "Id" = @id""", Read, cancellationToken, ("@id", id));
        return rows is [var row] ? row : null;
    }

    /// <summary>All of them, by id.</summary>
    public async ValueTask<IReadOnlyList<ClientRow>> ListAsync(CancellationToken cancellationToken) =>
        await accounts.QueryAsync($"""SELECT {Columns} FROM client ORDER BY "Id" """, Read, cancellationToken);

    /// <summary>
    /// The origins of the redirect addresses of all clients that are not disabled: whose pages are apps. Another node's change is seen after
    /// half a minute.
    /// </summary>
    public async ValueTask<IReadOnlySet<string>> OriginsAsync(CancellationToken cancellationToken)
    {
        if (origins is { } known && System.Diagnostics.Stopwatch.GetElapsedTime(known.Read) < OriginsHold)
        {
            return known.Origins;
        }
        var begun = System.Diagnostics.Stopwatch.GetTimestamp();
        var lists = await accounts.QueryAsync(
            """SELECT a."RedirectUris" FROM "OpenIddictApplications" a JOIN client c ON c."Id" = a."ClientId" WHERE c."IsDisabled" = @no AND a."RedirectUris" IS NOT NULL""",
            row => row.GetString(0), cancellationToken, ("@no", false));
        var found = lists.SelectMany(list => JsonSerializer.Deserialize<string[]>(list) ?? [])
            .Select(address => Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") ? uri.GetLeftPart(UriPartial.Authority) : null)
            .OfType<string>().ToHashSet(StringComparer.Ordinal);
        origins = (found, begun);
        return found;
    }

    /// <summary>Keeps a client, over the one of the same id if there is one; what rests on it is looked up anew.</summary>
    public async ValueTask SaveAsync(ClientRow row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        await accounts.ExecuteAsync(
            $"""
            INSERT INTO client ({Columns})
            VALUES (@id, @name, @organization, @jwksUri, @scopes, @records, @namespaces, @launchUrl, @purpose, @isResourceServer, @isDisabled)
            ON CONFLICT ("Id") DO UPDATE SET "Name" = excluded."Name", "Organization" = excluded."Organization", "JwksUri" = excluded."JwksUri",
              "Scopes" = excluded."Scopes", "Records" = excluded."Records", "Namespaces" = excluded."Namespaces", "LaunchUrl" = excluded."LaunchUrl",
              "Purpose" = excluded."Purpose", "IsResourceServer" = excluded."IsResourceServer", "IsDisabled" = excluded."IsDisabled"
            """,
            cancellationToken,
            ("@id", row.Id), ("@name", row.Name), ("@organization", row.Organization), ("@jwksUri", row.JwksUri), ("@scopes", row.Scopes),
            ("@records", row.Records), ("@namespaces", row.Namespaces), ("@launchUrl", row.LaunchUrl), ("@purpose", row.Purpose),
            ("@isResourceServer", row.IsResourceServer), ("@isDisabled", row.IsDisabled));
        origins = null;
        await authorisations.ClientChangedAsync(row.Id, cancellationToken);
    }

    private static ClientRow Read(DbDataReader row) => new()
    {
        Id = row.GetString(0), Name = row.GetString(1), Organization = row.TextOrNull(2), JwksUri = row.TextOrNull(3), Scopes = row.GetString(4),
        Records = row.GetString(5), Namespaces = row.GetString(6), LaunchUrl = row.TextOrNull(7), Purpose = row.TextOrNull(8),
        IsResourceServer = row.IsTrue(9), IsDisabled = row.IsTrue(10),
    };
}

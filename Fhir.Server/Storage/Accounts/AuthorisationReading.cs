using System.Data.Common;
using Fhir.Server.Access;

namespace Fhir.Server.Storage.Accounts;

/// <summary>How an authorisation is read together with all it rests on: its client, its user, the proxy grants of the user.</summary>
internal static class AuthorisationReading
{
    private const string Columns = """
        a."Id", a."Client", a."User", a."FhirUser", a."Patient", a."Organization", a."Purpose", a."Scopes", a."Context", a."Session", a."Epoch",
        c."Organization", c."Purpose", c."Records", u."Record", u."Organization", c."Namespaces"
        """;

    private const string Live = """
        JOIN client c ON c."Id" = a."Client"
        LEFT JOIN "AspNetUsers" u ON u."Id" = a."User"
        WHERE a."Revoked" IS NULL AND c."IsDisabled" = @no AND (a."User" IS NULL OR u."IsDisabled" = @no)
        """;

    /// <summary>By the hash of an access token that has not expired; columns 17 and 18 are the token's own.</summary>
    public const string ByToken =
        $"""SELECT {Columns}, t."Scopes", t."Expires" FROM access_token t JOIN authorisation a ON a."Id" = t."Authorisation" {Live} AND t."Hash" = @hash AND t."Expires" > @now""";

    /// <summary>By its own id.</summary>
    public const string ById = $"""SELECT {Columns} FROM authorisation a {Live} AND a."Id" = @id""";

    /// <summary>The proxy grants of an account that were not revoked and have not ended.</summary>
    public const string Grants =
        """SELECT "Record", "Scopes", "Start", "End" FROM proxy_grant WHERE "Account" = @account AND "Revoked" IS NULL AND ("End" IS NULL OR "End" > @now)""";

    /// <summary>What stands in a row, before the grants of its user are known.</summary>
    public static AuthorisationState StateOf(DbDataReader row)
    {
        var (user, fhirUser, patient) = (row.TextOrNull(2), row.TextOrNull(3), row.TextOrNull(4));
        return new AuthorisationState
        {
            Id = row.GetString(0), Client = row.GetString(1), User = user, FhirUser = fhirUser, Patient = patient,
            Organization = row.TextOrNull(5) ?? row.TextOrNull(15) ?? row.TextOrNull(11),
            Purpose = row.TextOrNull(6) ?? row.TextOrNull(12),
            Scopes = ScopeSet.Parse(row.GetString(7)), Context = row.GetString(8), Session = row.TextOrNull(9), Epoch = row.GetInt64(10),
            Records = [.. user is null && fhirUser is null ? ClientRecords(row.GetString(13)) : OwnRecord(row.TextOrNull(14), fhirUser)],
            // A user at a site is not the site.
            Namespaces = user is null && fhirUser is null ? row.GetString(16).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [],
        };
    }

    /// <summary>The token's scopes as far as the authorisation still has them: a patient may have narrowed it since.</summary>
    public static ScopeSet Remaining(string token, ScopeSet authorised)
    {
        var scopes = ScopeSet.Parse(token);
        return scopes.Texts.All(authorised.Covers) ? scopes : ScopeSet.Parse(string.Join(' ', scopes.Texts.Where(authorised.Covers)));
    }

    /// <summary>A record by proxy grant.</summary>
    public static AuthorisedRecord ProxyRecord(DbDataReader row) => new(
        row.GetString(0), RecordBasis.Proxy, Microseconds.ToTime(row.GetInt64(2)), row.NumberOrNull(3) is { } end ? Microseconds.ToTime(end) : null,
        row.TextOrNull(1));

    private static IEnumerable<AuthorisedRecord> ClientRecords(string records) =>
        records.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => new AuthorisedRecord(one, RecordBasis.Client));

    private static IEnumerable<AuthorisedRecord> OwnRecord(string? record, string? fhirUser)
    {
        const string Patient = "Patient/";
        var own = record ?? (fhirUser?.StartsWith(Patient, StringComparison.Ordinal) == true ? fhirUser[Patient.Length..] : null);
        return own is null ? [] : [new AuthorisedRecord(own, RecordBasis.Self)];
    }
}

/// <summary>An authorisation as it stands now, with what only the authorisation server needs of it.</summary>
public sealed record AuthorisationState
{
    public required string Id { get; init; }

    public required string Client { get; init; }

    public required string? User { get; init; }

    public required string? FhirUser { get; init; }

    public required string? Patient { get; init; }

    public required string? Organization { get; init; }

    public required string? Purpose { get; init; }

    /// <summary>What is granted now.</summary>
    public required ScopeSet Scopes { get; init; }

    /// <summary>Further members of the token response, a JSON object.</summary>
    public required string Context { get; init; }

    /// <summary>The session of the user it ends with; null when it does not.</summary>
    public required string? Session { get; init; }

    public required long Epoch { get; init; }

    /// <summary>The records that may be reached by right.</summary>
    public required IReadOnlyList<AuthorisedRecord> Records { get; init; }

    /// <summary>The namespaces its site may assert; empty when a user is there.</summary>
    public required IReadOnlyList<string> Namespaces { get; init; }
}

using Fhir.Server.Access;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Where the database of accounts is.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Text">The connection string.</param>
internal sealed record AccountsConnection(AccountsKind Kind, string Text)
{
    private const string FileName = "accounts.db";
    private const int BusySeconds = 30;

    public static AccountsConnection Of(AccountsOptions options, IConfiguration configuration) => options.Kind == AccountsKind.Postgres
        ? new(options.Kind, options.ConnectionString!)
        : new(options.Kind, SqliteAt(Path.Combine(KeyFolder.StoreFolder(configuration), FileName)));

    /// <summary>A file, with foreign keys held and a busy one waited for.</summary>
    public static string SqliteAt(string path) => new SqliteConnectionStringBuilder
    {
        DataSource = path, ForeignKeys = true, DefaultTimeout = BusySeconds,
    }.ToString();
}

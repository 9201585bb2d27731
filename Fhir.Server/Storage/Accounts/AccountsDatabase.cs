using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Fhir.Server.Storage.Accounts;

/// <summary>
/// The database of accounts: makes it, brings an older one up to date, refuses a newer one, and gives plain connections to what must not
/// wait for a model of the whole database. When nothing is to be done, a start costs one statement.
/// </summary>
internal sealed class AccountsDatabase(IOptions<AccountsOptions> options, IConfiguration configuration, IServiceScopeFactory scopes) : IDisposable
{
    private const string HistoryTable = "__EFMigrationsHistory";
    private readonly AccountsConnection settings = AccountsConnection.Of(options.Value, configuration);
    private NpgsqlDataSource? postgres;

    /// <summary>Brings the database up to date, once, before the first request.</summary>
    /// <exception cref="AccountsTooNewException">It has been used by a newer program.</exception>
    public void Open()
    {
        var known = settings.Kind == AccountsKind.Sqlite ? KnownMigrations.Sqlite : KnownMigrations.Postgres;
        var applied = AppliedMigrations();
        if (applied.Find(one => !known.Contains(one)) is { } stranger)
        {
            throw new AccountsTooNewException(stranger);
        }
        if (applied.Count < known.Count)
        {
            using var scope = scopes.CreateScope();
            scope.ServiceProvider.GetRequiredService<AccountsContext>().Database.Migrate();
        }
    }

    /// <summary>An open connection with the settings every one has; the caller disposes it. Statements in it use quoted names and <c>@</c> parameters, which both databases read.</summary>
    public async ValueTask<DbConnection> OpenConnectionAsync(CancellationToken cancellationToken)
    {
        var connection = MakeConnection();
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The same without waiting asynchronously, for what asks so (keys, the start).</summary>
    public DbConnection OpenConnection()
    {
        var connection = MakeConnection();
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose() => postgres?.Dispose();

    private DbConnection MakeConnection() => settings.Kind == AccountsKind.Sqlite
        ? new SqliteConnection(settings.Text)
        : (postgres ??= NpgsqlDataSource.Create(settings.Text)).CreateConnection();

    private List<string> AppliedMigrations()
    {
        using var connection = OpenConnection();
        if (settings.Kind == AccountsKind.Sqlite)
        {
            // Kept in the file; every later connection finds it so.
            Run(connection, "PRAGMA journal_mode = WAL");
        }
        var there = settings.Kind == AccountsKind.Sqlite
            ? "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '\\_\\_EFMigrations%' ESCAPE '\\'"
            : "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_name LIKE '\\_\\_EFMigrations%'";
        var tables = Read(connection, there);
        if (settings.Kind == AccountsKind.Sqlite && tables.Contains("__EFMigrationsLock"))
        {
            // The store has one owner, so a lock found here was left by a start that was killed; it would be waited for in vain.
            Run(connection, "DELETE FROM \"__EFMigrationsLock\"");
        }
        return tables.Contains(HistoryTable) ? Read(connection, $"SELECT \"MigrationId\" FROM \"{HistoryTable}\"") : [];
    }

    private static void Run(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static List<string> Read(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var found = new List<string>();
        while (reader.Read())
        {
            found.Add(reader.GetString(0));
        }
        return found;
    }
}

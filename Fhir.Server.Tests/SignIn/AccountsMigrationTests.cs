using Fhir.Server.Storage.Accounts;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Tests.SignIn;

/// <summary>How the database of accounts comes to be, and what it refuses.</summary>
[TestFixture]
public sealed class AccountsMigrationTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("phr-accounts-").FullName;

    [TearDown]
    public void RemoveFolder()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void The_migrations_are_those_the_start_knows_and_say_all_the_rows_say()
    {
        using var sqlite = new DesignTimeSqlite().CreateDbContext([]);
        using var postgres = new DesignTimePostgres().CreateDbContext([]);
        Assert.That(sqlite.Database.GetMigrations(), Is.EqualTo(KnownMigrations.Sqlite));
        Assert.That(postgres.Database.GetMigrations(), Is.EqualTo(KnownMigrations.Postgres));
        Assert.That(sqlite.Database.HasPendingModelChanges(), Is.False, "infra/migrations writes them anew.");
        Assert.That(postgres.Database.HasPendingModelChanges(), Is.False, "infra/migrations writes them anew.");
    }

    [Test]
    public void A_start_with_nothing_to_do_builds_no_model()
    {
        using (var database = Database(Migrating()))
        {
            database.Open();
        }
        using var again = Database(new NoScopes());
        Assert.That(again.Open, Throws.Nothing);
    }

    [Test]
    public void A_database_of_a_newer_program_is_refused_and_left_as_it_is()
    {
        using var database = Database(Migrating());
        database.Open();
        Run("INSERT INTO \"__EFMigrationsHistory\" VALUES('29991231000000_Future', '99.0')");
        Assert.That(database.Open, Throws.TypeOf<AccountsTooNewException>().With.Message.Contains("29991231000000_Future"));
    }

    [Test]
    public void A_lock_left_by_a_start_that_was_killed_stops_nobody()
    {
        Run("CREATE TABLE \"__EFMigrationsLock\"(\"Id\" INTEGER NOT NULL PRIMARY KEY, \"Timestamp\" TEXT NOT NULL); INSERT INTO \"__EFMigrationsLock\" VALUES(1, '2026-01-01')");
        using var database = Database(Migrating());
        Assert.That(Task.Run(database.Open).Wait(TimeSpan.FromSeconds(60)), "It waits for nobody.");
    }

    [Test]
    public void Connections_wait_for_a_busy_file_hold_foreign_keys_and_write_ahead()
    {
        using var database = Database(Migrating());
        database.Open();
        using var connection = database.OpenConnection();
        Assert.That(Ask(connection, "PRAGMA foreign_keys"), Is.EqualTo(1L));
        Assert.That(Ask(connection, "PRAGMA journal_mode"), Is.EqualTo("wal"));
        Assert.That(Ask(connection, "PRAGMA synchronous"), Is.EqualTo(2L));
        Assert.That(((SqliteConnection)connection).DefaultTimeout, Is.EqualTo(30));
    }

    private AccountsDatabase Database(IServiceScopeFactory scopes) => new(Options.Create(new AccountsOptions()), Configuration(), scopes);

    private IConfiguration Configuration() => new ConfigurationBuilder().AddInMemoryCollection([new("Storage:Path", folder)]).Build();

    private IServiceScopeFactory Migrating() => new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton(Configuration())
        .AddAccounts(Configuration()).BuildServiceProvider().GetRequiredService<IServiceScopeFactory>();

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "accounts.db")};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Ask(System.Data.Common.DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private sealed class NoScopes : IServiceScopeFactory
    {
        public IServiceScope CreateScope() => throw new InvalidOperationException("A model was asked for.");
    }
}

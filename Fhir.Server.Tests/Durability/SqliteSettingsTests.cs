using Fhir.Server.Storage.Embedded;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Tests.Durability;

/// <summary>What no kill can show: that SQLite syncs its log at every commit, on whichever connection.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class SqliteSettingsTests
{
    private const long Full = 2;

    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("phr-settings-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Every_connection_syncs_fully_and_writes_ahead_the_writer_s_and_the_readers_alike()
    {
        using var database = new SqliteDatabase(Path.Combine(folder, "store.db"));
        using (var writer = database.OpenConnection())
        {
            Assert.That(SettingsOf(writer), Is.EqualTo(("wal", Full)));
        }
        // Readers asked for at the same time are different connections.
        var (first, second, third) = database.Read(one => database.Read(two => database.Read(three =>
            (SettingsOf(one.Connection), SettingsOf(two.Connection), SettingsOf(three.Connection)))));
        Assert.That(new[] { first, second, third }, Is.All.EqualTo(("wal", Full)));
    }

    [Test]
    public void A_database_that_cannot_write_ahead_is_refused() =>
        Assert.That(() => new SqliteDatabase(":memory:"), Throws.InvalidOperationException.With.Message.Contain("journal_mode=WAL"));

    [Test]
    public void A_database_that_somebody_took_out_of_write_ahead_mode_is_taken_back_into_it()
    {
        var path = Path.Combine(folder, "store.db");
        new SqliteDatabase(path).Dispose();
        using (var other = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            other.Open();
            Assert.That(Ask(other, "PRAGMA journal_mode = DELETE"), Is.EqualTo("delete"));
        }

        using var database = new SqliteDatabase(path);

        Assert.That(database.Read(session => SettingsOf(session.Connection)), Is.EqualTo(("wal", Full)));
    }

    [Test]
    public void A_connection_that_is_refused_leaves_nothing_open()
    {
        var path = Path.Combine(folder, "store.db");
        File.WriteAllText(path, "This is no database, but long enough that SQLite reads it as one and refuses it.".PadRight(4096));

        Assert.That(() => new SqliteDatabase(path), Throws.TypeOf<SqliteException>());

        Assert.That(Directory.EnumerateFiles("/proc/self/fd").Select(link => new FileInfo(link).LinkTarget), Has.None.EqualTo(path));
    }

    [Test]
    public void More_statements_than_are_kept_do_not_end_a_read_that_is_under_way()
    {
        using var database = new SqliteDatabase(Path.Combine(folder, "store.db"));

        var rows = database.Read(session => session.All(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n",
            row => session.Number($"SELECT $0 + {row.GetInt64(0) % 997}", 0L)));

        Assert.That(rows, Has.Count.EqualTo(1000));
    }

    private static (object?, object?) SettingsOf(SqliteConnection connection) =>
        (Ask(connection, "PRAGMA journal_mode"), Ask(connection, "PRAGMA synchronous"));

    private static object? Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}

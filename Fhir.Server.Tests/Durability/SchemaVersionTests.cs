using System.Security.Cryptography;
using Fhir.Server.Storage.Embedded;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Tests.Durability;

/// <summary>A store knows its version from its first moment.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class SchemaVersionTests
{
    private EmbeddedFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = EmbeddedFolder.Make();

    [TearDown]
    public void RemoveFolder() => folder.Dispose();

    [Test]
    public void A_fresh_store_has_the_newest_version()
    {
        using var store = folder.Open();
        Assert.That(VersionOf(store.Database), Is.EqualTo($"{Schema.Version}"));
    }

    [Test]
    public void A_store_of_a_newer_program_is_refused_and_not_a_byte_of_it_is_changed()
    {
        folder.Open().Dispose();
        // A newer program was killed: what it wrote last is still in the log, and stays for it there.
        using (var newer = Connect())
        {
            Execute(newer, $"UPDATE meta SET value = '{Schema.Version + 1}' WHERE key = 'schema_version'");
            Execute(newer, "CREATE TABLE of_the_future(x)");
            var before = Files();
            Assert.That(
                () => folder.Open(),
                Throws.TypeOf<StoreTooNewException>().With.Message.Contain($"{Schema.Version + 1}").And.Message.Contain($"{Schema.Version}"));
            Assert.That(Files(), Is.EqualTo(before));
            Copy(folder.Path, folder.Path + "-killed");
        }
        using (var killed = new EmbeddedFolder(folder.Path + "-killed"))
        {
            var before = Files(killed);
            Assert.That(new FileInfo(killed.Wal).Length, Is.GreaterThan(0));
            Assert.That(() => killed.Open(), Throws.TypeOf<StoreTooNewException>());
            Assert.That(Files(killed), Is.EqualTo(before));
        }
        var atRest = Files();
        Assert.That(() => folder.Open(), Throws.TypeOf<StoreTooNewException>());
        Assert.Multiple(() =>
        {
            Assert.That(Files(), Is.EqualTo(atRest));
            Assert.That(OwnerLock.FindOwner(folder.Path), Is.Null, "Who refuses a store does not keep it.");
        });
    }

    [Test]
    public void A_migration_that_was_cut_short_is_done_again()
    {
        // Killed within the first migration: its log has frames, and no commit among them.
        using (var killed = Connect())
        {
            Execute(killed, "PRAGMA journal_mode = WAL");
            Execute(killed, "PRAGMA cache_size = 1");
            Execute(killed, "BEGIN IMMEDIATE");
            Execute(killed, Schema.Steps[0]);
            Copy(folder.Path, folder.Path + "-cut");
            Execute(killed, "ROLLBACK");
        }
        using var cut = new EmbeddedFolder(folder.Path + "-cut");
        using (var store = cut.Open())
        {
            Assert.That(VersionOf(store.Database), Is.EqualTo($"{Schema.Version}"));
            Assert.That(store.Database.CursorKey, Has.Length.EqualTo(32));
        }
        using var again = cut.Open();
        Assert.That(VersionOf(again.Database), Is.EqualTo($"{Schema.Version}"));
    }

    [Test]
    public void A_store_of_the_first_version_gets_what_searches_are_led_by_for_the_studies_it_has()
    {
        using (var first = Connect())
        {
            Execute(first, "PRAGMA journal_mode = WAL");
            Execute(first, Schema.Steps[0]);
            Execute(first, "INSERT INTO meta VALUES('schema_version', '1'), ('cursor_key', '" + new string('0', 64) + "')");
            Execute(first, """
                INSERT INTO study(pk, record, uid, generation, modalities, study_date, patient_name) VALUES
                    (1, 1, '1.1', 1, 'CT\SR', '20240102', 'doe ^jane "x", jr=山田^太郎'), (2, 1, '1.2', 1, '', NULL, NULL)
                """);
        }
        using var database = new SqliteDatabase(folder.Database);
        Assert.That(VersionOf(database), Is.EqualTo($"{Schema.Version}"));
        string Rows(string sql) => string.Join(' ', database.Read(session => session.All(sql, row => row.GetString(0))));
        Assert.That(Rows("SELECT modality || '/' || study_date || '/' || study FROM study_modality ORDER BY 1"), Is.EqualTo("CT/20240102/1 SR/20240102/1"));
        Assert.That(
            Rows("SELECT '<' || word || '>' FROM study_name WHERE study = 1 ORDER BY word"),
            Is.EqualTo("<\"x\"> <doe> <doe^jane \"x\", jr> <jane> <jr> <太郎> <山田> <山田^太郎>"));
        using (var later = Connect())
        {
            Execute(later, "UPDATE study SET patient_name = 'roe', study_date = '20240103' WHERE pk = 1");
            Execute(later, "DELETE FROM study WHERE pk = 2");
        }
        Assert.That(Rows("SELECT word FROM study_name"), Is.EqualTo("roe"));
        Assert.That(Rows("SELECT modality || '/' || study_date FROM study_modality ORDER BY 1"), Is.EqualTo("CT/20240103 SR/20240103"));
    }

    [Test]
    public void A_migration_whose_step_fails_changes_nothing()
    {
        using (var foreign = Connect())
        {
            Execute(foreign, "CREATE TABLE outbox(x)");
        }

        Assert.That(() => folder.Open(), Throws.TypeOf<SqliteException>());

        using var after = Connect();
        using var count = after.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM sqlite_schema";
        Assert.That(count.ExecuteScalar(), Is.EqualTo(1));
        Assert.That(OwnerLock.FindOwner(folder.Path), Is.Null);
    }

    [Test]
    public void The_key_of_cursors_is_made_once()
    {
        byte[] first;
        using (var store = folder.Open())
        {
            first = store.Database.CursorKey;
        }
        using var again = folder.Open();
        Assert.That(again.Database.CursorKey, Is.EqualTo(first));
    }

    private static string? VersionOf(SqliteDatabase database) =>
        database.Read(session => session.Text("SELECT value FROM meta WHERE key = 'schema_version'"));

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={folder.Database};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The database and its log; the shared memory beside them, and a log with nothing in it, are no part of what is kept.</summary>
    private Dictionary<string, string> Files() => Files(folder);

    private static Dictionary<string, string> Files(EmbeddedFolder of) => new[] { of.Database, of.Wal }.Where(file => new FileInfo(file) is { Exists: true, Length: > 0 }).ToDictionary(file => file, file =>
    {
        using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return Convert.ToHexString(SHA256.HashData(open));
    });

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
        {
            using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = File.Create(Path.Combine(to, Path.GetFileName(file)));
            open.CopyTo(copy);
        }
    }
}

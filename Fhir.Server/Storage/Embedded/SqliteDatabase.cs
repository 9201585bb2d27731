using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// The SQLite file: opens connections with the settings durability rests on, and reads them back on every one; keeps readers ready;
/// brings an older schema up to date and refuses a newer one.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private const long Full = 2;
    private const int ReadersKept = 32;
    private const int ReadOnly = 8;
    private const int CannotOpen = 14;

    private readonly string connectionString;
    private readonly ConcurrentBag<SqliteSession> readers = [];
    private readonly ConcurrentDictionary<(string Type, string Code), long> parameters = new();
    private bool disposed;

    public SqliteDatabase(string path)
    {
        connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString();
        RefuseNewer(path);
        using var session = OpenSession();
        Migrate(session);
        CursorKey = Convert.FromHexString(session.Text("SELECT value FROM meta WHERE key = 'cursor_key'")!);
    }

    /// <summary>The key that signs search cursors; made with the store.</summary>
    public byte[] CursorKey { get; }

    /// <summary>A new connection with the durable settings, each read back.</summary>
    public SqliteConnection OpenConnection()
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            Settle(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Settle(SqliteConnection connection)
    {
        object? Run(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return command.ExecuteScalar();
        }
        Run("PRAGMA journal_mode = WAL");
        Run("PRAGMA synchronous = FULL");
        Run("PRAGMA temp_store = MEMORY");
        Run("PRAGMA cache_size = -16000");
        Run("PRAGMA wal_autocheckpoint = 4000");
        if (Run("PRAGMA synchronous") is not Full || Run("PRAGMA journal_mode") is not "wal")
        {
            throw new InvalidOperationException("The store cannot be opened durably: SQLite refused journal_mode=WAL or synchronous=FULL.");
        }
    }

    /// <summary>The number of a search parameter; null while no resource has a row of it. A number once given stays.</summary>
    public long? FindParameter(SqliteSession session, string type, string code)
    {
        if (parameters.TryGetValue((type, code), out var known))
        {
            return known;
        }
        var number = session.Number("SELECT pk FROM parameter WHERE type = $0 AND code = $1", type, code);
        if (number is not null)
        {
            parameters.TryAdd((type, code), number.Value);
        }
        return number;
    }

    private SqliteSession OpenSession() => new(OpenConnection());

    /// <summary>Runs a read on a connection that is ready.</summary>
    public T Read<T>(Func<SqliteSession, T> read)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!readers.TryTake(out var session))
        {
            session = OpenSession();
        }
        try
        {
            return read(session);
        }
        finally
        {
            session.Visibility = Visibility.Nothing;
            session.Matchers = [];
            if (readers.Count < ReadersKept)
            {
                readers.Add(session);
            }
            else
            {
                session.Dispose();
            }
            if (disposed)
            {
                DisposeReaders();
            }
        }
    }

    public void Dispose()
    {
        disposed = true;
        DisposeReaders();
    }

    /// <summary>
    /// Looks at the version on a connection that cannot write: an ordinary one would settle the journal mode at once and write the log
    /// of a newer program back when it closes.
    /// </summary>
    private static void RefuseNewer(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }
        var readOnly = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = SqliteOpenMode.ReadOnly };
        using var connection = new SqliteConnection(readOnly.ToString());
        try
        {
            connection.Open();
            using var session = new SqliteSession(connection);
            FindVersion(session);
        }
        catch (SqliteException needsWriting) when (needsWriting.SqliteErrorCode is ReadOnly or CannotOpen)
        {
            // What a kill left has to be rolled back first; the version is asked again then.
        }
    }

    private static int FindVersion(SqliteSession session)
    {
        var version = session.Number("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'meta'") == 0
            ? 0
            : int.Parse(session.Text("SELECT value FROM meta WHERE key = 'schema_version'")!, CultureInfo.InvariantCulture);
        return version <= Schema.Version ? version : throw new StoreTooNewException(version, Schema.Version);
    }

    private static void Migrate(SqliteSession session)
    {
        var version = FindVersion(session);
        if (version == Schema.Version)
        {
            return;
        }
        session.Execute("BEGIN IMMEDIATE");
        for (var step = version; step < Schema.Version; step++)
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = Schema.Steps[step];
            command.ExecuteNonQuery();
        }
        session.Execute(
            "INSERT OR REPLACE INTO meta VALUES('schema_version', $0)", Schema.Version.ToString(CultureInfo.InvariantCulture));
        session.Execute("INSERT OR IGNORE INTO meta VALUES('cursor_key', $0)", Convert.ToHexString(RandomNumberGenerator.GetBytes(32)));
        session.Execute("COMMIT");
    }

    private void DisposeReaders()
    {
        while (readers.TryTake(out var session))
        {
            session.Dispose();
        }
    }
}

/// <summary>The store was written by a newer program; opening it could harm it.</summary>
public sealed class StoreTooNewException(int found, int known)
    : Exception($"The store has schema version {found}; this program knows only {known}. Start the newer program again, or restore a backup.");

using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// One connection with its prepared statements. Used by one thread at a time. Parameters are <c>$0</c>, <c>$1</c>, … in SQL.
/// </summary>
internal class SqliteSession : IDisposable
{
    private const int StatementsKept = 400;

    private readonly Dictionary<string, SqliteCommand> statements = new(StringComparer.Ordinal);
    private Visibility visibility = Visibility.Nothing;
    private int reading;
    private Func<bool>? isOver;

    public SqliteSession(SqliteConnection connection)
    {
        Connection = connection;
        Facts = new SqliteFacts(this);
        connection.CreateFunction<string, string, string, string?, long>(
            "phr_sees", (record, type, id, study) => (long)Visibility.SightOf(new(new(record), new(type, id), study), Facts));
        connection.CreateFunction<string, string, long>(
            "phr_sees_study", (record, study) => (long)Visibility.SightOfStudy(new(record), study, Facts));
        connection.CreateFunction<string, string, string?, string, string?, bool>(
            "phr_sees_series",
            (record, type, study, series, modality) => study is not null && Visibility.SeesSeries(new(record), study, new(series, modality), Facts, type));
        connection.CreateFunction<long, byte[]?, bool>("phr_matches", (number, json) => Matchers[(int)number].Matches(json));
    }

    /// <summary>Instructions of SQLite's machine between two looks at the clock.</summary>
    private const int BetweenLooks = 2000;

    public SqliteConnection Connection { get; }

    /// <summary>What the SQL function <c>phr_matches</c> asks, by number; set before each query that uses it.</summary>
    public IReadOnlyList<AttributeMatcher> Matchers { get; set; } = [];

    /// <summary>What the SQL functions <c>phr_sees…</c> ask; set before each query that uses them.</summary>
    public Visibility Visibility
    {
        get => visibility;
        set
        {
            visibility = value;
            Facts.Forget();
        }
    }

    /// <summary>What is asked when <see cref="Visibility"/> depends on what is kept; of the moment of the statement that asks.</summary>
    public SqliteFacts Facts { get; }

    /// <summary>How many statements have been run, for tests of "the same statements".</summary>
    public long StatementsRun { get; private set; }

    public SqliteCommand Prepare(string sql, params ReadOnlySpan<object?> values)
    {
        StatementsRun++;
        if (!statements.TryGetValue(sql, out var command))
        {
            // A reader may ask further while it reads: its own statement must not go.
            if (statements.Count >= StatementsKept && reading == 0)
            {
                Forget();
            }
            command = Connection.CreateCommand();
            command.CommandText = sql;
            statements.Add(sql, command);
        }
        // The same text may come with further values that it does not use.
        for (var i = command.Parameters.Count; i < values.Length; i++)
        {
            command.Parameters.Add(new SqliteParameter($"${i}", null));
        }
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
        return command;
    }

    public int Execute(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteNonQuery();

    public long? Number(string sql, params ReadOnlySpan<object?> values)
    {
        var command = Prepare(sql, values);
        reading++;
        try
        {
            return command.ExecuteScalar() as long?;
        }
        finally
        {
            reading--;
        }
    }

    public string? Text(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteScalar() as string;

    /// <summary>The first row; default when there is none.</summary>
    public T? First<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        var command = Prepare(sql, values);
        // From the first step on, a function of the statement may ask further.
        reading++;
        try
        {
            using var reader = command.ExecuteReader();
            return reader.Read() ? read(reader) : default;
        }
        finally
        {
            reading--;
        }
    }

    public List<T> All<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values) =>
        Some(sql, int.MaxValue, read, values);

    /// <summary>The first rows, as many as wanted; the statement goes no further.</summary>
    public List<T> Some<T>(string sql, int wanted, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        var command = Prepare(sql, values);
        var rows = new List<T>();
        reading++;
        try
        {
            using var reader = command.ExecuteReader();
            while (rows.Count < wanted && reader.Read())
            {
                rows.Add(read(reader));
            }
            return rows;
        }
        finally
        {
            reading--;
        }
    }

    /// <summary>Throws SQLITE_INTERRUPT when the time of <see cref="Within"/> is over: for work between and inside statements.</summary>
    public void LookAtClock()
    {
        if (isOver?.Invoke() == true)
        {
            throw new SqliteException("The time for this read is over.", raw.SQLITE_INTERRUPT);
        }
    }

    /// <summary>Steps of SQLite's machine taken by the last reads that were counted.</summary>
    public long Steps { get; private set; }

    /// <summary>Runs reads that stop with SQLITE_INTERRUPT when their time is over or nobody waits for them any more.</summary>
    /// <param name="limit">How long they may take; null = as long as they want.</param>
    /// <param name="read">The reads.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="isCounted">Whether to count <see cref="Steps"/>, which slows them.</param>
    public T Within<T>(TimeSpan? limit, Func<T> read, CancellationToken cancellationToken, bool isCounted = false)
    {
        if (limit is null && !isCounted)
        {
            return read();
        }
        var end = limit is null ? long.MaxValue : Environment.TickCount64 + (long)limit.Value.TotalMilliseconds;
        bool IsOver() => cancellationToken.IsCancellationRequested || Environment.TickCount64 > end;
        int Count() => ++Steps % BetweenLooks == 0 && IsOver() ? 1 : 0;
        isOver = IsOver;
        Steps = 0;
        if (isCounted)
        {
            raw.sqlite3_progress_handler(Connection.Handle, 1, _ => Count(), null);
        }
        else
        {
            raw.sqlite3_progress_handler(Connection.Handle, BetweenLooks, _ => IsOver() ? 1 : 0, null);
        }
        try
        {
            return read();
        }
        finally
        {
            raw.sqlite3_progress_handler(Connection.Handle, 0, null, null);
            isOver = null;
        }
    }

    /// <summary>Runs several reads on one snapshot.</summary>
    public T Snapshot<T>(Func<T> read)
    {
        Execute("BEGIN");
        try
        {
            return read();
        }
        finally
        {
            Execute("COMMIT");
        }
    }

    public void Dispose()
    {
        Forget();
        Connection.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Forget()
    {
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }
        statements.Clear();
    }
}

/// <summary>Reading columns without ceremony.</summary>
internal static class SqliteColumns
{
    public static string? TextOrNull(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static int? IntOrNull(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt32(column);

    public static byte[] Bytes(this SqliteDataReader reader, int column) => reader.GetFieldValue<byte[]>(column);
}

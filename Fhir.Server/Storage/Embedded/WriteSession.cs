using System.IO.Compression;
using SQLitePCL;

namespace Fhir.Server.Storage.Embedded;

/// <summary>A record's row as the writer sees it; written back by <see cref="WriteSession.Save"/>.</summary>
internal sealed class RecordState
{
    public required long Pk { get; init; }

    public required string Name { get; init; }

    public long Number { get; set; }

    /// <summary>Microseconds of the newest change.</summary>
    public long Updated { get; set; }

    public bool IsLive { get; set; }
}

/// <summary>The writer's connection, with the small things every kind of write needs.</summary>
internal sealed class WriteSession(Microsoft.Data.Sqlite.SqliteConnection connection, IAuditSeal seal, TimeProvider clock)
    : SqliteSession(connection)
{
    private const int DeflateFrom = 512;

    private readonly Dictionary<(string Type, string Code), long> parameters = [];

    public bool InTransaction => raw.sqlite3_get_autocommit(Connection.Handle) == 0;

    public long Now => Microseconds.Of(clock.GetUtcNow());

    /// <summary>Undoes whatever is open.</summary>
    public void Undo()
    {
        if (InTransaction)
        {
            Execute("ROLLBACK");
        }
        ForgetCaches();
    }

    public void ForgetCaches() => parameters.Clear();

    public RecordState? FindRecord(RecordId record) => First(
        "SELECT pk, name, number, updated, state FROM record WHERE name = $0",
        row => new RecordState
        {
            Pk = row.GetInt64(0), Name = row.GetString(1), Number = row.GetInt64(2), Updated = row.GetInt64(3), IsLive = row.GetInt64(4) == 1,
        },
        record.Value);

    public RecordState RecordOrNew(RecordId record)
    {
        if (FindRecord(record) is { } found)
        {
            return found;
        }
        Execute("INSERT INTO record(name) VALUES($0)", record.Value);
        return FindRecord(record)!;
    }

    public void Save(RecordState record) => Execute(
        "UPDATE record SET number = $1, updated = $2, state = CASE WHEN $3 THEN 1 WHEN state = 1 THEN 0 ELSE state END WHERE pk = $0",
        record.Pk, record.Number, record.Updated, record.IsLive);

    /// <summary>The next moment of a record: now, or a microsecond after its last.</summary>
    public long Tick(RecordState record) => record.Updated = Math.Max(Now, record.Updated + 1);

    /// <summary>The number of a search parameter of a type; made at first sight.</summary>
    public long Parameter(string type, string code)
    {
        if (parameters.TryGetValue((type, code), out var known))
        {
            return known;
        }
        const string Find = "SELECT pk FROM parameter WHERE type = $0 AND code = $1";
        if (Number(Find, type, code) is not { } number)
        {
            Execute("INSERT INTO parameter(type, code) VALUES($0, $1)", type, code);
            number = Number(Find, type, code)!.Value;
        }
        return parameters[(type, code)] = number;
    }

    /// <summary>The number of a search parameter of a type; null while no resource has a row of it.</summary>
    public long? KnownParameter(string type, string code) => parameters.TryGetValue((type, code), out var known)
        ? known
        : Number("SELECT pk FROM parameter WHERE type = $0 AND code = $1", type, code);

    public void Append(AuditEntry entry)
    {
        var record = RecordOrNew(entry.Record);
        var (number, chain) = First(
            "SELECT audit_number, audit_chain FROM record WHERE pk = $0", row => (row.GetInt64(0), row.Bytes(1)), record.Pk);
        number++;
        // What is kept is what was sealed: the time to the microsecond.
        entry = entry with { Time = Microseconds.ToTime(Microseconds.Of(entry.Time)) };
        chain = seal.Seal(chain, number, entry);
        Execute(
            "INSERT INTO audit VALUES($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            record.Pk, number, seal.KeyId, chain, Microseconds.Of(entry.Time), entry.Actor, entry.App, entry.Action, entry.What,
            entry.Outcome, entry.Decision, entry.Detail);
        Execute("UPDATE record SET audit_number = $1, audit_chain = $2 WHERE pk = $0", record.Pk, number, chain);
    }

    public void Tell(RecordState record, IReadOnlyList<ChangedThing> things) => Execute(
        "INSERT INTO outbox(record, number, at, things) VALUES($0, $1, $2, $3)",
        record.Pk, record.Number, record.Updated, System.Text.Json.JsonSerializer.Serialize(things));

    /// <summary>Puts the current version of a resource among the superseded ones; those of derived resources deflated.</summary>
    public void Archive(long pk)
    {
        var (derived, json) = First("SELECT derived, json FROM resource WHERE pk = $0", row => (row.GetBoolean(0), row.Bytes(1)), pk);
        var deflate = derived && json.Length >= DeflateFrom;
        Execute(
            "INSERT INTO version(type, id, version, record, updated, method, study, deflated, json) "
            + "SELECT type, id, version, record, updated, method, study, $1, $2 FROM resource WHERE pk = $0",
            pk, deflate, deflate ? Deflate(json) : json);
    }

    public static byte[] Deflate(ReadOnlySpan<byte> json)
    {
        var output = new MemoryStream();
        using (var deflater = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflater.Write(json);
        }
        return output.ToArray();
    }

    public static byte[] Inflate(byte[] deflated)
    {
        using var inflater = new DeflateStream(new MemoryStream(deflated), CompressionMode.Decompress);
        var output = new MemoryStream();
        inflater.CopyTo(output);
        return output.ToArray();
    }
}

using System.Text;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Writes resources and their index rows within the writer's transaction.</summary>
internal static class ResourceWriter
{
    /// <summary>A resource's row as the writer sees it.</summary>
    internal sealed record Row(long Pk, long Record, long Version, long Updated, string Method, string? Study, bool Derived, byte[] Json)
    {
        public bool IsDeleted => Method == "DELETE";
    }

    public static Row? FindRow(WriteSession session, ResourceKey key) => session.First(
        "SELECT pk, record, version, updated, method, study, derived, json FROM resource WHERE type = $0 AND id = $1",
        row => new Row(
            row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetString(4), row.TextOrNull(5), row.GetBoolean(6), row.Bytes(7)),
        key.Type, key.Id);

    /// <summary>Writes a version, or none when the content is the same. The record's clock is moved on by the caller.</summary>
    public static CommittedResource Put(
        WriteSession session, RecordState record, Row? before, ResourceKey key, ResourceContent content, string method, bool derived)
    {
        var created = before is null || before.IsDeleted;
        if (!created && SameContent(before!, key, content.Tail.Span))
        {
            return new(ToStored(before!, key, new(record.Name)), Created: false, Changed: false);
        }
        // Of an erased resource older versions may be left in a record it was moved from: numbers go on behind them.
        var version = (before?.Version ?? session.Number("SELECT MAX(version) FROM version WHERE type = $0 AND id = $1", key.Type, key.Id) ?? 0) + 1;
        var json = Compose(key, version, record.Updated, content.Tail.Span);
        long pk;
        if (before is null)
        {
            pk = session.Number(
                "INSERT INTO resource(type, id, record, version, updated, method, study, derived, json) "
                + "VALUES($0, $1, $2, $3, $4, $5, $6, $7, $8) RETURNING pk",
                key.Type, key.Id, record.Pk, version, record.Updated, method, content.StudyInstanceUid, derived, json)!.Value;
        }
        else
        {
            pk = before.Pk;
            session.Archive(pk);
            session.Execute(
                "UPDATE resource SET record = $1, version = $2, updated = $3, method = $4, study = $5, derived = $6, json = $7 WHERE pk = $0",
                pk, record.Pk, version, record.Updated, method, content.StudyInstanceUid, derived, json);
        }
        IndexWriter.Replace(session, pk, key.Type, content, isNew: before is null);
        var stored = new StoredResource(key, new(record.Name), version, Microseconds.ToTime(record.Updated), method, json);
        return new(stored, created, Changed: true);
    }

    /// <summary>Leaves a tombstone where a live version was; null when there was none.</summary>
    public static CommittedResource? Delete(WriteSession session, RecordState record, Row? before, ResourceKey key)
    {
        if (before is null)
        {
            return null;
        }
        if (before.IsDeleted)
        {
            return new(ToStored(before, key, new(record.Name)), Created: false, Changed: false);
        }
        session.Archive(before.Pk);
        session.Execute(
            "UPDATE resource SET version = version + 1, updated = $1, method = 'DELETE', json = x'' WHERE pk = $0", before.Pk, record.Updated);
        IndexWriter.Remove(session, before.Pk);
        var tombstone = new StoredResource(
            key, new(record.Name), before.Version + 1, Microseconds.ToTime(record.Updated), "DELETE", ReadOnlyMemory<byte>.Empty);
        return new(tombstone, Created: false, Changed: true);
    }

    public static StoredResource ToStored(Row row, ResourceKey key, RecordId record) =>
        new(key, record, row.Version, Microseconds.ToTime(row.Updated), row.Method, row.Json);

    private static byte[] Compose(ResourceKey key, long version, long updated, ReadOnlySpan<byte> tail)
    {
        var head = Head(key, version, updated);
        var json = new byte[Encoding.UTF8.GetByteCount(head) + tail.Length];
        tail.CopyTo(json.AsSpan(Encoding.UTF8.GetBytes(head, json)));
        return json;
    }

    private static bool SameContent(Row before, ResourceKey key, ReadOnlySpan<byte> tail)
    {
        var head = Encoding.UTF8.GetByteCount(Head(key, before.Version, before.Updated));
        return before.Json.Length == head + tail.Length && before.Json.AsSpan(head).SequenceEqual(tail);
    }

    private static string Head(ResourceKey key, long version, long updated) =>
        $"{{\"resourceType\":\"{key.Type}\",\"id\":\"{key.Id}\",\"meta\":{{\"versionId\":\"{version}\","
        + $"\"lastUpdated\":\"{Microseconds.ToInstant(updated)}\"";
}

/// <summary>Keeps the index rows of a resource equal to what its content says, changing only what differs.</summary>
internal static class IndexWriter
{
    private const string LastUpdated = "_lastUpdated";
    private const string LogicalId = "_id";

    private static readonly string[] Tables = ["ix_token", "ix_string", "ix_date", "ix_reference", "ix_uri"];

    private static readonly Dictionary<string, string> Inserts = new()
    {
        ["ix_token"] = "INSERT OR IGNORE INTO ix_token(parameter, code, system, resource, series) VALUES($1, $2, $3, $0, $4)",
        ["ix_string"] = "INSERT OR IGNORE INTO ix_string(parameter, folded, exact, resource, series) VALUES($1, $2, $3, $0, $4)",
        ["ix_date"] = "INSERT OR IGNORE INTO ix_date(parameter, lo, hi, resource, series) VALUES($1, $2, $3, $0, $4)",
        ["ix_reference"] = "INSERT OR IGNORE INTO ix_reference(parameter, id, type, resource, series) VALUES($1, $2, $3, $0, $4)",
        ["ix_uri"] = "INSERT OR IGNORE INTO ix_uri(parameter, value, resource, series) VALUES($1, $2, $0, $3)",
    };

    private static readonly Dictionary<string, string> Deletes = new()
    {
        ["ix_token"] = "DELETE FROM ix_token WHERE resource = $0 AND parameter = $1 AND code = $2 AND system = $3 AND series = $4",
        ["ix_string"] = "DELETE FROM ix_string WHERE resource = $0 AND parameter = $1 AND folded = $2 AND exact = $3 AND series = $4",
        ["ix_date"] = "DELETE FROM ix_date WHERE resource = $0 AND parameter = $1 AND lo = $2 AND hi = $3 AND series = $4",
        ["ix_reference"] = "DELETE FROM ix_reference WHERE resource = $0 AND parameter = $1 AND id = $2 AND type = $3 AND series = $4",
        ["ix_uri"] = "DELETE FROM ix_uri WHERE resource = $0 AND parameter = $1 AND value = $2 AND series = $3",
    };

    private static readonly Dictionary<string, string> Selects = new()
    {
        ["ix_token"] = "SELECT parameter, code, system, series FROM ix_token WHERE resource = $0",
        ["ix_string"] = "SELECT parameter, folded, exact, series FROM ix_string WHERE resource = $0",
        ["ix_date"] = "SELECT parameter, lo, hi, series FROM ix_date WHERE resource = $0",
        ["ix_reference"] = "SELECT parameter, id, type, series FROM ix_reference WHERE resource = $0",
        ["ix_uri"] = "SELECT parameter, value, NULL, series FROM ix_uri WHERE resource = $0",
    };

    /// <summary>A row of any index table: its table, parameter, one or two values, and series.</summary>
    private readonly record struct Entry(string Table, long Parameter, object First, object? Second, string Series);

    public static void Replace(WriteSession session, long resource, string type, ResourceContent content, bool isNew)
    {
        var wanted = content.Index.Select(row => ToEntry(session, type, row)).OfType<Entry>().ToHashSet();
        if (!isNew)
        {
            foreach (var present in Present(session, resource))
            {
                if (!wanted.Remove(present))
                {
                    Write(session, Deletes, resource, present);
                }
            }
            session.Execute("DELETE FROM resource_series WHERE resource = $0", resource);
        }
        foreach (var entry in wanted)
        {
            Write(session, Inserts, resource, entry);
        }
        foreach (var series in content.Series)
        {
            session.Execute("INSERT OR IGNORE INTO resource_series VALUES($0, $1, $2)", resource, series.SeriesInstanceUid, series.Modality);
        }
    }

    public static void Remove(WriteSession session, long resource)
    {
        foreach (var table in Tables)
        {
            session.Execute($"DELETE FROM {table} WHERE resource = $0", resource);
        }
        session.Execute("DELETE FROM resource_series WHERE resource = $0", resource);
    }

    private static List<Entry> Present(WriteSession session, long resource)
    {
        var entries = new List<Entry>();
        foreach (var table in Tables)
        {
            entries.AddRange(session.All(
                Selects[table],
                row => new Entry(table, row.GetInt64(0), row.GetValue(1), row.IsDBNull(2) ? null : row.GetValue(2), row.GetString(3)),
                resource));
        }
        return entries;
    }

    private static void Write(WriteSession session, Dictionary<string, string> statements, long resource, Entry entry)
    {
        if (entry.Second is null)
        {
            session.Execute(statements[entry.Table], resource, entry.Parameter, entry.First, entry.Series);
        }
        else
        {
            session.Execute(statements[entry.Table], resource, entry.Parameter, entry.First, entry.Second, entry.Series);
        }
    }

    private static Entry? ToEntry(WriteSession session, string type, IndexRow row)
    {
        // Both are columns of the resource itself.
        if (row.Parameter is LastUpdated or LogicalId)
        {
            return null;
        }
        var parameter = session.Parameter(type, row.Parameter);
        var series = row.SeriesUid ?? "";
        return row switch
        {
            TokenRow token => new("ix_token", parameter, token.Code, token.System ?? "", series),
            StringRow text => new("ix_string", parameter, text.Folded, text.Exact, series),
            DateRow date => new("ix_date", parameter, date.From, date.Until, series),
            ReferenceRow reference => new("ix_reference", parameter, reference.TargetId, reference.TargetType ?? "", series),
            UriRow uri => new("ix_uri", parameter, uri.Value, null, series),
            _ => throw new InvalidOperationException($"No table for index rows of kind {row.GetType().Name}."),
        };
    }
}

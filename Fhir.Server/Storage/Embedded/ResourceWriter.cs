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

    /// <summary>
    /// Writes a version, or none when the content is the same. The record's clock is moved on by the caller. What is new is the given
    /// Organization's from then on.
    /// </summary>
    public static CommittedResource Put(
        WriteSession session, RecordState record, Row? before, ResourceKey key, ResourceContent content, string method, bool derived,
        SearchCatalogue? parameters = null, string? organization = null)
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
                "INSERT INTO resource(type, id, record, version, updated, method, study, derived, json, organization) "
                + "VALUES($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING pk",
                key.Type, key.Id, record.Pk, version, record.Updated, method, content.StudyInstanceUid, derived, json, organization)!.Value;
        }
        else
        {
            pk = before.Pk;
            session.Archive(pk);
            session.Execute(
                "UPDATE resource SET record = $1, version = $2, updated = $3, method = $4, study = $5, derived = $6, json = $7, "
                + "organization = CASE WHEN $8 THEN $9 ELSE organization END WHERE pk = $0",
                pk, record.Pk, version, record.Updated, method, content.StudyInstanceUid, derived, json, created, organization);
        }
        // Made by what is in force now, which may have changed since the content was: in the one writer nothing comes in between.
        IndexWriter.Replace(session, pk, key.Type, content with { Index = content.RowsBy(parameters) }, isNew: before is null);
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

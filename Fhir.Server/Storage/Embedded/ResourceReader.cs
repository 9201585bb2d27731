using System.Text.Json;
using Fhir.Server.Search;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Reads stored resources and shows each as far as the caller may see it: whole, redacted, or not at all.</summary>
internal sealed class ResourceReader(IProjection projection)
{
    private const string Columns = "r.type, r.id, rec.name, r.version, r.updated, r.method, r.study, r.json, r.pk";

    /// <summary>A row with the facts a filter needs.</summary>
    internal sealed record Found(StoredResource Resource, string? Study, long Pk);

    public static Found? Find(SqliteSession session, ResourceKey key) => session.First(
        $"SELECT {Columns} FROM resource r JOIN record rec ON rec.pk = r.record WHERE r.type = $0 AND r.id = $1", Read, key.Type, key.Id);

    /// <summary>The tombstone of a study's ImagingStudy in a record, without content; null when there is none or another that lives.</summary>
    public static Found? FindDeletedStudy(SqliteSession session, RecordId record, string study) => session.First(
        "SELECT r.type, r.id, rec.name, r.version, r.updated, r.method, r.study, x'', r.pk FROM resource r JOIN record rec ON rec.pk = r.record "
        + "WHERE rec.name = $0 AND r.type = 'ImagingStudy' AND r.study = $1 ORDER BY r.method = 'DELETE' LIMIT 1",
        Read, record.Value, study) is { Resource.IsDeleted: true } found ? found : null;

    /// <summary>All of these that there are, in this order, by one statement.</summary>
    public static List<Found> Find(SqliteSession session, List<long> pks)
    {
        if (pks.Count == 0)
        {
            return [];
        }
        var found = session.All(
            $"SELECT {Columns} FROM json_each($0) j CROSS JOIN resource r ON r.pk = j.value JOIN record rec ON rec.pk = r.record",
            Read, JsonSerializer.Serialize(pks)).ToDictionary(one => one.Pk);
        return [.. pks.Where(found.ContainsKey).Select(pk => found[pk])];
    }

    /// <summary>All of these that there are, in this order, by one statement.</summary>
    public static List<Found> Find(SqliteSession session, List<ResourceKey> keys)
    {
        if (keys.Count == 0)
        {
            return [];
        }
        var found = session.All(
            $"SELECT {Columns} FROM json_each($0) j CROSS JOIN resource r ON r.type = j.value ->> 0 AND r.id = j.value ->> 1 "
            + "JOIN record rec ON rec.pk = r.record",
            Read, JsonSerializer.Serialize(keys.Select(key => new[] { key.Type, key.Id }))).ToDictionary(one => one.Resource.Key);
        return [.. keys.Where(found.ContainsKey).Select(key => found[key])];
    }

    /// <summary>
    /// What resources refer to by a parameter, or by any, and the series in which they do; empty when it is the resource as a whole.
    /// </summary>
    public static List<(long Source, ResourceKey Target, string Series, long Parameter)> References(SqliteSession session, IEnumerable<long> pks, long? parameter) => session.All(
        "SELECT x.resource, x.type, x.id, x.series, x.parameter FROM json_each($0) j CROSS JOIN ix_reference x ON x.resource = j.value "
        + $"{(parameter is null ? "" : "AND x.parameter = $1 ")}WHERE x.type <> ''",
        row => (row.GetInt64(0), new ResourceKey(row.GetString(1), row.GetString(2)), row.GetString(3), row.GetInt64(4)),
        parameter is null ? [JsonSerializer.Serialize(pks)] : [JsonSerializer.Serialize(pks), parameter]);

    /// <summary>The keys of what refers to resources by one of some parameters, as far as it may be seen by the session's visibility.</summary>
    public static List<long> Referrers(
        SqliteSession session, IEnumerable<ResourceKey> keys, IEnumerable<long> parameters, int limit) => session.All(
        "SELECT DISTINCT x.resource FROM json_each($0) k CROSS JOIN json_each($1) p CROSS JOIN ix_reference x ON x.parameter = p.value "
        + "AND x.id = k.value ->> 1 AND x.type = k.value ->> 0 CROSS JOIN resource r ON r.pk = x.resource CROSS JOIN record rec ON rec.pk = r.record "
        + "WHERE r.method <> 'DELETE'"
        + (session.Visibility.SeesEverything ? "" : SearchSql.Visible("r", "rec") + SearchSql.SeriesVisible("r", "rec", "x"))
        + " LIMIT $2",
        row => row.GetInt64(0), JsonSerializer.Serialize(keys.Select(key => new[] { key.Type, key.Id })), JsonSerializer.Serialize(parameters), limit);

    /// <summary>All search parameters of a type, or of every type, that ever had rows.</summary>
    public static List<(long Number, string Type, string Code)> Parameters(SqliteSession session, string? type) => type is null
        ? session.All("SELECT pk, type, code FROM parameter", row => (row.GetInt64(0), row.GetString(1), row.GetString(2)))
        : session.All("SELECT pk, type, code FROM parameter WHERE type = $0", row => (row.GetInt64(0), row.GetString(1), row.GetString(2)), type);

    /// <summary>A superseded version, in the record it was in.</summary>
    public static Found? FindSuperseded(SqliteSession session, ResourceKey key, long version) => session.First(
        "SELECT v.type, v.id, rec.name, v.version, v.updated, v.method, v.study, v.json, -1, v.deflated FROM version v "
        + "JOIN record rec ON rec.pk = v.record WHERE v.type = $0 AND v.id = $1 AND v.version = $2",
        ReadSuperseded, key.Type, key.Id, version);

    /// <summary>A superseded version by the number of its row.</summary>
    public static Found? FindSuperseded(SqliteSession session, long pk) => session.First(
        "SELECT v.type, v.id, rec.name, v.version, v.updated, v.method, v.study, v.json, -1, v.deflated FROM version v "
        + "JOIN record rec ON rec.pk = v.record WHERE v.pk = $0",
        ReadSuperseded, pk);

    /// <summary>A current version by the number of its row.</summary>
    public static Found? FindCurrent(SqliteSession session, long pk) => session.First(
        $"SELECT {Columns} FROM resource r JOIN record rec ON rec.pk = r.record WHERE r.pk = $0", Read, pk);

    /// <summary>Superseded versions below a number, newest first.</summary>
    public static List<Found> Superseded(SqliteSession session, ResourceKey key, long before, int limit) => session.All(
        "SELECT v.type, v.id, rec.name, v.version, v.updated, v.method, v.study, v.json, -1, v.deflated FROM version v "
        + "JOIN record rec ON rec.pk = v.record WHERE v.type = $0 AND v.id = $1 AND v.version < $2 ORDER BY v.version DESC LIMIT $3",
        ReadSuperseded, key.Type, key.Id, before, limit);

    /// <summary>
    /// The newest deletion of a resource that now lives where the caller cannot see it, in a record the caller can see: what a move
    /// left behind there.
    /// </summary>
    public static List<Found> TombstonesLeft(SqliteSession session, ResourceKey key) => session.All(
        "SELECT v.type, v.id, rec.name, v.version, v.updated, v.method, v.study, v.json, -1, v.deflated FROM version v "
        + "JOIN record rec ON rec.pk = v.record WHERE v.type = $0 AND v.id = $1 AND v.method = 'DELETE' ORDER BY v.version DESC LIMIT 8",
        ReadSuperseded, key.Type, key.Id);

    /// <summary>The modality of a series a resource lists; null when it is not known.</summary>
    public static string? ModalityOf(SqliteSession session, long resource, string series) =>
        session.Text("SELECT modality FROM resource_series WHERE resource = $0 AND uid = $1", resource, series);

    /// <summary>The resource as the caller may see it; null when hidden. Runs the same statements for what is not there.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="found">What was found; null when nothing was.</param>
    /// <param name="visibility">What the caller may see.</param>
    /// <param name="asked">What was asked for by its id; null when it was found otherwise.</param>
    public StoredResource? Show(SqliteSession session, Found? found, Visibility visibility, ResourceKey? asked = null)
    {
        if (visibility.SeesEverything)
        {
            return found?.Resource;
        }
        if (!ReferenceEquals(session.Visibility, visibility))
        {
            session.Visibility = visibility;
        }
        IStoreFacts store = session.Facts;
        if (visibility.IsConditional)
        {
            if (asked is { } key)
            {
                session.Facts.AskAll(key, visibility.ConditionalOf(key.Type));
            }
            if (found is not null && (found.Pk < 0 || found.Resource.IsDeleted))
            {
                store = new VersionFacts(session.Facts, () => RowsOf(session, found));
            }
        }
        var facts = found is null
            ? new ResourceFacts(RecordId.Nobody, new("Patient", RecordId.Nobody.Value), null)
            : new ResourceFacts(found.Resource.Record, found.Resource.Key, found.Study);
        var sight = visibility.SightOf(facts, store);
        var current = session.All(
            "SELECT uid, modality FROM resource_series WHERE resource = $0",
            row => new SeriesFact(row.GetString(0), row.TextOrNull(1)), found?.Pk ?? -1);
        if (found is null || sight == Sight.Hidden)
        {
            // Before anything is asked or read that only what is there has.
            return null;
        }
        if (sight == Sight.Whole || found.Study is null)
        {
            return found.Resource;
        }
        var resource = found.Resource;
        var series = SeriesOf(session, found, current);
        bool Sees(SeriesFact one) => visibility.SeesSeries(resource.Record, found.Study, one, store, resource.Key.Type);
        var visible = series.FindAll(Sees);
        if (visible.Count == 0)
        {
            return null;
        }
        if (visible.Count == series.Count || resource.IsDeleted)
        {
            return resource;
        }
        var tag = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            System.Text.Encoding.UTF8.GetBytes(string.Join('\\', visible.Select(one => one.SeriesInstanceUid).Order(StringComparer.Ordinal))))[..8]);
        var json = projection.Redact(resource.Json, Sees);
        return resource with { Json = json, Redaction = tag };
    }

    private List<SeriesFact> SeriesOf(SqliteSession session, Found found, List<SeriesFact> current)
    {
        if (found.Resource.IsDeleted)
        {
            // Of what is gone, the version before tells which series it had.
            return FindSuperseded(session, found.Resource.Key, found.Resource.Version - 1) is { Resource.IsDeleted: false } before
                ? [.. projection.SeriesOf(before.Resource.Json)]
                : [];
        }
        return found.Pk < 0 ? [.. projection.SeriesOf(found.Resource.Json)] : current;
    }

    /// <summary>The index rows of a version that is not the current one; of a deletion those of the version before.</summary>
    private IReadOnlyList<IndexRow> RowsOf(SqliteSession session, Found found)
    {
        var said = found.Resource.IsDeleted ? FindSuperseded(session, found.Resource.Key, found.Resource.Version - 1)?.Resource : found.Resource;
        return said is null or { IsDeleted: true } ? [] : projection.Describe(said.Json).Index;
    }

    private static Found Read(SqliteDataReader row) => Read(row, row.Bytes(7));

    private static Found ReadSuperseded(SqliteDataReader row) =>
        Read(row, row.GetBoolean(9) ? WriteSession.Inflate(row.Bytes(7)) : row.Bytes(7));

    private static Found Read(SqliteDataReader row, byte[] json) => new(
        new StoredResource(
            new(row.GetString(0), row.GetString(1)), new(row.GetString(2)), row.GetInt64(3), Microseconds.ToTime(row.GetInt64(4)),
            row.GetString(5), json),
        row.TextOrNull(6), row.GetInt64(8));
}

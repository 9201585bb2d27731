using System.Text.Json;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Reads everything a derivation of one study needs, on whatever connection it is given.</summary>
internal static class StudySnapshots
{
    /// <summary>Instances listed in an ImagingStudy at most; beyond that they are only counted.</summary>
    public const int ListedInstances = 2000;

    private const string OldestNamespace =
        "SELECT json_extract(contributor, '$.Namespace') FROM instance WHERE study = $0 AND generation = $1 AND served = 1 ORDER BY pk LIMIT 1";

    public static StudySnapshot? Read(SqliteSession session, long study)
    {
        var head = session.First(
            "SELECT r.name, s.uid, s.keys, s.instance_count, s.generation FROM study s JOIN record r ON r.pk = s.record WHERE s.pk = $0",
            row => (Record: row.GetString(0), Uid: row.GetString(1), Keys: row.GetString(2), Count: row.GetInt32(3), Generation: row.GetInt64(4)),
            study);
        if (head.Uid is null || head.Count == 0)
        {
            return null;
        }
        var listed = head.Count > ListedInstances ? [] : session.All(
            "SELECT series_uid, sop_uid, sop_class, number, frames FROM instance WHERE study = $0 AND generation = $1 AND served = 1 "
            + "ORDER BY series_uid, number, sop_uid",
            row => (Series: row.GetString(0), Instance: new InstanceSnapshot(row.GetString(1), row.GetString(2), row.IntOrNull(3), row.GetInt32(4))),
            study, head.Generation);
        var instances = listed.ToLookup(one => one.Series, one => one.Instance, StringComparer.Ordinal);
        var series = session.All(
            "SELECT uid, modality, keys, instance_count FROM series WHERE study = $0 AND generation = $1 ORDER BY number, uid",
            row => (Uid: row.GetString(0), Modality: row.TextOrNull(1), Keys: row.GetString(2), Count: row.GetInt32(3)),
            study, head.Generation);
        return new StudySnapshot(
            new(head.Record), head.Uid, Keys(head.Keys),
            [.. series.Select(one => new SeriesSnapshot(one.Uid, one.Modality, Keys(one.Keys), one.Count, [.. instances[one.Uid]]))],
            head.Count)
        {
            Namespace = new RecordId(head.Record).IsUnclaimed ? session.Text(OldestNamespace, study, head.Generation) : null,
        };
    }

    private static MatchingKeys Keys(string json) => JsonSerializer.Deserialize<MatchingKeys>(json)!;
}

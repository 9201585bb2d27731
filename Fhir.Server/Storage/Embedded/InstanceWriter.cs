using System.Text.Json;
using Fhir.Server.Search;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// Writes instance rows within the writer's transaction and keeps the counts of series and study with them. Decides what becomes of
/// a SOP Instance UID that is there already: by data set, contributor and trust.
/// </summary>
internal static class InstanceWriter
{
    /// <summary>Whether study <c>s</c> has served instances: asked of the rows that are the truth, not of counts, which are derived.</summary>
    public const string HasInstances =
        "EXISTS(SELECT 1 FROM instance i WHERE i.study = s.pk AND i.generation = s.generation AND i.served = 1)";

    private sealed record Present(long Pk, string ContributorKey, bool Served, int Trust, string SeriesUid, byte[] Hash);

    public static InstanceVerdict Add(WriteSession session, RecordState record, NewInstance instance, QuotaWatch quota)
    {
        var description = instance.Description;
        var (study, generation) = FindOrMakeStudy(session, record, description.StudyInstanceUid);
        var present = session.All(
            "SELECT pk, contributor_key, served, trust, series_uid, hash FROM instance WHERE study = $0 AND generation = $1 AND sop_uid = $2",
            row => new Present(row.GetInt64(0), row.GetString(1), row.GetBoolean(2), row.GetInt32(3), row.GetString(4), row.Bytes(5)),
            study, generation, description.SopInstanceUid);
        var served = present.Find(one => one.Served);
        var trust = (int)instance.Contributor.Trust;
        // The same data set under a superseded row does not stand in the way of a contributor trusted more than the served one.
        if (present.Exists(one => instance.DataSetHash.Span.SequenceEqual(one.Hash) && (one.Served || trust <= served?.Trust)))
        {
            return InstanceVerdict.AlreadyThere;
        }
        if (present.Exists(one => one.ContributorKey == instance.Contributor.Key))
        {
            return InstanceVerdict.Refused;
        }
        if (!quota.Takes(instance.Length))
        {
            return InstanceVerdict.OverQuota;
        }
        if (served is null)
        {
            Insert(session, study, generation, instance, served: true, record.Updated);
            Count(session, study, generation, instance);
            MarkDirty(session, study, record.Updated);
            return InstanceVerdict.Stored;
        }
        if (trust <= served.Trust)
        {
            Insert(session, study, generation, instance, served: false, record.Updated);
            return InstanceVerdict.KeptBeside;
        }
        session.Execute("UPDATE instance SET served = 0 WHERE pk = $0", served.Pk);
        Insert(session, study, generation, instance, served: true, record.Updated);
        if (ChangesCounts(session, study, generation, served, description.SeriesInstanceUid))
        {
            Recount(session, study);
        }
        MarkDirty(session, study, record.Updated);
        return InstanceVerdict.Superseding;
    }

    /// <summary>
    /// Whether counts or attributes change when a contribution takes the place of the served one: not within one series that has an older
    /// served instance, whose attributes stand for series and study.
    /// </summary>
    private static bool ChangesCounts(WriteSession session, long study, long generation, Present served, string series) =>
        served.SeriesUid != series
        || session.Number(
            "SELECT 1 FROM instance WHERE study = $0 AND generation = $1 AND series_uid = $2 AND served = 1 AND pk < $3 LIMIT 1",
            study, generation, series, served.Pk) is null;

    /// <summary>The study's row, made when it is the first instance of it the record has.</summary>
    public static (long Study, long Generation) FindOrMakeStudy(WriteSession session, RecordState record, string uid)
    {
        const string Find = "SELECT pk, generation FROM study WHERE record = $0 AND uid = $1";
        var found = session.All(Find, row => (row.GetInt64(0), row.GetInt64(1)), record.Pk, uid);
        if (found.Count > 0)
        {
            return found[0];
        }
        session.Execute("INSERT INTO study(record, uid, generation) VALUES($0, $1, 1)", record.Pk, uid);
        return session.All(Find, row => (row.GetInt64(0), row.GetInt64(1)), record.Pk, uid)[0];
    }

    /// <summary>Deletes what a study holds now: new instances join the next generation, a job removes the rows of this one.</summary>
    public static void CloseGeneration(WriteSession session, long study)
    {
        session.Execute("INSERT OR IGNORE INTO closed_generation SELECT pk, generation FROM study WHERE pk = $0", study);
        session.Execute(
            "UPDATE study SET generation = generation + 1, series_count = 0, instance_count = 0, modalities = '', published = change, "
            + "patient_id = NULL, patient_name = NULL, study_date = NULL, accession = NULL WHERE pk = $0",
            study);
    }

    public static void MarkDirty(WriteSession session, long study, long now) => session.Execute(
        "UPDATE study SET dirty_since = CASE WHEN published < change THEN dirty_since ELSE $1 END, change = change + 1, last_change = $1 "
        + "WHERE pk = $0",
        study, now);

    /// <summary>
    /// Makes series rows, counts and attributes of a study anew from its instance rows. The attributes of study and series are those
    /// of their oldest served instance: what counting one by one gives, too.
    /// </summary>
    public static void Recount(WriteSession session, long study)
    {
        var generation = session.Number("SELECT generation FROM study WHERE pk = $0", study)!.Value;
        session.Execute("DELETE FROM series WHERE study = $0 AND generation = $1", study, generation);
        session.Execute("UPDATE study SET series_count = 0, instance_count = 0, modalities = '' WHERE pk = $0", study);
        var rows = session.All(
            "SELECT i.series_uid, i.modality, m.study_attributes, m.series_attributes, m.keys FROM instance i "
            + "JOIN instance_metadata m ON m.instance = i.pk WHERE i.study = $0 AND i.generation = $1 AND i.served = 1 ORDER BY i.pk",
            row => (Series: row.GetString(0), Modality: row.TextOrNull(1), Study: row.Bytes(2), SeriesAttributes: row.Bytes(3), Keys: row.GetString(4)),
            study, generation);
        foreach (var row in rows)
        {
            Count(session, study, generation, row.Series, row.Modality, row.Study, row.SeriesAttributes, JsonSerializer.Deserialize<MatchingKeys>(row.Keys)!);
        }
    }

    /// <summary>
    /// Makes counts and attributes right after instances left some series of a study, or changed in them: what <see cref="Recount"/>
    /// would make, without reading what every other instance says.
    /// </summary>
    public static void Remeasure(WriteSession session, long study, IReadOnlyCollection<string> series)
    {
        const string Oldest =
            "SELECT i.series_uid, i.modality, m.study_attributes, m.series_attributes, m.keys FROM instance i JOIN instance_metadata m "
            + "ON m.instance = i.pk WHERE i.pk = ";
        const string Within = "(SELECT MIN(pk) FROM instance WHERE study = $0 AND generation = $1 AND served = 1";
        var generation = session.Number("SELECT generation FROM study WHERE pk = $0", study)!.Value;
        foreach (var uid in series)
        {
            session.Execute("DELETE FROM series WHERE study = $0 AND generation = $1 AND uid = $2", study, generation, uid);
        }
        // The first to be counted describes the study, the first of a series the series: the oldest of all, then the oldest of each.
        session.Execute("UPDATE study SET instance_count = 0 WHERE pk = $0", study);
        var first = session.First(Oldest + Within + ")", ReadMeasured, study, generation);
        var others = series.Where(uid => uid != first.Series)
            .Select(uid => session.First(Oldest + Within + " AND series_uid = $2)", ReadMeasured, study, generation, uid)).ToList();
        foreach (var row in others.Prepend(first).Where(row => row.Series is not null))
        {
            Count(session, study, generation, row.Series, row.Modality, row.Study, row.SeriesAttributes, JsonSerializer.Deserialize<MatchingKeys>(row.Keys)!);
        }
        foreach (var uid in series.Append(first.Series).OfType<string>())
        {
            session.Execute(
                "UPDATE series SET instance_count = (SELECT COUNT(*) FROM instance i WHERE i.study = $0 AND i.generation = $1 AND i.series_uid = $2 "
                + "AND i.served = 1) WHERE study = $0 AND generation = $1 AND uid = $2",
                study, generation, uid);
        }
        var left = session.All(
            "SELECT modality, instance_count FROM series WHERE study = $0 AND generation = $1",
            row => (Modality: row.TextOrNull(0), Count: row.GetInt64(1)), study, generation);
        session.Execute(
            "UPDATE study SET series_count = $1, instance_count = $2, modalities = $3 WHERE pk = $0", study, left.Count, left.Sum(one => one.Count),
            string.Join('\\', left.Select(one => one.Modality).Where(one => !string.IsNullOrEmpty(one)).Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)));
    }

    private static (string Series, string? Modality, byte[] Study, byte[] SeriesAttributes, string Keys) ReadMeasured(SqliteDataReader row) =>
        (row.GetString(0), row.TextOrNull(1), row.Bytes(2), row.Bytes(3), row.GetString(4));

    /// <summary>Writes the derived part of an instance: attributes and metadata pieces.</summary>
    public static void WriteMetadata(WriteSession session, long instance, InstanceDescription description)
    {
        session.Execute(
            "INSERT OR REPLACE INTO instance_metadata VALUES($0, $1, $2, $3, $4, $5)",
            instance, description.InstanceAttributes.ToArray(), description.SeriesAttributes.ToArray(), description.StudyAttributes.ToArray(),
            JsonSerializer.Serialize(description.Keys), description.Metadata.ToArray());
        ReportWriter.Write(session, instance, description.Report);
    }

    private static void Insert(WriteSession session, long study, long generation, NewInstance instance, bool served, long received)
    {
        var description = instance.Description;
        var pk = session.Number(
            "INSERT INTO instance(study, generation, series_uid, sop_uid, contributor_key, served, blob, length, hash, contributor, trust, "
            + "source, received, sop_class, transfer_syntax, modality, number, rows, columns, frames, pixel_offset, pixel_length, frame_table) "
            + "VALUES($0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) RETURNING pk",
            study, generation, description.SeriesInstanceUid, description.SopInstanceUid, instance.Contributor.Key, served,
            instance.Blob.Value, instance.Length, instance.DataSetHash.ToArray(), JsonSerializer.Serialize(instance.Contributor),
            (int)instance.Contributor.Trust, (int)instance.Source, received, description.SopClassUid, description.TransferSyntaxUid,
            description.Modality, description.InstanceNumber, description.Rows, description.Columns, description.Frames,
            description.PixelOffset, description.PixelLength, description.FrameTable.ToArray());
        WriteMetadata(session, pk!.Value, description);
    }

    private static void Count(WriteSession session, long study, long generation, NewInstance instance) => Count(
        session, study, generation, instance.Description.SeriesInstanceUid, instance.Description.Modality,
        instance.Description.StudyAttributes.ToArray(), instance.Description.SeriesAttributes.ToArray(), instance.Description.Keys);

    private static void Count(
        WriteSession session, long study, long generation, string series, string? modality, byte[] studyAttributes, byte[] seriesAttributes,
        MatchingKeys keys)
    {
        var known = session.Execute(
            "UPDATE series SET instance_count = instance_count + 1 WHERE study = $0 AND generation = $1 AND uid = $2", study, generation, series);
        if (known == 0)
        {
            session.Execute(
                "INSERT INTO series(study, generation, uid, modality, number, description, series_date, series_time, body_part, "
                + "instance_count, attributes, keys) VALUES($0, $1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10)",
                study, generation, series, modality, keys.SeriesNumber, keys.SeriesDescription, keys.SeriesDate, keys.SeriesTime,
                keys.BodyPartExamined, seriesAttributes, JsonSerializer.Serialize(keys));
            AddSeries(session, study, modality);
        }
        var first = session.Number("UPDATE study SET instance_count = instance_count + 1 WHERE pk = $0 RETURNING instance_count", study) == 1;
        if (first)
        {
            session.Execute(
                "UPDATE study SET attributes = $1, keys = $2, patient_id = $3, patient_name = $4, birth_date = $5, sex = $6, "
                + "study_date = $7, study_time = $8, accession = $9, study_id = $10, description = $11, referring = $12 WHERE pk = $0",
                study, studyAttributes, JsonSerializer.Serialize(keys), keys.PatientId, Fold(keys.PatientName), keys.PatientBirthDate,
                keys.PatientSex, keys.StudyDate, keys.StudyTime, keys.AccessionNumber, keys.StudyId, Fold(keys.StudyDescription),
                Fold(keys.ReferringPhysicianName));
        }
    }

    private static void AddSeries(WriteSession session, long study, string? modality)
    {
        var modalities = session.Text("SELECT modalities FROM study WHERE pk = $0", study)!;
        var all = modalities.Split('\\', StringSplitOptions.RemoveEmptyEntries).Append(modality).Where(one => !string.IsNullOrEmpty(one));
        session.Execute(
            "UPDATE study SET series_count = series_count + 1, modalities = $1 WHERE pk = $0",
            study, string.Join('\\', all.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)));
    }

    private static string? Fold(string? value) => value is null ? null : SearchFolding.Fold(value);
}

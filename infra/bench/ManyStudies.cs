using Microsoft.Data.Sqlite;

namespace Bench;

/// <summary>
/// Fills an empty embedded store with studies of one series and one instance each, by SQL: a million would take hours to send. Blobs are
/// missing, so they can be searched, not retrieved. Some numbers stay the same however many there are: patient P3 (Doe^Jane) has five
/// studies, seven studies are of 20300101, five are of modality XC; others are spread over 2,000 days, three modalities and many names.
/// </summary>
internal static class ManyStudies
{
    private const string Fill = """
        INSERT INTO record(pk, name, state) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $count / 5)
            SELECT i + 1000, 'r' || i, 1 FROM n;
        INSERT INTO study(pk, record, uid, generation, change, published, series_count, instance_count, patient_id, birth_date, accession, study_id, description, keys)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $count)
            SELECT i, i / 5 + 1000, '1.2.826.0.1.3680043.9.7.' || i, 1, 1, 1, 1, 1, 'P' || (i / 5), printf('19%02d0101', i / 5 % 80 + 10), 'A' || i, 'S' || i,
                CASE i % 4 WHEN 0 THEN 'chest' WHEN 1 THEN 'knee left' WHEN 2 THEN 'head routine' ELSE 'abdomen' END, '{}' FROM n;
        UPDATE study SET
            study_date = CASE WHEN pk BETWEEN 101 AND 107 THEN '20300101' ELSE strftime('%Y%m%d', '2020-01-01', (pk * 7919 % 2000) || ' days') END,
            modalities = CASE WHEN pk IN (11, 222, 333, 444, 555) THEN 'XC' ELSE CASE pk % 3 WHEN 0 THEN 'CT' WHEN 1 THEN 'MR' ELSE 'US' END END,
            patient_name = CASE WHEN pk / 5 = 3 THEN 'doe^jane' WHEN pk / 5 % 10 = 0 THEN printf('smith^g%d', pk / 5) ELSE printf('f%d^g%d', pk / 5 % 5000, pk / 5) END;
        UPDATE study SET attributes = CAST(printf(
            '{"00080020":{"vr":"DA","Value":["%s"]},"00080030":{"vr":"TM","Value":["093000"]},"00080050":{"vr":"SH","Value":["%s"]},'
            || '"00080090":{"vr":"PN"},"00081030":{"vr":"LO","Value":["%s"]},"00100010":{"vr":"PN","Value":[{"Alphabetic":"%s"}]},'
            || '"00100020":{"vr":"LO","Value":["%s"]},"00100030":{"vr":"DA","Value":["%s"]},"00100040":{"vr":"CS","Value":["F"]},'
            || '"0020000D":{"vr":"UI","Value":["%s"]},"00200010":{"vr":"SH","Value":["%s"]}}',
            study_date, accession, description, patient_name, patient_id, birth_date, uid, study_id) AS BLOB);
        INSERT INTO series(pk, study, generation, uid, modality, number, instance_count, attributes, keys)
            SELECT pk, pk, 1, uid || '.1', modalities, 1, 1, CAST(printf(
                '{"00080060":{"vr":"CS","Value":["%s"]},"0020000E":{"vr":"UI","Value":["%s.1"]},"00200011":{"vr":"IS","Value":[1]}}', modalities, uid) AS BLOB), '{}'
            FROM study;
        INSERT INTO instance(pk, study, generation, series_uid, sop_uid, contributor_key, served, blob, length, hash, contributor, trust, source, received,
                sop_class, transfer_syntax, modality, number, rows, columns, frames, pixel_offset, pixel_length, frame_table)
            SELECT pk, pk, 1, uid || '.1', uid || '.1.1', '', 1, printf('20260101/0000/%032x', pk), 1, zeroblob(32), '{}', 1, 0, 0,
                '1.2.840.10008.5.1.4.1.1.2', '1.2.840.10008.1.2.1', modalities, 1, 512, 512, 1, 0, 0, x'' FROM study;
        INSERT INTO instance_metadata SELECT pk, CAST(printf(
                '{"00080016":{"vr":"UI","Value":["1.2.840.10008.5.1.4.1.1.2"]},"00080018":{"vr":"UI","Value":["%s.1.1"]},"00200013":{"vr":"IS","Value":[1]}}', uid) AS BLOB),
            x'', x'', '{}', x'' FROM study;
        """;

    /// <summary>Fills a store that nobody writes at the moment.</summary>
    public static void Write(string database, int count)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString());
        connection.Open();
        Run("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;");
        Run("BEGIN");
        Run(Fill);
        Run("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);");

        void Run(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.CommandTimeout = 0;
            command.Parameters.AddWithValue("$count", count);
            command.ExecuteNonQuery();
        }
    }
}

using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The instance index on SQLite: what QIDO and WADO ask.</summary>
internal sealed class SqliteInstanceIndex(SqliteDatabase database) : IInstanceIndex
{
    public ValueTask<IndexPage<StudyRow>> FindStudiesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken) =>
        Find(QueryLevel.Study, "s.pk, rec.name, s.uid, s.attributes, s.modalities, s.series_count, s.instance_count", ReadStudy, query, visibility);

    public ValueTask<IndexPage<SeriesRow>> FindSeriesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken) =>
        Find(
            QueryLevel.Series, "rec.name, s.uid, e.uid, e.modality, s.attributes, e.attributes, e.instance_count",
            (_, row) => new SeriesRow(
                new(row.GetString(0)), row.GetString(1), row.GetString(2), row.TextOrNull(3), row.Bytes(4), row.Bytes(5), row.GetInt32(6)),
            query, visibility);

    public ValueTask<IndexPage<InstanceRow>> FindInstancesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken) =>
        Find(
            QueryLevel.Instance,
            "rec.name, s.uid, i.series_uid, i.sop_uid, i.sop_class, i.transfer_syntax, i.modality, i.number, i.rows, i.columns, i.frames, i.blob, "
            + "i.length, i.pixel_offset, i.pixel_length, i.frame_table, i.hash, i.received, i.pk, "
            + (query.WithAttributes ? "m.attributes, e.attributes, s.attributes" : "x'', x'', x''"),
            (_, row) => ReadInstance(row), query, visibility);

    public ValueTask<Sight> SightOfStudyAsync(
        RecordId record, string studyInstanceUid, Visibility visibility, CancellationToken cancellationToken)
    {
        var series = database.Read(session => session.All(
            "SELECT e.uid, e.modality FROM series e JOIN study s ON s.pk = e.study AND s.generation = e.generation "
            + "JOIN record r ON r.pk = s.record WHERE r.name = $0 AND s.uid = $1",
            row => new SeriesFact(row.GetString(0), row.TextOrNull(1)), record.Value, studyInstanceUid));
        return ValueTask.FromResult(series.Count == 0 ? Sight.Hidden : visibility.SightOfStudy(record, studyInstanceUid, series));
    }

    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> MetadataAsync(
        IReadOnlyList<InstanceRow> instances, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ReadOnlyMemory<byte>>>(database.Read(session => instances.Select(instance =>
            new ReadOnlyMemory<byte>(session.First(
                "SELECT m.pieces FROM instance_metadata m JOIN instance i ON i.pk = m.instance WHERE m.instance = $0 AND i.blob = $1",
                row => row.Bytes(0), instance.Id, instance.Blob.Value)
                ?? throw new IOException("An instance was deleted while its metadata were being read."))).ToList()));

    public ValueTask<IReadOnlyList<ContributionRow>> ContributionsAsync(
        RecordId record, string studyInstanceUid, string sopInstanceUid, Visibility visibility, CancellationToken cancellationToken)
    {
        var rows = database.Read(session => session.All(
            "SELECT i.sop_uid, i.contributor, i.source, i.received, i.served, i.hash, i.series_uid, i.modality FROM instance i "
            + "JOIN study s ON s.pk = i.study AND s.generation = i.generation JOIN record r ON r.pk = s.record "
            + "WHERE r.name = $0 AND s.uid = $1 AND i.sop_uid = $2 ORDER BY i.served DESC, i.pk",
            row => (
                Contribution: new ContributionRow(
                    row.GetString(0), JsonSerializer.Deserialize<Contributor>(row.GetString(1))!, (InstanceSource)row.GetInt32(2),
                    Microseconds.ToTime(row.GetInt64(3)), row.GetBoolean(4), row.Bytes(5)),
                Series: new SeriesFact(row.GetString(6), row.TextOrNull(7))),
            record.Value, studyInstanceUid, sopInstanceUid));
        return ValueTask.FromResult<IReadOnlyList<ContributionRow>>(
            [.. rows.Where(row => visibility.SeesSeries(record, studyInstanceUid, row.Series)).Select(row => row.Contribution)]);
    }

    private ValueTask<IndexPage<T>> Find<T>(
        QueryLevel level, string columns, Func<SqliteSession, SqliteDataReader, T> read, InstanceQuery query, Visibility visibility) =>
        ValueTask.FromResult(database.Read(session =>
        {
            session.Visibility = visibility;
            return session.Snapshot(() =>
            {
                var (sql, values) = new InstanceSql(level, query, visibility).Select(columns, query.Offset, query.Limit);
                var rows = session.All(sql, row => read(session, row), values);
                var more = rows.Count > query.Limit;
                return new IndexPage<T>(more ? rows[..query.Limit] : rows, more);
            });
        }));

    private static StudyRow ReadStudy(SqliteSession session, SqliteDataReader row)
    {
        var (pk, record, uid) = (row.GetInt64(0), new RecordId(row.GetString(1)), row.GetString(2));
        var modalities = row.GetString(4).Split('\\', StringSplitOptions.RemoveEmptyEntries);
        var whole = new StudyRow(record, uid, row.Bytes(3), modalities, row.GetInt32(5), row.GetInt32(6), Sight.Whole, pk);
        var visibility = session.Visibility;
        if (visibility.SightOfStudy(record, uid) == Sight.Whole)
        {
            return whole;
        }
        var series = session.All(
            "SELECT e.uid, e.modality, e.instance_count FROM series e JOIN study s ON s.pk = e.study AND s.generation = e.generation WHERE s.pk = $0",
            one => (Fact: new SeriesFact(one.GetString(0), one.TextOrNull(1)), Count: one.GetInt32(2)), pk);
        var seen = series.FindAll(one => visibility.SeesSeries(record, uid, one.Fact));
        return whole with
        {
            Modalities = [.. seen.Select(one => one.Fact.Modality).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            NumberOfSeries = seen.Count,
            NumberOfInstances = seen.Sum(one => one.Count),
            Sight = seen.Count == series.Count ? Sight.Whole : Sight.Part,
        };
    }

    private static InstanceRow ReadInstance(SqliteDataReader row) => new()
    {
        Record = new(row.GetString(0)),
        StudyInstanceUid = row.GetString(1),
        SeriesInstanceUid = row.GetString(2),
        SopInstanceUid = row.GetString(3),
        SopClassUid = row.GetString(4),
        TransferSyntaxUid = row.GetString(5),
        Modality = row.TextOrNull(6),
        InstanceNumber = row.IntOrNull(7),
        Rows = row.GetInt32(8),
        Columns = row.GetInt32(9),
        Frames = row.GetInt32(10),
        Blob = new(row.GetString(11)),
        Length = row.GetInt64(12),
        PixelOffset = row.GetInt64(13),
        PixelLength = row.GetInt64(14),
        FrameTable = row.Bytes(15),
        DataSetHash = row.Bytes(16),
        Received = Microseconds.ToTime(row.GetInt64(17)),
        Id = row.GetInt64(18),
        Attributes = row.Bytes(19),
        SeriesAttributes = row.Bytes(20),
        StudyAttributes = row.Bytes(21),
    };
}

using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The instance index on SQLite: what QIDO and WADO ask.</summary>
internal sealed class SqliteInstanceIndex(SqliteDatabase database) : IInstanceIndex
{
    private const int Interrupted = 9;

    private const string InstanceColumns = "rec.name, s.uid, i.series_uid, i.sop_uid, i.sop_class, i.transfer_syntax, i.modality, i.number, i.rows, i.columns, "
        + "i.frames, i.blob, i.length, i.pixel_offset, i.pixel_length, i.hash, i.received, i.pk, ";

    public ValueTask<IndexPage<StudyRow>> FindStudiesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken) =>
        Find(QueryLevel.Study, (session, pk) => ReadStudy(session, pk, query), query, visibility, cancellationToken);

    public ValueTask<IndexPage<SeriesRow>> FindSeriesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken) =>
        Find(QueryLevel.Series, (session, pk) => ReadSeries(session, pk, query), query, visibility, cancellationToken);

    public ValueTask<IndexPage<InstanceRow>> FindInstancesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken) =>
        query.WithAttributes
            ? Find(QueryLevel.Instance, (session, pk) => ReadInstance(session, pk, query), query, visibility, cancellationToken)
            : ValueTask.FromResult(database.Read(session =>
            {
                session.Visibility = visibility;
                var (sql, values) = RetrievalSql.Select(InstanceColumns + "x'', x'', x'', x''", query, visibility);
                var rows = session.All(sql, ReadInstance, values);
                var more = rows.Count > query.Limit;
                return new IndexPage<InstanceRow>(more ? rows[..query.Limit] : rows, more);
            }));

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

    public ValueTask<ReadOnlyMemory<byte>> FrameTableAsync(InstanceRow instance, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ReadOnlyMemory<byte>>(database.Read(session => session.First(
            "SELECT frame_table FROM instance WHERE pk = $0 AND blob = $1", row => row.Bytes(0), instance.Id, instance.Blob.Value)
            ?? throw new IOException("An instance was deleted while its frames were being looked for.")));

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

    /// <summary>First the keys of the page, in order, then its rows: what is sorted stays small.</summary>
    private ValueTask<IndexPage<T>> Find<T>(
        QueryLevel level, Func<SqliteSession, long, T?> read, InstanceQuery query, Visibility visibility, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return ValueTask.FromResult(database.Read(session => Find(session, level, read, query, visibility, cancellationToken)));
        }
        catch (SqliteException stopped) when (stopped.SqliteErrorCode == Interrupted && query.Within is not null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.FromResult(new IndexPage<T>([], false, GaveUp: true));
        }
    }

    internal static IndexPage<T> Find<T>(
        SqliteSession session, QueryLevel level, Func<SqliteSession, long, T?> read, InstanceQuery query, Visibility visibility, CancellationToken cancellationToken)
        where T : class
    {
        session.Visibility = visibility;
        return session.Snapshot(() =>
        {
            var plan = new InstanceSql(level, query, visibility, session);
            var (sql, values) = plan.Select();
            session.Matchers = plan.Matchers;
            var keys = session.Within(query.Within, () => session.All(sql, row => row.GetInt64(0), values), cancellationToken);
            var more = keys.Count > query.Limit;
            return new IndexPage<T>([.. (more ? keys[..query.Limit] : keys).Select(pk => read(session, pk)!)], more);
        });
    }

    internal static StudyRow? ReadStudy(SqliteSession session, long pk, InstanceQuery query)
    {
        var whole = session.First(
            "SELECT rec.name, s.uid, s.attributes, s.modalities, s.series_count, s.instance_count FROM study s JOIN record rec ON rec.pk = s.record WHERE s.pk = $0",
            row => new StudyRow(
                new(row.GetString(0)), row.GetString(1), row.Bytes(2), row.GetString(3).Split('\\', StringSplitOptions.RemoveEmptyEntries),
                row.GetInt32(4), row.GetInt32(5), Sight.Whole, pk),
            pk)!;
        var visibility = session.Visibility;
        var sight = visibility.SightOfStudy(whole.Record, whole.StudyInstanceUid);
        if (sight == Sight.Whole && !query.WithMetadata)
        {
            return whole;
        }
        var series = session.All(
            "SELECT e.pk, e.uid, e.modality, e.instance_count FROM series e JOIN study s ON s.pk = e.study AND s.generation = e.generation WHERE s.pk = $0 "
            + "ORDER BY e.number, e.uid",
            one => (Pk: one.GetInt64(0), Fact: new SeriesFact(one.GetString(1), one.TextOrNull(2)), Count: one.GetInt32(3)), pk);
        var seen = series.FindAll(one => visibility.SeesSeries(whole.Record, whole.StudyInstanceUid, one.Fact));
        if (query.WithMetadata && seen.Count > 0)
        {
            whole = whole with { Metadata = FirstMetadata(session, seen[0].Pk) };
        }
        return sight == Sight.Whole ? whole : whole with
        {
            Modalities = [.. seen.Select(one => one.Fact.Modality).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            NumberOfSeries = seen.Count,
            NumberOfInstances = seen.Sum(one => one.Count),
            Sight = seen.Count == series.Count ? Sight.Whole : Sight.Part,
        };
    }

    private static SeriesRow? ReadSeries(SqliteSession session, long pk, InstanceQuery query) => session.First(
        "SELECT rec.name, s.uid, e.uid, e.modality, s.attributes, e.attributes, e.instance_count FROM series e JOIN study s ON s.pk = e.study "
        + "JOIN record rec ON rec.pk = s.record WHERE e.pk = $0",
        row => new SeriesRow(
            new(row.GetString(0)), row.GetString(1), row.GetString(2), row.TextOrNull(3), row.Bytes(4), row.Bytes(5), row.GetInt32(6))
        {
            Metadata = query.WithMetadata ? FirstMetadata(session, pk) : default,
        },
        pk);

    private static InstanceRow? ReadInstance(SqliteSession session, long pk, InstanceQuery query) => session.First(
        $"SELECT {InstanceColumns} m.attributes, e.attributes, s.attributes, {(query.WithMetadata ? "m.pieces" : "x''")} FROM instance i "
        + "JOIN study s ON s.pk = i.study JOIN record rec ON rec.pk = s.record JOIN instance_metadata m ON m.instance = i.pk "
        + "JOIN series e ON e.study = i.study AND e.generation = i.generation AND e.uid = i.series_uid WHERE i.pk = $0",
        ReadInstance, pk);

    /// <summary>The metadata pieces of the first instance of a series, by number.</summary>
    private static byte[] FirstMetadata(SqliteSession session, long series) => session.First(
        "SELECT m.pieces FROM series e CROSS JOIN instance i INDEXED BY instance_by_series ON i.study = e.study AND i.generation = e.generation "
        + "AND i.series_uid = e.uid AND i.served = 1 CROSS JOIN instance_metadata m ON m.instance = i.pk WHERE e.pk = $0 ORDER BY i.number, i.sop_uid LIMIT 1",
        row => row.Bytes(0), series) ?? [];

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
        DataSetHash = row.Bytes(15),
        Received = Microseconds.ToTime(row.GetInt64(16)),
        Id = row.GetInt64(17),
        Attributes = row.Bytes(18),
        SeriesAttributes = row.Bytes(19),
        StudyAttributes = row.Bytes(20),
        Metadata = row.Bytes(21),
    };
}

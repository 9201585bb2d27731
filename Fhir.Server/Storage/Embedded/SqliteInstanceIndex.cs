using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The instance index on SQLite: what QIDO and WADO ask.</summary>
internal sealed class SqliteInstanceIndex(SqliteDatabase database) : IInstanceIndex
{
    private const int Interrupted = 9;

    // One snapshot for all of a request: each statement alone would take and release SQLite's locks anew.
    private const string Pieces = "SELECT m.pieces FROM instance_metadata m JOIN instance i ON i.pk = m.instance WHERE m.instance = $0 AND i.blob = $1";

    public ValueTask<IndexPage<StudyRow>> FindStudiesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken) =>
        Find(QueryLevel.Study, (rows, pk) => rows.Study(pk), query, visibility, cancellationToken);

    public ValueTask<IndexPage<SeriesRow>> FindSeriesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken) =>
        Find(QueryLevel.Series, (rows, pk) => rows.Series(pk), query, visibility, cancellationToken);

    public ValueTask<IndexPage<InstanceRow>> FindInstancesAsync(InstanceQuery query, Visibility visibility, CancellationToken cancellationToken) =>
        query.WithAttributes
            ? Find(QueryLevel.Instance, (rows, pk) => rows.Instance(pk), query, visibility, cancellationToken)
            : ValueTask.FromResult(database.Read(session =>
            {
                session.Visibility = visibility;
                var (sql, values) = RetrievalSql.Select(QueryRows.InstanceColumns, query, visibility);
                var rows = session.All(sql, QueryRows.ReadInstance, values);
                var more = rows.Count > query.Limit;
                return new IndexPage<InstanceRow>(more ? rows[..query.Limit] : rows, more);
            }));

    public ValueTask<Sight> SightOfStudyAsync(
        RecordId record, string studyInstanceUid, Visibility visibility, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(database.Read(session =>
        {
            session.Visibility = visibility;
            return visibility.SeesEverything || !visibility.IsConditional ? Sight() : session.Snapshot(Sight);

            Sight Sight()
            {
                var series = session.All(
                    "SELECT e.uid, e.modality FROM series e JOIN study s ON s.pk = e.study AND s.generation = e.generation "
                    + "JOIN record r ON r.pk = s.record WHERE r.name = $0 AND s.uid = $1",
                    row => new SeriesFact(row.GetString(0), row.TextOrNull(1)), record.Value, studyInstanceUid);
                return series.Count == 0 ? Storage.Sight.Hidden : visibility.SightOfStudy(record, studyInstanceUid, series, session.Facts);
            }
        }));
    }

    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> MetadataAsync(
        IReadOnlyList<InstanceRow> instances, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ReadOnlyMemory<byte>>>(database.Read(session => session.Snapshot(() => instances.Select(instance =>
            new ReadOnlyMemory<byte>(session.First(Pieces, row => row.Bytes(0), instance.Id, instance.Blob.Value)
                ?? throw new IOException("An instance was deleted while its metadata were being read."))).ToList())));

    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> MetadataAsync(
        IReadOnlyList<MetadataPlace> places, long bytes, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<ReadOnlyMemory<byte>>>(database.Read(session => session.Snapshot(() =>
        {
            var all = new List<ReadOnlyMemory<byte>>();
            for (var left = bytes; all.Count < places.Count && (left > 0 || all.Count == 0); left -= all[^1].Length)
            {
                var (instance, blob) = places[all.Count];
                all.Add(session.First(Pieces, row => row.Bytes(0), instance, blob.Value));
            }
            return all;
        })));

    public ValueTask<ReadOnlyMemory<byte>> FrameTableAsync(InstanceRow instance, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ReadOnlyMemory<byte>>(database.Read(session => session.First(
            "SELECT frame_table FROM instance WHERE pk = $0 AND blob = $1", row => row.Bytes(0), instance.Id, instance.Blob.Value)
            ?? throw new IOException("An instance was deleted while its frames were being looked for.")));

    public ValueTask<IReadOnlyList<ContributionRow>> ContributionsAsync(
        RecordId record, string studyInstanceUid, string sopInstanceUid, Visibility visibility, CancellationToken cancellationToken)
    {
        return ValueTask.FromResult(database.Read<IReadOnlyList<ContributionRow>>(session => session.Snapshot<IReadOnlyList<ContributionRow>>(() =>
        {
            session.Visibility = visibility;
            var rows = session.All(
            "SELECT i.sop_uid, i.contributor, i.source, i.received, i.served, i.hash, i.series_uid, i.modality FROM instance i "
            + "JOIN study s ON s.pk = i.study AND s.generation = i.generation JOIN record r ON r.pk = s.record "
            + "WHERE r.name = $0 AND s.uid = $1 AND i.sop_uid = $2 ORDER BY i.served DESC, i.pk",
            row => (
                Contribution: new ContributionRow(
                    row.GetString(0), JsonSerializer.Deserialize<Contributor>(row.GetString(1))!, (InstanceSource)row.GetInt32(2),
                    Microseconds.ToTime(row.GetInt64(3)), row.GetBoolean(4), row.Bytes(5)),
                Series: new SeriesFact(row.GetString(6), row.TextOrNull(7))),
            record.Value, studyInstanceUid, sopInstanceUid);
            return [.. rows.Where(row => visibility.SeesSeries(record, studyInstanceUid, row.Series, session.Facts)).Select(row => row.Contribution)];
        })));
    }

    /// <summary>First the keys of the page, in order, then its rows: what is sorted stays small.</summary>
    private ValueTask<IndexPage<T>> Find<T>(
        QueryLevel level, Func<QueryRows, long, T> read, InstanceQuery query, Visibility visibility, CancellationToken cancellationToken)
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
        SqliteSession session, QueryLevel level, Func<QueryRows, long, T> read, InstanceQuery query, Visibility visibility, CancellationToken cancellationToken)
    {
        session.Visibility = visibility;
        return session.Snapshot(() => session.Within(query.Within, Page, cancellationToken));

        IndexPage<T> Page()
        {
            var plan = new InstanceSql(level, query, visibility, session);
            var (sql, values) = plan.Select();
            session.Matchers = plan.Matchers;
            var keys = session.All(sql, row => row.GetInt64(0), values);
            var more = keys.Count > query.Limit;
            var reader = new QueryRows(session, query);
            var rows = new List<T>();
            foreach (var pk in more ? keys[..query.Limit] : keys)
            {
                // The rows of a page are short statements, each too short to look at the clock itself.
                session.LookAtClock();
                rows.Add(read(reader, pk));
            }
            return new IndexPage<T>(rows, more);
        }
    }
}

using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Reads the rows of a page of search results by their keys, in one snapshot, each as far as the session's visibility goes.</summary>
internal sealed class QueryRows(SqliteSession session, InstanceQuery query)
{
    /// <summary>What <see cref="ReadInstance"/> reads, of <c>rec</c>, <c>s</c> and <c>i</c>.</summary>
    public const string InstanceColumns = "rec.name, s.uid, i.series_uid, i.sop_uid, i.sop_class, i.transfer_syntax, i.modality, i.number, i.rows, i.columns, "
        + "i.frames, i.blob, i.length, i.pixel_offset, i.pixel_length, i.hash, i.received, i.pk";

    // Rows of one study come one after the other.
    private (long Study, byte[] Attributes) described = (-1, []);

    public StudyRow Study(long pk)
    {
        var whole = session.First(
            "SELECT rec.name, s.uid, s.modalities, s.series_count, s.instance_count FROM study s JOIN record rec ON rec.pk = s.record WHERE s.pk = $0",
            row => new StudyRow(
                new(row.GetString(0)), row.GetString(1), AttributesOf(pk), row.GetString(2).Split('\\', StringSplitOptions.RemoveEmptyEntries),
                row.GetInt32(3), row.GetInt32(4), Sight.Whole, pk),
            pk)!;
        var visibility = session.Visibility;
        var sight = visibility.SightOfStudy(whole.Record, whole.StudyInstanceUid, session.Facts);
        if (sight == Sight.Whole && !query.WithMetadata)
        {
            return whole;
        }
        var series = session.All(
            "SELECT e.pk, e.uid, e.modality, e.instance_count FROM series e JOIN study s ON s.pk = e.study AND s.generation = e.generation WHERE s.pk = $0 "
            + "ORDER BY e.number, e.uid",
            one => (Pk: one.GetInt64(0), Fact: new SeriesFact(one.GetString(1), one.TextOrNull(2)), Count: one.GetInt32(3)), pk);
        var seen = series.FindAll(one => visibility.SeesSeries(whole.Record, whole.StudyInstanceUid, one.Fact, session.Facts));
        if (query.WithMetadata && seen.Count > 0)
        {
            whole = whole with { Metadata = FirstMetadata(seen[0].Pk) };
        }
        return sight == Sight.Whole ? whole : whole with
        {
            Modalities = [.. seen.Select(one => one.Fact.Modality).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            NumberOfSeries = seen.Count,
            NumberOfInstances = seen.Sum(one => one.Count),
            Sight = seen.Count == series.Count ? Sight.Whole : Sight.Part,
        };
    }

    public SeriesRow Series(long pk) => session.First(
        "SELECT rec.name, s.uid, e.uid, e.modality, s.pk, e.attributes, e.instance_count FROM series e JOIN study s ON s.pk = e.study "
        + "JOIN record rec ON rec.pk = s.record WHERE e.pk = $0",
        row => new SeriesRow(
            new(row.GetString(0)), row.GetString(1), row.GetString(2), row.TextOrNull(3), AttributesOf(row.GetInt64(4)), row.Bytes(5), row.GetInt32(6))
        {
            Metadata = query.WithMetadata ? FirstMetadata(pk) : null,
        },
        pk)!;

    public InstanceRow Instance(long pk) => session.First(
        $"SELECT {InstanceColumns}, m.attributes, e.attributes, s.pk FROM instance i "
        + "JOIN study s ON s.pk = i.study JOIN record rec ON rec.pk = s.record JOIN instance_metadata m ON m.instance = i.pk "
        + "JOIN series e ON e.study = i.study AND e.generation = i.generation AND e.uid = i.series_uid WHERE i.pk = $0",
        row => ReadInstance(row) with { Attributes = row.Bytes(18), SeriesAttributes = row.Bytes(19), StudyAttributes = AttributesOf(row.GetInt64(20)) },
        pk)!;

    /// <summary>An instance without attributes: what retrieving it needs.</summary>
    public static InstanceRow ReadInstance(SqliteDataReader row) => new()
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
        Attributes = default,
        SeriesAttributes = default,
        StudyAttributes = default,
    };

    private byte[] AttributesOf(long study)
    {
        if (described.Study != study)
        {
            var attributes = session.Visibility.SeesEverything ? "s.attributes" : InstanceSql.SeenAttributes;
            described = (study, session.First(
                $"SELECT {attributes} FROM study s JOIN record rec ON rec.pk = s.record WHERE s.pk = $0", row => row.Bytes(0), study)!);
        }
        return described.Attributes;
    }

    /// <summary>Where the metadata pieces of the first instance of a series lie, by number.</summary>
    private MetadataPlace? FirstMetadata(long series) => session.First(
        "SELECT i.pk, i.blob FROM series e CROSS JOIN instance i INDEXED BY instance_by_series ON i.study = e.study AND i.generation = e.generation "
        + "AND i.series_uid = e.uid AND i.served = 1 WHERE e.pk = $0 ORDER BY i.number, i.sop_uid LIMIT 1",
        row => (MetadataPlace?)new MetadataPlace(row.GetInt64(0), new(row.GetString(1))), series);
}

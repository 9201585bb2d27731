namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// Keeps what the documents of a study say, and the resources made of it, within the writer's transaction. Those resources stand and fall
/// with the study's rows: they are put when it is published, and deleted when no served document says them any more.
/// </summary>
internal static class ReportWriter
{
    /// <summary>Documents of one study that become resources, the oldest first; further ones are only stored and served as DICOM.</summary>
    public const int DocumentsOfStudy = 200;

    private static readonly string TypeList = string.Join(", ", ServerIds.TypesOfDocuments.Select(type => $"'{type}'"));

    /// <summary>Writes what an instance says when it is a document.</summary>
    public static void Write(WriteSession session, long instance, ReadOnlyMemory<byte> report)
    {
        session.Execute("DELETE FROM instance_report WHERE instance = $0", instance);
        if (!report.IsEmpty)
        {
            session.Execute("INSERT INTO instance_report VALUES($0, $1)", instance, report.ToArray());
        }
    }

    /// <summary>What the served documents of a study say.</summary>
    public static IReadOnlyList<InstanceReport> Read(SqliteSession session, long study) => session.All(
        "SELECT i.series_uid, i.modality, i.sop_uid, p.report FROM study s JOIN instance i ON i.study = s.pk AND i.generation = s.generation "
        + "JOIN instance_report p ON p.instance = i.pk WHERE s.pk = $0 AND i.served = 1 ORDER BY i.pk LIMIT $1",
        row => new InstanceReport(row.GetString(0), row.TextOrNull(1), row.GetString(2), row.Bytes(3)), study, DocumentsOfStudy);

    /// <summary>Puts the resources of a study's documents, and deletes those of documents that are no longer served.</summary>
    public static void Put(
        WriteSession session, RecordState record, string studyInstanceUid, IReadOnlyList<DerivedResource> resources, List<ChangedThing> things)
    {
        var present = session.All(
            $"SELECT type, id FROM resource WHERE record = $0 AND study = $1 AND type IN ({TypeList}) AND derived = 1 AND method <> 'DELETE'",
            row => new ResourceKey(row.GetString(0), row.GetString(1)), record.Pk, studyInstanceUid);
        var said = resources.Select(resource => resource.Key).ToHashSet();
        foreach (var key in present.Where(key => !said.Contains(key)))
        {
            var deleted = ResourceWriter.Delete(session, record, ResourceWriter.FindRow(session, key), key)!;
            things.Add(new("resource", key.ToString(), deleted.Resource.Version));
        }
        foreach (var (key, content) in resources)
        {
            var put = ResourceWriter.Put(session, record, ResourceWriter.FindRow(session, key), key, content, "PUT", derived: true);
            if (put.Changed)
            {
                things.Add(new("resource", key.ToString(), put.Resource.Version));
            }
        }
    }
}

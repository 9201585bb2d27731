using System.Security.Cryptography;

namespace Fhir.Server.Storage.Embedded;

/// <summary>A document of a study as it is to be put.</summary>
/// <param name="Mark">Under which id, and of what.</param>
/// <param name="Resources">What it becomes; null when that stands there already.</param>
internal sealed record DocumentDraft(DocumentMark Mark, IReadOnlyList<DerivedResource>? Resources);

/// <summary>
/// Keeps what the documents of a study say, and the resources made of it, within the writer's transaction. Those resources stand and fall
/// with the study's rows: they are put when it is published, and deleted when no served document says them any more. A document whose
/// resources would be made of the same as when they were put last is not looked at again.
/// </summary>
internal static class ReportWriter
{
    /// <summary>Documents of one study that become resources, the oldest first; further ones are only stored and served as DICOM.</summary>
    public const int DocumentsOfStudy = 200;

    /// <summary>Resources the documents of one study become; the document that would go beyond, and those behind it, become none.</summary>
    public const int ResourcesOfStudy = 10_000;

    /// <summary>Bytes of JSON they may be, likewise.</summary>
    public const long BytesOfStudy = 32 << 20;

    private static readonly string TypeList = string.Join(", ", ServerIds.TypesOfDocuments.Select(type => $"'{type}'"));

    private readonly record struct Row(long Instance, InstanceReport Report, int Resources, int Length);

    /// <summary>Writes what an instance says when it is a document.</summary>
    public static void Write(WriteSession session, long instance, ReportContent? report)
    {
        session.Execute("DELETE FROM instance_report WHERE instance = $0", instance);
        if (report is not null)
        {
            session.Execute(
                "INSERT INTO instance_report(instance, report, resources, length, hash) VALUES($0, $1, $2, $3, $4)",
                instance, report.Bytes.ToArray(), report.Resources, report.Length, SHA256.HashData(report.Bytes.Span));
        }
    }

    /// <summary>Forgets of what resources were made, so that all are made anew when their studies are published.</summary>
    public static void Forget(WriteSession session) => session.Execute("DELETE FROM document_made");

    /// <summary>What the served documents of a study become; only what changed is read and made.</summary>
    public static IReadOnlyList<DocumentDraft> Draft(
        SqliteSession session, IProjection projection, long record, long study, string imagingStudy, StudySnapshot snapshot)
    {
        var rows = Read(session, study);
        if (rows.Count == 0)
        {
            return [];
        }
        var uid = snapshot.StudyInstanceUid;
        var live = Present(session, record, uid).CountBy(key => ServerIds.DocumentOf(key.Id)).ToDictionary();
        var made = session.All(
            "SELECT id, made, resources FROM document_made WHERE record = $0 AND study = $1",
            row => (Id: row.GetString(0), Made: row.Bytes(1), Resources: row.GetInt32(2)), record, uid).ToDictionary(one => one.Id);
        var drafts = new List<DocumentDraft>();
        foreach (var row in rows)
        {
            var mark = projection.MarkReport(imagingStudy, snapshot, row.Report);
            // Counted as well: whatever deleted resources, and however, they are put again.
            var stands = made.TryGetValue(mark.Id, out var before) && before.Made.AsSpan().SequenceEqual(mark.Made.Span)
                && live.GetValueOrDefault(mark.Id) == before.Resources;
            drafts.Add(new(mark, stands ? null : projection.DeriveReport(imagingStudy, snapshot, row.Report, SaidBy(session, row.Instance))));
        }
        return drafts;
    }

    /// <summary>Puts the resources of a study's documents, and deletes those of documents that are no longer served.</summary>
    public static void Put(
        WriteSession session, RecordState record, string studyInstanceUid, IReadOnlyList<DocumentDraft> documents, List<ChangedThing> things)
    {
        var standing = documents.Where(document => document.Resources is null).Select(document => document.Mark.Id).ToHashSet();
        var changed = documents.Where(document => document.Resources is not null).ToList();
        var said = changed.SelectMany(document => document.Resources!).Select(resource => resource.Key).ToHashSet();
        foreach (var key in Present(session, record.Pk, studyInstanceUid)
            .Where(key => !said.Contains(key) && !standing.Contains(ServerIds.DocumentOf(key.Id))))
        {
            var deleted = ResourceWriter.Delete(session, record, ResourceWriter.FindRow(session, key), key)!;
            things.Add(new("resource", key.ToString(), deleted.Resource.Version));
        }
        foreach (var (key, content) in changed.SelectMany(document => document.Resources!))
        {
            var put = ResourceWriter.Put(session, record, ResourceWriter.FindRow(session, key), key, content, "PUT", derived: true);
            if (put.Changed)
            {
                things.Add(new("resource", key.ToString(), put.Resource.Version));
            }
        }
        Note(session, record.Pk, studyInstanceUid, standing, changed);
    }

    private static void Note(WriteSession session, long record, string study, HashSet<string> standing, List<DocumentDraft> changed)
    {
        foreach (var id in session.All("SELECT id FROM document_made WHERE record = $0 AND study = $1", row => row.GetString(0), record, study)
            .Where(id => !standing.Contains(id)))
        {
            session.Execute("DELETE FROM document_made WHERE record = $0 AND study = $1 AND id = $2", record, study, id);
        }
        foreach (var (mark, resources) in changed)
        {
            session.Execute(
                "INSERT OR REPLACE INTO document_made VALUES($0, $1, $2, $3, $4)", record, study, mark.Id, mark.Made.ToArray(), resources!.Count);
        }
    }

    /// <summary>The served documents of a study, as many as the limits allow.</summary>
    private static List<Row> Read(SqliteSession session, long study)
    {
        var (resources, bytes) = (0L, 0L);
        return [.. session.All(
            "SELECT i.pk, i.series_uid, i.modality, i.sop_uid, p.hash, p.resources, p.length FROM study s "
            + "JOIN instance i ON i.study = s.pk AND i.generation = s.generation JOIN instance_report p ON p.instance = i.pk "
            + "WHERE s.pk = $0 AND i.served = 1 ORDER BY i.pk LIMIT $1",
            row => new Row(
                row.GetInt64(0), new InstanceReport(row.GetString(1), row.TextOrNull(2), row.GetString(3), row.Bytes(4)), row.GetInt32(5), row.GetInt32(6)),
            study, DocumentsOfStudy).TakeWhile(row => (resources += row.Resources) <= ResourcesOfStudy && (bytes += row.Length) <= BytesOfStudy)];
    }

    private static byte[] SaidBy(SqliteSession session, long instance) =>
        session.First("SELECT report FROM instance_report WHERE instance = $0", row => row.Bytes(0), instance)!;

    private static List<ResourceKey> Present(SqliteSession session, long record, string study) => session.All(
        $"SELECT type, id FROM resource WHERE record = $0 AND study = $1 AND type IN ({TypeList}) AND derived = 1 AND method <> 'DELETE'",
        row => new ResourceKey(row.GetString(0), row.GetString(1)), record, study);
}

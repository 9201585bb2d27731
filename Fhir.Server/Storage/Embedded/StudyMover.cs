using Fhir.Server.Outcomes;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Moves studies between records and erases records, each in one commit.</summary>
internal sealed class StudyMover(IProjection projection)
{
    public Outcome<Done> Move(WriteSession session, string uid, RecordId from, RecordId to, AuditEntry audit)
    {
        var (source, target) = (session.FindRecord(from), session.FindRecord(to));
        if (source is null || target is not { IsLive: true } || from == to)
        {
            return Problem.NotFound();
        }
        var study = session.Number($"SELECT s.pk FROM study s WHERE s.record = $0 AND s.uid = $1 AND {InstanceWriter.HasInstances}", source.Pk, uid);
        if (study is null)
        {
            return Problem.NotFound();
        }
        session.Tick(source);
        target.Updated = Math.Max(target.Updated, source.Updated);
        session.Tick(target);
        var things = new List<ChangedThing> { new("study-moved", uid, 0) };
        var joins = session.Number($"SELECT 1 FROM study s WHERE s.record = $0 AND s.uid = $1 AND {InstanceWriter.HasInstances}", target.Pk, uid) is not null
            || session.Number(
                "SELECT 1 FROM resource WHERE record = $0 AND type = 'ImagingStudy' AND study = $1 AND method <> 'DELETE'", target.Pk, uid) is not null;
        var moved = MoveInstances(session, study.Value, uid, target);
        MoveImagingStudy(session, source, target, moved, uid, joins, things);
        ReportWriter.Put(session, source, uid, [], things);
        CommitWriter.Finish(session, source, things);
        CommitWriter.Finish(session, target, things);
        session.Append(audit with { Record = from });
        session.Append(audit with { Record = to });
        return new Done();
    }

    public static void Erase(WriteSession session, RecordId name, AuditEntry audit)
    {
        if (session.FindRecord(name) is { } record)
        {
            session.Tick(record);
            foreach (var key in session.All("SELECT pk FROM resource WHERE record = $0", row => row.GetInt64(0), record.Pk))
            {
                IndexWriter.Remove(session, key);
            }
            session.Execute(
                "INSERT OR IGNORE INTO doomed_blob SELECT blob FROM instance WHERE study IN (SELECT pk FROM study WHERE record = $0)", record.Pk);
            session.Execute(
                "DELETE FROM instance_metadata WHERE instance IN (SELECT i.pk FROM instance i JOIN study s ON s.pk = i.study WHERE s.record = $0)",
                record.Pk);
            foreach (var table in new[] { "instance", "series", "closed_generation" })
            {
                session.Execute($"DELETE FROM {table} WHERE study IN (SELECT pk FROM study WHERE record = $0)", record.Pk);
            }
            foreach (var table in new[] { "study", "resource", "version", "link", "outbox", "document_made" })
            {
                session.Execute($"DELETE FROM {table} WHERE record = $0", record.Pk);
            }
            record.IsLive = false;
            CommitWriter.Finish(session, record, [new("record-erased", "", 0)]);
            session.Execute("UPDATE record SET state = 2 WHERE pk = $0", record.Pk);
        }
        session.Append(audit with { Record = name });
    }

    /// <summary>Gives the instances of a study to the target's study, one by one by the rules of the same SOP Instance UID.</summary>
    private static long MoveInstances(WriteSession session, long study, string uid, RecordState target)
    {
        var (moved, generation) = InstanceWriter.FindOrMakeStudy(session, target, uid);
        var rows = session.All(
            "SELECT i.pk, i.sop_uid, i.served, i.trust, i.hash, i.contributor_key FROM instance i JOIN study s ON s.pk = i.study "
            + "WHERE s.pk = $0 AND i.generation = s.generation ORDER BY i.served DESC, i.pk",
            row => (Pk: row.GetInt64(0), Sop: row.GetString(1), Served: row.GetBoolean(2), Trust: row.GetInt32(3), Hash: row.Bytes(4), Key: row.GetString(5)),
            study);
        foreach (var row in rows)
        {
            var there = session.All(
                "SELECT pk, served, trust, hash, contributor_key FROM instance WHERE study = $0 AND generation = $1 AND sop_uid = $2",
                one => (Pk: one.GetInt64(0), Served: one.GetBoolean(1), Trust: one.GetInt32(2), Hash: one.Bytes(3), Key: one.GetString(4)),
                moved, generation, row.Sop);
            var served = there.Find(one => one.Served);
            var same = there.Find(one => one.Hash.AsSpan().SequenceEqual(row.Hash));
            if (same.Hash is not null && (same.Served || row.Trust <= same.Trust))
            {
                session.Execute("INSERT OR IGNORE INTO doomed_blob SELECT blob FROM instance WHERE pk = $0", row.Pk);
                session.Execute("DELETE FROM instance_metadata WHERE instance = $0", row.Pk);
                session.Execute("DELETE FROM instance WHERE pk = $0", row.Pk);
                continue;
            }
            var serve = served.Hash is null || (row.Served && row.Trust > served.Trust);
            if (serve && served.Hash is not null)
            {
                session.Execute("UPDATE instance SET served = 0 WHERE pk = $0", served.Pk);
            }
            // Two contributions of one contributor may meet here; neither is lost, and the one that came by the move is told apart.
            var key = there.Exists(one => one.Key == row.Key) ? $"{row.Key}|moved-{row.Pk}" : row.Key;
            session.Execute(
                "UPDATE instance SET study = $1, generation = $2, served = $3, contributor_key = $4 WHERE pk = $0",
                row.Pk, moved, generation, serve, key);
        }
        session.Execute("DELETE FROM series WHERE study = $0", study);
        InstanceWriter.CloseGeneration(session, study);
        InstanceWriter.Recount(session, moved);
        InstanceWriter.MarkDirty(session, moved, target.Updated);
        return moved;
    }

    private void MoveImagingStudy(
        WriteSession session, RecordState source, RecordState target, long study, string uid, bool joins, List<ChangedThing> things)
    {
        var id = session.Text(
            "SELECT id FROM resource WHERE record = $0 AND type = 'ImagingStudy' AND study = $1 AND method <> 'DELETE'", source.Pk, uid);
        if (id is null)
        {
            return;
        }
        var key = new ResourceKey("ImagingStudy", id);
        var before = ResourceWriter.FindRow(session, key)!;
        var tombstone = ResourceWriter.Delete(session, source, before, key)!;
        things.Add(new("resource", key.ToString(), tombstone.Resource.Version));
        if (joins)
        {
            return;
        }
        var snapshot = StudySnapshots.Read(session, study)!;
        var content = projection.DeriveStudy(id, snapshot, before.Json);
        var put = ResourceWriter.Put(session, target, ResourceWriter.FindRow(session, key), key, content, "PUT", derived: true);
        things.Add(new("resource", key.ToString(), put.Resource.Version));
        ReportWriter.Put(session, target, uid, ReportWriter.Draft(session, projection, target.Pk, study, id, snapshot), things);
        session.Execute("UPDATE study SET published = change WHERE pk = $0", study);
    }
}

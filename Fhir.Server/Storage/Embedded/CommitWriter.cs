using Fhir.Server.Outcomes;
using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Applies a <see cref="RecordCommit"/> within the writer's transaction: preconditions first, then everything in order.</summary>
internal sealed class CommitWriter(IProjection projection, IBlobStore blobs)
{
    public Outcome<CommitReceipt> Apply(WriteSession session, RecordCommit commit) =>
        Judge(session, commit) is { } problem ? problem : Write(session, commit);

    /// <summary>Several commits as one: all are judged before the first is written, and the writer undoes all when one fails.</summary>
    public Outcome<IReadOnlyList<CommitReceipt>> Apply(WriteSession session, IReadOnlyList<RecordCommit> commits)
    {
        if (commits.Select(commit => Judge(session, commit)).FirstOrDefault(problem => problem is not null) is { } refused)
        {
            return refused;
        }
        var receipts = new List<CommitReceipt>(commits.Count);
        foreach (var commit in commits)
        {
            if (!Write(session, commit).TryGet(out var receipt, out var problem))
            {
                return problem;
            }
            receipts.Add(receipt);
        }
        return receipts;
    }

    private static Problem? Judge(WriteSession session, RecordCommit commit)
    {
        var record = session.FindRecord(commit.Record);
        return commit.Preconditions.Select(precondition => Judge(session, record, precondition)).FirstOrDefault(problem => problem is not null);
    }

    private Outcome<CommitReceipt> Write(WriteSession session, RecordCommit commit)
    {
        var record = session.RecordOrNew(commit.Record);
        var things = new List<ChangedThing>();
        session.Tick(record);
        var resources = new List<CommittedResource>(commit.Resources.Count);
        foreach (var change in commit.Resources)
        {
            if (!Apply(session, record, change, commit, things).TryGet(out var committed, out var problem))
            {
                return problem;
            }
            resources.Add(committed);
        }
        foreach (var study in commit.DeletedStudies)
        {
            DeleteStudy(session, record, study, things);
        }
        foreach (var deletion in commit.DeletedInstances)
        {
            InstanceDeleter.Delete(session, record, deletion, things);
        }
        var verdicts = new List<InstanceVerdict>(commit.Instances.Count);
        if (commit.Instances.Count > 0)
        {
            if (!ApplyInstances(session, record, commit, things).TryGet(out var judged, out var problem))
            {
                return problem;
            }
            verdicts.AddRange(judged);
        }
        foreach (var link in commit.Links)
        {
            var target = session.FindRecord(link.Record);
            if (target is null)
            {
                return Problem.NotFound();
            }
            var linked = session.Execute(
                "INSERT OR IGNORE INTO link VALUES($0, $1, $2, $3, $4, $5)",
                link.Namespace, link.Value, target.Pk, link.How, link.By, record.Updated);
            if (linked == 0)
            {
                return LinkedAlready();
            }
        }
        foreach (var link in commit.RemovedLinks)
        {
            session.Execute("DELETE FROM link WHERE namespace = $0 AND value = $1 AND record = $2", link.Namespace, link.Value, record.Pk);
        }
        Finish(session, record, things, commit.Links.Count + commit.RemovedLinks.Count > 0);
        foreach (var entry in commit.Audit)
        {
            session.Append(entry);
        }
        return new CommitReceipt(record.Number, resources, verdicts);
    }

    /// <summary>Gives the commit its number and tells of it, when it changed anything.</summary>
    public static void Finish(WriteSession session, RecordState record, IReadOnlyList<ChangedThing> things, bool changed = false)
    {
        if (things.Count > 0 || changed)
        {
            record.Number++;
            session.Save(record);
            session.Tell(record, things);
        }
    }

    /// <summary>Hides a study with all below it: closes its generation and leaves a tombstone of its ImagingStudy.</summary>
    public static void DeleteStudy(WriteSession session, RecordState record, string uid, List<ChangedThing> things)
    {
        var study = session.Number($"SELECT s.pk FROM study s WHERE s.record = $0 AND s.uid = $1 AND {InstanceWriter.HasInstances}", record.Pk, uid);
        if (study is not null)
        {
            InstanceWriter.CloseGeneration(session, study.Value);
            things.Add(new("study-deleted", uid, 0));
        }
        ReportWriter.Put(session, record, uid, [], things);
        var id = session.Text(
            "SELECT id FROM resource WHERE record = $0 AND type = 'ImagingStudy' AND study = $1 AND method <> 'DELETE'", record.Pk, uid);
        if (id is not null)
        {
            var key = new ResourceKey("ImagingStudy", id);
            var deleted = ResourceWriter.Delete(session, record, ResourceWriter.FindRow(session, key), key);
            things.Add(new("resource", key.ToString(), deleted!.Resource.Version));
        }
    }

    private Outcome<CommittedResource> Apply(
        WriteSession session, RecordState record, ResourceChange change, RecordCommit commit, List<ChangedThing> things)
    {
        var before = ResourceWriter.FindRow(session, change.Key);
        if (before is not null && before.Record != record.Pk)
        {
            return Problem.Conflict("A resource of this type and id is kept elsewhere.");
        }
        if (change.Content is null)
        {
            var deleted = ResourceWriter.Delete(session, record, before, change.Key);
            if (deleted is { Changed: true })
            {
                things.Add(new("resource", change.Key.ToString(), deleted.Resource.Version));
                if (IsPatientOf(record, change.Key))
                {
                    record.IsLive = false;
                    // The number of somebody who is gone must be free to be seen for the first time again.
                    session.Execute("DELETE FROM link WHERE record = $0", record.Pk);
                    DeleteEndpoints(session, record, things);
                }
            }
            return deleted ?? new CommittedResource(
                new(change.Key, new(record.Name), 0, Microseconds.ToTime(record.Updated), "DELETE", ReadOnlyMemory<byte>.Empty), false, false);
        }
        if (before?.Study is { } study && !before.IsDeleted && study != change.Content.StudyInstanceUid
            && session.Number($"SELECT 1 FROM study s WHERE s.record = $0 AND s.uid = $1 AND {InstanceWriter.HasInstances}", record.Pk, study) is not null)
        {
            return Problem.Unprocessable("The study has instances, so its DICOM-born elements are the server's own.", "ImagingStudy.identifier");
        }
        if (change.Content.StudyInstanceUid is { } uid && OtherImagingStudy(session, record, change.Key, uid))
        {
            return Problem.Conflict("The record has an ImagingStudy of this Study Instance UID under another id.");
        }
        var wasLive = record.IsLive;
        if (record.Name == RecordId.Shared.Value || IsPatientOf(record, change.Key))
        {
            record.IsLive = true;
        }
        var committed = ResourceWriter.Put(
            session, record, before, change.Key, change.Content, change.Method, derived: false, commit.Parameters, commit.Organization);
        if (committed.Changed)
        {
            things.Add(new("resource", change.Key.ToString(), committed.Resource.Version));
        }
        if (!wasLive && IsPatientOf(record, change.Key))
        {
            PutEndpoints(session, record, things);
        }
        return committed;
    }

    private Outcome<IReadOnlyList<InstanceVerdict>> ApplyInstances(
        WriteSession session, RecordState record, RecordCommit commit, List<ChangedThing> things)
    {
        var id = new RecordId(record.Name);
        if (!record.IsLive)
        {
            if (!id.IsUnclaimed)
            {
                return Problem.NotFound();
            }
            record.IsLive = true;
            PutEndpoints(session, record, things);
        }
        var verdicts = new List<InstanceVerdict>(commit.Instances.Count);
        var changed = new HashSet<string>(StringComparer.Ordinal);
        var quota = new QuotaWatch(session, record, commit.Quota);
        foreach (var instance in commit.Instances)
        {
            // The sweep dooms a blob through this same writer before it deletes it: what passes here stays.
            if (!blobs.Exists(instance.Blob) || session.Number("SELECT 1 FROM doomed_blob WHERE name = $0", instance.Blob.Value) is not null)
            {
                return Problem.Conflict("The bytes of an instance are no longer there; send it again.");
            }
            var verdict = InstanceWriter.Add(session, record, instance, quota);
            verdicts.Add(verdict);
            if (verdict is not (InstanceVerdict.AlreadyThere or InstanceVerdict.Refused or InstanceVerdict.OverQuota))
            {
                changed.Add(instance.Description.StudyInstanceUid);
            }
        }
        things.AddRange(changed.Select(study => new ChangedThing("instances", study, 0)));
        return verdicts;
    }

    /// <summary>Derives the record's Endpoints anew; those that say the same stay as they are.</summary>
    public void PutEndpoints(WriteSession session, RecordState record, List<ChangedThing> things)
    {
        foreach (var endpoint in projection.DeriveEndpoints(new(record.Name)))
        {
            var before = ResourceWriter.FindRow(session, endpoint.Key);
            var put = ResourceWriter.Put(session, record, before, endpoint.Key, endpoint.Content, "PUT", derived: true);
            if (put.Changed)
            {
                things.Add(new("resource", endpoint.Key.ToString(), put.Resource.Version));
            }
        }
    }

    private static void DeleteEndpoints(WriteSession session, RecordState record, List<ChangedThing> things)
    {
        var ids = session.All(
            "SELECT id FROM resource WHERE record = $0 AND type = 'Endpoint' AND derived = 1", row => row.GetString(0), record.Pk);
        foreach (var key in ids.Select(id => new ResourceKey("Endpoint", id)))
        {
            if (ResourceWriter.Delete(session, record, ResourceWriter.FindRow(session, key), key) is { Changed: true } deleted)
            {
                things.Add(new("resource", key.ToString(), deleted.Resource.Version));
            }
        }
    }

    private static bool IsPatientOf(RecordState record, ResourceKey key) => key == new ResourceKey("Patient", record.Name);

    private static bool OtherImagingStudy(WriteSession session, RecordState record, ResourceKey key, string uid) => session.Number(
        "SELECT 1 FROM resource WHERE record = $0 AND type = 'ImagingStudy' AND study = $1 AND id <> $2 AND method <> 'DELETE'",
        record.Pk, uid, key.Id) is not null;

    private static Problem? Judge(WriteSession session, RecordState? record, Precondition precondition)
    {
        switch (precondition)
        {
            case Precondition.VersionIs(var key, var versions):
                return Live(session, record, key) is { } version && versions.Contains(version) ? null : Stale();
            case Precondition.Exists(var key):
                return Live(session, record, key) is not null ? null : Stale();
            case Precondition.Absent(var key):
                return ResourceWriter.FindRow(session, key) is null or { IsDeleted: true }
                    ? null
                    : Problem.Conflict("A resource of this type and id is there already.");
            case Precondition.RecordExists:
                return record is { IsLive: true } ? null : Problem.NotFound();
            case Precondition.RecordIsEmptyBut(var keys):
                return record is null || IsEmptyBut(session, record, keys)
                    ? null
                    : Problem.Conflict("The record is not empty; erase it as a whole, or delete what it holds first.");
            case Precondition.LinkAbsent(var space, var value):
                return session.Number("SELECT 1 FROM link WHERE namespace = $0 AND value = $1", space, value) is null
                    ? null
                    : LinkedAlready();
            case Precondition.StudyHasNoInstances(var uid):
                return record is null
                    || session.Number($"SELECT 1 FROM study s WHERE s.record = $0 AND s.uid = $1 AND {InstanceWriter.HasInstances}", record.Pk, uid) is null
                    ? null
                    : Problem.Unprocessable("The study has instances, so its DICOM-born elements are the server's own.");
            case Precondition.SearchFinds finds:
                return SearchJudge.Judge(session, finds);
            default:
                throw new InvalidOperationException($"Unknown precondition {precondition.GetType().Name}.");
        }
    }

    private static long? Live(WriteSession session, RecordState? record, ResourceKey key) => record is null
        ? null
        : session.Number(
            "SELECT version FROM resource WHERE type = $0 AND id = $1 AND record = $2 AND method <> 'DELETE'", key.Type, key.Id, record.Pk);

    private static bool IsEmptyBut(WriteSession session, RecordState record, IReadOnlyList<ResourceKey> keys) =>
        session.Number(
            "SELECT 1 FROM resource WHERE record = $0 AND derived = 0 AND method <> 'DELETE' AND type || '/' || id NOT IN (SELECT value FROM json_each($1)) LIMIT 1",
            record.Pk, System.Text.Json.JsonSerializer.Serialize(keys.Select(key => key.ToString()))) is null
        && session.Number($"SELECT 1 FROM study s WHERE s.record = $0 AND {InstanceWriter.HasInstances} LIMIT 1", record.Pk) is null;

    private static Problem LinkedAlready() => Problem.Conflict("The identifier is linked to a record already.");

    private static Problem Stale() => Problem.PreconditionFailed("The resource is not at the version the request names.");
}

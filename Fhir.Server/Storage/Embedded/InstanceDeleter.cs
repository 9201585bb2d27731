namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// Deletes series and instances within the writer's transaction. Their rows leave the study for a closed generation of their own, where
/// no read looks and from which the sweep takes rows and blobs; numbers below zero are never those of a study.
/// </summary>
internal static class InstanceDeleter
{
    private sealed record Contribution(long Pk, string Sop, string Series, bool Served, int Trust, string Key);

    public static void Delete(WriteSession session, RecordState record, InstanceDeletion deletion, List<ChangedThing> things)
    {
        var (study, generation) = session.First(
            "SELECT pk, generation FROM study WHERE record = $0 AND uid = $1", row => (row.GetInt64(0), row.GetInt64(1)), record.Pk, deletion.StudyInstanceUid);
        if (study == 0)
        {
            return;
        }
        var contributions = Contributions(session, study, generation, deletion);
        var gone = contributions.FindAll(one => deletion.OnlyContributor is null || one.Key == deletion.OnlyContributor);
        if (gone.Count == 0)
        {
            return;
        }
        var heirs = contributions.Except(gone).GroupBy(one => one.Sop).ToDictionary(group => group.Key, Heir);
        var lost = gone.FindAll(one => one.Served && !heirs.ContainsKey(one.Sop));
        var served = session.Number("SELECT COUNT(*) FROM instance WHERE study = $0 AND generation = $1 AND served = 1", study, generation);
        if (lost.Count == served)
        {
            CommitWriter.DeleteStudy(session, record, deletion.StudyInstanceUid, things);
            return;
        }
        PutAside(session, record, study, gone);
        var changed = gone.Where(one => one.Served).Select(one => one.Series).ToHashSet(StringComparer.Ordinal);
        foreach (var taken in gone.Where(one => one.Served))
        {
            if (heirs.TryGetValue(taken.Sop, out var heir))
            {
                session.Execute("UPDATE instance SET served = 1 WHERE pk = $0", heir.Pk);
                changed.Add(heir.Series);
            }
        }
        if (changed.Count > 0)
        {
            InstanceWriter.Remeasure(session, study, changed);
            InstanceWriter.MarkDirty(session, study, record.Updated);
        }
        if (!things.Exists(one => one is { Kind: "instances-deleted" } && one.Name == deletion.StudyInstanceUid))
        {
            things.Add(new("instances-deleted", deletion.StudyInstanceUid, 0));
        }
    }

    /// <summary>All contributions of the instances whose served one is in the series.</summary>
    private static List<Contribution> Contributions(WriteSession session, long study, long generation, InstanceDeletion deletion) => session.All(
        "SELECT i.pk, i.sop_uid, i.series_uid, i.served, i.trust, i.contributor_key FROM instance i JOIN instance v "
        + "ON v.study = i.study AND v.generation = i.generation AND v.sop_uid = i.sop_uid AND v.served = 1 "
        + "WHERE v.study = $0 AND v.generation = $1 AND v.series_uid = $2" + (deletion.SopInstanceUid is null ? "" : " AND v.sop_uid = $3"),
        row => new Contribution(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetInt32(4), row.GetString(5)),
        deletion.SopInstanceUid is null
            ? [study, generation, deletion.SeriesInstanceUid]
            : [study, generation, deletion.SeriesInstanceUid, deletion.SopInstanceUid]);

    private static Contribution Heir(IEnumerable<Contribution> left) => left.OrderByDescending(one => one.Trust).ThenBy(one => one.Pk).First();

    private static void PutAside(WriteSession session, RecordState record, long study, List<Contribution> gone)
    {
        // The record's clock never stands still, so each commit has a number of its own; a second deletion within one takes the next free.
        var aside = -record.Updated;
        while (session.Number("SELECT 1 FROM closed_generation WHERE study = $0 AND generation = $1", study, aside) is not null)
        {
            aside--;
        }
        session.Execute("INSERT INTO closed_generation VALUES($0, $1)", study, aside);
        foreach (var one in gone)
        {
            session.Execute("UPDATE instance SET generation = $1, served = 0 WHERE pk = $0", one.Pk, aside);
        }
    }
}

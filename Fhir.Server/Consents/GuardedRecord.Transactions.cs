using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

public sealed partial class GuardedRecord
{
    /// <summary>
    /// Makes several changes or none, each judged as if it came alone: the first that may not be made is the problem of all, with the number of the
    /// change told to <paramref name="tell"/>. No resource may stand in it twice. Patients made in it may be referred to in it.
    /// </summary>
    /// <param name="changes">The changes; deletions are made first, then what is created, then what is updated.</param>
    /// <param name="conditions">What some of them were decided by, among what the caller may see.</param>
    /// <param name="tell">Says of a problem which change it is of.</param>
    /// <param name="cancellationToken">Gives up; a commit under way is finished.</param>
    /// <returns>What each is now, in the order of <paramref name="changes"/>; null for a deletion of what was not there.</returns>
    public async ValueTask<Outcome<IReadOnlyList<CommittedResource?>>> TransactAsync(
        IReadOnlyList<RecordChange> changes, IReadOnlyList<ConditionalMatch> conditions, Func<int, Problem, Problem> tell, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changes);
        ArgumentNullException.ThrowIfNull(tell);
        var made = changes.Where(change => change is not RecordChange.Delete && change.Key.Type == Patient)
            .Select(change => new RecordId(change.Key.Id)).ToHashSet();
        var gone = changes.OfType<RecordChange.Delete>().Select(change => change.Key).ToHashSet();
        var drafts = new List<(int Index, RecordId Record, ResourceChange Change, IReadOnlyList<string> Studies)>(changes.Count);
        var preconditions = new Dictionary<RecordId, List<Precondition>>();
        foreach (var i in Enumerable.Range(0, changes.Count).OrderBy(i => OrderOf(changes[i])))
        {
            if (!(await JudgeAsync(changes[i], made, gone, cancellationToken)).TryGet(out var judged, out var problem))
            {
                return tell(i, problem);
            }
            if (judged is { } one)
            {
                if (one.Change.Content is not null && gone.Contains(new(Patient, one.Record.Value)))
                {
                    return tell(i, Problem.Conflict("The patient this belongs to is deleted in the same transaction."));
                }
                drafts.Add((i, one.Record, one.Change, one.Studies));
                var ofRecord = preconditions.TryGetValue(one.Record, out var known) ? known : preconditions[one.Record] = [];
                // Of many resources of one record each asks the same of the record.
                ofRecord.AddRange(one.Preconditions.Where(condition => condition is not Precondition.RecordExists || !ofRecord.Contains(condition)));
            }
        }
        var committed = new CommittedResource?[changes.Count];
        if (drafts.Count == 0)
        {
            return committed;
        }
        var byRecord = drafts.GroupBy(draft => draft.Record).ToList();
        var finds = conditions.Select(one => one.ToPrecondition(To(ScopeLetters.Search)));
        var commits = byRecord.Select(group => new RecordCommit(group.Key)
        {
            Preconditions = group == byRecord[0] ? [.. preconditions[group.Key], .. finds] : preconditions[group.Key],
            // A Patient comes before what lives in its record, and goes after it.
            Resources = [.. group.OrderBy(draft => (draft.Change.Content is not null, (draft.Change.Key.Type == Patient) == draft.Change.Content is null)).Select(draft => draft.Change)],
            DeletedStudies = [.. group.SelectMany(draft => draft.Studies)],
            Organization = Organization,
            Audit = [.. group.Select(draft => log.Entry(Caller, group.Key, ActionOf(changes[draft.Index]), draft.Change.Key.ToString()))],
        }).ToList();
        var definitions = drafts.SelectMany(draft => ParametersOf(changes[draft.Index], draft.Record).Select(change => (draft.Index, Change: change))).ToList();
        var isUndefinable = false;
        var outcome = await stores.Parameters.ChangeAsync(
            [.. definitions.Select(one => one.Change)],
            (i, problem) =>
            {
                isUndefinable = true;
                return tell(definitions[i].Index, problem);
            },
            (parameters, token) => stores.Resources.CommitAsync([.. commits.Select(commit => commit with { Parameters = parameters })], token), cancellationToken);
        if (!outcome.TryGet(out var receipts, out var failed))
        {
            return isUndefinable ? failed : OfCommit(failed);
        }
        var byKey = receipts.SelectMany(receipt => receipt.Resources).ToDictionary(one => one.Resource.Key);
        foreach (var draft in drafts)
        {
            committed[draft.Index] = byKey[draft.Change.Key];
        }
        return committed;
    }

    private static int OrderOf(RecordChange change) => change switch
    {
        RecordChange.Delete => 0,
        RecordChange.Create => 1,
        _ => 2,
    };

    private static IReadOnlyList<(string Id, Hl7.Fhir.Model.SearchParameter? Definition)> ParametersOf(RecordChange change, RecordId record) => change switch
    {
        RecordChange.Create(var draft) => draft.Parameters,
        RecordChange.Update update => update.Draft.Parameters,
        _ => Undefined(change.Key, record),
    };

    private static string ActionOf(RecordChange change) => change switch
    {
        RecordChange.Delete => "delete",
        RecordChange.Create => "create",
        _ => "update",
    };

    /// <summary>A change with what must hold for it; nothing for a deletion of what is not there.</summary>
    private async ValueTask<Outcome<Judged?>> JudgeAsync(RecordChange change, HashSet<RecordId> made, HashSet<ResourceKey> gone, CancellationToken cancellationToken)
    {
        switch (change)
        {
            case RecordChange.Create(var draft):
                return await MayWriteAsync("create", draft.Key, draft.Record, ScopeLetters.Create, draft.Content, cancellationToken) is { } refused
                    ? refused
                    : new Judged(draft, [new Precondition.Absent(draft.Key), .. OfRecord(draft, made), .. WithoutInstances(draft)]);
            case RecordChange.Update(var draft, var ifMatch, var readAt, var hasInstances):
                return await MayUpdateAsync(draft, cancellationToken) is { } refusal
                    ? refusal
                    : new Judged(
                        draft,
                        [
                            .. OfRecord(draft, made), .. ifMatch is null ? [] : (Precondition[])[ifMatch.ToPrecondition(draft.Key)],
                            .. readAt is { } version ? (Precondition[])[new Precondition.VersionIs(draft.Key, version)] : [], .. hasInstances ? [] : WithoutInstances(draft),
                        ]);
            case RecordChange.Delete(var key, var match):
                if (await LacksScopeAsync(ScopeLetters.Delete, key.Type, "delete", key.ToString(), cancellationToken) is { } lacking)
                {
                    return lacking;
                }
                var current = await stores.Resources.FindAsync(key, To(ScopeLetters.Delete), cancellationToken);
                if (current is null || current.IsDeleted)
                {
                    await NoteAsync("delete", key.ToString(), current, cancellationToken);
                    return match is null || !SeesEverything ? (Judged?)null : Problem.PreconditionFailed("There is no such version to delete.");
                }
                return await MayDeleteAsync(current, cancellationToken) is { } problem
                    ? problem
                    : new Judged(current.Record, new ResourceChange(key, null, "DELETE"), [.. OfDeletion(key, match, with: gone)], StudiesGoneWith(current));
            default:
                throw new InvalidOperationException($"Unknown change {change.GetType().Name}.");
        }
    }

    private static IEnumerable<Precondition> OfRecord(ResourceDraft draft, HashSet<RecordId> made) => made.Contains(draft.Record) ? [] : InExistingRecord(draft);

    private sealed record Judged(RecordId Record, ResourceChange Change, IReadOnlyList<Precondition> Preconditions, IReadOnlyList<string> Studies)
    {
        public Judged(ResourceDraft draft, IReadOnlyList<Precondition> preconditions)
            : this(draft.Record, new ResourceChange(draft.Key, draft.Content, draft.Method), preconditions, [])
        {
        }
    }
}

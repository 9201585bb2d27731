using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Patch;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest;

/// <summary>
/// A transaction: deletes, creates, updates and patches made all or not at all, whatever their order; links between entries become
/// what they are called here. Reads come last and see what was made. See https://hl7.org/fhir/R4/http.html#trules
/// </summary>
internal sealed class TransactionRun(GuardedRecord guard, ResourceContents contents, PublicAddress address)
{
    // Others may write between judging and committing; then all is judged anew.
    private const int Attempts = 5;

    /// <summary>Whether what was written of a type may be given back.</summary>
    public bool MayReadBack(string type) => guard.MayReadBack(type);

    /// <summary>Makes the changes of a transaction.</summary>
    /// <param name="entries">Its entries, also those that only read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of each entry; null for those that read.</returns>
    public async ValueTask<Outcome<IReadOnlyList<TransactionResult?>>> RunAsync(IReadOnlyList<BundleEntry> entries, CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            var attempt = new TransactionAttempt(guard, contents, address);
            var outcome = await attempt.RunAsync(entries, cancellationToken);
            var mayBeStale = attempt.IsDecidedByWhatIsThere && outcome.Problem?.Kind is (ProblemKind.PreconditionFailed or ProblemKind.Conflict);
            if (!mayBeStale || number == Attempts)
            {
                return outcome;
            }
        }
    }
}

/// <summary>What became of an entry that changes something.</summary>
/// <param name="Committed">The resource as it is now; null for a deletion of what was not there.</param>
internal sealed record TransactionResult(CommittedResource? Committed);

/// <summary>One attempt: what is judged is what is committed, or nothing is.</summary>
internal sealed class TransactionAttempt(GuardedRecord guard, ResourceContents contents, PublicAddress address)
{
    private readonly BundleReferences references = new();
    private readonly List<Planned> plan = [];
    private readonly List<ConditionalMatch> conditions = [];
    private readonly HashSet<ResourceKey> named = [];
    private bool hasEdits;

    /// <summary>Whether it would come out otherwise when others have written meanwhile: it has conditions, or changes what it has read.</summary>
    public bool IsDecidedByWhatIsThere => hasEdits || conditions.Count > 0;

    public async ValueTask<Outcome<IReadOnlyList<TransactionResult?>>> RunAsync(IReadOnlyList<BundleEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var entry in entries.Where(entry => entry.Method is not ("GET" or "HEAD")))
        {
            if (await PlanAsync(entry, cancellationToken) is { } problem)
            {
                return At(problem, entry);
            }
        }
        if (await LinkAsync(cancellationToken) is { } unlinked)
        {
            return unlinked;
        }
        var changes = new List<(Planned Planned, RecordChange Change)>(plan.Count);
        foreach (var planned in plan.Where(one => one.Existing is null))
        {
            if (!(await ChangeOfAsync(planned, cancellationToken)).TryGet(out var change, out var problem))
            {
                return At(problem, planned.Entry);
            }
            hasEdits |= change is RecordChange.Update { ReadAt: not null };
            changes.Add((planned, change));
        }
        var outcome = await guard.TransactAsync([.. changes.Select(one => one.Change)], conditions, (i, problem) => At(problem, changes[i].Planned.Entry), cancellationToken);
        if (!outcome.TryGet(out var committed, out var failed))
        {
            return failed;
        }
        var results = new TransactionResult?[entries.Count];
        foreach (var (i, (planned, _)) in changes.Index())
        {
            results[planned.Entry.Index] = new(committed[i]);
        }
        foreach (var planned in plan.Where(one => one.Existing is not null))
        {
            results[planned.Entry.Index] = new(new CommittedResource(planned.Existing!, Created: false, Changed: false));
        }
        return results;
    }

    /// <summary>What an entry is to change, by which id, and what it is called.</summary>
    private async ValueTask<Problem?> PlanAsync(BundleEntry entry, CancellationToken cancellationToken)
    {
        switch (entry.Method, entry.Segments)
        {
            case ("POST", [var type]) when ResourceContents.Types.Contains(type) && entry.Query.Length == 0:
                return await PlanCreateAsync(entry, type, cancellationToken);
            case ("PUT" or "DELETE" or "PATCH", [var type, var id]) when ResourceContents.Types.Contains(type):
                if (entry.Method == "PUT" && !RecordId.IsWellFormed(id))
                {
                    return Problem.Invalid("The id in the address is not a FHIR id.");
                }
                return Plan(new(entry, new(type, id)));
            case ("PUT" or "DELETE" or "PATCH", [var type]) when ResourceContents.Types.Contains(type) && entry.Query.Length > 0:
                return await PlanConditionalAsync(entry, type, cancellationToken);
            default:
                return Problem.Invalid($"A transaction does not do {entry.Method} of such an address.");
        }
    }

    private async ValueTask<Problem?> PlanCreateAsync(BundleEntry entry, string type, CancellationToken cancellationToken)
    {
        if (entry.IfNoneExist is not null)
        {
            if (!(await MatchAsync(type, entry.IfNoneExist, cancellationToken)).TryGet(out var found, out var problem))
            {
                return problem;
            }
            // Others in the bundle may refer to it by what it is looked for.
            var here = found ?? new ResourceKey(type, NewId());
            var isFirst = references.Add($"{type}?{entry.IfNoneExist.TrimStart('?')}", here.ToString());
            if (found is null && !isFirst)
            {
                return Problem.Invalid("Two entries are to be made unless the same is found; the second would be made beside the first.");
            }
            if (found is null)
            {
                return Plan(new(entry, here));
            }
            return (await guard.ReadAsync(here, cancellationToken)).TryGet(out var existing, out problem) ? PlanExisting(entry, existing) : problem;
        }
        return Plan(new(entry, new(type, NewId())));
    }

    private async ValueTask<Problem?> PlanConditionalAsync(BundleEntry entry, string type, CancellationToken cancellationToken)
    {
        if (!(await MatchAsync(type, entry.Query, cancellationToken)).TryGet(out var found, out var problem))
        {
            return problem;
        }
        switch (entry.Method, found)
        {
            case ("PUT", null):
                // The body's own id when it has one, as an update to that would.
                if (!FhirBody.Parse(entry.Resource, type).TryGet(out var body, out problem))
                {
                    return problem;
                }
                if (body.Id is not null && !RecordId.IsWellFormed(body.Id))
                {
                    return Problem.Invalid("The id in the body is not a FHIR id.", "id");
                }
                return Plan(new(entry, new(type, body.Id ?? NewId())) { IsConditional = true });
            case ("DELETE", null):
                // Nothing to delete is no failure.
                return Plan(new(entry, new(type, NewId())) { IsConditional = true });
            case (_, { } target):
                return Plan(new(entry, target) { IsConditional = true });
            default:
                return Problem.NotFound();
        }
    }

    private Problem? Plan(Planned planned)
    {
        if (!named.Add(planned.Key))
        {
            return Problem.Invalid("A resource stands twice in the transaction.");
        }
        plan.Add(planned);
        return planned.Entry.Method == "DELETE" ? null : Name(planned.Entry, planned.Key);
    }

    private Problem? PlanExisting(BundleEntry entry, StoredResource found)
    {
        plan.Add(new(entry, found.Key) { Existing = found });
        return Name(entry, found.Key);
    }

    private Problem? Name(BundleEntry entry, ResourceKey key) => entry.FullUrl is null || references.Add(entry.FullUrl, key.ToString())
        ? null
        : Problem.Invalid("Two entries have the same fullUrl.");

    /// <summary>Reads the resources and turns what they call each other into what they are called here.</summary>
    private async ValueTask<Problem?> LinkAsync(CancellationToken cancellationToken)
    {
        var sent = plan.Where(one => one.Existing is null && one.Entry.Method is "POST" or "PUT").ToList();
        foreach (var planned in sent)
        {
            if (!FhirBody.Parse(planned.Entry.Resource, planned.Key.Type).TryGet(out var resource, out var problem))
            {
                return At(problem, planned.Entry);
            }
            if (planned.Entry.Method == "PUT" && resource.Id is { } id && id != planned.Key.Id)
            {
                return At(Problem.Invalid("The id in the body is not that of the address.", "id"), planned.Entry);
            }
            if (planned.Entry.Method == "PUT" && resource.Id is null && !planned.IsConditional)
            {
                return At(Problem.Invalid("An update needs the id in its body.", "id"), planned.Entry);
            }
            references.Rewrite(resource, planned.Entry.FullUrl, planned.Entry.Expression);
            planned.Resource = resource;
        }
        if (references.Unknown is { } unknown)
        {
            return Problem.Invalid("A reference is to a urn:uuid by which no entry of the transaction is called.", unknown.Expression);
        }
        foreach (var (search, expression) in references.Conditional)
        {
            var (type, criteria) = (search[..search.IndexOf('?', StringComparison.Ordinal)], search[(search.IndexOf('?', StringComparison.Ordinal) + 1)..]);
            if (!(await MatchAsync(type, criteria, cancellationToken)).TryGet(out var found, out var problem))
            {
                return problem with { Expression = expression };
            }
            if (found is not { } target)
            {
                return Problem.PreconditionFailed("A conditional reference finds nothing.") with { Expression = expression };
            }
            references.Add(search, target.ToString());
        }
        if (references.Conditional.Count > 0)
        {
            sent.ForEach(planned => references.Rewrite(planned.Resource!, planned.Entry.FullUrl, planned.Entry.Expression));
        }
        return null;
    }

    private async ValueTask<Outcome<RecordChange>> ChangeOfAsync(Planned planned, CancellationToken cancellationToken)
    {
        var (entry, key) = (planned.Entry, planned.Key);
        if (!FhirNegotiation.ReadIfMatch(entry.IfMatch).TryGet(out var ifMatch, out var problem))
        {
            return problem;
        }
        switch (entry.Method)
        {
            case "DELETE":
                return new RecordChange.Delete(key, ifMatch);
            case "POST":
                return contents.Draft(planned.Resource!, key.Id, "POST").TryGet(out var created, out problem) ? new RecordChange.Create(created) : problem;
            case "PUT":
                planned.Resource!.Id = key.Id;
                return await UpdateOfAsync(planned.Resource!, key, ifMatch, cancellationToken);
            default:
                return await PatchOfAsync(entry, key, ifMatch, cancellationToken);
        }
    }

    private async ValueTask<Outcome<RecordChange>> PatchOfAsync(BundleEntry entry, ResourceKey key, IfMatch? ifMatch, CancellationToken cancellationToken)
    {
        if (!PatchBody.OfEntry(entry.Resource).TryGet(out var patch, out var problem)
            || !(await guard.ReadAsync(key, cancellationToken)).TryGet(out var current, out problem)
            || !(await new ResourcePatch(guard, contents, patch).EditAsync(current, cancellationToken)).TryGet(out var draft, out problem))
        {
            return problem;
        }
        var hasInstances = key.Type == "ImagingStudy" && await guard.HasInstancesAsync(current, cancellationToken);
        return new RecordChange.Update(draft, ifMatch, current.Version, hasInstances);
    }

    /// <summary>An update; of a study with instances only the human part, held to the version it was judged by.</summary>
    private async ValueTask<Outcome<RecordChange>> UpdateOfAsync(Resource resource, ResourceKey key, IfMatch? ifMatch, CancellationToken cancellationToken)
    {
        if (resource is ImagingStudy study
            && (await guard.ReadAsync(key, cancellationToken)).TryGet(out var current, out _)
            && current.Redaction is null && guard.Caller.MayWrite && await guard.HasInstancesAsync(current, cancellationToken))
        {
            return (await StudyEdit.MergeAsync(guard, current, study, ifMatch, cancellationToken)).TryGet(out var merged, out var refused)
                ? new RecordChange.Update(contents.Draft(merged, key.Id, "PUT", current.Record), null, current.Version, HasInstances: true)
                : refused;
        }
        return contents.Draft(resource, key.Id, "PUT").TryGet(out var draft, out var problem) ? new RecordChange.Update(draft, ifMatch) : problem;
    }

    /// <summary>What criteria find, of which the transaction then depends; <c>PreconditionFailed</c> for more than one.</summary>
    private async ValueTask<Outcome<ResourceKey?>> MatchAsync(string type, string criteria, CancellationToken cancellationToken)
    {
        if (!ConditionalCriteria.Parse(type, criteria, address.Fhir, guard.SearchParameters).TryGet(out var parsed, out var problem)
            || !(await parsed.ResolveAsync(guard, cancellationToken)).TryGet(out var match, out problem))
        {
            return problem;
        }
        if (match.IsMany)
        {
            return GuardedRecord.TooMany();
        }
        conditions.Add(match);
        return match.Only;
    }

    private static string NewId() => CreateEndpoint.NewId();

    /// <summary>A problem of an entry: the element at fault is one of the bundle's.</summary>
    private static Problem At(Problem problem, BundleEntry entry) => problem with
    {
        Expression = problem.Expression switch
        {
            null => entry.Expression,
            var whole when whole.StartsWith("Bundle.", StringComparison.Ordinal) => whole,
            // Patient.name, as a path from its type, is Bundle.entry[0].resource.name.
            var path => $"{entry.Expression}.resource{(char.IsUpper(path[0]) ? path.AsSpan(path.AsSpan().IndexOf('.') is var dot and >= 0 ? dot : path.Length).ToString() : "." + path)}",
        },
        Further = problem.Further?.Select(one => At(one, entry)).ToList(),
    };

    /// <summary>A change that is planned.</summary>
    private sealed class Planned(BundleEntry entry, ResourceKey key)
    {
        public BundleEntry Entry => entry;

        public ResourceKey Key => key;

        public StoredResource? Existing { get; init; }

        public bool IsConditional { get; init; }

        public Resource? Resource { get; set; }
    }
}

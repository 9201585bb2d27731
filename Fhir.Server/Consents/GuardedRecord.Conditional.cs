using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

public sealed partial class GuardedRecord
{
    /// <summary>How often something is decided anew when others write meanwhile.</summary>
    private const int Attempts = 20;

    /// <summary>
    /// What the criteria of a conditional interaction find, none, one or many; what is hidden does not count. <c>Forbidden</c> like
    /// <see cref="SearchAsync"/>.
    /// </summary>
    public async ValueTask<Outcome<ConditionalMatch>> ResolveAsync(SearchQuery criteria, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(criteria);
        var firstTwo = criteria with { Count = 2, Sort = [], Includes = [], RevIncludes = [], Total = TotalMode.None, Cursor = null, Explain = false };
        var found = await SearchAsync(firstTwo, cancellationToken);
        return found.Match<Outcome<ConditionalMatch>>(
            page => new ConditionalMatch(criteria, page.Matches is [var only] ? only.Key : null, page.Matches.Count > 1), problem => problem);
    }

    /// <summary>
    /// FHIR conditional create: writes the draft when nothing the caller sees matches, and gives what matches when just one does. Of many
    /// at the same time only one writes. <c>PreconditionFailed</c> when more than one matches; else like create.
    /// See https://hl7.org/fhir/R4/http.html#ccreate
    /// </summary>
    public async ValueTask<Outcome<CommittedResource>> CreateAsync(ResourceDraft draft, SearchQuery ifNoneExist, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(draft);
        if (await MayWriteAsync("create", draft.Key, draft.Record, ScopeLetters.Create, draft.Content, cancellationToken) is { } refusal)
        {
            return refusal;
        }
        var failed = Problem.Conflict("What the criteria find is changing too fast; try again in a moment.");
        for (var (attempt, conflicts) = (0, 0); attempt < Attempts && conflicts < 2; attempt++)
        {
            if (!(await ResolveAsync(ifNoneExist, cancellationToken)).TryGet(out var match, out var problem))
            {
                return problem;
            }
            if (match.IsMany)
            {
                return TooMany();
            }
            if (match.Only is { } key)
            {
                if (await stores.Resources.FindAsync(key, To(ScopeLetters.Search), cancellationToken) is { IsDeleted: false } there)
                {
                    return new CommittedResource(there, Created: false, Changed: false);
                }
                continue;
            }
            var outcome = await CreateAsync(draft, match, cancellationToken);
            if (outcome.Problem is not { Kind: ProblemKind.PreconditionFailed or ProblemKind.Conflict } changed)
            {
                return outcome;
            }
            // A study that has come in meanwhile stands in the way, and may be what is found now.
            conflicts += changed.Kind == ProblemKind.Conflict ? 1 : 0;
            failed = changed;
        }
        return failed;
    }

    /// <summary>FHIR create, decided by what criteria found; <c>PreconditionFailed</c> when they find something else by now.</summary>
    public async ValueTask<Outcome<CommittedResource>> CreateAsync(ResourceDraft draft, ConditionalMatch decided, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(decided);
        if (await MayWriteAsync("create", draft.Key, draft.Record, ScopeLetters.Create, draft.Content, cancellationToken) is { } refusal)
        {
            return refusal;
        }
        return await CommitAsync(
            "create", draft,
            [decided.ToPrecondition(To(ScopeLetters.Search)), new Precondition.Absent(draft.Key), .. InExistingRecord(draft), .. WithoutInstances(draft)],
            cancellationToken);
    }

    /// <summary>FHIR update, decided by what criteria found; <c>PreconditionFailed</c> when they find something else by now.</summary>
    public ValueTask<Outcome<CommittedResource>> UpdateAsync(
        ResourceDraft draft, IfMatch? ifMatch, ConditionalMatch decided, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(decided);
        return UpdateAsync(draft, [decided.ToPrecondition(To(ScopeLetters.Search)), .. ForUpdate(draft, ifMatch)], cancellationToken);
    }

    /// <summary>
    /// FHIR patch: reads the resource, has it edited and writes it when nobody else has meanwhile; else again from the start, unless the
    /// caller names a version. <c>NotFound</c> for unknown and hidden alike, <c>Gone</c> for a deleted one, <c>PreconditionFailed</c> when
    /// If-Match or what criteria found does not hold. See https://hl7.org/fhir/R4/http.html#patch
    /// </summary>
    /// <param name="key">What is patched.</param>
    /// <param name="ifMatch">The versions the caller names; null for any.</param>
    /// <param name="decided">What criteria found, when it was found by criteria.</param>
    /// <param name="edit">Makes the draft from the resource as it is; may be asked more than once.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Outcome<CommittedResource>> PatchAsync(
        ResourceKey key, IfMatch? ifMatch, ConditionalMatch? decided, Func<StoredResource, ValueTask<Outcome<ResourceDraft>>> edit,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(edit);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await LacksScopeAsync(ScopeLetters.Update, key.Type, "patch", key.ToString(), cancellationToken) is { } lacking)
            {
                return lacking;
            }
            var current = await stores.Resources.FindAsync(key, To(ScopeLetters.Update), cancellationToken);
            if (current is null && await OnlyReadableAsync("patch", key, cancellationToken) is { } readOnly)
            {
                return readOnly;
            }
            if (current is null or { IsDeleted: true })
            {
                await NoteAsync("patch", key.ToString(), current, cancellationToken);
                return Existing(current).Problem!;
            }
            if (await MayWriteAsync("patch", key, current.Record, ScopeLetters.Update, null, cancellationToken) is { } refusal)
            {
                return refusal;
            }
            if (current.Redaction is not null)
            {
                return Problem.Unprocessable("A part of this study is hidden from the caller, so it cannot be written back.");
            }
            if (ifMatch is { Any: false } && !ifMatch.Versions.Contains(current.Version))
            {
                return Problem.PreconditionFailed("The resource is not at the version the request names.");
            }
            var hasInstances = key.Type == ImagingStudy && await HasInstancesAsync(current, cancellationToken);
            if (!(await edit(current)).TryGet(out var draft, out var problem))
            {
                return problem;
            }
            var outcome = await UpdateAsync(
                draft,
                [
                    .. decided is null ? (IEnumerable<Precondition>)[] : [decided.ToPrecondition(To(ScopeLetters.Search))],
                    .. InExistingRecord(draft), new Precondition.VersionIs(key, current.Version), .. hasInstances ? [] : WithoutInstances(draft),
                ],
                cancellationToken);
            var mayHold = outcome.Problem?.Kind == ProblemKind.PreconditionFailed && ifMatch is not { Any: false } && decided is null;
            var hasStudyNow = outcome.Problem?.Kind == ProblemKind.Conflict && key.Type == ImagingStudy && !hasInstances
                && await HasInstancesAsync(current, cancellationToken);
            if (!mayHold && !hasStudyNow)
            {
                return outcome;
            }
        }
        return Problem.Conflict("The resource is changing too fast to be patched; try again in a moment.");
    }

    /// <summary>More than one resource matches the criteria: they are not selective enough.</summary>
    internal static Problem TooMany() => Problem.PreconditionFailed("More than one resource matches the criteria; nothing was written.");
}

using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

public sealed partial class GuardedRecord
{
    private const string Patient = "Patient";
    private const string ImagingStudy = "ImagingStudy";
    private const string Endpoint = "Endpoint";

    /// <summary>How the ids of derived Endpoints begin.</summary>
    private static readonly string[] OwnEndpoints = ["wado-", "qido-", "stow-"];

    /// <summary>
    /// FHIR create. The draft's id must be new. <c>Forbidden</c> when the caller may not write there, <c>Unprocessable</c> when the
    /// record it names does not exist, <c>Conflict</c> when the record has an ImagingStudy of the same study.
    /// </summary>
    public async ValueTask<Outcome<CommittedResource>> CreateAsync(ResourceDraft draft, CancellationToken cancellationToken)
    {
        if (await MayWriteAsync("create", draft.Key, draft.Record, ScopeLetters.Create, draft.Content, cancellationToken) is { } refusal)
        {
            return refusal;
        }
        return await CommitAsync("create", draft, [new Precondition.Absent(draft.Key), .. InExistingRecord(draft), .. WithoutInstances(draft)], cancellationToken);
    }

    /// <summary>
    /// FHIR update. What is unknown is created only for a caller who sees everything; others get <c>NotAllowed</c> for unknown and
    /// hidden alike. <c>PreconditionFailed</c> when If-Match does not hold; never judged against what is hidden. <c>Conflict</c> for an
    /// ImagingStudy whose study has instances: see <see cref="EditStudyAsync"/>.
    /// </summary>
    public ValueTask<Outcome<CommittedResource>> UpdateAsync(ResourceDraft draft, IfMatch? ifMatch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return UpdateAsync(draft, ForUpdate(draft, ifMatch), cancellationToken);
    }

    /// <summary>
    /// Writes an ImagingStudy whose study has instances, as its server-owned elements and people's own were merged from a version.
    /// <c>PreconditionFailed</c> when it is no longer at that version.
    /// </summary>
    public ValueTask<Outcome<CommittedResource>> EditStudyAsync(
        ResourceDraft merged, long version, ConditionalMatch? decided, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(merged);
        IEnumerable<Precondition> found = decided is null ? [] : [decided.ToPrecondition(To(ScopeLetters.Search))];
        return UpdateAsync(merged, [.. found, .. InExistingRecord(merged), new Precondition.VersionIs(merged.Key, version)], cancellationToken);
    }

    private async ValueTask<Outcome<CommittedResource>> UpdateAsync(
        ResourceDraft draft, IReadOnlyList<Precondition> preconditions, CancellationToken cancellationToken) =>
        await MayUpdateAsync(draft, cancellationToken) is { } refusal ? refusal : await CommitAsync("update", draft, preconditions, cancellationToken);

    /// <summary>Why the caller may not write this over what is there, or where nothing is; null when it may.</summary>
    private async ValueTask<Problem?> MayUpdateAsync(ResourceDraft draft, CancellationToken cancellationToken)
    {
        if (await LacksScopeAsync(ScopeLetters.Update, draft.Key.Type, "update", draft.Key.ToString(), cancellationToken) is { } lacking)
        {
            return lacking;
        }
        var current = await stores.Resources.FindAsync(draft.Key, To(ScopeLetters.Update), cancellationToken);
        if (current is null && await OnlyReadableAsync("update", draft.Key, cancellationToken) is { } readOnly)
        {
            return readOnly;
        }
        // A tombstone may be what a move left: for who does not see everything it is like what never was, or the two could be told apart.
        if (current is null or { IsDeleted: true } && !SeesEverything)
        {
            await NoteAsync("update", draft.Key.ToString(), null, cancellationToken);
            return Problem.NotAllowed("Only what is there can be updated; use create for something new.");
        }
        if (await MayWriteAsync("update", draft.Key, draft.Record, ScopeLetters.Update, draft.Content, cancellationToken) is { } refusal)
        {
            return refusal;
        }
        if (current is { Redaction: not null })
        {
            return Problem.Unprocessable("A part of this study is hidden from the caller, so it cannot be written back.");
        }
        if (draft.Key.Type == Endpoint && current is null && OwnEndpoints.Any(prefix => draft.Key.Id.StartsWith(prefix, StringComparison.Ordinal)))
        {
            return Problem.Unprocessable("Ids of this form are given by the server to the Endpoints it makes.", "Endpoint.id");
        }
        if (draft.Key.Type == Endpoint && current is not null && current.Record != RecordId.Shared)
        {
            return Problem.NotAllowed("This Endpoint is made by the server.");
        }
        if (ServerIds.IsOfDocument(draft.Key))
        {
            return current is null
                ? Problem.Unprocessable("Ids of this form are given by the server to what it makes of DICOM documents.", $"{draft.Key.Type}.id")
                : Problem.NotAllowed("This is made by the server from a DICOM instance, and changes with that alone.");
        }
        if (current is not null && current.Record != draft.Record)
        {
            return Problem.Unprocessable("An update cannot move a resource to another record.");
        }
        return null;
    }

    /// <summary>Whether a study that <see cref="ReadAsync"/> gave has instances, so that its DICOM-born elements are the server's own.</summary>
    public async ValueTask<bool> HasInstancesAsync(StoredResource study, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(study);
        return StudyOf(study) is { } uid
            && (await stores.Instances.SightOfStudyAsync(study.Record, uid, To(ScopeLetters.Read), cancellationToken) != Sight.Hidden
                || await stores.Instances.SightOfStudyAsync(study.Record, uid, To(ScopeLetters.Update), cancellationToken) != Sight.Hidden);
    }

    /// <summary>
    /// FHIR delete. Unknown, hidden and deleted ones succeed and change nothing. A Patient whose record is not empty is a
    /// <c>Conflict</c>; an ImagingStudy takes its instances with it, and is <c>Forbidden</c> when a part of it is hidden.
    /// </summary>
    /// <returns>The tombstone; null when nothing was there.</returns>
    public ValueTask<Outcome<StoredResource?>> DeleteAsync(ResourceKey key, IfMatch? ifMatch, CancellationToken cancellationToken) =>
        DeleteAsync(key, ifMatch, null, cancellationToken);

    /// <summary>The same, decided by what criteria found; <c>PreconditionFailed</c> when they find something else by now.</summary>
    public async ValueTask<Outcome<StoredResource?>> DeleteAsync(
        ResourceKey key, IfMatch? ifMatch, ConditionalMatch? decided, CancellationToken cancellationToken)
    {
        if (await LacksScopeAsync(ScopeLetters.Delete, key.Type, "delete", key.ToString(), cancellationToken) is { } lacking)
        {
            return lacking;
        }
        var current = await stores.Resources.FindAsync(key, To(ScopeLetters.Delete), cancellationToken);
        if (current is null || current.IsDeleted)
        {
            await NoteAsync("delete", key.ToString(), current, cancellationToken);
            return ifMatch is null || !SeesEverything ? current : Problem.PreconditionFailed("There is no such version to delete.");
        }
        if (await MayDeleteAsync(current, cancellationToken) is { } refusal)
        {
            return refusal;
        }
        var commit = new RecordCommit(current.Record)
        {
            Preconditions = [.. OfDeletion(key, ifMatch, decided)],
            Resources = [new ResourceChange(key, null, "DELETE")],
            DeletedStudies = StudiesGoneWith(current),
            Audit = [log.Entry(Caller, current.Record, "delete", key.ToString())],
        };
        var outcome = await stores.Parameters.ChangeAsync(
            Undefined(key, current.Record), (_, problem) => problem,
            (parameters, token) => stores.Resources.CommitAsync(commit with { Parameters = parameters }, token), cancellationToken);
        return outcome.Match<Outcome<StoredResource?>>(receipt => receipt.Resources[0].Resource, problem => problem);
    }

    /// <summary>What a deletion changes of the search parameters in force.</summary>
    private static IReadOnlyList<(string Id, Hl7.Fhir.Model.SearchParameter? Definition)> Undefined(ResourceKey key, RecordId record) =>
        key.Type == "SearchParameter" && record == RecordId.Shared ? [(key.Id, null)] : [];

    /// <summary>Why the caller may not delete what is there; null when it may.</summary>
    private async ValueTask<Problem?> MayDeleteAsync(StoredResource current, CancellationToken cancellationToken)
    {
        var key = current.Key;
        if (await MayWriteAsync("delete", key, current.Record, ScopeLetters.Delete, null, cancellationToken) is { } refusal)
        {
            return refusal;
        }
        if (current.Redaction is not null)
        {
            return await log.RefusedAsync(
                log.Entry(Caller, current.Record, "delete", key.ToString()),
                Problem.Forbidden("A part of this study may not be seen by the caller, so it cannot be deleted as a whole."), cancellationToken);
        }
        if (key.Type == Endpoint && current.Record != RecordId.Shared)
        {
            return Problem.NotAllowed("This Endpoint is made by the server; it goes with its record.");
        }
        return ServerIds.IsOfDocument(key) ? Problem.NotAllowed("This is made by the server from a DICOM instance; it goes with that.") : null;
    }

    private IEnumerable<Precondition> OfDeletion(ResourceKey key, IfMatch? ifMatch, ConditionalMatch? decided = null, IEnumerable<ResourceKey>? with = null)
    {
        if (decided is not null)
        {
            yield return decided.ToPrecondition(To(ScopeLetters.Search));
        }
        if (ifMatch is not null)
        {
            yield return ifMatch.ToPrecondition(key);
        }
        if (key.Type == Patient)
        {
            yield return new Precondition.RecordIsEmptyBut([key, .. with ?? []]);
        }
    }

    private static IReadOnlyList<string> StudiesGoneWith(StoredResource resource) =>
        resource is { Key.Type: ImagingStudy } && StudyOf(resource) is { } study ? [study] : [];

    /// <summary>Moves a study to another record of which the caller, like of the source, sees all.</summary>
    public async ValueTask<Outcome<Done>> MoveAsync(
        string studyInstanceUid, RecordId from, RecordId to, CancellationToken cancellationToken)
    {
        if (!To(ScopeLetters.Delete).SeesAnythingIn(from) || !To(ScopeLetters.Create).SeesAnythingIn(to))
        {
            return Problem.NotFound();
        }
        if (await MayWriteAsync("move", new(ImagingStudy, studyInstanceUid), from, ScopeLetters.Delete, null, cancellationToken) is { } refusal)
        {
            return refusal;
        }
        if (await MayWriteAsync("move", new(ImagingStudy, studyInstanceUid), to, ScopeLetters.Create, null, cancellationToken) is { } second)
        {
            return second;
        }
        var audit = log.Entry(Caller, from, "move", $"{studyInstanceUid} {from} {to}");
        return await stores.Resources.MoveAsync(studyInstanceUid, from, to, audit, cancellationToken);
    }

    /// <summary>Erases a record with all that is in it; <c>NotFound</c> for one the caller cannot see.</summary>
    public async ValueTask<Outcome<Done>> EraseAsync(RecordId record, CancellationToken cancellationToken)
    {
        if (!To(ScopeLetters.Delete).SeesAnythingIn(record))
        {
            return Problem.NotFound();
        }
        if (await MayWriteAsync("erase", new(Patient, record.Value), record, ScopeLetters.Delete, null, cancellationToken) is { } refusal)
        {
            return refusal;
        }
        var entry = log.Entry(Caller, record, "erase", record.Value);
        if (record == RecordId.Shared)
        {
            await stores.Parameters.ForgetAsync(() => stores.Resources.EraseAsync(record, entry, CancellationToken.None), cancellationToken);
        }
        else
        {
            await stores.Resources.EraseAsync(record, entry, cancellationToken);
        }
        return new Done();
    }

    private static string? StudyOf(StoredResource study)
    {
        // The identifier urn:dicom:uid of https://hl7.org/fhir/R4/imagingstudy.html#notes
        using var json = System.Text.Json.JsonDocument.Parse(study.Json);
        if (!json.RootElement.TryGetProperty("identifier", out var identifiers))
        {
            return null;
        }
        return identifiers.EnumerateArray()
            .Where(one => one.TryGetProperty("system", out var system) && system.GetString() == "urn:dicom:uid" && one.TryGetProperty("value", out _))
            .Select(one => one.GetProperty("value").GetString())
            .Select(value => value!.StartsWith("urn:oid:", StringComparison.Ordinal) ? value[8..] : value)
            .FirstOrDefault();
    }

    private async ValueTask<Outcome<CommittedResource>> CommitAsync(
        string action, ResourceDraft draft, IReadOnlyList<Precondition> preconditions, CancellationToken cancellationToken)
    {
        var commit = new RecordCommit(draft.Record)
        {
            Preconditions = preconditions,
            Resources = [new ResourceChange(draft.Key, draft.Content, draft.Method)],
            Organization = Organization,
            Audit = [log.Entry(Caller, draft.Record, action, draft.Key.ToString())],
        };
        var outcome = await stores.Parameters.ChangeAsync(
            draft.Parameters, (_, problem) => problem,
            (parameters, token) => stores.Resources.CommitAsync(commit with { Parameters = parameters }, token), cancellationToken);
        if (outcome.Problem is { Kind: ProblemKind.Unprocessable } && draft.Parameters.Count > 0)
        {
            return outcome.Problem;
        }
        return outcome.Match<Outcome<CommittedResource>>(receipt => receipt.Resources[0], problem => OfCommit(problem));
    }

    /// <summary>What a store's refusal means to whoever writes resources.</summary>
    private static Problem OfCommit(Problem problem) => problem.Kind switch
    {
        ProblemKind.NotFound => Problem.Unprocessable("The patient it belongs to is not known here."),
        ProblemKind.Unprocessable => Problem.Conflict("The record has instances of this study, and with them an ImagingStudy the server keeps."),
        _ => problem,
    };

    /// <summary>What belongs to a patient needs the patient; a Patient makes its own record, and what is shared needs none.</summary>
    private static IEnumerable<Precondition> InExistingRecord(ResourceDraft draft) =>
        draft.Key.Type == Patient || draft.Record == RecordId.Shared ? [] : [new Precondition.RecordExists()];

    /// <summary>An ImagingStudy is written as it is sent only while its study has no instances, judged inside the commit.</summary>
    private static IEnumerable<Precondition> WithoutInstances(ResourceDraft draft) =>
        draft.Content.StudyInstanceUid is { } study ? [new Precondition.StudyHasNoInstances(study)] : [];

    private static IReadOnlyList<Precondition> ForUpdate(ResourceDraft draft, IfMatch? ifMatch) =>
    [
        .. InExistingRecord(draft), .. ifMatch is null ? (IEnumerable<Precondition>)[] : [ifMatch.ToPrecondition(draft.Key)], .. WithoutInstances(draft),
    ];

    /// <summary>The Organization on whose behalf the caller acts; null for none.</summary>
    private string? Organization => Caller.Authorisation is { } own && RecordBases.SpeaksForOrganization(own) ? own.Organization : null;

    /// <summary>
    /// The refusal of who sees something to read it, and not to change it; null when it is not seen at all. Both are looked for whether or not there is
    /// anything, so that what is hidden takes the time of what is not there.
    /// </summary>
    private async ValueTask<Problem?> OnlyReadableAsync(string action, ResourceKey key, CancellationToken cancellationToken) =>
        Caller.Authorisation is not null && await stores.Resources.FindAsync(key, To(ScopeLetters.Read), cancellationToken) is { IsDeleted: false } seen
            ? await log.RefusedAsync(log.Entry(Caller, seen.Record, action, key.ToString()), Problem.Forbidden("The caller may read this, and not change it."), cancellationToken)
            : null;

    /// <summary>Why the caller may not write there; null when it may.</summary>
    /// <param name="action">What it wants to do.</param>
    /// <param name="key">To what.</param>
    /// <param name="record">Where.</param>
    /// <param name="letter">The letter of a scope it takes.</param>
    /// <param name="content">What will stand there; null when nothing will, or nothing is known of it yet.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async ValueTask<Problem?> MayWriteAsync(
        string action, ResourceKey key, RecordId record, ScopeLetters letter, ResourceContent? content, CancellationToken cancellationToken)
    {
        var visibility = To(letter);
        if (Caller.Authorisation is null)
        {
            if (Caller.MayWrite && visibility.SeesWhole(record) && (record != RecordId.Shared || SeesEverything))
            {
                return null;
            }
        }
        else if (await LacksScopeAsync(letter, key.Type, action, key.ToString(), cancellationToken) is { } lacking)
        {
            return lacking;
        }
        else
        {
            // What others gave under the same study would go with it: only who may see all of a record deletes images.
            var contributes = !(letter == ScopeLetters.Delete && key.Type == ImagingStudy)
                && (record == RecordId.Shared || await stores.Resources.ReachesAsync(record, null, visibility, cancellationToken) || await IsLinkedAsync(record, cancellationToken));
            if (visibility.Takes(new(record, key, content?.StudyInstanceUid), content, _ => contributes))
            {
                return null;
            }
        }
        var known = visibility.SeesAnythingIn(record) ? record : RecordId.Shared;
        return await log.RefusedAsync(
            log.Entry(Caller, known, action, key.ToString()), Problem.Forbidden("The caller may not write there."), cancellationToken);
    }
}

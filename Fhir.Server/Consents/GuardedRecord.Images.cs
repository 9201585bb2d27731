using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

public sealed partial class GuardedRecord
{
    /// <summary>Who the caller's contributions come from, and how far that is trusted.</summary>
    public Contributor Contributor => Caller.Kind switch
    {
        CallerKind.Open => new(null, Caller.Client, Caller.User, "stow", Trust.Site),
        CallerKind.Operator => new(null, Caller.Client, Caller.User, "command-line", Trust.Person),
        CallerKind.Token => new(Organization, Caller.Client, Caller.User, "stow", Organization is null ? Trust.Person : Trust.Site),
        _ => new(null, Caller.Client, Caller.User, "stow", Trust.Person),
    };

    /// <summary>QIDO studies: those of which any series may be seen, with counts of what may be seen.</summary>
    public ValueTask<Outcome<IndexPage<StudyRow>>> FindStudiesAsync(InstanceQuery query, CancellationToken cancellationToken) =>
        FindAsync("qido-studies", query, stores.Instances.FindStudiesAsync, row => row.Record, cancellationToken);

    /// <summary>QIDO series that may be seen.</summary>
    public ValueTask<Outcome<IndexPage<SeriesRow>>> FindSeriesAsync(InstanceQuery query, CancellationToken cancellationToken) =>
        FindAsync("qido-series", query, stores.Instances.FindSeriesAsync, row => row.Record, cancellationToken);

    /// <summary>QIDO instances of series that may be seen.</summary>
    public ValueTask<Outcome<IndexPage<InstanceRow>>> FindInstancesAsync(InstanceQuery query, CancellationToken cancellationToken) =>
        FindAsync("qido-instances", query, stores.Instances.FindInstancesAsync, row => row.Record, cancellationToken);

    /// <summary>
    /// The instances of a study, a series or one instance, to be given out whole: <c>NotFound</c> for unknown and hidden alike;
    /// <c>Gone</c> when the study was deleted and the caller could see what is asked for;
    /// a study of which a part is hidden is <c>Forbidden</c>, since a silent partial study is worse than none. Its visible series and
    /// instances stay retrievable.
    /// </summary>
    /// <param name="action">What they are wanted for, as the audit row shall say it.</param>
    /// <param name="record">The record.</param>
    /// <param name="study">Study Instance UID.</param>
    /// <param name="series">Series Instance UID; null for the whole study.</param>
    /// <param name="instance">SOP Instance UID; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Outcome<IReadOnlyList<InstanceRow>>> RetrieveAsync(
        string action, RecordId record, string study, string? series, string? instance, CancellationToken cancellationToken)
    {
        var what = string.Join('/', new[] { study, series, instance }.OfType<string>());
        if (await LacksScopeAsync(ScopeLetters.Read, ImagingStudy, action, what, cancellationToken) is { } lacking)
        {
            return lacking;
        }
        return await GiveOutAsync(action, what, record, study, series, instance, To(ScopeLetters.Read), cancellationToken);
    }

    /// <summary>
    /// The instance a Binary that <see cref="ReadAsync"/> gave was made of: who may see the one may see the other. Else as
    /// <see cref="RetrieveAsync"/>.
    /// </summary>
    public ValueTask<Outcome<IReadOnlyList<InstanceRow>>> RetrieveDocumentAsync(
        StoredResource binary, string study, string series, string instance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(binary);
        var visibility = Caller.Authorisation is null ? To(ScopeLetters.Read) : Visibility.Of(RecordView.Series(binary.Record, study, series));
        return GiveOutAsync("binary", $"{study}/{series}/{instance}", binary.Record, study, series, instance, visibility, cancellationToken);
    }

    private async ValueTask<Outcome<IReadOnlyList<InstanceRow>>> GiveOutAsync(
        string action, string what, RecordId record, string study, string? series, string? instance, Visibility visibility, CancellationToken cancellationToken)
    {
        await stores.Resources.SettleAsync(record, visibility, cancellationToken);
        if (series is null
            && await stores.Instances.SightOfStudyAsync(record, study, visibility, cancellationToken) == Sight.Part)
        {
            return await log.RefusedAsync(
                log.Entry(Caller, record, action, what),
                Problem.Forbidden("A part of this study may not be seen by the caller, so it is not given out as a whole; its series are."),
                cancellationToken);
        }
        var query = new InstanceQuery(
            record, study, series, instance is null ? [] : [new("SOPInstanceUID", MatchKind.AnyOf, [instance])], 0, int.MaxValue - 1,
            WithAttributes: false);
        var found = await stores.Instances.FindInstancesAsync(query, visibility, cancellationToken);
        var seen = found.Rows.Count > 0;
        var isGone = !seen && await IsGoneAsync(record, study, series, cancellationToken);
        await log.NoteAsync(log.Entry(Caller, seen || isGone ? record : RecordId.Shared, action, what, seen ? 0 : 4), cancellationToken);
        return seen ? ToOutcome(found.Rows) : isGone ? Problem.Gone() : Problem.NotFound();
    }

    /// <summary>
    /// Who saw only some series of what was deleted is told so of the study, for it cannot be told any more which they were. Who comes by a capability is
    /// told of none.
    /// </summary>
    private async ValueTask<bool> IsGoneAsync(RecordId record, string study, string? series, CancellationToken cancellationToken) =>
        Caller.Capability is null && await stores.Resources.SightOfDeletedStudyAsync(record, study, To(ScopeLetters.Read), cancellationToken) switch
        {
            Sight.Whole => true,
            Sight.Part => series is null,
            _ => false,
        };

    /// <summary>The records in which the caller sees a study, to read it or to delete it: for addresses that do not name one.</summary>
    public async ValueTask<Outcome<IReadOnlyList<RecordId>>> RecordsOfStudyAsync(string study, bool toDelete, CancellationToken cancellationToken)
    {
        var letter = toDelete ? ScopeLetters.Delete : ScopeLetters.Read;
        if (await LacksScopeAsync(letter, ImagingStudy, "open", study, cancellationToken) is { } lacking)
        {
            return lacking;
        }
        var found = await stores.Instances.FindStudiesAsync(
            new InstanceQuery(null, study, null, [], 0, 100), To(letter), cancellationToken);
        return ToOutcome<IReadOnlyList<RecordId>>([.. found.Rows.Select(row => row.Record).Distinct()]);
    }

    /// <summary>The metadata pieces of instances that <see cref="RetrieveAsync"/> gave.</summary>
    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> MetadataAsync(IReadOnlyList<InstanceRow> instances, CancellationToken cancellationToken) =>
        stores.Instances.MetadataAsync(instances, cancellationToken);

    /// <summary>
    /// The metadata pieces of instances a search gave, in order: as many as come to so many bytes, and at least one; empty where the
    /// instance was deleted since.
    /// </summary>
    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>> MetadataAsync(
        IReadOnlyList<MetadataPlace> places, long bytes, CancellationToken cancellationToken) =>
        stores.Instances.MetadataAsync(places, bytes, cancellationToken);

    /// <summary>Where the frames of an instance lie that <see cref="RetrieveAsync"/> gave, in the form it is kept in.</summary>
    public ValueTask<ReadOnlyMemory<byte>> FrameTableAsync(InstanceRow instance, CancellationToken cancellationToken) =>
        stores.Instances.FrameTableAsync(instance, cancellationToken);

    /// <summary>The bytes of an instance that <see cref="RetrieveAsync"/> gave; null when it was deleted since.</summary>
    public ValueTask<IBlobContent?> OpenAsync(InstanceRow instance, CancellationToken cancellationToken) =>
        stores.Blobs.OpenAsync(instance.Blob, cancellationToken);

    /// <summary>
    /// Whether the caller may add instances to a record: <c>NotFound</c> when it is unknown or hidden, <c>Forbidden</c> when it may be
    /// seen but not written.
    /// </summary>
    public async ValueTask<Outcome<Done>> MayStoreAsync(RecordId record, CancellationToken cancellationToken)
    {
        if (!MayStore())
        {
            return await RefuseScopeAsync(ScopeLetters.Create, ImagingStudy, "stow", record.Value, cancellationToken);
        }
        // Adding to what is there takes u, what is new c: which it is, each study tells when it is stored.
        var letter = Caller.Allows(ScopeLetters.Create, ImagingStudy) ? ScopeLetters.Create : ScopeLetters.Update;
        if ((!record.IsUnclaimed || !(SeesEverything || To(letter).SeesAnythingIn(record))) && !await IsLinkedAsync(record, cancellationToken))
        {
            var there = await RecordAsync(record, To(letter), cancellationToken);
            if (!there.IsSuccess)
            {
                return there;
            }
        }
        return await MayWriteAsync("stow", new(ImagingStudy, record.Value), record, letter, null, cancellationToken) is { } refusal ? refusal : new Done();
    }

    /// <summary>Whether a scope allows to store images anywhere.</summary>
    private bool MayStore() => Caller.Allows(ScopeLetters.Create, ImagingStudy) || Caller.Allows(ScopeLetters.Update, ImagingStudy);

    /// <summary>The records a token may store images in, when none is named: its patient's, else those it reaches by right.</summary>
    public IReadOnlyList<RecordId> RecordsToStoreIn()
    {
        if (Caller.Authorisation?.Patient is { } patient)
        {
            return [new RecordId(patient)];
        }
        return [.. Caller.Records.Select(record => new RecordId(record.Record)).Distinct()
            .Where(record => To(ScopeLetters.Create).SeesAnythingIn(record) || To(ScopeLetters.Update).SeesAnythingIn(record))];
    }

    /// <summary>Begins the bytes of an instance. Where they go is judged when it is stored.</summary>
    public async ValueTask<Outcome<IBlobUpload>> BeginUploadAsync(CancellationToken cancellationToken)
    {
        if (!MayStore())
        {
            return await RefuseScopeAsync(ScopeLetters.Create, ImagingStudy, "stow", "", cancellationToken);
        }
        if (!Caller.MayWrite)
        {
            return await log.RefusedAsync(
                log.Entry(Caller, RecordId.Shared, "stow", ""), Problem.Forbidden("The caller may not write."), cancellationToken);
        }
        if (Room() is { } full)
        {
            return full;
        }
        return ToOutcome(await stores.Blobs.BeginAsync(cancellationToken));
    }

    /// <summary><c>NoSpace</c> when the disk is so full that nothing more is taken in; null while there is room.</summary>
    public Problem? Room() => stores.Blobs.FreeBytes() < stores.FreeBytesFloor
        ? Problem.NoSpace("There is no room left to store this.", TimeSpan.FromMinutes(5)) : null;

    /// <summary>Removes the bytes of an upload that no instance came of; nobody else can know their name.</summary>
    public void Discard(IBlobUpload upload)
    {
        ArgumentNullException.ThrowIfNull(upload);
        try
        {
            stores.Blobs.Delete(upload.Name);
        }
        catch (IOException)
        {
            // The verdicts stand whether or not the bytes could be removed now: the sweep removes what no instance mentions.
        }
    }

    /// <summary>Adds instances whose bytes are durable to a record; gives a verdict on each, in order.</summary>
    public async ValueTask<Outcome<IReadOnlyList<InstanceVerdict>>> StoreAsync(
        RecordId record, IReadOnlyList<NewInstance> instances, CancellationToken cancellationToken)
    {
        var may = await MayStoreAsync(record, cancellationToken);
        if (may.Problem is { } problem)
        {
            return problem;
        }
        var refused = await NotToBeStoredAsync(record, instances, cancellationToken);
        if (refused.Count > 0)
        {
            return await StoreSomeAsync(record, instances, refused, cancellationToken);
        }
        return await CommitAsync(record, instances, cancellationToken);
    }

    /// <summary>The studies of which the caller's scopes do not allow these instances: new ones take c, those that are there u, and the modality must be within both.</summary>
    private async ValueTask<HashSet<string>> NotToBeStoredAsync(RecordId record, IReadOnlyList<NewInstance> instances, CancellationToken cancellationToken)
    {
        var refused = new HashSet<string>(StringComparer.Ordinal);
        if (Caller.Authorisation is null)
        {
            return refused;
        }
        foreach (var study in instances.GroupBy(instance => instance.Description.StudyInstanceUid))
        {
            // Whoever may create studies there could know of one by its UID being taken.
            var isThere = await stores.Instances.SightOfStudyAsync(record, study.Key, To(ScopeLetters.Create), cancellationToken) != Sight.Hidden
                || await stores.Instances.SightOfStudyAsync(record, study.Key, To(ScopeLetters.Update), cancellationToken) != Sight.Hidden;
            var letter = isThere ? ScopeLetters.Update : ScopeLetters.Create;
            var contributes = record.IsUnclaimed || await stores.Resources.ReachesAsync(record, null, To(letter), cancellationToken)
                || await IsLinkedAsync(record, cancellationToken);
            var modalities = study.Select(instance => new SeriesFact(instance.Description.SeriesInstanceUid, instance.Description.Modality)).Distinct().ToList();
            // A study whose UID or id a scope names stays that whatever is added; what may be added by a modality, that modality decides.
            var mayAdd = To(letter).TakesSeries(record, modalities, contributes)
                || (isThere && !To(letter).IsByModality(record)
                    && await stores.Instances.SightOfStudyAsync(record, study.Key, To(letter), cancellationToken) == Sight.Whole);
            if (!mayAdd)
            {
                refused.Add(study.Key);
            }
        }
        return refused;
    }

    private async ValueTask<Outcome<IReadOnlyList<InstanceVerdict>>> StoreSomeAsync(
        RecordId record, IReadOnlyList<NewInstance> instances, HashSet<string> refused, CancellationToken cancellationToken)
    {
        await log.RefusedAsync(log.Entry(Caller, record, "stow", string.Join(' ', refused)), Problem.Forbidden("The caller may not write there."), cancellationToken);
        var allowed = instances.Where(instance => !refused.Contains(instance.Description.StudyInstanceUid)).ToList();
        var verdicts = allowed.Count == 0 ? ToOutcome<IReadOnlyList<InstanceVerdict>>([]) : await CommitAsync(record, allowed, cancellationToken);
        if (!verdicts.TryGet(out var given, out var failure))
        {
            return failure;
        }
        var next = 0;
        return ToOutcome<IReadOnlyList<InstanceVerdict>>(
            [.. instances.Select(instance => refused.Contains(instance.Description.StudyInstanceUid) ? InstanceVerdict.NotAuthorised : given[next++])]);
    }

    private async ValueTask<Outcome<IReadOnlyList<InstanceVerdict>>> CommitAsync(
        RecordId record, IReadOnlyList<NewInstance> instances, CancellationToken cancellationToken)
    {
        var studies = string.Join(' ', instances.Select(instance => instance.Description.StudyInstanceUid).Distinct());
        var outcome = await stores.Resources.CommitAsync(
            new RecordCommit(record)
            {
                Instances = instances,
                Quota = stores.Quota,
                Audit = [log.Entry(Caller, record, "stow", studies, detail: $"instances={instances.Count}")],
            },
            cancellationToken);
        return outcome.Match<Outcome<IReadOnlyList<InstanceVerdict>>>(receipt => ToOutcome(receipt.Instances), failure => failure);
    }

    /// <summary>
    /// Makes a Patient together with the verified link by which it is known from now on. <c>Conflict</c> when the link was made by
    /// somebody else meanwhile.
    /// </summary>
    public async ValueTask<Outcome<Done>> RegisterAsync(ResourceDraft patient, VerifiedLink link, CancellationToken cancellationToken)
    {
        if (await MayWriteAsync("register", patient.Key, patient.Record, ScopeLetters.Create, patient.Content, cancellationToken) is { } refusal)
        {
            return refusal;
        }
        var outcome = await stores.Resources.CommitAsync(
            new RecordCommit(patient.Record)
            {
                Preconditions = [new Precondition.Absent(patient.Key), new Precondition.LinkAbsent(link.Namespace, link.Value)],
                Resources = [new ResourceChange(patient.Key, patient.Content, patient.Method)],
                Links = [link],
                Audit = [log.Entry(Caller, patient.Record, "register", patient.Key.ToString())],
            },
            cancellationToken);
        return outcome.Match<Outcome<Done>>(_ => new Done(), failure => failure);
    }

    private async ValueTask<Outcome<IndexPage<T>>> FindAsync<T>(
        string action, InstanceQuery query, Func<InstanceQuery, Visibility, CancellationToken, ValueTask<IndexPage<T>>> find,
        Func<T, RecordId> recordOf, CancellationToken cancellationToken)
    {
        if (await LacksScopeAsync(ScopeLetters.Search, ImagingStudy, action, query.StudyInstanceUid ?? "", cancellationToken) is { } lacking)
        {
            return lacking;
        }
        var visibility = To(ScopeLetters.Search);
        await stores.Resources.SettleAsync(query.Record, visibility, cancellationToken);
        if (query.Record is { } record)
        {
            var there = await RecordAsync(record, visibility, cancellationToken);
            if (there.Problem is { } problem)
            {
                return problem;
            }
        }
        var page = await find(query, visibility, cancellationToken);
        if (page.GaveUp)
        {
            return Problem.TooCostly("This search takes longer than this server allows; narrow it by a date, a patient or the beginning of a name.");
        }
        var what = string.Join('/', new[] { query.StudyInstanceUid, query.SeriesInstanceUid }.OfType<string>())
            + "?" + string.Join('&', query.Matches.Select(match => match.Keyword));
        foreach (var seen in page.Rows.Select(recordOf).Concat(query.Record is { } named ? [named] : []).Distinct())
        {
            await log.NoteAsync(log.Entry(Caller, seen, action, what), cancellationToken);
        }
        return page;
    }

    // An interface cannot be converted implicitly.
    private static Outcome<T> ToOutcome<T>(T value) => value;
}

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

    /// <summary>Who saw only some series of what was deleted is told so of the study, for it cannot be told any more which they were.</summary>
    private async ValueTask<bool> IsGoneAsync(RecordId record, string study, string? series, CancellationToken cancellationToken) =>
        await stores.Resources.SightOfDeletedStudyAsync(record, study, visibility, cancellationToken) switch
        {
            Sight.Whole => true,
            Sight.Part => series is null,
            _ => false,
        };

    /// <summary>The records in which the caller sees a study: for addresses that do not name one.</summary>
    public async ValueTask<IReadOnlyList<RecordId>> RecordsOfStudyAsync(string study, CancellationToken cancellationToken)
    {
        var found = await stores.Instances.FindStudiesAsync(
            new InstanceQuery(null, study, null, [], 0, 100), visibility, cancellationToken);
        return [.. found.Rows.Select(row => row.Record).Distinct()];
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
        if (!record.IsUnclaimed || !visibility.SeesEverything)
        {
            var there = await RecordAsync(record, cancellationToken);
            if (!there.IsSuccess)
            {
                return there;
            }
        }
        return await MayWriteAsync("stow", new(ImagingStudy, record.Value), record, cancellationToken) is { } refusal ? refusal : new Done();
    }

    /// <summary>Begins the bytes of an instance. Where they go is judged when it is stored.</summary>
    public async ValueTask<Outcome<IBlobUpload>> BeginUploadAsync(CancellationToken cancellationToken)
    {
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

    /// <summary>The record a verified link leads to, for routing; null when there is none or the caller may not route.</summary>
    public async ValueTask<VerifiedLink?> FindLinkAsync(string @namespace, string value, CancellationToken cancellationToken) =>
        visibility.SeesEverything ? await stores.Resources.FindLinkAsync(@namespace, value, cancellationToken) : null;

    /// <summary>
    /// Makes a Patient together with the verified link by which it is known from now on. <c>Conflict</c> when the link was made by
    /// somebody else meanwhile.
    /// </summary>
    public async ValueTask<Outcome<Done>> RegisterAsync(ResourceDraft patient, VerifiedLink link, CancellationToken cancellationToken)
    {
        if (await MayWriteAsync("register", patient.Key, patient.Record, cancellationToken) is { } refusal)
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
        if (query.Record is { } record)
        {
            var there = await RecordAsync(record, cancellationToken);
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

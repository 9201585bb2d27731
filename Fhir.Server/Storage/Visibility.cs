namespace Fhir.Server.Storage;

/// <summary>How much of a thing may be seen.</summary>
public enum Sight
{
    /// <summary>Nothing: it answers like what never was.</summary>
    Hidden,

    /// <summary>A study of which only some series may be seen: it is shown redacted.</summary>
    Part,

    /// <summary>All of it.</summary>
    Whole,
}

/// <summary>What a filter must know of a series of an ImagingStudy.</summary>
/// <param name="SeriesInstanceUid">Series Instance UID (0020,000E).</param>
/// <param name="Modality">Modality (0008,0060); null when unknown.</param>
public readonly record struct SeriesFact(string SeriesInstanceUid, string? Modality);

/// <summary>What a filter must know of a resource. A tombstone keeps the same facts.</summary>
/// <param name="Record">The record it lives in.</param>
/// <param name="Key">Its type and id.</param>
/// <param name="StudyInstanceUid">The study it is, for an ImagingStudy; the study of its series, for what is made from an instance; else null.</param>
public readonly record struct ResourceFacts(RecordId Record, ResourceKey Key, string? StudyInstanceUid);

/// <summary>
/// What one caller may see: a pure value, made from caller, consents and grants, and a required parameter of every read of every
/// store. A store applies it inside the call, before counting and paging. It is a list of views, each with its own bounds; what any of them shows is
/// seen, and two are never joined into a broader one. Where a view depends on what is kept, an <see cref="IStoreFacts"/> is asked.
/// </summary>
public sealed class Visibility
{
    private static readonly RecordView[] None = [];

    private readonly Dictionary<RecordId, RecordView[]> views;
    private readonly RecordView[] everywhere;
    private readonly RecordView[] conditional;

    private Visibility(bool seesEverything, Dictionary<RecordId, RecordView[]> views, RecordView[] everywhere)
    {
        SeesEverything = seesEverything;
        this.views = views;
        this.everywhere = everywhere;
        conditional = [.. views.Values.SelectMany(all => all).Concat(everywhere).Where(view => view.IsConditional)];
    }

    /// <summary>No filter. Named only by the store's own work and by open mode (an architecture test holds this).</summary>
    public static Visibility Everything { get; } = new(true, [], []);

    /// <summary>Hides all.</summary>
    public static Visibility Nothing { get; } = new(false, [], []);

    /// <summary>True when there is no filter.</summary>
    public bool SeesEverything { get; }

    /// <summary>The records of which anything may be seen, and which are named; empty when <see cref="SeesEverything"/>.</summary>
    public IReadOnlyCollection<RecordId> Records => views.Keys;

    /// <summary>Whether only <see cref="Records"/> may be looked into; else every patient's record may hold something that is seen.</summary>
    public bool IsBounded => !SeesEverything && everywhere.Length == 0;

    /// <summary>The Organization whose contributions are all that is seen of records that are not named; null when there is more, or nothing.</summary>
    public string? OnlyContributor => everywhere.Length > 0 && everywhere.All(view => view.Contributor is not null && view.Contributor == everywhere[0].Contributor)
        ? everywhere[0].Contributor
        : null;

    /// <summary>Shows what the given views show and nothing else.</summary>
    public static Visibility Of(params IEnumerable<RecordView> views)
    {
        var byRecord = new Dictionary<RecordId, List<RecordView>>();
        var everywhere = new List<RecordView>();
        foreach (var view in views)
        {
            var ofRecord = view.Record is not { } record ? everywhere : byRecord.TryGetValue(record, out var known) ? known : byRecord[record] = [];
            // Those without terms of their own add up to one.
            if (view.IsPlain && ofRecord.FindIndex(one => one.IsPlain) is var at and >= 0)
            {
                ofRecord[at] = ofRecord[at].Plus(view);
            }
            else
            {
                ofRecord.Add(view);
            }
        }
        return new Visibility(false, byRecord.ToDictionary(one => one.Key, one => one.Value.ToArray()), [.. everywhere]);
    }

    /// <summary>Whether anything in the record may be seen, as far as that can be told without the store: contributions are not counted.</summary>
    public bool SeesAnythingIn(RecordId record, string? type = null) =>
        SeesEverything || Any(record, view => view.Contributor is null && (type is null || view.Covers(type) || (type == "Endpoint" && view.Covers("ImagingStudy"))));

    /// <summary>The Organizations whose contributions to a record, of a type or of any, are seen there.</summary>
    public IEnumerable<string> ContributorsTo(RecordId record, string? type) =>
        views.GetValueOrDefault(record, None).Concat(record.IsReserved ? [] : everywhere)
            .Where(view => type is null || view.Covers(type)).Select(view => view.Contributor).OfType<string>().Distinct();

    /// <summary>Whether all of the record may be seen.</summary>
    public bool SeesWhole(RecordId record) => SeesEverything || Any(record, view => view.IsWhole);

    /// <summary>Whether all resources of a type in the record may be seen, whatever they say.</summary>
    public bool SeesAll(RecordId record, string type) => SeesEverything || Any(record, view => view.IsOfAll && view.Covers(type));

    /// <summary>Whether anything of a type may be seen in any record.</summary>
    public bool Covers(string type) => SeesEverything || views.Values.Append(everywhere).Any(all => all.Any(view => view.Covers(type) || (type == "Endpoint" && view.Covers("ImagingStudy"))));

    /// <summary>Whether how much is seen depends on what is kept: an <see cref="IStoreFacts"/> must be asked then.</summary>
    public bool IsConditional => conditional.Length > 0;

    /// <summary>Whether criteria of resources decide how much of some is seen.</summary>
    public bool HasCriteria => conditional.Any(view => view.Criteria.Count > 0);

    /// <summary>The views of a type that depend on what is kept: the same is asked for what is not there.</summary>
    public IEnumerable<RecordView> ConditionalOf(string type) => conditional.Where(view => view.Covers(type));

    /// <summary>
    /// How much of a resource may be seen, as far as its own facts tell. <see cref="Sight.Part"/> means: ask
    /// <see cref="SeesSeries"/> for each of its series; if all are visible it is whole, if none is it is hidden.
    /// </summary>
    public Sight SightOf(in ResourceFacts facts, IStoreFacts? store = null)
    {
        if (SeesEverything)
        {
            return Sight.Whole;
        }
        var most = Sight.Hidden;
        foreach (var view in ViewsOf(facts.Record))
        {
            if (view.SightOf(facts, store ?? NoStoreFacts.Instance) is var sight && sight > most)
            {
                most = sight;
                if (most == Sight.Whole)
                {
                    break;
                }
            }
        }
        return most;
    }

    /// <summary>How much of a study may be seen; <see cref="Sight.Part"/> as in <see cref="SightOf"/>.</summary>
    public Sight SightOfStudy(RecordId record, string studyInstanceUid, IStoreFacts? store = null)
    {
        if (SeesEverything)
        {
            return Sight.Whole;
        }
        var most = Sight.Hidden;
        foreach (var view in ViewsOf(record))
        {
            if (view.SightOfStudy(record, studyInstanceUid, store ?? NoStoreFacts.Instance) is var sight && sight > most)
            {
                most = sight;
            }
        }
        return most;
    }

    /// <summary>Whether a study might be seen, whatever is asked of the store.</summary>
    public bool MaySeeStudy(RecordId record, string studyInstanceUid) => SeesEverything || Any(record, view => view.MaySeeStudy(studyInstanceUid));

    /// <summary>Whether one series of a study may be seen.</summary>
    /// <param name="record">The record.</param>
    /// <param name="studyInstanceUid">The study.</param>
    /// <param name="series">The series.</param>
    /// <param name="store">What the store knows.</param>
    /// <param name="type">As what it is seen: as part of a study, or of what was made of it.</param>
    public bool SeesSeries(RecordId record, string studyInstanceUid, in SeriesFact series, IStoreFacts? store = null, string type = "ImagingStudy")
    {
        if (SeesEverything)
        {
            return true;
        }
        foreach (var view in ViewsOf(record))
        {
            if (view.SeesSeries(record, studyInstanceUid, series, store ?? NoStoreFacts.Instance, type))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Settles <see cref="Sight.Part"/> for a study whose series are known.</summary>
    public Sight SightOfStudy(RecordId record, string studyInstanceUid, IReadOnlyCollection<SeriesFact> series, IStoreFacts? store = null)
    {
        var sight = SightOfStudy(record, studyInstanceUid, store);
        if (sight != Sight.Part)
        {
            return sight;
        }
        var visible = series.Count(one => SeesSeries(record, studyInstanceUid, one, store));
        return visible == 0 ? Sight.Hidden : visible == series.Count ? Sight.Whole : Sight.Part;
    }

    /// <summary>Whether new content may stand in a record: some view that shows all of the record's resources of its type, but for criteria, shows it.</summary>
    /// <param name="facts">What it is.</param>
    /// <param name="content">What it says.</param>
    /// <param name="contributes">Whether the record has something of an Organization, or takes from it.</param>
    public bool Takes(in ResourceFacts facts, ResourceContent? content, Func<string, bool> contributes)
    {
        if (SeesEverything)
        {
            return true;
        }
        foreach (var view in ViewsOf(facts.Record))
        {
            if (view.Takes(facts, content, contributes))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Whether instances of these series may be stored in a record, as far as their modalities and who contributes decide: criteria of studies cannot be
    /// asked of what is not there yet.
    /// </summary>
    public bool TakesSeries(RecordId record, IReadOnlyList<SeriesFact> series, bool contributes) => SeesEverything || Any(
        record, view => view.IsOfAllButModality && view.Covers("ImagingStudy") && (view.Contributor is null || contributes) && series.All(one => view.ModalityAnswers(one.Modality)));

    /// <summary>Whether a modality decides what is seen of studies in a record.</summary>
    public bool IsByModality(RecordId record) => !SeesEverything && Any(record, view => view.SeriesCriteria.Count > 0);

    private ReadOnlySpan<RecordView> ViewsOf(RecordId record)
    {
        var named = views.GetValueOrDefault(record, None);
        return everywhere.Length == 0 || record.IsReserved ? named : named.Length == 0 ? everywhere : (RecordView[])[.. named, .. everywhere];
    }

    private bool Any(RecordId record, Func<RecordView, bool> condition)
    {
        foreach (var view in ViewsOf(record))
        {
            if (condition(view))
            {
                return true;
            }
        }
        return false;
    }
}

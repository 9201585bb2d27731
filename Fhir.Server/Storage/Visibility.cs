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
/// store. A store applies it inside the call, before counting and paging.
/// </summary>
public sealed class Visibility
{
    private readonly Dictionary<RecordId, RecordView> views;

    private Visibility(bool seesEverything, Dictionary<RecordId, RecordView> views)
    {
        SeesEverything = seesEverything;
        this.views = views;
    }

    /// <summary>No filter. Named only by the store's own work and by open mode (an architecture test holds this).</summary>
    public static Visibility Everything { get; } = new(true, []);

    /// <summary>Hides all.</summary>
    public static Visibility Nothing { get; } = new(false, []);

    /// <summary>True when there is no filter.</summary>
    public bool SeesEverything { get; }

    /// <summary>The records of which anything may be seen; empty when <see cref="SeesEverything"/>.</summary>
    public IReadOnlyCollection<RecordId> Records => views.Keys;

    /// <summary>Shows the given views and nothing else. Two views of one record add up.</summary>
    public static Visibility Of(params IEnumerable<RecordView> views)
    {
        var byRecord = new Dictionary<RecordId, RecordView>();
        foreach (var view in views)
        {
            byRecord[view.Record] = byRecord.TryGetValue(view.Record, out var before) ? before.Plus(view) : view;
        }
        return new Visibility(false, byRecord);
    }

    /// <summary>Whether anything in the record may be seen.</summary>
    public bool SeesAnythingIn(RecordId record) => SeesEverything || views.ContainsKey(record);

    /// <summary>Whether all of the record may be seen.</summary>
    public bool SeesWhole(RecordId record) => SeesEverything || (views.TryGetValue(record, out var view) && view.IsWhole);

    /// <summary>
    /// How much of a resource may be seen, as far as its own facts tell. <see cref="Sight.Part"/> means: ask
    /// <see cref="SeesSeries"/> for each of its series; if all are visible it is whole, if none is it is hidden.
    /// </summary>
    public Sight SightOf(in ResourceFacts facts)
    {
        if (SeesEverything)
        {
            return Sight.Whole;
        }
        return views.TryGetValue(facts.Record, out var view) ? view.SightOf(facts) : Sight.Hidden;
    }

    /// <summary>How much of a study may be seen; <see cref="Sight.Part"/> as in <see cref="SightOf"/>.</summary>
    public Sight SightOfStudy(RecordId record, string studyInstanceUid)
    {
        if (SeesEverything)
        {
            return Sight.Whole;
        }
        return views.TryGetValue(record, out var view) ? view.SightOfStudy(studyInstanceUid) : Sight.Hidden;
    }

    /// <summary>Whether one series of a study may be seen.</summary>
    public bool SeesSeries(RecordId record, string studyInstanceUid, in SeriesFact series)
    {
        if (SeesEverything)
        {
            return true;
        }
        return views.TryGetValue(record, out var view) && view.SeesSeries(studyInstanceUid, series);
    }

    /// <summary>Settles <see cref="Sight.Part"/> for a study whose series are known.</summary>
    public Sight SightOfStudy(RecordId record, string studyInstanceUid, IReadOnlyCollection<SeriesFact> series)
    {
        var sight = SightOfStudy(record, studyInstanceUid);
        if (sight != Sight.Part)
        {
            return sight;
        }
        var visible = series.Count(one => SeesSeries(record, studyInstanceUid, one));
        return visible == 0 ? Sight.Hidden : visible == series.Count ? Sight.Whole : Sight.Part;
    }
}

/// <summary>What may be seen of one record: all of it, or named studies, each whole or by series.</summary>
public sealed class RecordView
{
    private readonly Dictionary<string, HashSet<string>?> studies;

    private RecordView(RecordId record, bool isWhole, Dictionary<string, HashSet<string>?> studies)
    {
        Record = record;
        IsWhole = isWhole;
        this.studies = studies;
    }

    /// <summary>The record.</summary>
    public RecordId Record { get; }

    /// <summary>True when all of the record may be seen.</summary>
    public bool IsWhole { get; }

    /// <summary>All of a record.</summary>
    public static RecordView Whole(RecordId record) => new(record, true, []);

    /// <summary>One study of a record, and the record's Endpoints.</summary>
    public static RecordView Study(RecordId record, string studyInstanceUid) =>
        new(record, false, new(StringComparer.Ordinal) { [studyInstanceUid] = null });

    /// <summary>Some series of one study, and the record's Endpoints.</summary>
    public static RecordView Series(RecordId record, string studyInstanceUid, params IEnumerable<string> series) =>
        new(record, false, new(StringComparer.Ordinal) { [studyInstanceUid] = series.ToHashSet(StringComparer.Ordinal) });

    internal RecordView Plus(RecordView other)
    {
        if (IsWhole || other.IsWhole)
        {
            return Whole(Record);
        }
        var sum = new Dictionary<string, HashSet<string>?>(studies, StringComparer.Ordinal);
        foreach (var (study, series) in other.studies)
        {
            sum[study] = sum.TryGetValue(study, out var before)
                ? before is null || series is null ? null : [.. before, .. series]
                : series;
        }
        return new RecordView(Record, false, sum);
    }

    internal Sight SightOf(in ResourceFacts facts)
    {
        if (IsWhole)
        {
            return Sight.Whole;
        }
        return facts.Key.Type switch
        {
            // An Endpoint only says where studies are; who may reach one may know that.
            "Endpoint" when studies.Count > 0 => Sight.Whole,
            "ImagingStudy" when facts.StudyInstanceUid is not null => SightOfStudy(facts.StudyInstanceUid),
            // What the server made of a document is seen with its series; what anybody else wrote, only with the whole record.
            _ when facts.StudyInstanceUid is not null && ServerIds.IsOfDocument(facts.Key) => SightOfStudy(facts.StudyInstanceUid),
            _ => Sight.Hidden,
        };
    }

    internal Sight SightOfStudy(string studyInstanceUid)
    {
        if (IsWhole)
        {
            return Sight.Whole;
        }
        return studies.TryGetValue(studyInstanceUid, out var series) ? series is null ? Sight.Whole : Sight.Part : Sight.Hidden;
    }

    internal bool SeesSeries(string studyInstanceUid, in SeriesFact series) =>
        IsWhole || (studies.TryGetValue(studyInstanceUid, out var seen) && (seen is null || seen.Contains(series.SeriesInstanceUid)));
}

using Fhir.Server.Search;

namespace Fhir.Server.Storage;

/// <summary>
/// What may be seen of one record, or of every patient's: all of it, or named studies, each whole or by series; of all types or of some; and of these
/// what answers criteria, what an Organization contributed, what is referred to. All of its terms must hold.
/// </summary>
public sealed class RecordView
{
    private const string ImagingStudy = "ImagingStudy";
    private const string Endpoint = "Endpoint";

    /// <summary>The code system of modalities: PS3.16 DCM.</summary>
    private const string ModalitySystem = "http://dicom.nema.org/resources/ontology/DCM";

    private readonly Dictionary<string, HashSet<string>?>? studies;

    private RecordView(RecordId? record, Dictionary<string, HashSet<string>?>? studies)
    {
        Record = record;
        this.studies = studies;
    }

    private RecordView(RecordView from, Dictionary<string, HashSet<string>?>? studies)
        : this(from.Record, studies)
    {
        Types = from.Types;
        Only = from.Only;
        Criteria = from.Criteria;
        SeriesCriteria = from.SeriesCriteria;
        Contributor = from.Contributor;
        IsReferred = from.IsReferred;
    }

    /// <summary>The record; null for every patient's.</summary>
    public RecordId? Record { get; }

    /// <summary>Only resources of these types; null for all. A view of ImagingStudy shows a patient's Endpoints too.</summary>
    public IReadOnlySet<string>? Types { get; init; }

    /// <summary>Only this resource; null for all.</summary>
    public ResourceKey? Only { get; init; }

    /// <summary>Only resources that answer all of these; studies by their ImagingStudy.</summary>
    public IReadOnlyList<Criterion> Criteria { get; init; } = [];

    /// <summary>Of studies only the series whose modality answers all of these.</summary>
    public IReadOnlyList<Criterion> SeriesCriteria { get; init; } = [];

    /// <summary>Only what this Organization contributed; null for whatever came from anybody.</summary>
    public string? Contributor { get; init; }

    /// <summary>Only what is referred to from something seen; for shared resources.</summary>
    public bool IsReferred { get; init; }

    /// <summary>True when all of the record may be seen.</summary>
    public bool IsWhole => studies is null && IsPlain;

    /// <summary>True when nothing but the record and its studies bounds it.</summary>
    public bool IsPlain => Types is null && Only is null && Contributor is null && !IsReferred && Criteria.Count == 0 && SeriesCriteria.Count == 0;

    /// <summary>True when it shows all there is of the types it covers.</summary>
    internal bool IsOfAll => studies is null && Only is null && Contributor is null && !IsReferred && Criteria.Count == 0 && SeriesCriteria.Count == 0;

    /// <summary>True when nothing but its types, a modality and who contributed bounds it.</summary>
    internal bool IsOfAllButModality => studies is null && Only is null && !IsReferred && Criteria.Count == 0;

    /// <summary>True when what it shows depends on what is kept.</summary>
    internal bool IsConditional => Contributor is not null || IsReferred || Criteria.Count > 0;

    /// <summary>All of a record.</summary>
    public static RecordView Whole(RecordId record) => new(record, (Dictionary<string, HashSet<string>?>?)null);

    /// <summary>All of every patient's record.</summary>
    public static RecordView OfAll() => new((RecordId?)null, (Dictionary<string, HashSet<string>?>?)null);

    /// <summary>What of a record, or of every patient's (null), is of some types and answers all further terms.</summary>
    public static RecordView Of(
        RecordId? record, IReadOnlySet<string>? types, IReadOnlyList<Criterion>? criteria = null, IReadOnlyList<Criterion>? seriesCriteria = null,
        string? contributor = null, bool isReferred = false, ResourceKey? only = null) => new(record, (Dictionary<string, HashSet<string>?>?)null)
        {
            Types = types, Criteria = criteria ?? [], SeriesCriteria = seriesCriteria ?? [], Contributor = contributor, IsReferred = isReferred, Only = only,
        };

    /// <summary>One study of a record, and the record's Endpoints.</summary>
    public static RecordView Study(RecordId record, string studyInstanceUid) =>
        new(record, new Dictionary<string, HashSet<string>?>(StringComparer.Ordinal) { [studyInstanceUid] = null });

    /// <summary>Some series of one study, and the record's Endpoints.</summary>
    public static RecordView Series(RecordId record, string studyInstanceUid, params IEnumerable<string> series) =>
        new(record, new Dictionary<string, HashSet<string>?>(StringComparer.Ordinal) { [studyInstanceUid] = series.ToHashSet(StringComparer.Ordinal) });

    /// <summary>The same within the studies of another view, by whose record it is bounded too; that one has no terms of its own.</summary>
    public RecordView Within(RecordView bound)
    {
        ArgumentNullException.ThrowIfNull(bound);
        return new RecordView(bound.Record, bound.studies)
        {
            Types = Types, Only = Only, Criteria = Criteria, SeriesCriteria = SeriesCriteria, Contributor = Contributor, IsReferred = IsReferred,
        };
    }

    /// <summary>Whether it shows anything of a type by its own scope.</summary>
    internal bool Covers(string type) => Types is null || Types.Contains(type);

    internal RecordView Plus(RecordView other)
    {
        if (IsWhole || other.IsWhole)
        {
            return IsWhole ? this : other;
        }
        var sum = new Dictionary<string, HashSet<string>?>(studies!, StringComparer.Ordinal);
        foreach (var (study, series) in other.studies!)
        {
            sum[study] = sum.TryGetValue(study, out var before)
                ? before is null || series is null ? null : [.. before, .. series]
                : series;
        }
        return new RecordView(this, sum);
    }

    internal Sight SightOf(in ResourceFacts facts, IStoreFacts store)
    {
        var type = facts.Key.Type;
        if (type == Endpoint && facts.Record != RecordId.Shared && (Covers(ImagingStudy) || (Covers(Endpoint) && Criteria.Count == 0)) && Only is null && studies is not { Count: 0 })
        {
            // An Endpoint only says where studies are; who may reach one may know that.
            return Contributor is null || store.HasContribution(facts.Record, Contributor) ? Sight.Whole : Sight.Hidden;
        }
        if (!Covers(type) || (Only is { } only && only != facts.Key))
        {
            return Sight.Hidden;
        }
        var sight = BoundedSight(facts);
        if (sight == Sight.Hidden || (Criteria.Count > 0 && !store.Matches(facts, Criteria)) || (IsReferred && !store.IsReferredTo(facts)))
        {
            return Sight.Hidden;
        }
        if (Contributor is not null && store.ContributedBy(facts, Contributor) is var contributed && contributed != Sight.Whole)
        {
            // Of a study with instances each series tells for itself.
            return contributed;
        }
        return SeriesCriteria.Count == 0 ? sight : facts.StudyInstanceUid is null ? Sight.Hidden : Sight.Part;
    }

    internal Sight SightOfStudy(RecordId record, string studyInstanceUid, IStoreFacts store)
    {
        if (!Covers(ImagingStudy) || Only is not null || IsReferred || BoundedSight(studyInstanceUid) is var sight && sight == Sight.Hidden)
        {
            return Sight.Hidden;
        }
        return Criteria.Count > 0 && !store.StudyMatches(record, studyInstanceUid, Criteria) ? Sight.Hidden
            : SeriesCriteria.Count > 0 || Contributor is not null ? Sight.Part
            : sight;
    }

    internal bool MaySeeStudy(string studyInstanceUid) =>
        Covers(ImagingStudy) && Only is null && !IsReferred && BoundedSight(studyInstanceUid) != Sight.Hidden;

    internal bool SeesSeries(RecordId record, string studyInstanceUid, in SeriesFact series, IStoreFacts store, string type)
    {
        if (!Covers(type) || Only is not null || IsReferred)
        {
            return false;
        }
        if (studies is not null && !(studies.TryGetValue(studyInstanceUid, out var seen) && (seen is null || seen.Contains(series.SeriesInstanceUid))))
        {
            return false;
        }
        if (SeriesCriteria.Count > 0 && !ModalityAnswers(series.Modality))
        {
            return false;
        }
        // Criteria of other types than studies are of the resource, which has been asked.
        return (Criteria.Count == 0 || (type == ImagingStudy && store.StudyMatches(record, studyInstanceUid, Criteria)))
            && (Contributor is null || store.IsContribution(record, studyInstanceUid, series.SeriesInstanceUid, Contributor));
    }

    /// <summary>Whether new content may stand here; of what an Organization contributed only where it may contribute.</summary>
    internal bool Takes(in ResourceFacts facts, ResourceContent? content, Func<string, bool> contributes)
    {
        if (!Covers(facts.Key.Type) || studies is not null || IsReferred || (Only is { } only && only != facts.Key))
        {
            return false;
        }
        if (Contributor is not null && !contributes(Contributor))
        {
            return false;
        }
        if (content is null)
        {
            return true;
        }
        return CriteriaMatch.All(facts.Key, content.Index, Criteria)
            && (SeriesCriteria.Count == 0 || (content.StudyInstanceUid is not null && content.Series.Count > 0 && content.Series.All(one => ModalityAnswers(one.Modality))));
    }

    /// <summary>Whether an instance of a modality may be added to a new study.</summary>
    internal bool ModalityAnswers(string? modality) => SeriesCriteria.Count == 0 || (modality is not null && SeriesCriteria.All(criterion =>
        criterion.Values.OfType<TokenValue>().Any(value => SearchMatcher.Matches(new TokenRow("modality", ModalitySystem, modality), value))));

    private Sight BoundedSight(in ResourceFacts facts)
    {
        if (studies is null)
        {
            return Sight.Whole;
        }
        return facts.Key.Type switch
        {
            ImagingStudy when facts.StudyInstanceUid is not null => BoundedSight(facts.StudyInstanceUid),
            // What the server made of a document is seen with its series; what anybody else wrote, only with the whole record.
            _ when facts.StudyInstanceUid is not null && ServerIds.IsOfDocument(facts.Key) => BoundedSight(facts.StudyInstanceUid),
            _ => Sight.Hidden,
        };
    }

    private Sight BoundedSight(string studyInstanceUid) =>
        studies is null ? Sight.Whole
        : studies.TryGetValue(studyInstanceUid, out var series) ? series is null ? Sight.Whole : Sight.Part
        : Sight.Hidden;
}

/// <summary>The criteria of a view over the index rows of one resource.</summary>
internal static class CriteriaMatch
{
    private const string LogicalId = "_id";

    public static bool All(ResourceKey key, IReadOnlyList<IndexRow> rows, IReadOnlyList<Criterion> criteria) => criteria.All(criterion =>
        criterion.Parameter.Code == LogicalId ? OfId(key, criterion) : SearchMatcher.Matches(rows, criterion));

    private static bool OfId(ResourceKey key, Criterion criterion)
    {
        if (criterion.Modifier == Modifier.Missing)
        {
            return !criterion.Missing;
        }
        var any = criterion.Values.Any(value => value is TokenValue { System: null, Code: { } id } && id == key.Id);
        return any != (criterion.Modifier == Modifier.Not);
    }
}

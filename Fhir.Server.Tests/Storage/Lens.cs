using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>
/// What a caller may see, written down a second time and more simply than <see cref="Visibility"/>: a list of grants, each a record,
/// or a study of it, or a series of that.
/// </summary>
internal sealed record Lens(string Name, bool Everything, params IReadOnlyList<(RecordId Record, string? Study, string? Series)> Grants)
{
    public static Lens Of(RecordId record, string? study = null, string? series = null) =>
        new(string.Join('/', new[] { record.Value, study, series }.OfType<string>()), false, (record, study, series));

    public Lens And(Lens other) => new($"{Name} and {other.Name}", false, [.. Grants, .. other.Grants]);

    public override string ToString() => Name;

    public Visibility ToVisibility() => Everything ? Visibility.Everything : Visibility.Of(Grants.Select(grant => grant switch
    {
        (_, null, _) => RecordView.Whole(grant.Record),
        (_, _, null) => RecordView.Study(grant.Record, grant.Study),
        _ => RecordView.Series(grant.Record, grant.Study, grant.Series),
    }));

    public bool SeesAnythingIn(RecordId record) => Everything || Grants.Any(grant => grant.Record == record);

    public bool SeesWhole(RecordId record) => Everything || Grants.Any(grant => grant.Record == record && grant.Study is null);

    public bool SeesStudy(RecordId record, string study) =>
        SeesWhole(record) || Grants.Any(grant => grant.Record == record && grant.Study == study && grant.Series is null);

    public bool SeesSeries(RecordId record, string study, string series) =>
        SeesStudy(record, study) || Grants.Contains((record, study, series));

    /// <summary>How much of a study with these series is seen.</summary>
    public Sight SightOf(RecordId record, string study, IReadOnlyCollection<string> series)
    {
        if (SeesStudy(record, study))
        {
            return Sight.Whole;
        }
        var seen = series.Count(one => SeesSeries(record, study, one));
        return seen == 0 ? Sight.Hidden : seen == series.Count ? Sight.Whole : Sight.Part;
    }

    /// <summary>How much of anything but an ImagingStudy is seen.</summary>
    public Sight SightOf(RecordId record, ResourceKey key) =>
        SeesWhole(record) || (key.Type == "Endpoint" && SeesAnythingIn(record)) ? Sight.Whole : Sight.Hidden;
}

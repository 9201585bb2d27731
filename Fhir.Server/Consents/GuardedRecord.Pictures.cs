using Fhir.Server.Access;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

public sealed partial class GuardedRecord
{
    private const int SeriesLimit = 500;
    private const int SeriesTried = 8;
    private const int InstancesTried = 200;

    /// <summary>Modalities of what is about pictures and seldom one itself; PS3.3 §C.7.3.1.1.1.</summary>
    private static readonly HashSet<string> AboutPictures = new(StringComparer.Ordinal)
    {
        "SR", "PR", "KO", "DOC", "SEG", "RTSTRUCT", "RTPLAN", "RTDOSE", "RTRECORD", "REG", "RWV", "FID", "PLAN", "ECG", "EPS", "HD", "AU", "M3D", "SMR",
    };

    /// <summary>
    /// The instance that stands for a study or a series: the one in the middle of the largest series of pictures, of what may be seen
    /// alone; one without a picture when there is no other. <c>NotFound</c> for unknown and hidden alike, <c>Gone</c> as when it is retrieved.
    /// </summary>
    /// <param name="action">What it is wanted for, as the audit row shall say it.</param>
    /// <param name="record">The record.</param>
    /// <param name="study">Study Instance UID.</param>
    /// <param name="series">Series Instance UID; null for the study.</param>
    /// <param name="wholeOnly">A study of which a part is hidden is <c>Forbidden</c>, as when it is retrieved.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Outcome<InstanceRow>> RepresentativeAsync(
        string action, RecordId record, string study, string? series, bool wholeOnly, CancellationToken cancellationToken)
    {
        var what = series is null ? study : $"{study}/{series}";
        if (await LacksScopeAsync(ScopeLetters.Read, ImagingStudy, action, what, cancellationToken) is { } lacking)
        {
            return lacking;
        }
        if (wholeOnly && series is null && await stores.Instances.SightOfStudyAsync(record, study, To(ScopeLetters.Read), cancellationToken) == Sight.Part)
        {
            return await log.RefusedAsync(
                log.Entry(Caller, record, action, what),
                Problem.Forbidden("A part of this study may not be seen by the caller, so it is not given out as a whole; its series are."),
                cancellationToken);
        }
        var found = await MiddleAsync(record, study, series, cancellationToken);
        var isGone = found is null && await IsGoneAsync(record, study, series, cancellationToken);
        await log.NoteAsync(log.Entry(Caller, found is null && !isGone ? RecordId.Shared : record, action, what, found is null ? 4 : 0), cancellationToken);
        return found is not null ? found : isGone ? Problem.Gone() : Problem.NotFound();
    }

    private async ValueTask<InstanceRow?> MiddleAsync(RecordId record, string study, string? series, CancellationToken cancellationToken)
    {
        var page = await stores.Instances.FindSeriesAsync(new InstanceQuery(record, study, series, [], 0, SeriesLimit), To(ScopeLetters.Read), cancellationToken);
        InstanceRow? other = null;
        foreach (var one in page.Rows.OrderBy(row => AboutPictures.Contains(row.Modality ?? "")).ThenByDescending(row => row.NumberOfInstances).Take(SeriesTried))
        {
            var middle = await SomeAsync(one, one.NumberOfInstances / 2, 1, cancellationToken);
            if (middle is [var row] && HasPicture(row))
            {
                return row;
            }
            var some = await SomeAsync(one, 0, InstancesTried, cancellationToken);
            if (some.Where(HasPicture).ToList() is { Count: > 0 } pictures)
            {
                return pictures[pictures.Count / 2];
            }
            other ??= middle is [var without] ? without : some is [var first, ..] ? first : null;
        }
        return other;
    }

    private async ValueTask<IReadOnlyList<InstanceRow>> SomeAsync(SeriesRow series, int offset, int limit, CancellationToken cancellationToken)
    {
        var query = new InstanceQuery(series.Record, series.StudyInstanceUid, series.SeriesInstanceUid, [], offset, limit, WithAttributes: false);
        return (await stores.Instances.FindInstancesAsync(query, To(ScopeLetters.Read), cancellationToken)).Rows;
    }

    private static bool HasPicture(InstanceRow row) => row.Frames > 0 && !VideoSyntaxes.Includes(row.TransferSyntaxUid);
}

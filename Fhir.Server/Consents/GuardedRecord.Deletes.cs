using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

public sealed partial class GuardedRecord
{
    /// <summary>
    /// DICOMweb delete of a study, a series or one instance, with every contribution of it: <c>NotFound</c> for unknown and hidden alike;
    /// <c>Forbidden</c> for a study of which a part is hidden, and for who may see it but not write the whole record. With its last
    /// instance a study goes, like by <see cref="DeleteAsync(ResourceKey, IfMatch?, CancellationToken)"/> of its ImagingStudy.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="study">Study Instance UID.</param>
    /// <param name="series">Series Instance UID; null for the whole study.</param>
    /// <param name="instance">SOP Instance UID; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Outcome<Done>> DeleteImagesAsync(
        RecordId record, string study, string? series, string? instance, CancellationToken cancellationToken)
    {
        var what = string.Join('/', new[] { study, series, instance }.OfType<string>());
        if (await LacksScopeAsync(ScopeLetters.Delete, ImagingStudy, "delete", what, cancellationToken) is { } lacking)
        {
            return lacking;
        }
        var visibility = To(ScopeLetters.Delete);
        var found = await stores.Instances.FindInstancesAsync(
            new InstanceQuery(
                record, study, series, instance is null ? [] : [new("SOPInstanceUID", MatchKind.AnyOf, [instance])], 0, 1, WithAttributes: false),
            visibility, cancellationToken);
        if (found.Rows is not [var first, ..])
        {
            await log.NoteAsync(log.Entry(Caller, RecordId.Shared, "delete", what, 4), cancellationToken);
            return Problem.NotFound();
        }
        if (series is null && await stores.Instances.SightOfStudyAsync(record, study, visibility, cancellationToken) == Sight.Part)
        {
            return await log.RefusedAsync(
                log.Entry(Caller, record, "delete", what),
                Problem.Forbidden("A part of this study may not be seen by the caller, so it cannot be deleted as a whole."), cancellationToken);
        }
        if (await MayWriteAsync("delete", new(ImagingStudy, what), record, ScopeLetters.Delete, null, cancellationToken) is { } refusal)
        {
            return refusal;
        }
        var outcome = await stores.Resources.CommitAsync(
            new RecordCommit(record)
            {
                DeletedStudies = series is null ? [study] : [],
                DeletedInstances = series is null ? [] : [new(study, first.SeriesInstanceUid, instance)],
                Audit = [log.Entry(Caller, record, "delete", what)],
            },
            cancellationToken);
        return outcome.Match<Outcome<Done>>(_ => new Done(), problem => problem);
    }
}

using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest;

/// <summary>Writes the body of an update: as it is, or of a study with instances the human part of it.</summary>
internal sealed class ResourceUpdate(GuardedRecord record, ResourceContents contents)
{
    private const int Attempts = 20;
    private const string Method = "PUT";

    /// <summary>
    /// A study with instances takes only the human part of the body. Both ways of writing hold only while the study stays as it was
    /// read; when it did not, and the caller did not name a version, it is read and judged anew.
    /// </summary>
    public async ValueTask<Outcome<CommittedResource>> WriteAsync(Resource body, string id, IfMatch? ifMatch, CancellationToken cancellationToken)
    {
        if (body is not ImagingStudy)
        {
            return await PutAsync(body, id, ifMatch, null, cancellationToken);
        }
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (outcome, isStudyOfInstances) = await WriteStudyAsync((ImagingStudy)body.DeepCopy(), id, ifMatch, null, cancellationToken);
            var isStale = isStudyOfInstances switch
            {
                true => outcome.Problem?.Kind == ProblemKind.PreconditionFailed && ifMatch is null or { Any: true },
                false => outcome.Problem?.Kind == ProblemKind.Conflict,
                null => false,
            };
            if (!isStale)
            {
                return outcome;
            }
        }
        return Problem.Conflict("The study is changing too fast to be edited; try again in a moment.");
    }

    /// <summary>The same, once, as what criteria found was decided by.</summary>
    public async ValueTask<Outcome<CommittedResource>> WriteAsync(
        Resource body, string id, IfMatch? ifMatch, ConditionalMatch decided, CancellationToken cancellationToken) => body is ImagingStudy study
        ? (await WriteStudyAsync(study, id, ifMatch, decided, cancellationToken)).Outcome
        : await PutAsync(body, id, ifMatch, decided, cancellationToken);

    /// <returns>What came of it, and whether the study had instances; null when there was no such study.</returns>
    private async ValueTask<(Outcome<CommittedResource> Outcome, bool? HasInstances)> WriteStudyAsync(
        ImagingStudy body, string id, IfMatch? ifMatch, ConditionalMatch? decided, CancellationToken cancellationToken)
    {
        var current = await record.ReadAsync(new ResourceKey("ImagingStudy", id), cancellationToken);
        var hasInstances = current.IsSuccess && await record.HasInstancesAsync(current.Value, cancellationToken);
        var outcome = hasInstances
            ? await EditAsync(current.Value, body, ifMatch, decided, cancellationToken)
            : await PutAsync(body, id, ifMatch, decided, cancellationToken);
        return (outcome, current.IsSuccess ? hasInstances : null);
    }

    private async ValueTask<Outcome<CommittedResource>> EditAsync(
        StoredResource current, ImagingStudy body, IfMatch? ifMatch, ConditionalMatch? decided, CancellationToken cancellationToken)
    {
        if (current.Redaction is not null || !record.Caller.MayWrite)
        {
            return await PutAsync(body, current.Key.Id, null, decided, cancellationToken);
        }
        if (!(await StudyEdit.MergeAsync(record, current, body, ifMatch, cancellationToken)).TryGet(out var merged, out var problem))
        {
            return problem;
        }
        return await record.EditStudyAsync(contents.Draft(merged, current.Key.Id, Method, current.Record), current.Version, decided, cancellationToken);
    }

    private async ValueTask<Outcome<CommittedResource>> PutAsync(
        Resource body, string id, IfMatch? ifMatch, ConditionalMatch? decided, CancellationToken cancellationToken)
    {
        if (!contents.Draft(body, id, Method).TryGet(out var draft, out var problem))
        {
            return problem;
        }
        return decided is null
            ? await record.UpdateAsync(draft, ifMatch, cancellationToken)
            : await record.UpdateAsync(draft, ifMatch, decided, cancellationToken);
    }
}

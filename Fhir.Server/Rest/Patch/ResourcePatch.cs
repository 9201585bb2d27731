using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Patch;

/// <summary>Applies a patch to a resource as it is and writes it when it still is so.</summary>
internal sealed class ResourcePatch(GuardedRecord record, ResourceContents contents, IPatch patch)
{
    private const string Method = "PATCH";

    /// <summary>Like <see cref="GuardedRecord.PatchAsync"/>.</summary>
    /// <param name="key">What is patched.</param>
    /// <param name="ifMatch">The versions the caller names; null for any.</param>
    /// <param name="decided">What criteria found, when it was found by criteria.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<Outcome<CommittedResource>> WriteAsync(
        ResourceKey key, IfMatch? ifMatch, ConditionalMatch? decided, CancellationToken cancellationToken) => PatchTurns.InTurnAsync(
        key, () => record.PatchAsync(key, ifMatch, decided, current => EditAsync(current, cancellationToken), cancellationToken), cancellationToken);

    /// <summary>The draft a version becomes by the patch; not written.</summary>
    public async ValueTask<Outcome<ResourceDraft>> EditAsync(StoredResource current, CancellationToken cancellationToken)
    {
        if (!patch.Apply(current).TryGet(out var patched, out var problem))
        {
            return problem;
        }
        if (patched is not ImagingStudy study || !await record.HasInstancesAsync(current, cancellationToken))
        {
            return contents.Draft(patched, current.Key.Id, Method);
        }
        var merged = await StudyEdit.MergeAsync(record, current, study, new IfMatch(false, [current.Version]), cancellationToken);
        return merged.Match<Outcome<ResourceDraft>>(one => contents.Draft(one, current.Key.Id, Method, current.Record), wrong => wrong);
    }
}

using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

public sealed partial class GuardedRecord
{
    /// <summary>
    /// What a capability of the caller's may show of a study at most: all of it, or the series the caller sees. <c>NotFound</c> for unknown and
    /// hidden alike, <c>Forbidden</c> for who came without a token, <c>Unprocessable</c> for a study without images. That it was asked is durable before it
    /// is answered.
    /// </summary>
    /// <param name="study">The ImagingStudy.</param>
    /// <param name="capability">The name of the capability to be made, for audit.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Outcome<ReachedRecord>> ReachOfCapabilityAsync(ResourceKey study, string capability, CancellationToken cancellationToken)
    {
        if (Caller is not { Authorisation: { } authorisation, Capability: null })
        {
            return await log.RefusedAsync(
                log.Entry(Caller, RecordId.Shared, "capability", study.ToString()),
                Problem.Forbidden("A capability is made in the name of an access token; this request came with none."), cancellationToken);
        }
        if (!(await ReadAsync(study, cancellationToken)).TryGet(out var found, out var problem))
        {
            return problem;
        }
        if (StudyOf(found) is not { } uid
            || await stores.Instances.SightOfStudyAsync(found.Record, uid, To(ScopeLetters.Read), cancellationToken) == Sight.Hidden)
        {
            return Problem.Unprocessable("The study has no images here.");
        }
        await stores.Resources.AppendAuditAsync(
            [log.Entry(Caller, found.Record, "capability", study.ToString(), detail: $"capability={capability};authorisation={authorisation.Id}")], cancellationToken);
        return new ReachedRecord(found.Record.Value, [new ReachedStudy(uid, found.Redaction is null ? null : SeriesIn(found))]);
    }

    private static List<string> SeriesIn(StoredResource study)
    {
        using var json = JsonDocument.Parse(study.Json);
        return json.RootElement.TryGetProperty("series", out var series)
            ? [.. series.EnumerateArray().Select(one => one.GetProperty("uid").GetString()!)]
            : [];
    }
}

using Fhir.Server.Consents;
using Fhir.Server.Outcomes;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// DELETE of a study, a series or an instance, at the addresses they are retrieved from: 204 when it is gone, from every answer at once;
/// 404 for unknown and hidden alike. Not of the standard, but what archives offer beside it.
/// </summary>
internal static class DeleteEndpoints
{
    public static void MapDelete(this IEndpointRouteBuilder web, string names)
    {
        web.MapDelete("/studies/{study}", DeleteAsync).WithName($"{names}-delete-study");
        web.MapDelete("/studies/{study}/series/{series}", DeleteAsync).WithName($"{names}-delete-series");
        web.MapDelete("/studies/{study}/series/{series}/instances/{instance}", DeleteAsync).WithName($"{names}-delete-instance");
    }

    private static async Task<IResult> DeleteAsync(
        string study, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken, string? series = null, string? instance = null)
    {
        if (!(await webBase.RecordOfAsync(study, cancellationToken, toDelete: true)).TryGet(out var record, out var problem))
        {
            return DicomWebResults.Problem(problem);
        }
        var deleted = await guard.DeleteImagesAsync(record, study, series, instance, cancellationToken);
        return deleted.Match(_ => Results.NoContent(), DicomWebResults.Problem);
    }
}

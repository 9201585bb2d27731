using System.Security.Cryptography;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest;

/// <summary>FHIR create. See https://hl7.org/fhir/R4/http.html#create</summary>
internal static class CreateEndpoint
{
    public static void MapCreate(this IEndpointRouteBuilder fhir) => fhir.MapPost("/{type}", CreateAsync).WithName("create");

    private static async Task<IResult> CreateAsync(
        string type, HttpRequest request, GuardedRecord record, ResourceContents contents, PublicAddress address, CancellationToken cancellationToken)
    {
        if (request.Headers.ContainsKey("If-None-Exist"))
        {
            return FhirResults.Problem(Problem.Invalid("Conditional create is not offered yet; nothing was written."));
        }
        if (!(await FhirBody.ReadAsync(request, type, cancellationToken)).TryGet(out var resource, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        if (!contents.Draft(resource, id, "POST").TryGet(out var draft, out problem))
        {
            return FhirResults.Problem(problem);
        }
        var outcome = await record.CreateAsync(draft, cancellationToken);
        return outcome.Match(
            committed => FhirResults.Committed(committed, address.Fhir, FhirNegotiation.WantsBack(request)), FhirResults.Problem);
    }
}

/// <summary>FHIR update, also as create. See https://hl7.org/fhir/R4/http.html#update</summary>
internal static class UpdateEndpoint
{
    private const int Attempts = 20;

    public static void MapUpdate(this IEndpointRouteBuilder fhir) => fhir.MapPut("/{type}/{id}", UpdateAsync).WithName("update");

    private static async Task<IResult> UpdateAsync(
        string type, string id, HttpRequest request, GuardedRecord record, ResourceContents contents, PublicAddress address,
        CancellationToken cancellationToken)
    {
        if (!RecordId.IsWellFormed(id))
        {
            return FhirResults.Problem(Problem.Invalid("The id in the address is not a FHIR id."));
        }
        if (request.Headers.IfNoneMatch.Count > 0)
        {
            return FhirResults.Problem(Problem.Invalid("If-None-Match is not offered on update; nothing was written."));
        }
        if (!FhirNegotiation.ReadIfMatch(request).TryGet(out var ifMatch, out var problem)
            || !(await FhirBody.ReadAsync(request, type, cancellationToken)).TryGet(out var resource, out problem))
        {
            return FhirResults.Problem(problem);
        }
        if (resource.Id != id)
        {
            return FhirResults.Problem(Problem.Invalid("The id in the body is not that of the address.", $"{type}.id"));
        }
        var outcome = resource is ImagingStudy study
            ? await UpdateStudyAsync(study, id, ifMatch, record, contents, cancellationToken)
            : await WriteAsync(resource, id, ifMatch, record, contents, cancellationToken);
        return outcome.Match(
            committed => FhirResults.Committed(committed, address.Fhir, FhirNegotiation.WantsBack(request)), FhirResults.Problem);
    }

    private static async ValueTask<Outcome<CommittedResource>> WriteAsync(
        Resource resource, string id, IfMatch? ifMatch, GuardedRecord record, ResourceContents contents, CancellationToken cancellationToken) =>
        contents.Draft(resource, id, "PUT").TryGet(out var draft, out var problem)
            ? await record.UpdateAsync(draft, ifMatch, cancellationToken)
            : problem;

    /// <summary>
    /// A study with instances takes only the human part of the body. Both ways of writing hold only while the study stays as it was
    /// read; when it did not, and the caller did not name a version, it is read and judged anew.
    /// </summary>
    private static async ValueTask<Outcome<CommittedResource>> UpdateStudyAsync(
        ImagingStudy body, string id, IfMatch? ifMatch, GuardedRecord record, ResourceContents contents, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var current = await record.ReadAsync(new ResourceKey("ImagingStudy", id), cancellationToken);
            var copy = (ImagingStudy)body.DeepCopy();
            var hasInstances = current.IsSuccess && await record.HasInstancesAsync(current.Value, cancellationToken);
            var outcome = hasInstances
                ? await EditAsync(current.Value, copy, ifMatch, record, contents, cancellationToken)
                : await WriteAsync(copy, id, ifMatch, record, contents, cancellationToken);
            var isStale = hasInstances
                ? outcome.Problem?.Kind == ProblemKind.PreconditionFailed && ifMatch is null or { Any: true }
                : outcome.Problem?.Kind == ProblemKind.Conflict && current.IsSuccess;
            if (!isStale)
            {
                return outcome;
            }
        }
        return Problem.Conflict("The study is changing too fast to be edited; try again in a moment.");
    }

    private static async ValueTask<Outcome<CommittedResource>> EditAsync(
        StoredResource current, ImagingStudy body, IfMatch? ifMatch, GuardedRecord record, ResourceContents contents,
        CancellationToken cancellationToken)
    {
        if (current.Redaction is not null || !record.Caller.MayWrite)
        {
            return await WriteAsync(body, current.Key.Id, null, record, contents, cancellationToken);
        }
        if (!(await StudyEdit.MergeAsync(record, current, body, ifMatch, cancellationToken)).TryGet(out var merged, out var problem))
        {
            return problem;
        }
        return await record.EditStudyAsync(contents.Draft(merged, current.Key.Id, "PUT", current.Record), current.Version, cancellationToken);
    }
}

/// <summary>FHIR delete. See https://hl7.org/fhir/R4/http.html#delete</summary>
internal static class DeleteEndpoint
{
    public static void MapDelete(this IEndpointRouteBuilder fhir) => fhir.MapDelete("/{type}/{id}", DeleteAsync).WithName("delete");

    private static async Task<IResult> DeleteAsync(
        string type, string id, HttpRequest request, GuardedRecord record, CancellationToken cancellationToken)
    {
        if (!FhirNegotiation.ReadIfMatch(request).TryGet(out var ifMatch, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        var outcome = await record.DeleteAsync(new ResourceKey(type, id), ifMatch, cancellationToken);
        return outcome.Match(FhirResults.Deleted, FhirResults.Problem);
    }
}

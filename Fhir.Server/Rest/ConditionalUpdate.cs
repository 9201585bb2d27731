using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest;

/// <summary>
/// FHIR conditional update: nothing found → create (under the id of the body, when it has one), one found → update of it, more → 412.
/// See https://hl7.org/fhir/R4/http.html#cond-update
/// </summary>
internal static class ConditionalUpdate
{
    public static async Task<IResult> UpdateAsync(
        string type, HttpRequest request, GuardedRecord record, ResourceContents contents, PublicAddress address, CancellationToken cancellationToken)
    {
        if (!ConditionalCriteria.Parse(type, request.QueryString.Value, address.Fhir, record.SearchParameters).TryGet(out var criteria, out var problem)
            || !FhirNegotiation.ReadIfMatch(request).TryGet(out var ifMatch, out problem)
            || !(await FhirBody.ReadAsync(request, type, cancellationToken)).TryGet(out var body, out problem))
        {
            return FhirResults.Problem(problem);
        }
        if (body.Id is not null && !RecordId.IsWellFormed(body.Id))
        {
            return FhirResults.Problem(Problem.Invalid("The id in the body is not a FHIR id.", $"{type}.id"));
        }
        var writer = new Writer(record, contents, ifMatch);
        var outcome = await criteria.DecideAsync(record, ifMatch, match => writer.WriteAsync((Resource)body.DeepCopy(), match, cancellationToken), cancellationToken);
        return outcome.Match(
            committed => FhirResults.Committed(committed, address.Fhir, record.MayReadBack(type) ? FhirNegotiation.WantsBack(request) : Wanted.Minimal), FhirResults.Problem);
    }

    private sealed class Writer(GuardedRecord record, ResourceContents contents, IfMatch? ifMatch)
    {
        public async ValueTask<Outcome<CommittedResource>> WriteAsync(Resource body, ConditionalMatch match, CancellationToken cancellationToken)
        {
            if (match.Only is { } found)
            {
                return body.Id is not null && body.Id != found.Id
                    ? Problem.Invalid("The criteria find another resource than the body names by its id; nothing was written.", $"{body.TypeName}.id")
                    : await new ResourceUpdate(record, contents).WriteAsync(body, found.Id, ifMatch, match, cancellationToken);
            }
            if (body.Id is { } id)
            {
                return await new ResourceUpdate(record, contents).WriteAsync(body, id, ifMatch, match, cancellationToken);
            }
            if (ifMatch is not null)
            {
                return Problem.PreconditionFailed("Nothing matches the criteria, so nothing is at the version the request names.");
            }
            return contents.Draft(body, CreateEndpoint.NewId(), "PUT").TryGet(out var draft, out var problem)
                ? await record.CreateAsync(draft, match, cancellationToken)
                : problem;
        }
    }
}

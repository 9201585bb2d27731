using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Microsoft.AspNetCore.WebUtilities;

namespace Fhir.Server.Rest;

/// <summary>
/// The criteria of a conditional interaction: what they find decides what is done. They are read strictly, for a criterion that was
/// ignored would let them find more, and what they find is written or deleted. See https://hl7.org/fhir/R4/http.html#cond-update
/// </summary>
internal sealed class ConditionalCriteria
{
    private const int Attempts = 20;

    /// <summary>Say how the answer looks, not what is found.</summary>
    private static readonly string[] OfTheAnswer = ["_format", "_pretty", "_summary", "_elements"];

    private ConditionalCriteria(SearchQuery query) => Query = query;

    /// <summary>The search they are.</summary>
    public SearchQuery Query { get; }

    /// <summary>
    /// Reads criteria as in a query string, with or without <c>?</c> or <c>Type?</c> before them. <c>Invalid</c> for what is unknown, empty
    /// or no search; <c>PreconditionFailed</c> when nothing in them chooses anything, which would be everything.
    /// </summary>
    public static Outcome<ConditionalCriteria> Parse(string type, string? text, string fhirBase, SearchCatalogue parameters)
    {
        var query = (text ?? "").Trim();
        query = query.StartsWith(type + "?", StringComparison.Ordinal) ? query[(type.Length + 1)..] : query.TrimStart('?');
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            if (OfTheAnswer.Contains(name))
            {
                continue;
            }
            if (string.IsNullOrWhiteSpace(value))
            {
                return Problem.Invalid("A criterion has no value; nothing was written.");
            }
            pairs.Add(new(name, value));
        }
        if (!new SearchParser(new SearchOptions(), fhirBase, parameters).Parse(type, pairs, strict: true).TryGet(out var search, out var problem))
        {
            return problem;
        }
        return search.Criteria.Count + search.Links.Count == 0
            ? Problem.PreconditionFailed("There are no criteria that choose anything; nothing was written.")
            : new ConditionalCriteria(search);
    }

    /// <summary>What they find now: none, one or many, as far as the caller may see.</summary>
    public ValueTask<Outcome<ConditionalMatch>> ResolveAsync(GuardedRecord record, CancellationToken cancellationToken) =>
        record.ResolveAsync(Query, cancellationToken);

    /// <summary>
    /// Resolves and acts, and again when what they find has changed meanwhile: the act fails by <c>PreconditionFailed</c> then.
    /// <c>PreconditionFailed</c> when they find more than one.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="ifMatch">If-Match, which may be what fails.</param>
    /// <param name="act">Acts upon none or one, on condition that it is still what is found.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Outcome<T>> DecideAsync<T>(
        GuardedRecord record, IfMatch? ifMatch, Func<ConditionalMatch, ValueTask<Outcome<T>>> act, CancellationToken cancellationToken)
    {
        ConditionalMatch? before = null;
        Problem? failed = null;
        var same = 0;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (!(await ResolveAsync(record, cancellationToken)).TryGet(out var match, out var problem))
            {
                return problem;
            }
            if (match.IsMany)
            {
                return GuardedRecord.TooMany();
            }
            // The same is found as before, twice: it is something else that fails.
            var mayBeOther = failed?.Kind == ProblemKind.Conflict || ifMatch is not null;
            if (before?.Only == match.Only && before is not null && mayBeOther && ++same > 1)
            {
                return failed!;
            }
            var outcome = await act(match);
            if (outcome.Problem is not { Kind: ProblemKind.PreconditionFailed or ProblemKind.Conflict })
            {
                return outcome;
            }
            (before, failed) = (match, outcome.Problem);
        }
        return Problem.Conflict("What the criteria find is changing too fast; try again in a moment.");
    }
}

using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Hl7.Fhir.Model;

namespace Fhir.Server.Consents;

/// <summary>
/// Keeps the search parameters in force equal to the SearchParameters that are stored. Changes of these come one after the other: each is
/// judged by what is in force, committed, and in force before its answer is given. Rows written by the same commit are made by the
/// parameters as they are after it; of another commit at the same time either set, until the answer.
/// </summary>
internal sealed class ParametersInForce(SearchRegistry registry) : IDisposable
{
    private readonly SemaphoreSlim turn = new(1);

    /// <summary>What is in force now.</summary>
    public SearchCatalogue Current => registry.Current;

    /// <summary>Commits, and puts in force what the commit defines. <c>Unprocessable</c> when what it defines cannot be in force; nothing is committed then.</summary>
    /// <param name="changes">What is written, as <see cref="SearchCatalogue.With"/> takes it; empty when no SearchParameter is.</param>
    /// <param name="tell">Says of a problem which change it is of.</param>
    /// <param name="commit">Commits, with the parameters its rows are made by; null for those in force.</param>
    /// <param name="cancellationToken">Gives up before the commit.</param>
    public async ValueTask<Outcome<T>> ChangeAsync<T>(
        IReadOnlyList<(string Id, SearchParameter? Definition)> changes, Func<int, Problem, Problem> tell,
        Func<SearchCatalogue?, CancellationToken, ValueTask<Outcome<T>>> commit, CancellationToken cancellationToken)
    {
        if (changes.Count == 0)
        {
            return await commit(null, cancellationToken);
        }
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (!registry.Current.With(changes, tell).TryGet(out var next, out var problem))
            {
                return problem;
            }
            // From here on to the end: a definition that is stored and not in force would be one until the next start.
            var outcome = await commit(next, CancellationToken.None);
            if (outcome.IsSuccess)
            {
                registry.Use(next);
            }
            return outcome;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Runs what leaves no SearchParameter behind, and takes all out of force.</summary>
    public async ValueTask ForgetAsync(Func<ValueTask> erase, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            await erase();
            registry.Use(SearchCatalogue.Standard);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();
}

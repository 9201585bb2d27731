using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

public sealed partial class GuardedRecord
{
    /// <summary>Whether this caller may have work done over the whole store: who sees everything and may write. Else <c>Forbidden</c>.</summary>
    public async ValueTask<Outcome<Done>> OverseeAsync(string action, string what, CancellationToken cancellationToken)
    {
        var entry = log.Entry(Caller, RecordId.Shared, action, what);
        if (!Caller.IsUnbounded || !Caller.MayWrite)
        {
            return await log.RefusedAsync(entry, Problem.Forbidden("That is for callers who may see and change everything."), cancellationToken);
        }
        await log.NoteAsync(entry, cancellationToken);
        return new Done();
    }

    /// <summary>
    /// Makes the index rows of one resource anew. <c>Forbidden</c> for whoever does not see everything, known resource or not; else as
    /// <see cref="ReadAsync"/>.
    /// </summary>
    public async ValueTask<Outcome<Done>> ReindexAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (!(await OverseeAsync("reindex", key.ToString(), cancellationToken)).TryGet(out _, out var problem)
            || !Existing(await stores.Resources.FindAsync(key, To(ScopeLetters.Read), cancellationToken)).TryGet(out _, out problem))
        {
            return problem;
        }
        return await stores.Index.IndexAsync(key, cancellationToken) ? new Done() : Problem.Gone();
    }
}

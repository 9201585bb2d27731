using Fhir.Server.Storage;

namespace Fhir.Server.Rest.Patch;

/// <summary>
/// Patches of the same resource one after the other. Correctness does not rest on it, the commit is conditioned on the version that was
/// read; but of many at the same time all but one would have to begin again, each time.
/// </summary>
internal static class PatchTurns
{
    private static readonly SemaphoreSlim[] Turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    public static async ValueTask<T> InTurnAsync<T>(ResourceKey key, Func<ValueTask<T>> work, CancellationToken cancellationToken)
    {
        var turn = Turns[(uint)key.GetHashCode() % Turns.Length];
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            turn.Release();
        }
    }
}

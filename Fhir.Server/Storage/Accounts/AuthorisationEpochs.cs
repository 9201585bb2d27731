using System.Collections.Concurrent;

namespace Fhir.Server.Storage.Accounts;

/// <summary>
/// The epochs of authorisations as this process knows them, while it alone has the database. Whatever changes any of them forgets them
/// all: a change is rare, a look is not. Bounded: above the limit they are forgotten too and read again.
/// </summary>
internal sealed class AuthorisationEpochs
{
    private const int Limit = 50_000;

    private readonly Lock gate = new();
    private ConcurrentDictionary<string, long> known = new(StringComparer.Ordinal);
    private long generation;

    /// <summary>Changes whenever <see cref="Forget"/> is called.</summary>
    public long Generation => Interlocked.Read(ref generation);

    public bool TryGet(string authorisation, out long epoch) => known.TryGetValue(authorisation, out epoch);

    /// <summary>Remembers what was read, unless something changed since the reading began.</summary>
    public void Remember(string authorisation, long epoch, long begunAt)
    {
        lock (gate)
        {
            if (generation != begunAt)
            {
                return;
            }
            if (known.Count >= Limit)
            {
                known = new(StringComparer.Ordinal);
            }
            known[authorisation] = epoch;
        }
    }

    /// <summary>Something changed: every epoch is read again.</summary>
    public void Forget()
    {
        lock (gate)
        {
            generation++;
            known = new(StringComparer.Ordinal);
        }
    }
}

using System.Diagnostics.Metrics;
using Fhir.Server.Outcomes;
using Microsoft.AspNetCore.Http;

namespace Fhir.Server.Access;

/// <summary>
/// SMART mode: who asks is told by the access token in the Authorization header, and by nothing else; a token in an address or a body is never taken.
/// A token is looked up once and kept as the <see cref="Caller"/> it stands for; every further request compares one number, so that what was revoked is
/// refused at the very next. On public places nobody is asked. See https://www.rfc-editor.org/rfc/rfc6750
/// </summary>
internal sealed class TokenCallerSource : ICallerSource, IDisposable
{
    private const string Bearer = "Bearer ";
    private const int LongestToken = 4096;

    private readonly CallerCache cache = new();
    private readonly Meter meter;
    private readonly Counter<long> refused;

    private readonly IAuthorisations authorisations;
    private readonly OperatorKey key;
    private readonly TimeProvider clock;

    public TokenCallerSource(IAuthorisations authorisations, OperatorKey key, TimeProvider clock)
    {
        (this.authorisations, this.key, this.clock) = (authorisations, key, clock);
        meter = new Meter("Fhir.Server.Access");
        refused = meter.CreateCounter<long>("phr.access.unauthenticated", description: "Requests refused with 401");
    }

    public ValueTask<Outcome<Caller>> IdentifyAsync(HttpContext context)
    {
        if (PublicPlaces.Includes(context))
        {
            // Where one signs in, the header may hold other things than a token.
            return ValueTask.FromResult<Outcome<Caller>>(Caller.Anonymous);
        }
        var headers = context.Request.Headers.Authorization;
        if (headers.Count == 0)
        {
            return Refuse(Problem.NobodyKnown());
        }
        var shown = headers.Count == 1 ? headers.ToString() : "";
        if (shown.StartsWith(OperatorKey.Scheme + " ", StringComparison.OrdinalIgnoreCase))
        {
            return key.Equals(shown[(OperatorKey.Scheme.Length + 1)..])
                ? ValueTask.FromResult<Outcome<Caller>>(Caller.Operator)
                : Refuse(new Problem(ProblemKind.Unauthenticated, "The operator key is not this store's."));
        }
        var token = shown.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? shown[Bearer.Length..].Trim() : "";
        return token.Length is 0 or > LongestToken ? Refuse(Problem.InvalidToken()) : IdentifyAsync(TokenHash.Of(token), context.RequestAborted);
    }

    public void Dispose() => meter.Dispose();

    private async ValueTask<Outcome<Caller>> IdentifyAsync(TokenHash token, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (cache.Find(token, now) is { } known)
        {
            if (await authorisations.EpochAsync(known.Authorisation!.Id, cancellationToken) == known.Authorisation.Epoch)
            {
                return known;
            }
            cache.Remove(token);
        }
        if (await authorisations.FindAsync(token, cancellationToken) is not { } found || found.Expires <= now)
        {
            return await Refuse(Problem.InvalidToken());
        }
        var caller = Caller.Of(found, now);
        cache.Add(token, caller, now);
        return caller;
    }

    /// <summary>Counted, and not written down: there is nobody to write of, and anybody could fill a disk.</summary>
    private ValueTask<Outcome<Caller>> Refuse(Problem problem)
    {
        refused.Add(1);
        return ValueTask.FromResult<Outcome<Caller>>(problem);
    }
}

/// <summary>Callers by the hash of their token, at most so many, none longer than it stays true without being asked again.</summary>
internal sealed class CallerCache
{
    /// <summary>Tokens kept; beyond, those used longest ago go.</summary>
    public const int Limit = 20_000;

    private readonly Lock gate = new();
    private readonly Dictionary<TokenHash, LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> byUse = new();

    private sealed record Entry(TokenHash Token, Caller Caller, DateTimeOffset Until);

    /// <summary>How many are kept.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return entries.Count;
            }
        }
    }

    /// <summary>The caller of a token; null when it is not known, or not for sure at this moment.</summary>
    public Caller? Find(TokenHash token, DateTimeOffset now)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(token, out var node))
            {
                return null;
            }
            if (node.Value.Until <= now)
            {
                Remove(node);
                return null;
            }
            if (byUse.First != node)
            {
                byUse.Remove(node);
                byUse.AddFirst(node);
            }
            return node.Value.Caller;
        }
    }

    /// <summary>Keeps a caller until the token ends, or one of its rights begins or ends.</summary>
    public void Add(TokenHash token, Caller caller, DateTimeOffset now)
    {
        var own = caller.Authorisation!;
        var until = own.Records.SelectMany(record => new[] { record.From, record.Until }).OfType<DateTimeOffset>().Where(edge => edge > now).Append(own.Expires).Min();
        lock (gate)
        {
            if (entries.TryGetValue(token, out var before))
            {
                Remove(before);
            }
            entries[token] = byUse.AddFirst(new Entry(token, caller, until));
            while (entries.Count > Limit)
            {
                Remove(byUse.Last!);
            }
        }
    }

    public void Remove(TokenHash token)
    {
        lock (gate)
        {
            if (entries.TryGetValue(token, out var node))
            {
                Remove(node);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        entries.Remove(node.Value.Token);
        byUse.Remove(node);
    }
}

using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Fhir.Server.SignIn.Clients;

/// <summary>
/// Keys of clients that are registered by address. Fetched when needed, kept no longer than the answer's Cache-Control allows, and asked
/// for again when a key is not among them.
/// </summary>
internal sealed partial class RemoteKeys(HttpClient client, TimeProvider clock, ILogger<RemoteKeys> logger)
{
    private const int Limit = 64 * 1024;
    private const int Addresses = 1000;

    /// <summary>When the answer does not say how long it may be kept.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>An address is not asked again sooner because of an unknown key, or a stranger could have it hammered.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Kept> known = new(StringComparer.Ordinal);

    /// <summary>The usable keys at an address; none when it cannot be read.</summary>
    public async ValueTask<IReadOnlyList<JsonWebKey>> FindAsync(string address, string kid, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (known.TryGetValue(address, out var kept) && kept.Until > now && (kept.Has(kid) || kept.Fetched + Patience > now))
        {
            return kept.Keys;
        }
        var (keys, lifetime) = await FetchAsync(address, cancellationToken);
        if (known.Count >= Addresses)
        {
            known.Clear();
        }
        if (lifetime > TimeSpan.Zero)
        {
            known[address] = new Kept(keys, now, now + lifetime);
        }
        else
        {
            known.TryRemove(address, out _);
        }
        return keys;
    }

    private async Task<(IReadOnlyList<JsonWebKey> Keys, TimeSpan Lifetime)> FetchAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Accept = { new("application/json") } } };
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
            answer.EnsureSuccessStatusCode();
            return (ClientKeys.Parse(await answer.Content.ReadAsStringAsync(cancellationToken)), LifetimeOf(answer.Headers.CacheControl));
        }
        catch (Exception failure) when (failure is HttpRequestException or ArgumentException or UriFormatException or InvalidOperationException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Told to the client as a key that was not found; whoever runs the server sees why.
            NotFetched(logger, address, failure.Message);
            return ([], TimeSpan.Zero);
        }
    }

    private static TimeSpan LifetimeOf(CacheControlHeaderValue? control) =>
        control is { NoStore: true } or { NoCache: true } ? TimeSpan.Zero
        : control?.MaxAge is { } age ? (age < Longest ? age : Longest)
        : Usual;

    /// <summary>How keys are fetched: no redirects, small, quickly, and only from where the public could fetch them too.</summary>
    public static HttpClient MakeClient(bool allowLoopback) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(3),
        PooledConnectionLifetime = TimeSpan.FromMinutes(1), ConnectCallback = (context, cancellationToken) => PublicHosts.ConnectAsync(context, allowLoopback, cancellationToken),
    })
    {
        Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = Limit,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Keys at {Address} could not be fetched: {Reason}")]
    private static partial void NotFetched(ILogger logger, string address, string reason);

    private sealed record Kept(IReadOnlyList<JsonWebKey> Keys, DateTimeOffset Fetched, DateTimeOffset Until)
    {
        public bool Has(string kid) => Keys.Any(key => key.Kid == kid);
    }
}

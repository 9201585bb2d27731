using System.Net;
using System.Text.Json;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Discs;

/// <summary>HTTP to the server that owns the store, with patience: what is busy or lost for a moment is asked again.</summary>
internal sealed class ServerLink(HttpClient client, TimeProvider clock)
{
    private const int Attempts = 5;

    /// <summary>Nothing sent and nothing heard for so long means that the connection is lost.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(100);

    /// <summary>A server that asks for more is not worth waiting for.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>Told when it is waiting, and why.</summary>
    public Action<string>? Waiting { get; init; }

    /// <summary>
    /// The answer, whatever its status, or why there is none. Throws <see cref="DiscReadException"/> when a file of the body cannot be
    /// read.
    /// </summary>
    /// <param name="make">Makes the request, once for each attempt; what it is given is to be called while bytes flow.</param>
    /// <param name="repeatable">Doing it twice is the same as once, so it may be sent again when no answer came.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Outcome<HttpResponseMessage>> SendAsync(
        Func<Action, HttpRequestMessage> make, bool repeatable, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await TryAsync(make, cancellationToken);
            if (answer is { StatusCode: not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests) })
            {
                return answer;
            }
            var wait = answer is null ? Pause(attempt) : AskedFor(answer) ?? Pause(attempt);
            var why = answer is null ? $"The server at {client.BaseAddress} cannot be reached" : "The server is busy";
            answer?.Dispose();
            if (attempt == Attempts || wait > LongestWait || (answer is null && !repeatable))
            {
                return new Problem(ProblemKind.Unavailable, why + ".", wait);
            }
            Waiting?.Invoke($"{why}; trying again in {Math.Ceiling(wait.TotalSeconds):0} s.");
            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    /// <summary>What the server says is wrong, in one line.</summary>
    public static async Task<string> ReasonAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            var issue = json.RootElement.GetProperty("issue")[0];
            var text = issue.TryGetProperty("diagnostics", out var said) ? said : issue.GetProperty("details").GetProperty("text");
            return $"{text.GetString()} (HTTP {(int)answer.StatusCode})";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            return $"the server answered HTTP {(int)answer.StatusCode}";
        }
    }

    private async Task<HttpResponseMessage?> TryAsync(Func<Action, HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        using var request = make(() => silence.CancelAfter(Silence));
        try
        {
            return await client.SendAsync(request, either.Token);
        }
        catch (HttpRequestException) when (request.Content is StowContent { Unreadable: { } unreadable })
        {
            // A body that breaks off may pass for a lost connection, if the connection notices first.
            throw unreadable;
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private TimeSpan? AskedFor(HttpResponseMessage answer)
    {
        var asked = answer.Headers.RetryAfter;
        var wait = asked?.Delta ?? (asked?.Date - clock.GetUtcNow());
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static TimeSpan Pause(int attempt) => TimeSpan.FromSeconds(1 << (attempt - 1));
}

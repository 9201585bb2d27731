using System.Globalization;
using Fhir.Server.Access;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>
/// Counts attempts at secrets (passwords, codes, links), for each account and for each address they come from, and says when there were
/// too many. Unknown accounts are counted like known ones. Kept in memory, by each node for itself; bounded.
/// </summary>
internal sealed class Attempts(IOptions<SignInOptions> options, TimeProvider clock)
{
    private const int MostKept = 100_000;
    private readonly Lock gate = new();
    private readonly Dictionary<string, (DateTimeOffset Start, int Count)> windows = [];

    /// <summary>Counts one attempt; how long to wait when it is one too many, else null.</summary>
    /// <param name="account">What is attempted at: an address, an account's id, a purpose. Never the secret.</param>
    /// <param name="context">Where it comes from.</param>
    public TimeSpan? Count(string account, HttpContext context)
    {
        var address = "from " + Networks.Counted(context.Connection.RemoteIpAddress);
        // The hash stands for the address people type, so that what is kept is small whatever they type.
        var target = "at " + TokenHash.Of(account.Trim().ToUpperInvariant()).Value;
        lock (gate)
        {
            var byAddress = Add(address, options.Value.AttemptsPerAddress);
            var byAccount = Add(target, options.Value.AttemptsPerAccount);
            return byAddress > byAccount || byAccount is null ? byAddress : byAccount;
        }
    }

    /// <summary>The answer to one attempt too many; null while there may be more.</summary>
    public IResult? Refusal(string account, HttpContext context)
    {
        if (Count(account, context) is not { } wait)
        {
            return null;
        }
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var texts = FrameTexts.In(context.LanguageOf());
        var minutes = Math.Ceiling(wait.TotalMinutes).ToString(CultureInfo.InvariantCulture);
        return PageFrame.Problem(context, texts.TooMany, texts.TooManyText(minutes), StatusCodes.Status429TooManyRequests);
    }

    private TimeSpan? Add(string key, int most)
    {
        var (now, window) = (clock.GetUtcNow(), options.Value.AttemptWindow);
        if (windows.Count >= MostKept)
        {
            Forget(now - window);
        }
        var (start, count) = windows.TryGetValue(key, out var known) && known.Start + window > now ? known : (now, 0);
        windows[key] = (start, count + 1);
        return count + 1 > most ? start + window - now : null;
    }

    private void Forget(DateTimeOffset before)
    {
        foreach (var old in windows.Where(one => one.Value.Start <= before).Select(one => one.Key).ToList())
        {
            windows.Remove(old);
        }
        if (windows.Count >= MostKept)
        {
            // So many at once are no people; whoever is forgotten begins anew.
            foreach (var oldest in windows.OrderBy(one => one.Value.Start).Take(MostKept / 10).Select(one => one.Key).ToList())
            {
                windows.Remove(oldest);
            }
        }
    }
}

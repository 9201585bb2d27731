using Fhir.Server.Access;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Who is signed in in a browser.</summary>
/// <param name="Id">Names the session; authorisations that end with it keep this.</param>
/// <param name="Account">The person, as of this request.</param>
/// <param name="AuthTime">When they last showed who they are (<c>auth_time</c>).</param>
/// <param name="Methods">How (<c>amr</c>, RFC 8176): <c>pwd</c>, <c>otp</c>, <c>hwk</c> for a passkey, <c>fed</c> for another provider.</param>
internal sealed record SignedInSession(string Id, Account Account, DateTimeOffset AuthTime, IReadOnlyList<string> Methods);

/// <summary>
/// Tells who is signed in at the browser a request comes from. The cookie is a random secret; only its hash is kept, with the session, so
/// ending a session counts at the next request. A route that is not among pages asks <see cref="FindAsync"/>; pages have the answer
/// among their features.
/// </summary>
internal sealed class SignedIn(SessionStore sessions, IOptions<SignInOptions> options, PublicAddress address, TimeProvider clock)
{
    /// <summary>The name of the cookie.</summary>
    public const string Cookie = "phr-session";

    private const int AgentLength = 200;

    /// <summary>Who is signed in; null when nobody is. Asked once a request.</summary>
    public async ValueTask<SignedInSession?> FindAsync(HttpContext context)
    {
        if (context.Features.Get<SignedInSession>() is { } known)
        {
            return known;
        }
        if (context.Request.Cookies[Cookie] is not { Length: > 0 } secret
            || await sessions.FindAsync(TokenHash.Of(secret), options.Value.SessionIdle, context.RequestAborted) is not var (session, account))
        {
            return null;
        }
        var found = new SignedInSession(session.Id, account, Microseconds.ToTime(session.Created), session.Methods.Split(' '));
        context.Features.Set(found);
        return found;
    }

    /// <summary>Sends the browser to sign in and back again.</summary>
    /// <param name="returnUrl">A path of this server, with its query.</param>
    /// <param name="again">Also who is signed in already shall show who they are (<c>prompt=login</c>, <c>max_age</c>).</param>
    public static IResult RequireSignIn(string returnUrl, bool again = false) =>
        Results.Redirect($"/account/sign-in?returnUrl={Uri.EscapeDataString(returnUrl)}{(again ? "&again=true" : "")}");

    /// <summary>Begins a session in this browser; the one it had is over.</summary>
    public async Task BeginAsync(HttpContext context, Account account, IReadOnlyList<string> methods)
    {
        await EndAsync(context);
        var (secret, now) = (TokenHash.MakeSecret(), clock.GetUtcNow());
        var agent = context.Request.Headers.UserAgent.ToString();
        var session = new SessionRow
        {
            Id = Guid.NewGuid().ToString("N"), Hash = TokenHash.Of(secret).Value, Account = account.Id, Methods = string.Join(' ', methods),
            Created = Microseconds.Of(now), LastSeen = Microseconds.Of(now), Expires = Microseconds.Of(now + options.Value.SessionLength),
            Agent = agent.Length > AgentLength ? agent[..AgentLength] : agent, Network = Networks.Of(context.Connection.RemoteIpAddress),
        };
        await sessions.BeginAsync(session, context.RequestAborted);
        context.Response.Cookies.Append(Cookie, secret, CookieOptions(context));
        context.Features.Set(new SignedInSession(session.Id, account, now, methods));
    }

    /// <summary>Ends the session of this browser; its id when there was one.</summary>
    public async Task<string?> EndAsync(HttpContext context)
    {
        var session = await FindAsync(context);
        if (session is not null)
        {
            await sessions.EndAsync(session.Account.Id, session.Id, context.RequestAborted);
            context.Features.Set<SignedInSession>(null);
        }
        context.Response.Cookies.Delete(Cookie, CookieOptions(context));
        return session?.Id;
    }

    /// <summary>
    /// As every cookie of this room is sent: not to scripts, not with requests other sites' pages make (but for links followed), and over
    /// TLS alone where the server has it.
    /// </summary>
    public CookieOptions CookieOptions(HttpContext context) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true,
        Secure = context.Request.IsHttps || address.Base.StartsWith("https:", StringComparison.Ordinal),
    };
}

using Fhir.Server.Access;
using Microsoft.EntityFrameworkCore;

namespace Fhir.Server.Storage.Accounts;

/// <summary>The sessions of people in browsers. What is ended here is refused at the next request that shows its cookie.</summary>
public sealed class SessionStore(AccountsContext database, TimeProvider clock)
{
    private static readonly long SeenStep = (long)TimeSpan.FromMinutes(1).TotalMicroseconds;

    /// <summary>Keeps a new session.</summary>
    public async Task BeginAsync(SessionRow session, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        await database.Sessions.Where(one => one.Expires < now).ExecuteDeleteAsync(cancellationToken);
        database.Sessions.Add(session);
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The session of a cookie that is still alive, and its account; null when there is none, it was ended, is too old or was idle too long, or its account is disabled.</summary>
    public async Task<(SessionRow Session, Account Account)?> FindAsync(TokenHash cookie, TimeSpan idle, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        var seenAfter = now - (long)idle.TotalMicroseconds;
        var found = await database.Sessions.AsNoTracking()
            .Where(one => one.Hash == cookie.Value && one.Ended == null && one.Expires > now && one.LastSeen > seenAfter)
            .Join(database.Users, one => one.Account, account => account.Id, (session, account) => new { session, account })
            .Where(one => !one.account.IsDisabled)
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return null;
        }
        if (now - found.session.LastSeen >= SeenStep)
        {
            await database.Sessions.Where(one => one.Id == found.session.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(one => one.LastSeen, now), cancellationToken);
        }
        return (found.session, found.account);
    }

    /// <summary>The live sessions of an account, the last seen first.</summary>
    public async Task<IReadOnlyList<SessionRow>> OfAccountAsync(string account, TimeSpan idle, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        var seenAfter = now - (long)idle.TotalMicroseconds;
        return await database.Sessions.AsNoTracking()
            .Where(one => one.Account == account && one.Ended == null && one.Expires > now && one.LastSeen > seenAfter)
            .OrderByDescending(one => one.LastSeen).ToListAsync(cancellationToken);
    }

    /// <summary>Ends one session of an account; false when the account has no such live session.</summary>
    public async Task<bool> EndAsync(string account, string session, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        return await database.Sessions.Where(one => one.Id == session && one.Account == account && one.Ended == null)
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.Ended, now), cancellationToken) == 1;
    }

    /// <summary>Ends every session of an account, but for one when it is named; says which were ended.</summary>
    public async Task<IReadOnlyList<string>> EndAllAsync(string account, string? except, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        var live = database.Sessions.Where(one => one.Account == account && one.Ended == null && one.Id != except);
        var ids = await live.Select(one => one.Id).ToListAsync(cancellationToken);
        await live.ExecuteUpdateAsync(set => set.SetProperty(one => one.Ended, now), cancellationToken);
        return ids;
    }
}

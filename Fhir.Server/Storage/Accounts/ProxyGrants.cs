using Fhir.Server.Access;
using Microsoft.EntityFrameworkCore;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Who acts for whom: grants of patients to accounts, and the invitations they come from.</summary>
public sealed class ProxyGrants(AccountsContext database, TimeProvider clock)
{
    /// <summary>Keeps an invitation.</summary>
    public async Task InviteAsync(ProxyInvitationRow invitation, CancellationToken cancellationToken)
    {
        database.ProxyInvitations.Add(invitation);
        await database.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Invitations of a record nobody has answered yet.</summary>
    public async Task<IReadOnlyList<ProxyInvitationRow>> InvitationsOfAsync(string record, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        return await database.ProxyInvitations.AsNoTracking().Where(one => one.Record == record && one.Expires > now)
            .OrderBy(one => one.Name).ToListAsync(cancellationToken);
    }

    /// <summary>The invitation of a code, when it is still open; null otherwise.</summary>
    public Task<ProxyInvitationRow?> FindInvitationAsync(TokenHash code, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        return database.ProxyInvitations.AsNoTracking().SingleOrDefaultAsync(one => one.Hash == code.Value && one.Expires > now, cancellationToken);
    }

    /// <summary>Takes an invitation back; false when there was none for that record.</summary>
    public async Task<bool> WithdrawAsync(string record, string invitation, CancellationToken cancellationToken) =>
        await database.ProxyInvitations.Where(one => one.Id == invitation && one.Record == record).ExecuteDeleteAsync(cancellationToken) == 1;

    /// <summary>Turns an invitation into a grant; false when it has been used or taken back meanwhile.</summary>
    public async Task<bool> AcceptAsync(ProxyInvitationRow invitation, ProxyGrantRow grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invitation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        if (await database.ProxyInvitations.Where(one => one.Id == invitation.Id).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return false;
        }
        database.ProxyGrants.Add(grant);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Live grants of a record, to whom it may concern.</summary>
    public async Task<IReadOnlyList<(ProxyGrantRow Grant, Account Proxy)>> OfRecordAsync(string record, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        var found = await database.ProxyGrants.AsNoTracking().Where(one => one.Record == record && one.Revoked == null && (one.End == null || one.End > now))
            .Join(database.Users.AsNoTracking(), one => one.Account, account => account.Id, (grant, account) => new { grant, account })
            .OrderBy(one => one.account.DisplayName).ToListAsync(cancellationToken);
        return found.ConvertAll(one => (one.grant, one.account));
    }

    /// <summary>Live grants to an account, with the account of each patient when they have one.</summary>
    public async Task<IReadOnlyList<(ProxyGrantRow Grant, string? Patient)>> OfProxyAsync(string account, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        var found = await database.ProxyGrants.AsNoTracking()
            .Where(one => one.Account == account && one.Revoked == null && one.Start <= now && (one.End == null || one.End > now))
            .OrderBy(one => one.Id)
            .Select(one => new { grant = one, name = database.Users.Where(owner => owner.Record == one.Record).Select(owner => owner.DisplayName).FirstOrDefault() })
            .ToListAsync(cancellationToken);
        return found.ConvertAll(one => (one.grant, one.name));
    }

    /// <summary>Revokes a grant of a record; the grant as it was, null when there is no such live one.</summary>
    public async Task<ProxyGrantRow?> RevokeAsync(string record, string grant, CancellationToken cancellationToken)
    {
        var found = await database.ProxyGrants.SingleOrDefaultAsync(one => one.Id == grant && one.Record == record && one.Revoked == null, cancellationToken);
        if (found is not null)
        {
            found.Revoked = Microseconds.Of(clock.GetUtcNow());
            await database.SaveChangesAsync(cancellationToken);
        }
        return found;
    }
}

using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Identity;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>
/// Whether an address and a password belong together. An unknown address, a resting account and a disabled one cost a hash like any
/// other and answer like a wrong password.
/// </summary>
internal sealed class PasswordCheck(UserManager<Account> users, IPasswordHasher<Account> hasher)
{
    private static readonly Account Nobody = new();
    private static string? hashOfNothing;

    /// <summary>The account; null when they do not belong together, whatever the reason. A wrong password is counted against the account.</summary>
    public async Task<Account?> FindAsync(string email, string password)
    {
        if (password.Length > AccountRules.LongestPassword)
        {
            return null;
        }
        var account = await users.FindByEmailAsync(email);
        if (account is null || account.IsDisabled || account.PasswordHash is null || await users.IsLockedOutAsync(account))
        {
            Burn(password);
            return null;
        }
        if (await users.CheckPasswordAsync(account, password))
        {
            return account;
        }
        await users.AccessFailedAsync(account);
        return null;
    }

    /// <summary>Spends what checking a password costs.</summary>
    public void Burn(string password)
    {
        hashOfNothing ??= hasher.HashPassword(Nobody, Guid.NewGuid().ToString());
        hasher.VerifyHashedPassword(Nobody, hashOfNothing, password);
    }
}

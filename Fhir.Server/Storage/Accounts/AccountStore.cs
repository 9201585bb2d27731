using Microsoft.EntityFrameworkCore;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Accounts as an administrator looks at them; what a person does with their own goes through ASP.NET Core Identity.</summary>
public sealed class AccountStore(AccountsContext database)
{
    /// <summary>A page of accounts by address, those whose address contains a text when one is given.</summary>
    public async Task<IReadOnlyList<Account>> FindAsync(string? text, int skip, int count, CancellationToken cancellationToken)
    {
        var accounts = database.Users.AsNoTracking();
        if (!string.IsNullOrWhiteSpace(text))
        {
            var upper = text.Trim().ToUpperInvariant();
            accounts = accounts.Where(one => one.NormalizedEmail!.Contains(upper));
        }
        return await accounts.OrderBy(one => one.NormalizedEmail).Skip(skip).Take(count).ToListAsync(cancellationToken);
    }
}

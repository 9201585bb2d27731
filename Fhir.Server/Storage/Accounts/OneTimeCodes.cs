using Fhir.Server.Access;
using Microsoft.EntityFrameworkCore;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Codes that are shown once and used once. Only their hashes are kept.</summary>
public sealed class OneTimeCodes(AccountsContext database, TimeProvider clock)
{
    /// <summary>Keeps the hash of a new code for a purpose in place of the one before.</summary>
    public async Task KeepAsync(string purpose, TokenHash code, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        var replaced = await database.OneTimeCodes.Where(one => one.Purpose == purpose)
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.Hash, code.Value).SetProperty(one => one.Made, now), cancellationToken);
        if (replaced == 0)
        {
            database.OneTimeCodes.Add(new OneTimeCodeRow { Purpose = purpose, Hash = code.Value, Made = now });
            await database.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>Uses a code up; false when it is not the one that is kept. Of many who show it at the same time one succeeds.</summary>
    public async Task<bool> UseAsync(string purpose, TokenHash code, CancellationToken cancellationToken) =>
        await database.OneTimeCodes.Where(one => one.Purpose == purpose && one.Hash == code.Value).ExecuteDeleteAsync(cancellationToken) == 1;
}

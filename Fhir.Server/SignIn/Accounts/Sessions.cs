using Fhir.Server.Access;
using Fhir.Server.Storage.Accounts;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>The sessions of a person, and everything that ends with them.</summary>
internal sealed class Sessions(SessionStore store, ISessionEnd ends, IOptions<SignInOptions> options)
{
    /// <summary>The live ones.</summary>
    public Task<IReadOnlyList<SessionRow>> OfAsync(Account account, CancellationToken cancellationToken) =>
        store.OfAccountAsync(account.Id, options.Value.SessionIdle, cancellationToken);

    /// <summary>Ends one; nothing when it is not theirs.</summary>
    public async Task EndAsync(Account account, string session, CancellationToken cancellationToken)
    {
        if (await store.EndAsync(account.Id, session, cancellationToken))
        {
            await ends.SessionsEndedAsync([session], cancellationToken);
        }
    }

    /// <summary>Ends all, but for one when it is named.</summary>
    public async Task EndAllAsync(Account account, string? except, CancellationToken cancellationToken)
    {
        if (await store.EndAllAsync(account.Id, except, cancellationToken) is { Count: > 0 } ended)
        {
            await ends.SessionsEndedAsync(ended, cancellationToken);
        }
    }
}

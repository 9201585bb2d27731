using Fhir.Server.Access;

namespace Fhir.Server.Storage.Accounts;

/// <summary>What people end or change on their account page reaches what they authorised, from the next request on.</summary>
internal sealed class AuthorisationsEnd(AuthorisationStore authorisations) : ISessionEnd
{
    public async Task SessionsEndedAsync(IReadOnlyList<string> sessions, CancellationToken cancellationToken)
    {
        foreach (var session in sessions)
        {
            await authorisations.RevokeOfSessionAsync(session, cancellationToken);
        }
    }

    public Task AccountChangedAsync(string account, CancellationToken cancellationToken) =>
        authorisations.UserChangedAsync(account, cancellationToken).AsTask();

    public Task ProxyChangedAsync(string account, string record, CancellationToken cancellationToken) =>
        authorisations.UserChangedAsync(account, cancellationToken).AsTask();
}

using Fhir.Server.Access;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Where nothing is authorised, nothing else ends.</summary>
internal sealed class NothingElseEnds : ISessionEnd
{
    public Task SessionsEndedAsync(IReadOnlyList<string> sessions, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task AccountChangedAsync(string account, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ProxyChangedAsync(string account, string record, CancellationToken cancellationToken) => Task.CompletedTask;
}

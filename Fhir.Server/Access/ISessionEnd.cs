namespace Fhir.Server.Access;

/// <summary>What else must end when people end something on their account page: authorisations and their tokens. Effective when it returns.</summary>
public interface ISessionEnd
{
    /// <summary>Sessions in browsers were ended: what was authorised for as long as they last (<c>online_access</c>) ends with them.</summary>
    Task SessionsEndedAsync(IReadOnlyList<string> sessions, CancellationToken cancellationToken);

    /// <summary>An account was disabled or enabled, or is something else now: every authorisation of its user is looked up anew, and a disabled one's are void.</summary>
    Task AccountChangedAsync(string account, CancellationToken cancellationToken);

    /// <summary>A proxy grant to an account was given or revoked: what its user was authorised to is looked up anew.</summary>
    Task ProxyChangedAsync(string account, string record, CancellationToken cancellationToken);
}

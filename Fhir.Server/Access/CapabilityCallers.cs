using Fhir.Server.Outcomes;

namespace Fhir.Server.Access;

/// <summary>
/// Who comes by a capability: whoever had it made, as what they may see now, within its studies, and to read alone. It is asked anew at every request, of
/// the capability and of its token. A header with a token counts for nothing here. Unknown, altered, expired and revoked are told alike, by the same
/// statements, and like a study that is not there.
/// </summary>
internal sealed class CapabilityCallers(IServiceProvider services, TimeProvider clock)
{
    public async ValueTask<Outcome<Caller>> IdentifyAsync(CapabilityRequest request, CancellationToken cancellationToken)
    {
        if (services.GetService(typeof(ICapabilities)) is not ICapabilities capabilities
            || services.GetService(typeof(IAuthorisations)) is not IAuthorisations authorisations)
        {
            return Problem.NotFound();
        }
        var secret = TokenHash.Of(request.Secret);
        var capability = await capabilities.FindAsync(secret, cancellationToken);
        var authorisation = await authorisations.FindAsync(capability?.Token ?? secret, cancellationToken);
        var now = clock.GetUtcNow();
        if (capability is null || authorisation is null || authorisation.Id != capability.Authorisation || capability.Expires <= now || authorisation.Expires <= now)
        {
            return Problem.NotFound();
        }
        request.Record = capability.Reach.Record;
        return Caller.Of(authorisation, now, Reach.Of(capability.Reach)) with { MayWrite = false, Capability = capability.Id };
    }
}

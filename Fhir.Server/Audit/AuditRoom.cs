using Fhir.Server.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Audit;

/// <summary>
/// The room of audit: who touched what. Today it seals the rows a store appends, each chained to its predecessor by an HMAC under a
/// key kept outside the store (<see cref="HmacAuditSeal"/>). Daily heads, the verifier and the rendering as AuditEvent come with consent.
/// </summary>
internal static class AuditRoom
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services.AddSingleton<IAuditSeal, HmacAuditSeal>();
}

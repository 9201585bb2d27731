using Fhir.Server.Access;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Hosting;

/// <summary>
/// Which pages of other origins may read answers in SMART mode: those of registered apps, by the origins of their redirect addresses, and
/// those the configuration names. What is for everybody is for every page; routes that name a policy of their own have that.
/// </summary>
internal sealed class RegisteredOrigins(IOptions<CorsOptions> cors, IOptions<CrossOriginOptions> options, IServiceProvider services) : ICorsPolicyProvider
{
    private static readonly CorsPolicy Everybody = new CorsPolicyBuilder().AllowAnyOrigin().AllowAnyHeader().WithMethods("GET", "HEAD", "OPTIONS").Build();

    private readonly DefaultCorsPolicyProvider named = new(cors);
    private (IReadOnlySet<string> Of, CorsPolicy Policy)? kept;

    public async Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName)
    {
        if (policyName is not null)
        {
            return await named.GetPolicyAsync(context, policyName);
        }
        if (context.GetEndpoint()?.Metadata.GetMetadata<PublicRoute>() is not null)
        {
            return Everybody;
        }
        var registered = await services.GetRequiredService<ClientStore>().OriginsAsync(context.RequestAborted);
        if (kept is { } before && ReferenceEquals(before.Of, registered))
        {
            return before.Policy;
        }
        var policy = CrossOrigin.PolicyOf(AccessMode.Smart, options.Value, registered);
        kept = (registered, policy);
        return policy;
    }
}

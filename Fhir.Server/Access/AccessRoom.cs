using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Access;

/// <summary>
/// The room of access: who is asking. Turns a request into a <see cref="Caller"/> by an <see cref="ICallerSource"/>, and knows the
/// server's own <see cref="PublicAddress"/>. It has no endpoint and no store. What a caller may see of a record is not decided here
/// but in Consents.
/// </summary>
internal static class AccessRoom
{
    public static IServiceCollection AddAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccessOptions>().Bind(configuration.GetSection("Access")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<OperatorKey>();
        services.AddSingleton<ScopeJudge>();
        if (AccessOptions.ModeIn(configuration) == AccessMode.Smart)
        {
            services.AddSingleton<ICallerSource, TokenCallerSource>();
        }
        else
        {
            services.AddSingleton<ICallerSource, OpenCallerSource>();
        }
        services.AddSingleton<CapabilityCallers>();
        services.AddHttpContextAccessor();
        services.AddScoped(provider =>
            provider.GetRequiredService<IHttpContextAccessor>().HttpContext?.Features.Get<Caller>()
            ?? throw new InvalidOperationException("There is no caller: the request did not pass the middleware that tells who is asking."));
        return services;
    }
}

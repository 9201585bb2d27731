using Fhir.Server.Access;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Registers what is kept of clients, authorisations, launches and assertions.</summary>
internal static class AuthorisationsSetup
{
    public static IServiceCollection AddAuthorisations(this IServiceCollection services)
    {
        services.AddSingleton(provider => new AccountsSql(
            provider.GetRequiredService<AccountsDatabase>(), provider.GetRequiredService<IOptions<AccountsOptions>>().Value.Kind == AccountsKind.Sqlite));
        services.AddSingleton(provider => new AuthorisationStore(
            provider.GetRequiredService<AccountsSql>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IAuthorisations>(provider => provider.GetRequiredService<AuthorisationStore>());
        services.AddSingleton(provider => new ClientStore(
            provider.GetRequiredService<AccountsSql>(), provider.GetRequiredService<AuthorisationStore>()));
        services.AddSingleton(provider => new LaunchStore(provider.GetRequiredService<AccountsSql>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AssertionStore(provider.GetRequiredService<AccountsSql>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new CapabilityStore(provider.GetRequiredService<AccountsSql>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ICapabilities>(provider => provider.GetRequiredService<CapabilityStore>());
        services.AddScoped<ISessionEnd, AuthorisationsEnd>();
        services.AddHostedService<AccountsSweep>();
        services.AddOpenIddict().AddCore(core => core.UseEntityFrameworkCore().UseDbContext<AccountsContext>());
        return services;
    }
}

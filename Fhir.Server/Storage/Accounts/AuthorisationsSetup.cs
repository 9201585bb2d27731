using Fhir.Server.Access;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Registers what is kept of clients, authorisations, launches and assertions.</summary>
internal static class AuthorisationsSetup
{
    public static IServiceCollection AddAuthorisations(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(new AccountsConnections(
            configuration.GetValue("Accounts:Kind", AccountsKind.Sqlite), AccountsSetup.ConnectionStringOf(configuration)));
        services.AddSingleton(provider => new AuthorisationStore(
            provider.GetRequiredService<AccountsConnections>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IAuthorisations>(provider => provider.GetRequiredService<AuthorisationStore>());
        services.AddSingleton(provider => new ClientStore(
            provider.GetRequiredService<AccountsConnections>(), provider.GetRequiredService<AuthorisationStore>()));
        services.AddSingleton(provider => new LaunchStore(provider.GetRequiredService<AccountsConnections>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new AssertionStore(provider.GetRequiredService<AccountsConnections>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new CapabilityStore(provider.GetRequiredService<AccountsConnections>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ICapabilities>(provider => provider.GetRequiredService<CapabilityStore>());
        services.AddHostedService<AccountsSchema>();
        services.AddHostedService<AccountsSweep>();
        services.AddOpenIddict().AddCore(core => core.UseEntityFrameworkCore().UseDbContext<AccountsContext>());
        return services;
    }
}

using Fhir.Server.Access;
using Fhir.Server.Search;
using Fhir.Server.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Consents;

/// <summary>
/// The room of consents: what a caller may see. <see cref="ConsentPolicy"/> turns a caller into a <see cref="Visibility"/>,
/// <see cref="GuardedRecord"/> is the only way from a door to a store, <see cref="AccessLog"/> remembers who came, <see cref="ChangeTelling"/> tells the rooms
/// below what was committed. Recorded consents are
/// kept and searchable today, and not yet enforced: a token's scopes with the records they reach, or a caller's reach, bound what it sees.
/// </summary>
internal static class ConsentsRoom
{
    public static IServiceCollection AddConsents(this IServiceCollection services)
    {
        services.AddSingleton(provider =>
        {
            var limits = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
            return new Stores(
                provider.GetRequiredService<IResourceStore>(), provider.GetRequiredService<IInstanceIndex>(), provider.GetRequiredService<IBlobStore>(),
                provider.GetRequiredService<IIndexRebuild>(), new ParametersInForce(provider.GetRequiredService<SearchRegistry>()),
                limits.FreeBytesFloor, new(limits.RecordBytesLimit, limits.RecordInstancesLimit));
        });
        services.AddOptions<ConsentsOptions>().BindConfiguration("Consents").ValidateOnStart();
        services.AddSingleton<ConsentPolicy>();
        services.AddSingleton<AccessLog>();
        services.AddHostedService(provider => provider.GetRequiredService<AccessLog>());
        services.AddSingleton<CapabilityEnd>();
        services.AddSingleton<IChangeFollower>(provider => provider.GetRequiredService<CapabilityEnd>());
        services.AddHostedService(provider => provider.GetRequiredService<CapabilityEnd>());
        services.AddHostedService<ChangeTelling>();
        services.AddSingleton(provider => new GuardedRecords(
            provider.GetRequiredService<Stores>(), provider.GetRequiredService<ConsentPolicy>(), provider.GetRequiredService<AccessLog>()));
        services.AddScoped(provider => provider.GetRequiredService<GuardedRecords>().For(provider.GetRequiredService<Caller>()));
        return services;
    }
}

/// <summary>Gives each caller its guarded record.</summary>
public sealed class GuardedRecords
{
    private readonly Stores stores;
    private readonly ConsentPolicy policy;
    private readonly AccessLog log;

    internal GuardedRecords(Stores stores, ConsentPolicy policy, AccessLog log) => (this.stores, this.policy, this.log) = (stores, policy, log);

    /// <summary>The guarded record of a caller.</summary>
    public GuardedRecord For(Caller caller) => new(stores, caller, policy.SightOf(caller), log);
}

using Fhir.Server.Access;
using Fhir.Server.Search;
using Fhir.Server.Storage.Accounts;
using Fhir.Server.Storage.Embedded;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Storage;

/// <summary>
/// The room of storage: what is kept. The contracts (<see cref="IResourceStore"/>, <see cref="IInstanceIndex"/>,
/// <see cref="IBlobStore"/>, <see cref="IProjection"/>, <see cref="IAuditSeal"/>), <see cref="Visibility"/>, the filter every read takes,
/// and <c>Embedded/</c>, the store on SQLite and files. Only Consents takes the contracts; doors see ids and values alone.
/// </summary>
internal static partial class StorageRoom
{
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection("Storage")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<StoreProbe>();
        services.AddSingleton<SearchRegistry>();
        services.AddSingleton(provider => OpenEmbedded(provider, KeyFolder.StoreFolder(configuration)));
        services.AddSingleton<IResourceStore>(provider => provider.GetRequiredService<EmbeddedStore>().Resources);
        services.AddSingleton<IInstanceIndex>(provider => provider.GetRequiredService<EmbeddedStore>().Instances);
        services.AddSingleton<IBlobStore>(provider => provider.GetRequiredService<EmbeddedStore>().Blobs);
        services.AddSingleton<IJobStore>(provider => provider.GetRequiredService<EmbeddedStore>().Jobs);
        services.AddSingleton<IIndexRebuild>(provider => provider.GetRequiredService<EmbeddedStore>().Rebuild);
        services.AddSingleton<StoreUpkeep>();
        services.AddHostedService(provider => provider.GetRequiredService<StoreUpkeep>());
        if (AccessOptions.ModeIn(configuration) == AccessMode.Smart)
        {
            services.AddAccounts(configuration);
        }
        return services;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "SearchParameter/{Id} is active and cannot be in force: something it needs is missing, or its code is taken")]
    private static partial void NotInForce(ILogger logger, string id);

    /// <summary>Opens the store and puts its search parameters in force, before anything can be asked or written.</summary>
    private static EmbeddedStore OpenEmbedded(IServiceProvider provider, string folder)
    {
        var clock = provider.GetRequiredService<TimeProvider>();
        var probe = provider.GetRequiredService<StoreProbe>();
        var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger<EmbeddedStore>();
        var store = new EmbeddedStore(
            folder, provider.GetRequiredService<IProjection>(), provider.GetRequiredService<IAuditSeal>(), clock,
            path => new FileBlobStore(path, new DiskFileLayer(), clock, probe.Reach),
            logger, probe.Reach);
        var catalogue = SearchCatalogue.Load(store.Resources.Definitions());
        foreach (var id in catalogue.Idle)
        {
            NotInForce(logger, id);
        }
        provider.GetRequiredService<SearchRegistry>().Use(catalogue);
        return store;
    }
}

/// <summary>Tells a test which point of a write has been reached; nobody listens otherwise.</summary>
public sealed class StoreProbe
{
    /// <summary>Called with <c>blob-written</c>, <c>blob-renamed</c>, <c>before-commit</c>, <c>after-commit</c> or <c>before-answer</c>.</summary>
    public event Action<string>? Reached;

    /// <summary>Says that a point has been reached.</summary>
    public void Reach(string point) => Reached?.Invoke(point);
}

using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Registers the database of accounts and what is kept in it.</summary>
internal static class AccountsSetup
{
    public static IServiceCollection AddAccounts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccountsOptions>().Bind(configuration.GetSection("Accounts")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<AccountsDatabase>();
        if (configuration.GetValue("Accounts:Kind", AccountsKind.Sqlite) == AccountsKind.Sqlite)
        {
            services.AddDbContext<AccountsContext, SqliteAccountsContext>((provider, options) => options.UseSqlite(ConnectionOf(provider)));
        }
        else
        {
            services.AddDbContext<AccountsContext, PostgresAccountsContext>((provider, options) => options.UseNpgsql(ConnectionOf(provider)));
        }
        services.Configure<IdentityOptions>(UseNewest);
        services.AddIdentityCore<Account>().AddEntityFrameworkStores<AccountsContext>();
        services.AddSingleton<DatabaseKeys>();
        services.AddDataProtection();
        services.AddOptions<KeyManagementOptions>().Configure<DatabaseKeys, IConfiguration>((options, keys, settings) =>
            (options.XmlRepository, options.XmlEncryptor) = (keys, new KeySeal(settings)));
        services.AddSingleton(provider => new AdministratorWatch(provider.GetRequiredService<AccountsDatabase>()));
        services.AddScoped<SessionStore>().AddScoped<AccountStore>().AddScoped<OneTimeCodes>().AddScoped<ProxyGrants>();
        return services.AddAuthorisations();
    }

    /// <summary>The newest tables of Identity, with passkeys among them; the model asks the options for it.</summary>
    internal static void UseNewest(IdentityOptions options) => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;

    private static string ConnectionOf(IServiceProvider provider) => AccountsConnection.Of(
        provider.GetRequiredService<IOptions<AccountsOptions>>().Value, provider.GetRequiredService<IConfiguration>()).Text;
}

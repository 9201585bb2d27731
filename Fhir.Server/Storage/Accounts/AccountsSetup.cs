using Fhir.Server.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Registers the database of accounts.</summary>
internal static class AccountsSetup
{
    private const string FileName = "accounts.db";

    public static IServiceCollection AddAccounts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccountsOptions>().Bind(configuration.GetSection("Accounts")).ValidateDataAnnotations().ValidateOnStart();
        if (configuration.GetValue("Accounts:Kind", AccountsKind.Sqlite) == AccountsKind.Sqlite)
        {
            services.AddDbContext<AccountsContext, SqliteAccountsContext>(options => options.UseSqlite(ConnectionStringOf(configuration)));
        }
        else
        {
            services.AddDbContext<AccountsContext, PostgresAccountsContext>((provider, options) =>
                options.UseNpgsql(provider.GetRequiredService<IOptions<AccountsOptions>>().Value.ConnectionString));
        }
        return services.AddAuthorisations(configuration);
    }

    /// <summary>Where the database is.</summary>
    public static string ConnectionStringOf(IConfiguration configuration) =>
        configuration.GetValue("Accounts:Kind", AccountsKind.Sqlite) == AccountsKind.Sqlite
            ? $"Data Source={Path.Combine(KeyFolder.StoreFolder(configuration), FileName)}"
            : configuration["Accounts:ConnectionString"] ?? "";
}

using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Storage.Accounts;

/// <summary>For <c>infra/migrations</c>: a context that is looked at and never opened.</summary>
internal sealed class DesignTimeSqlite : IDesignTimeDbContextFactory<SqliteAccountsContext>
{
    public SqliteAccountsContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteAccountsContext>().UseSqlite("Data Source=:memory:").UseApplicationServiceProvider(DesignTime.Services()).Options);
}

/// <summary>The same on PostgreSQL.</summary>
internal sealed class DesignTimePostgres : IDesignTimeDbContextFactory<PostgresAccountsContext>
{
    public PostgresAccountsContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresAccountsContext>().UseNpgsql("Host=/nowhere").UseApplicationServiceProvider(DesignTime.Services()).Options);
}

/// <summary>What the model asks the application for.</summary>
internal static class DesignTime
{
    public static ServiceProvider Services() => new ServiceCollection().Configure<IdentityOptions>(AccountsSetup.UseNewest).BuildServiceProvider();
}

using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Fhir.Server.Storage.Accounts;

/// <summary>
/// Accounts, clients, authorisations and keys: one database beside the records, SQLite by default, PostgreSQL by configuration. Each has
/// a context of its own for its migrations.
/// </summary>
public abstract class AccountsContext(DbContextOptions options) : IdentityUserContext<Account>(options), IDataProtectionKeyContext
{
    public DbSet<AuthorisationRow> Authorisations => Set<AuthorisationRow>();

    public DbSet<AccessTokenRow> AccessTokens => Set<AccessTokenRow>();

    public DbSet<ProxyGrantRow> ProxyGrants => Set<ProxyGrantRow>();

    public DbSet<ClientRow> Clients => Set<ClientRow>();

    public DbSet<SeenAssertionRow> SeenAssertions => Set<SeenAssertionRow>();

    public DbSet<LaunchRow> Launches => Set<LaunchRow>();

    public DbSet<CapabilityRow> Capabilities => Set<CapabilityRow>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    public DbSet<SessionRow> Sessions => Set<SessionRow>();

    public DbSet<OneTimeCodeRow> OneTimeCodes => Set<OneTimeCodeRow>();

    public DbSet<ProxyInvitationRow> ProxyInvitations => Set<ProxyInvitationRow>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.UseOpenIddict();
        builder.Entity<AuthorisationRow>(row =>
        {
            row.ToTable("authorisation").HasKey(one => one.Id);
            row.HasIndex(one => one.Client);
            row.HasIndex(one => one.User);
            row.HasIndex(one => one.Patient);
        });
        builder.Entity<AccessTokenRow>(row =>
        {
            row.ToTable("access_token").HasKey(one => one.Hash);
            row.HasIndex(one => one.Authorisation);
            row.HasIndex(one => one.Expires);
        });
        builder.Entity<ProxyGrantRow>(row =>
        {
            row.ToTable("proxy_grant").HasKey(one => one.Id);
            row.HasIndex(one => one.Account);
            row.HasIndex(one => one.Record);
        });
        builder.Entity<ClientRow>().ToTable("client").HasKey(one => one.Id);
        builder.Entity<SeenAssertionRow>(row =>
        {
            row.ToTable("seen_assertion").HasKey(one => new { one.Client, one.Jti });
            row.HasIndex(one => one.Expires);
        });
        builder.Entity<SessionRow>(row =>
        {
            row.ToTable("session").HasKey(one => one.Id);
            row.HasIndex(one => one.Hash).IsUnique();
            row.HasIndex(one => one.Account);
            row.HasIndex(one => one.Expires);
        });
        builder.Entity<OneTimeCodeRow>().ToTable("one_time_code").HasKey(one => one.Purpose);
        builder.Entity<ProxyInvitationRow>(row =>
        {
            row.ToTable("proxy_invitation").HasKey(one => one.Id);
            row.HasIndex(one => one.Hash).IsUnique();
            row.HasIndex(one => one.Record);
        });
        builder.Entity<LaunchRow>().ToTable("launch").HasKey(one => one.Hash);
        builder.Entity<CapabilityRow>(row =>
        {
            row.ToTable("capability").HasKey(one => new { one.Hash, one.Study });
            row.HasIndex(one => new { one.Record, one.Study });
            row.HasIndex(one => one.Expires);
        });
    }
}

/// <summary>On SQLite.</summary>
public sealed class SqliteAccountsContext(DbContextOptions<SqliteAccountsContext> options) : AccountsContext(options);

/// <summary>On PostgreSQL.</summary>
public sealed class PostgresAccountsContext(DbContextOptions<PostgresAccountsContext> options) : AccountsContext(options);

using System.Net;
using Fhir.Server.Access;
using Fhir.Server.SignIn.Accounts;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.SignIn;

/// <summary>What the database of accounts promises, whichever it is. A new one earns its place by inheriting this.</summary>
public abstract class AccountsDatabaseContract
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Open() => server = SmartServer.Start([("SignIn:AttemptsPerAddress", "10000"), .. Settings()]);

    [OneTimeTearDown]
    public async Task Close()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    protected abstract (string Key, string Value)[] Settings();

    [Test]
    public async Task People_register_sign_in_and_are_still_there_after_a_restart()
    {
        using (await server.SignedInAsync("stays@example.org"))
        {
            await server.RestartAsync();
        }
        using var browser = new Browser(server);
        Assert.That((await browser.SignInAsync("stays@example.org", SmartServer.Password)).Location, Is.EqualTo("/account"));
        Assert.That((await browser.GetAsync("/account")).Html, Does.Contain("Rosa Lindner"));
    }

    [Test]
    public async Task A_session_and_a_form_survive_a_restart()
    {
        using var browser = await server.SignedInAsync("session@example.org");
        var page = await browser.GetAsync("/account/password");
        var cookies = browser.Cookies.GetAllCookies();
        await server.RestartAsync();
        using var later = new Browser(server);
        foreach (Cookie cookie in cookies)
        {
            later.Cookies.Add(new Cookie(cookie.Name, cookie.Value, "/", server.Client.BaseAddress!.Host));
        }
        var sent = await later.SendAsync(page, "/account/password", ("current", SmartServer.Password), ("new", "a wholly new river"));
        Assert.That(sent.Status, Is.EqualTo(HttpStatusCode.OK), sent.Html);
    }

    [Test]
    public async Task An_address_is_taken_once_whatever_its_case()
    {
        await server.MakeAsync("Case@example.org", AccountKind.RelatedPerson);
        await using var scope = server.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        var made = await users.CreateAsync(new Account { UserName = "cASE@example.org", Email = "cASE@example.org" }, SmartServer.Password);
        Assert.That(made.Succeeded, Is.False);
    }

    [Test]
    public async Task A_one_time_code_is_used_by_one_of_many_who_show_it_at_once()
    {
        var code = TokenHash.Of(TokenHash.MakeSecret());
        await WithAsync<OneTimeCodes, int>(async codes =>
        {
            await codes.KeepAsync("race", code, default);
            return 0;
        });
        var used = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => WithAsync<OneTimeCodes, bool>(codes => codes.UseAsync("race", code, default)))));
        Assert.That(used.Count(one => one), Is.EqualTo(1));
    }

    [Test]
    public async Task A_newer_code_takes_the_place_of_the_one_before()
    {
        var (old, newer) = (TokenHash.Of("old"), TokenHash.Of("newer"));
        await WithAsync<OneTimeCodes, bool>(async codes =>
        {
            await codes.KeepAsync("place", old, default);
            await codes.KeepAsync("place", newer, default);
            Assert.That(await codes.UseAsync("place", old, default), Is.False);
            Assert.That(await codes.UseAsync("place", newer, default));
            Assert.That(await codes.UseAsync("place", newer, default), Is.False);
            return true;
        });
    }

    [Test]
    public async Task A_grant_is_live_from_its_start_to_its_end_and_until_it_is_revoked()
    {
        var proxy = await server.MakeAsync("grants@example.org", AccountKind.RelatedPerson);
        var now = Microseconds.Of(DateTimeOffset.UtcNow);
        const long Hour = 3_600_000_000;
        await WithAsync<ProxyGrants, bool>(async grants =>
        {
            foreach (var (id, start, end) in new[] { ("live", now - Hour, (long?)null), ("over", now - (2 * Hour), now - Hour), ("later", now + Hour, null), ("bounded", now - Hour, now + Hour) })
            {
                var invitation = Invitation(id, now + Hour);
                await grants.InviteAsync(invitation, default);
                Assert.That(await grants.FindInvitationAsync(TokenHash.Of(id), default), Is.Not.Null);
                var grant = new ProxyGrantRow { Id = id, Account = proxy.Id, Record = "r-" + id, RelatedPerson = "p", Start = start, End = end };
                Assert.That(await grants.AcceptAsync(invitation, grant, default));
                Assert.That(await grants.AcceptAsync(invitation, grant, default), Is.False, "Once.");
            }
            Assert.That((await grants.OfProxyAsync(proxy.Id, default)).Select(one => one.Grant.Id), Is.EquivalentTo(new[] { "live", "bounded" }));
            Assert.That(await grants.RevokeAsync("r-other", "live", default), Is.Null, "Not of that record.");
            Assert.That((await grants.RevokeAsync("r-live", "live", default))!.RelatedPerson, Is.EqualTo("p"));
            Assert.That(await grants.RevokeAsync("r-live", "live", default), Is.Null);
            Assert.That((await grants.OfProxyAsync(proxy.Id, default)).Select(one => one.Grant.Id), Is.EqualTo(new[] { "bounded" }));
            Assert.That(await grants.OfRecordAsync("r-live", default), Is.Empty);
            return true;
        });
    }

    [Test]
    public async Task An_invitation_that_is_too_old_is_not_found()
    {
        var now = Microseconds.Of(DateTimeOffset.UtcNow);
        await WithAsync<ProxyGrants, bool>(async grants =>
        {
            await grants.InviteAsync(Invitation("aged", now - 1), default);
            Assert.That(await grants.FindInvitationAsync(TokenHash.Of("aged"), default), Is.Null);
            Assert.That(await grants.InvitationsOfAsync("r-aged", default), Is.Empty);
            return true;
        });
    }

    [Test]
    public async Task Keys_lie_in_the_database_sealed()
    {
        await server.Client.GetAsync("/account/sign-in");
        await using var connection = await server.Services.GetRequiredService<AccountsDatabase>().OpenConnectionAsync(default);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT \"Xml\" FROM \"DataProtectionKeys\"";
        await using var reader = await command.ExecuteReaderAsync();
        Assert.That(await reader.ReadAsync());
        Assert.That(reader.GetString(0), Does.Contain("sealedKey").And.Not.Contain("masterKey"));
    }

    [Test]
    public async Task An_administrator_finds_accounts_by_part_of_their_address()
    {
        foreach (var name in new[] { "zz-b", "zz-a", "zz-c" })
        {
            await server.MakeAsync(name + "@example.org", AccountKind.RelatedPerson);
        }
        await WithAsync<AccountStore, bool>(async accounts =>
        {
            Assert.That((await accounts.FindAsync("ZZ-", 0, 2, default)).Select(one => one.Email), Is.EqualTo(new[] { "zz-a@example.org", "zz-b@example.org" }));
            Assert.That((await accounts.FindAsync("zz-", 2, 2, default)).Select(one => one.Email), Is.EqualTo(new[] { "zz-c@example.org" }));
            return true;
        });
        Assert.That(await server.Services.GetRequiredService<AdministratorWatch>().AnyAsync(default), Is.False);
        await server.MakeAsync("admin@example.org", AccountKind.Administrator);
        Assert.That(await server.Services.GetRequiredService<AdministratorWatch>().AnyAsync(default));
    }

    private static ProxyInvitationRow Invitation(string id, long expires) => new()
    {
        Id = id, Hash = TokenHash.Of(id).Value, Record = "r-" + id, Inviter = "i", Name = "n", Email = "e@example.org", Relationship = "FRND", Expires = expires,
    };

    private async Task<T> WithAsync<TStore, T>(Func<TStore, Task<T>> act)
        where TStore : notnull
    {
        await using var scope = server.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TStore>());
    }
}

/// <summary>On SQLite.</summary>
[TestFixture]
public sealed class AccountsOnSqliteTests : AccountsDatabaseContract
{
    protected override (string Key, string Value)[] Settings() => [];
}

/// <summary>On PostgreSQL.</summary>
[TestFixture]
public sealed class AccountsOnPostgresTests : AccountsDatabaseContract
{
    private readonly List<Postgres> started = [];

    [OneTimeTearDown]
    public void Stop() => started.ForEach(one => one.Dispose());

    protected override (string Key, string Value)[] Settings()
    {
        started.Add(Postgres.StartOrSkip());
        return [("Accounts:Kind", "Postgres"), ("Accounts:ConnectionString", started[0].ConnectionString)];
    }
}

using System.Net.Http.Json;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.SignIn;

/// <summary>What is kept of authorisations, clients, launches and assertions, whichever the database. A new one earns its place by inheriting this.</summary>
public abstract class OAuthStoresContract
{
    private PhrServer server = null!;
    private AuthorisationStore authorisations = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        server = SmartServer.Start(Settings());
        authorisations = server.Services.GetRequiredService<AuthorisationStore>();
        await ClientAsync("client", "alpha beta");
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    protected abstract (string Key, string Value)[] Settings();

    [Test]
    public async Task A_token_is_found_as_it_was_authorised()
    {
        var (row, token) = await AuthoriseAsync(new() { Id = "found", Client = "client", FhirUser = "Patient/gamma", Patient = "gamma", Purpose = "TREAT", Scopes = "patient/*.rs openid" });
        var found = (await authorisations.FindAsync(token, default))!;
        Assert.That((found.Id, found.Client, found.FhirUser, found.Patient, found.Purpose), Is.EqualTo((row.Id, "client", "Patient/gamma", "gamma", "TREAT")));
        Assert.That(found.Scopes.ToString(), Is.EqualTo("patient/*.rs openid"));
        Assert.That(found.Records, Is.EqualTo([new AuthorisedRecord("gamma", RecordBasis.Self)]));
        Assert.That(found.Epoch, Is.EqualTo(await authorisations.EpochAsync(row.Id, default)));
    }

    [Test]
    public async Task A_client_for_itself_has_the_records_it_was_allowed()
    {
        var (_, token) = await AuthoriseAsync(new() { Id = "itself", Client = "client", Scopes = "system/*.rs" });
        Assert.That((await authorisations.FindAsync(token, default))!.Records.Select(one => (one.Record, one.Basis)),
            Is.EqualTo([("alpha", RecordBasis.Client), ("beta", RecordBasis.Client)]));
    }

    [Test]
    public async Task An_expired_token_is_unknown()
    {
        var (_, token) = await AuthoriseAsync(new() { Id = "expired", Client = "client", Scopes = "system/*.rs" }, TimeSpan.FromSeconds(-1));
        Assert.That(await authorisations.FindAsync(token, default), Is.Null);
    }

    [TestCase("authorisation")]
    [TestCase("client")]
    [TestCase("user")]
    [TestCase("session")]
    public async Task Revoking_by_any_handle_voids_the_token_and_changes_the_epoch(string handle)
    {
        var client = "revoked-by-" + handle;
        await ClientAsync(client);
        var user = (await server.MakeAsync(handle + "@example.org", AccountKind.RelatedPerson)).Id;
        var (row, token) = await AuthoriseAsync(new() { Id = "id-" + handle, Client = client, User = user, Session = "session-" + handle, Scopes = "user/*.rs" });
        var before = await authorisations.EpochAsync(row.Id, default);
        await (handle switch
        {
            "authorisation" => authorisations.RevokeAsync(row.Id, default),
            "client" => authorisations.RevokeOfClientAsync(client, default),
            "user" => authorisations.RevokeOfUserAsync(user, default),
            _ => authorisations.RevokeOfSessionAsync(row.Session!, default),
        });
        Assert.That(await authorisations.FindAsync(token, default), Is.Null);
        Assert.That(await authorisations.EpochAsync(row.Id, default), Is.Not.EqualTo(before));
        Assert.That(await authorisations.StateAsync(row.Id, default), Is.Null);
    }

    [Test]
    public async Task Narrowing_takes_scopes_from_tokens_that_are_out_already()
    {
        var (row, token) = await AuthoriseAsync(new() { Id = "narrowed", Client = "client", Patient = "gamma", Scopes = "patient/*.rs patient/Patient.u" });
        await authorisations.NarrowAsync(row.Id, ScopeSet.Parse("patient/*.r"), default);
        Assert.That((await authorisations.FindAsync(token, default))!.Scopes.Texts, Is.Empty, "Neither scope lies within what is left.");
        Assert.That((await authorisations.FindAsync(token, default))!.Epoch, Is.EqualTo(await authorisations.EpochAsync(row.Id, default)));
    }

    [Test]
    public async Task A_change_of_a_client_or_a_user_is_seen_at_the_next_look()
    {
        await ClientAsync("changing", "one");
        var (row, token) = await AuthoriseAsync(new() { Id = "changing", Client = "changing", Scopes = "system/*.rs" });
        var before = await authorisations.EpochAsync(row.Id, default);
        await ClientAsync("changing", "two");
        Assert.That(await authorisations.EpochAsync(row.Id, default), Is.Not.EqualTo(before));
        Assert.That((await authorisations.FindAsync(token, default))!.Records.Single().Record, Is.EqualTo("two"));
    }

    [Test]
    public async Task A_launch_is_used_by_one_of_many_at_once()
    {
        var launches = server.Services.GetRequiredService<LaunchStore>();
        var launch = TokenHash.Of("launch");
        await launches.AddAsync(new LaunchRow { Hash = launch.Value, Patient = "gamma", Expires = Microseconds.Of(DateTimeOffset.UtcNow.AddMinutes(1)) }, default);
        Assert.That((await launches.FindAsync(launch, default))!.Patient, Is.EqualTo("gamma"));
        var used = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await launches.TryUseAsync(launch, default))));
        Assert.That(used.Count(one => one), Is.EqualTo(1));
        Assert.That(await launches.FindAsync(launch, default), Is.Null);
    }

    [Test]
    public async Task An_assertion_is_used_once_for_each_client()
    {
        var assertions = server.Services.GetRequiredService<AssertionStore>();
        var soon = DateTimeOffset.UtcNow.AddMinutes(1);
        Assert.That(await assertions.TryUseAsync("one", "jti", soon, default));
        Assert.That(await assertions.TryUseAsync("one", "jti", soon, default), Is.False);
        Assert.That(await assertions.TryUseAsync("two", "jti", soon, default));
    }

    [Test]
    public async Task The_sweep_removes_what_is_over_and_nothing_else()
    {
        var (_, gone) = await AuthoriseAsync(new() { Id = "swept", Client = "client", Scopes = "system/*.rs" }, TimeSpan.FromSeconds(-1));
        var (_, kept) = await AuthoriseAsync(new() { Id = "kept", Client = "client", Scopes = "system/*.rs" });
        await authorisations.SweepAsync(default);
        await server.Services.GetRequiredService<LaunchStore>().SweepAsync(default);
        await server.Services.GetRequiredService<AssertionStore>().SweepAsync(default);
        Assert.That(await authorisations.FindAsync(gone, default), Is.Null);
        Assert.That(await authorisations.FindAsync(kept, default), Is.Not.Null);
    }

    [Test]
    public async Task A_backend_service_gets_its_token()
    {
        using var signer = new SigningClient("signer");
        using var client = new HttpClient
        {
            BaseAddress = new Uri(server.Address + "/"), DefaultRequestHeaders = { Authorization = new(OperatorKey.Scheme, OperatorKey.ReadFrom(server.Folder + "-keys")) },
        };
        using var made = await client.PostAsJsonAsync("operator/clients", new { id = "signer", name = "Signer", kind = 2, jwks = signer.PublicKeys, scopes = "system/*.rs" });
        Assert.That(made.IsSuccessStatusCode, Is.True, await made.Content.ReadAsStringAsync());
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials", ["scope"] = "system/ImagingStudy.rs", ["client_assertion_type"] = SigningClient.AssertionType,
            ["client_assertion"] = signer.Assert(server.Address + "/oauth/token"),
        });
        using var plain = new HttpClient();
        using var answer = await plain.PostAsync(server.Address + "/oauth/token", form);
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.That(json.TryGetProperty("access_token", out var token), Is.True, json.ToString());
        Assert.That(await authorisations.FindAsync(TokenHash.Of(token.GetString()!), default), Is.Not.Null);
    }

    private async Task<(AuthorisationRow Row, TokenHash Token)> AuthoriseAsync(AuthorisationRow row, TimeSpan? lifetime = null)
    {
        await authorisations.AddAsync(row, default);
        var token = TokenHash.Of(TokenHash.MakeSecret());
        await authorisations.IssueAsync(row.Id, token, ScopeSet.Parse(row.Scopes), DateTimeOffset.UtcNow + (lifetime ?? TimeSpan.FromMinutes(5)), default);
        return (row, token);
    }

    private async Task ClientAsync(string id, string records = "") => await server.Services.GetRequiredService<ClientStore>()
        .SaveAsync(new ClientRow { Id = id, Name = id, Scopes = "system/*.rs", Records = records }, default);
}

/// <summary>On SQLite.</summary>
[TestFixture]
public sealed class OAuthStoresOnSqliteTests : OAuthStoresContract
{
    protected override (string Key, string Value)[] Settings() => [];
}

/// <summary>On PostgreSQL.</summary>
[TestFixture]
public sealed class OAuthStoresOnPostgresTests : OAuthStoresContract
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

using System.Net.Http.Json;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.SignIn;

/// <summary>
/// One server in Smart mode with a patient (Ada), a proxy (Paula, for Ada and Bert), a practitioner (Dora), and clients of each kind:
/// what the tests of the authorisation server share.
/// </summary>
internal sealed class OAuthWorld : IAsyncDisposable
{
    public const string Password = "correct horse battery staple 7";
    public const string Redirect = "https://app.example/back";
    public const string NativeRedirect = "http://127.0.0.1/back";
    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static OAuthWorld? shared;

    private OAuthWorld(PhrServer server) => Server = server;

    public PhrServer Server { get; }

    public string Address => Server.Address;

    public string Fhir => Address + "/fhir";

    public string Token => Address + "/oauth/token";

    public SigningClient Backend { get; } = new("backend");

    public string Secret { get; private set; } = "";

    public string ResourceServerSecret { get; private set; } = "";

    /// <summary>The world, made when first asked for.</summary>
    public static async Task<OAuthWorld> GetAsync()
    {
        await Gate.WaitAsync();
        try
        {
            return shared ??= await MakeAsync();
        }
        finally
        {
            Gate.Release();
        }
    }

    public static async Task EndAsync()
    {
        if (shared is not null)
        {
            await shared.DisposeAsync();
            shared = null;
        }
    }

    /// <summary>A browser in which somebody is signed in.</summary>
    public async Task<AppBrowser> BrowserOfAsync(string name)
    {
        var browser = new AppBrowser(Address);
        await browser.SignInAsync($"{name}@example.org", Password);
        return browser;
    }

    /// <summary>The status of a GET with an access token.</summary>
    public async Task<System.Net.HttpStatusCode> GetAsync(string path, string? token)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, Address + path);
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>What a token stands for.</summary>
    public async Task<Authorisation> AuthorisationOfAsync(string token) =>
        (await Server.Services.GetRequiredService<IAuthorisations>().FindAsync(TokenHash.Of(token), default))!;

    /// <summary>Does something while Paula's grant for a record is revoked.</summary>
    public async Task WithGrantRevokedAsync(string record, Func<Task> work)
    {
        await SetAsync(1);
        await work();
        await SetAsync(null);

        async Task SetAsync(long? revoked)
        {
            await using var scope = Server.Services.CreateAsyncScope();
            var database = scope.ServiceProvider.GetRequiredService<AccountsContext>();
            var grant = (await database.ProxyGrants.FindAsync("grant-" + record))!;
            grant.Revoked = revoked;
            await database.SaveChangesAsync();
            await scope.ServiceProvider.GetRequiredService<ISessionEnd>().ProxyChangedAsync(grant.Account, record, default);
        }
    }

    /// <summary>A client that shows the operator key.</summary>
    public HttpClient Operator() => new()
    {
        BaseAddress = new Uri(Address + "/"),
        DefaultRequestHeaders = { Authorization = new(OperatorKey.Scheme, OperatorKey.ReadFrom(Server.Folder + "-keys")) },
    };

    /// <summary>Asks as a command does; what comes back.</summary>
    public async Task<JsonElement> OperateAsync(string path, object body)
    {
        using var client = Operator();
        using var answer = await client.PostAsJsonAsync("operator/" + path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.IsSuccessStatusCode, Is.True, text);
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>An EHR launch of a patient's record.</summary>
    public async Task<string> LaunchAsync(string patient = "ada", string? study = null, string? user = null, string? client = null) =>
        (await OperateAsync("launches", new { patient, study, user, client })).GetProperty("launch").GetString()!;

    public async ValueTask DisposeAsync()
    {
        Backend.Dispose();
        await Server.DisposeAsync();
    }

    private static async Task<OAuthWorld> MakeAsync()
    {
        var world = new OAuthWorld(PhrServer.StartWith(
            _ => { }, null, ("Access:Mode", "Smart"), ("SignIn:AttemptsPerAccount", "10000"), ("SignIn:AttemptsPerAddress", "100000")));
        using var seeding = world.Operator();
        foreach (var patient in new[] { "ada", "bert" })
        {
            using var put = await world.Server.PutAsync(
                $"/fhir/Patient/{patient}", $$"""{"resourceType":"Patient","id":"{{patient}}","name":[{"text":"{{patient}} of the tests"}]}""", seeding);
            Assert.That(put.IsSuccessStatusCode, Is.True, await put.Content.ReadAsStringAsync());
        }
        using var study = await world.Server.PutAsync("/fhir/ImagingStudy/study-1", """{"resourceType":"ImagingStudy","id":"study-1","status":"available","subject":{"reference":"Patient/ada"}}""", seeding);
        Assert.That(study.IsSuccessStatusCode, Is.True, await study.Content.ReadAsStringAsync());
        await world.AddPeopleAsync();
        await world.AddClientsAsync();
        return world;
    }

    private async Task AddPeopleAsync()
    {
        await using var scope = Server.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        await AddAsync(new Account { Kind = AccountKind.Patient, Record = "ada", FhirUser = "Patient/ada", DisplayName = "Ada Test" }, "ada");
        var paula = await AddAsync(new Account { Kind = AccountKind.RelatedPerson, FhirUser = "RelatedPerson/paula", DisplayName = "Paula Proxy" }, "paula");
        await AddAsync(new Account { Kind = AccountKind.Administrator, DisplayName = "Root" }, "root");
        await AddAsync(new Account { Kind = AccountKind.Practitioner, FhirUser = "Practitioner/dora", Organization = "north", DisplayName = "Dora Doctor" }, "dora");
        var database = scope.ServiceProvider.GetRequiredService<AccountsContext>();
        foreach (var record in new[] { "ada", "bert" })
        {
            database.ProxyGrants.Add(new ProxyGrantRow { Id = "grant-" + record, Account = paula.Id, Record = record, RelatedPerson = "paula", Start = 0 });
        }
        await database.SaveChangesAsync();

        async Task<Account> AddAsync(Account account, string name)
        {
            (account.Email, account.UserName, account.EmailConfirmed) = ($"{name}@example.org", $"{name}@example.org", true);
            var made = await users.CreateAsync(account, Password);
            Assert.That(made.Succeeded, Is.True, string.Join(' ', made.Errors.Select(error => error.Description)));
            return account;
        }
    }

    private async Task AddClientsAsync()
    {
        await OperateAsync("clients", new { id = "app", name = "Test app", redirectUris = new[] { Redirect, NativeRedirect }, launchUrl = "https://app.example/launch" });
        await OperateAsync("clients", new { id = "narrow", name = "Narrow app", redirectUris = new[] { Redirect }, scopes = "launch/patient patient/ImagingStudy.rs" });
        Secret = (await OperateAsync("clients", new { id = "secret", name = "Secret app", kind = 1, redirectUris = new[] { Redirect } }))
            .GetProperty("client_secret").GetString()!;
        ResourceServerSecret = (await OperateAsync("clients", new { id = "resources", name = "Resource server", kind = 1, isResourceServer = true, scopes = "system/*.rs" }))
            .GetProperty("client_secret").GetString()!;
        await OperateAsync("clients", new
        {
            id = Backend.Id, name = "Backend", kind = 2, jwks = Backend.PublicKeys, records = new[] { "ada" }, scopes = "system/ImagingStudy.rs system/Patient.r",
            redirectUris = new[] { Redirect },
        });
    }
}

/// <summary>Stops the shared server when the tests of this room are through.</summary>
[SetUpFixture]
public sealed class SharedServersEnd
{
    [OneTimeTearDown]
    public Task EndAsync() => OAuthWorld.EndAsync();
}

using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Web;

namespace Fhir.Server.Tests.Conformance;

/// <summary>How an app shows who it is at the token endpoint.</summary>
internal enum Shown
{
    ClientId,
    Basic,
    Post,
    Assertion,
    Nothing,
}

/// <summary>An app: speaks OAuth as SMART App Launch 2.2 says, and nothing else.</summary>
internal sealed class App
{
    public const string JwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private const int MostScreens = 8;
    private readonly SmartServer server;
    private JsonElement? configuration;

    public App(SmartServer server, string id, string redirectUri, string? secret = null, ClientKey? key = null)
    {
        (this.server, Id, RedirectUri, Secret, Key) = (server, id, redirectUri, secret, key);
        Shows = secret is not null ? Shown.Basic : key is not null ? Shown.Assertion : Shown.ClientId;
    }

    public string Id { get; }

    public string RedirectUri { get; }

    public string? Secret { get; }

    public ClientKey? Key { get; }

    /// <summary>How it shows who it is unless told otherwise.</summary>
    public Shown Shows { get; init; }

    /// <summary>What the server says of itself.</summary>
    public async Task<JsonElement> DiscoverAsync()
    {
        if (configuration is null)
        {
            using var answer = await server.Nobody.GetAsync("/fhir/.well-known/smart-configuration");
            configuration = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
        }
        return configuration.Value;
    }

    /// <summary>An address of the configuration.</summary>
    public async Task<string> EndpointAsync(string name) => (await DiscoverAsync()).GetProperty(name).GetString()!;

    /// <summary>A request that has everything it needs.</summary>
    public AuthorizationRequest Request(string scope, string? launch = null) => new(Id, RedirectUri, scope, server.Fhir, launch);

    /// <summary>Sends a person through authorization.</summary>
    public async Task<AuthorizationAnswer> AuthorizeAsync(AuthorizationRequest request, Person person, Choice? choice = null, bool byPost = false)
    {
        var address = await EndpointAsync("authorization_endpoint");
        var screen = byPost ? await person.Browser.PostAsync(address, request.Parameters) : await person.Browser.OpenAsync($"{address}?{request.Query}");
        var screens = new List<Screen> { screen };
        while (screen.Left is null && screens.Count < MostScreens && await NextAsync(screen, person, choice ?? Choice.Everything) is { } next)
        {
            screens.Add(screen = next);
        }
        var sent = screen.Left is null ? [] : HttpUtility.ParseQueryString(screen.Left.Query);
        return new AuthorizationAnswer(screen, sent.AllKeys.OfType<string>().ToDictionary(name => name, name => sent[name]!), screens);
    }

    /// <summary>Exchanges a code.</summary>
    public Task<TokenAnswer> ExchangeAsync(string code, string? verifier, Shown? shown = null, string? redirectUri = null) => TokenAsync(
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectUri ?? RedirectUri), .. verifier is null ? Array.Empty<(string, string)>() : [("code_verifier", verifier)]], shown);

    /// <summary>Signs a person in to the end: a token.</summary>
    public async Task<TokenAnswer> SignInAsync(Person person, string scope, Choice? choice = null, string? launch = null)
    {
        var request = Request(scope, launch);
        var answer = await AuthorizeAsync(request, person, choice);
        Assert.That(answer.Code, Is.Not.Null, answer.ToString());
        return (await ExchangeAsync(answer.Code!, request.Pkce.Verifier)).Good();
    }

    public Task<TokenAnswer> RefreshAsync(string token, string? scope = null, Shown? shown = null) => TokenAsync(
        [("grant_type", "refresh_token"), ("refresh_token", token), .. scope is null ? Array.Empty<(string, string)>() : [("scope", scope)]], shown);

    /// <summary>A token for the client itself.</summary>
    public Task<TokenAnswer> BackendAsync(string? scope, Shown? shown = null) => TokenAsync(
        [("grant_type", "client_credentials"), .. scope is null ? Array.Empty<(string, string)>() : [("scope", scope)]], shown);

    public async Task<TokenAnswer> TokenAsync(IEnumerable<(string Name, string Value)> fields, Shown? shown = null) =>
        await PostAsync(await EndpointAsync("token_endpoint"), fields, shown);

    public async Task<TokenAnswer> IntrospectAsync(string token, Shown? shown = null) =>
        await PostAsync(await EndpointAsync("introspection_endpoint"), [("token", token)], shown);

    public async Task<TokenAnswer> RevokeAsync(string token, Shown? shown = null) =>
        await PostAsync(await EndpointAsync("revocation_endpoint"), [("token", token)], shown);

    /// <summary>A signed assertion that is all right.</summary>
    public async Task<string> AssertionAsync() => Key!.Assert(Id, await EndpointAsync("token_endpoint"), server.Clock.GetUtcNow());

    private async Task<TokenAnswer> PostAsync(string address, IEnumerable<(string Name, string Value)> fields, Shown? shown)
    {
        var how = shown ?? Shows;
        IEnumerable<(string Name, string Value)> own = how switch
        {
            Shown.ClientId => [("client_id", Id)],
            Shown.Post => [("client_id", Id), ("client_secret", Secret!)],
            Shown.Assertion => [("client_assertion_type", JwtBearer), ("client_assertion", await AssertionAsync())],
            _ => [],
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Content = new FormUrlEncodedContent(fields.Concat(own).Select(one => KeyValuePair.Create(one.Name, one.Value)));
        if (how == Shown.Basic)
        {
            var pair = $"{Uri.EscapeDataString(Id)}:{Uri.EscapeDataString(Secret!)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
        using var answer = await server.Nobody.SendAsync(request);
        return await TokenAnswer.OfAsync(answer);
    }

    /// <summary>Signs in, chooses or decides, whichever the page asks for; null when it asks for nothing.</summary>
    private static async Task<Screen?> NextAsync(Screen screen, Person person, Choice choice)
    {
        if (screen.Status >= 400)
        {
            return null;
        }
        if (screen.FormWith("input[type=password]") is not null)
        {
            return await person.FillSignInAsync(screen);
        }
        if (screen.Forms.FirstOrDefault(form => Choice.ButtonOf(form, isYes: true) is not null) is not { } form)
        {
            return null;
        }
        choice.Fill(form, person.Record);
        return await person.Browser.SendAsync(screen, form, Choice.ButtonOf(form, choice.IsYes) ?? Choice.ButtonOf(form, isYes: true));
    }
}

using System.Text.Json;

namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §5: apps that keep no secret, a secret, or a key.</summary>
[TestFixture]
public sealed class ClientAuthenticationTests : SmartTests
{
    private const string Scope = "launch/patient patient/Patient.r";

    [Test]
    public async Task A_public_client_names_itself()
    {
        var (request, code) = await CodeAsync(World.Public);
        (await World.Public.ExchangeAsync(code, request.Pkce.Verifier)).Good();
    }

    [Test]
    public async Task A_client_with_a_secret_shows_it_either_way([Values(nameof(Shown.Basic), nameof(Shown.Post))] string shown)
    {
        var (request, code) = await CodeAsync(World.Confidential);
        (await World.Confidential.ExchangeAsync(code, request.Pkce.Verifier, Enum.Parse<Shown>(shown))).Good();
    }

    [Test]
    public async Task A_client_with_a_key_signs_an_assertion([Values("RS384", "ES384")] string algorithm)
    {
        var app = await World.AppAsync("Signs by " + algorithm, Kind.Asymmetric, algorithm);
        var token = await app.SignInAsync(Ada, Scope + " offline_access");
        Assert.That(await StatusAsync(token.AccessToken, $"/fhir/Patient/{Ada.Record}"), Is.EqualTo(200));
        (await app.RefreshAsync(token.RefreshToken!)).Good();
    }

    [Test]
    public async Task A_client_with_a_key_must_sign([Values(nameof(Shown.ClientId), nameof(Shown.Nothing))] string shown)
    {
        var app = await World.AppAsync("Must sign", Kind.Asymmetric, "ES384");
        var (request, code) = await CodeAsync(app);
        Assert.That((await app.ExchangeAsync(code, request.Pkce.Verifier, Enum.Parse<Shown>(shown))).Error, Is.EqualTo("invalid_client").Or.EqualTo("invalid_request"));
    }

    [Test]
    public async Task A_client_with_a_secret_must_show_it()
    {
        var (request, code) = await CodeAsync(World.Confidential);
        (await World.Confidential.ExchangeAsync(code, request.Pkce.Verifier, Shown.ClientId)).IsRefused("invalid_client", 400, 401);
    }

    [Test]
    public async Task A_wrong_secret_is_refused([Values(nameof(Shown.Basic), nameof(Shown.Post))] string shown)
    {
        var (request, code) = await CodeAsync(World.Confidential);
        var liar = new App(Server, World.Confidential.Id, SmartWorld.Callback, World.Confidential.Secret + "x");
        (await liar.ExchangeAsync(code, request.Pkce.Verifier, Enum.Parse<Shown>(shown))).IsRefused("invalid_client", 400, 401);
    }

    [Test]
    public async Task A_wrong_secret_by_Basic_is_401_and_says_how()
    {
        var liar = new App(Server, World.Confidential.Id, SmartWorld.Callback, "wrong");
        var refused = await liar.RefreshAsync("made-up");
        Assert.That((refused.Status, refused.Error), Is.EqualTo((401, "invalid_client")), refused.Text);
        Assert.That(refused.Challenge, Does.StartWith("Basic"));
    }

    [Test]
    public async Task An_unknown_client_is_refused([Values(nameof(Shown.Basic), nameof(Shown.Post), nameof(Shown.ClientId))] string shown)
    {
        var nobody = new App(Server, "nobody", SmartWorld.Callback, "secret");
        (await nobody.ExchangeAsync("made-up", Pkce.Make().Verifier, Enum.Parse<Shown>(shown))).IsRefused("invalid_client", 400, 401);
    }

    [Test]
    public async Task A_public_client_cannot_claim_a_secret()
    {
        var (request, code) = await CodeAsync(World.Public);
        var liar = new App(Server, World.Public.Id, SmartWorld.Callback, "made-up");
        Assert.That((await liar.ExchangeAsync(code, request.Pkce.Verifier, Shown.Post)).AccessToken, Is.Null);
    }

    [Test]
    public async Task A_code_of_one_client_is_nothing_to_another()
    {
        var (request, code) = await CodeAsync(World.Public);
        (await World.Confidential.ExchangeAsync(code, request.Pkce.Verifier)).IsRefused("invalid_grant");
        var (other, second) = await CodeAsync(World.Confidential);
        (await World.Public.ExchangeAsync(second, other.Pkce.Verifier)).IsRefused("invalid_grant");
    }

    [Test]
    public async Task A_secret_is_told_once_and_its_client_is_listed_without_it()
    {
        using var answer = await Server.Operator.GetAsync("/operator/clients");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(text, Does.Contain(World.Confidential.Id).And.Not.Contain(World.Confidential.Secret!));
    }

    [Test]
    public async Task Without_the_operator_key_there_is_nothing_to_administer([Values] bool withToken)
    {
        var token = withToken ? await TokenAsync(Scope) : null;
        var refused = await GetAsync(token, "/operator/clients");
        Assert.That(refused.Status, Is.AnyOf(401, 403, 404));
        Assert.That(refused.Text, Does.Not.Contain(World.Public.Id));
    }

    private static async Task<(AuthorizationRequest Request, string Code)> CodeAsync(App app)
    {
        var request = app.Request(Scope);
        var answer = await app.AuthorizeAsync(request, Ada);
        Assert.That(answer.Code, Is.Not.Null, answer.ToString());
        return (request, answer.Code!);
    }
}

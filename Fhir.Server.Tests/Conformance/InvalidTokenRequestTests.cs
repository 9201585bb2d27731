using System.Text;

namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §3 and §4, T4 and T5: what is refused at the token endpoint, and how.</summary>
[TestFixture]
public sealed class InvalidTokenRequestTests : SmartTests
{
    private const string Scope = "launch/patient patient/Patient.r";

    [Test]
    public void The_challenge_is_made_as_the_standard_says() => Assert.That(
        new Pkce("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").Challenge, Is.EqualTo("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));

    [TestCase("missing")]
    [TestCase("blank")]
    [TestCase("wrong")]
    [TestCase("the challenge itself")]
    public async Task A_bad_verifier_is_refused(string which)
    {
        var (request, code) = await CodeAsync();
        var verifier = which switch { "missing" => null, "blank" => "", "wrong" => Pkce.Make().Verifier, _ => request.Pkce.Challenge };
        (await World.Public.ExchangeAsync(code, verifier)).IsRefused("invalid_grant");
    }

    [TestCase("made-up")]
    [TestCase("")]
    public async Task A_bad_code_is_refused(string code)
    {
        var refused = await World.Public.ExchangeAsync(code, Pkce.Make().Verifier);
        Assert.That((refused.Status, refused.AccessToken), Is.EqualTo((400, (string?)null)), refused.Text);
        Assert.That(refused.Error, Is.EqualTo("invalid_grant").Or.EqualTo(code.Length == 0 ? "invalid_request" : "invalid_grant"));
    }

    [TestCase("https://app.example.org/callback/")]
    [TestCase("https://app.example.org/Callback")]
    [TestCase("https://elsewhere.example/callback")]
    public async Task Another_redirect_address_than_before_is_refused(string redirectUri)
    {
        var (request, code) = await CodeAsync();
        (await World.Public.ExchangeAsync(code, request.Pkce.Verifier, redirectUri: redirectUri)).IsRefused("invalid_grant");
    }

    [Test]
    public async Task A_refresh_token_is_no_code()
    {
        var token = await World.Public.SignInAsync(Ada, Scope + " offline_access");
        (await World.Public.ExchangeAsync(token.RefreshToken!, Pkce.Make().Verifier)).IsRefused("invalid_grant");
    }

    [TestCase("implicit")]
    [TestCase("password")]
    [TestCase("urn:ietf:params:oauth:grant-type:device_code")]
    public async Task A_grant_there_is_not_is_refused(string grant) =>
        (await World.Public.TokenAsync([("grant_type", grant), ("username", "x"), ("password", "x")])).IsRefused("unsupported_grant_type");

    [Test]
    public async Task No_grant_is_refused() => (await World.Public.TokenAsync([("code", "made-up")])).IsRefused("invalid_request");

    [Test]
    public async Task What_is_refused_is_told_as_JSON_that_nobody_keeps()
    {
        var refused = await World.Public.ExchangeAsync("made-up", Pkce.Make().Verifier);
        Assert.That((refused.ContentType, refused.CacheControl), Is.EqualTo(("application/json", "no-store")));
        Assert.That(refused.String("error_description"), Is.Null.Or.Not.Empty);
    }

    [Test]
    public async Task Tokens_are_not_given_by_GET()
    {
        var (request, code) = await CodeAsync();
        var query = $"grant_type=authorization_code&code={code}&redirect_uri={Uri.EscapeDataString(SmartWorld.Callback)}&client_id={World.Public.Id}&code_verifier={request.Pkce.Verifier}";
        var refused = await GetAsync(null, $"{await World.Public.EndpointAsync("token_endpoint")}?{query}");
        Assert.That(refused.Status, Is.EqualTo(400).Or.EqualTo(405));
        Assert.That(refused.Text, Does.Not.Contain("access_token"));
    }

    [Test]
    public async Task A_request_is_a_form()
    {
        using var body = new StringContent("""{"grant_type":"client_credentials"}""", Encoding.UTF8, "application/json");
        var refused = await SendAsync(HttpMethod.Post, null, await World.Public.EndpointAsync("token_endpoint"), body);
        Assert.That(refused.Status, Is.EqualTo(400).Or.EqualTo(415));
    }

    [Test]
    public async Task A_parameter_said_twice_is_refused()
    {
        var (request, code) = await CodeAsync();
        var refused = await World.Public.TokenAsync(
        [
            ("grant_type", "authorization_code"), ("code", code), ("code", code), ("redirect_uri", SmartWorld.Callback), ("code_verifier", request.Pkce.Verifier),
        ]);
        Assert.That((refused.Status, refused.AccessToken), Is.EqualTo((400, (string?)null)), refused.Text);
    }

    private static async Task<(AuthorizationRequest Request, string Code)> CodeAsync()
    {
        var request = World.Public.Request(Scope);
        var answer = await World.Public.AuthorizeAsync(request, Ada);
        Assert.That(answer.Code, Is.Not.Null, answer.ToString());
        return (request, answer.Code!);
    }
}

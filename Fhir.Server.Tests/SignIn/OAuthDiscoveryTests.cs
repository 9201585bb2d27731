using System.Net;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Fhir.Server.Tests.SignIn;

/// <summary>What the server says of itself, and id tokens: https://hl7.org/fhir/smart-app-launch/conformance.html, OpenID Connect Core 1.0</summary>
[TestFixture]
public sealed class OAuthDiscoveryTests
{
    private OAuthWorld world = null!;

    [OneTimeSetUp]
    public async Task OpenAsync() => world = await OAuthWorld.GetAsync();

    [TestCase(null)]
    [TestCase("application/fhir+xml")]
    [TestCase("text/html")]
    public async Task The_configuration_is_JSON_whatever_is_asked_and_open_to_every_page(string? accept)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, world.Fhir + "/.well-known/smart-configuration");
        request.Headers.Add("Origin", "https://any.example");
        if (accept is not null)
        {
            request.Headers.Accept.ParseAdd(accept);
        }
        using var answer = await client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/json"));
        Assert.That(answer.Headers.GetValues("Access-Control-Allow-Origin"), Is.EqualTo(["*"]));
    }

    [Test]
    public async Task Its_addresses_are_absolute_and_its_lists_are_lists_of_strings()
    {
        var configuration = await ConfigurationAsync();
        foreach (var name in new[] { "issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "management_endpoint", "introspection_endpoint", "revocation_endpoint" })
        {
            Assert.That(configuration.GetProperty(name).GetString(), Does.StartWith(world.Address), name);
        }
        foreach (var name in new[] { "capabilities", "grant_types_supported", "code_challenge_methods_supported", "scopes_supported", "response_types_supported" })
        {
            Assert.That(configuration.GetProperty(name).EnumerateArray().Select(one => one.ValueKind), Is.Not.Empty.And.All.EqualTo(JsonValueKind.String), name);
        }
    }

    [Test]
    public async Task It_announces_imaging_access_by_app_and_by_backend()
    {
        var configuration = await ConfigurationAsync();
        Assert.That(Strings(configuration, "capabilities"), Is.SupersetOf(new[]
        {
            "smart-imaging-access", "http://fhir.org/argonaut/smart-imaging/capabilities/app-launch", "http://fhir.org/argonaut/smart-imaging/capabilities/backend-services",
            "launch-standalone", "launch-ehr", "context-standalone-patient", "permission-patient", "permission-offline", "sso-openid-connect", "client-public",
            "client-confidential-asymmetric", "permission-v1", "permission-v2", "authorize-post",
        }));
        Assert.That(Strings(configuration, "grant_types_supported"), Is.SupersetOf(new[] { "authorization_code", "client_credentials" }));
        Assert.That(Strings(configuration, "code_challenge_methods_supported"), Is.EqualTo(["S256"]));
        Assert.That(Strings(configuration, "token_endpoint_auth_signing_alg_values_supported"), Is.SupersetOf(new[] { "RS384", "ES384" }));
    }

    [Test]
    public async Task Every_scope_it_lists_is_granted()
    {
        var scopes = Strings(await ConfigurationAsync(), "scopes_supported").Where(scope => !scope.StartsWith("system/", StringComparison.Ordinal)
            && scope is not ("launch" or "launch/imagingstudy")).ToList();
        var token = await new RawApp(world).TokenAsync(string.Join(' ', scopes));
        Assert.That(token.GetProperty("scope").GetString()!.Split(' '), Is.EquivalentTo(scopes));
    }

    [Test]
    public async Task OpenId_discovery_says_the_same_and_that_id_tokens_are_RS256()
    {
        using var client = new HttpClient();
        var openId = JsonDocument.Parse(await client.GetStringAsync(world.Address + "/.well-known/openid-configuration")).RootElement;
        var smart = await ConfigurationAsync();
        foreach (var name in new[] { "issuer", "jwks_uri", "authorization_endpoint", "token_endpoint" })
        {
            Assert.That(openId.GetProperty(name).GetString(), Is.EqualTo(smart.GetProperty(name).GetString()));
        }
        Assert.That(Strings(openId, "id_token_signing_alg_values_supported"), Does.Contain("RS256"));
        Assert.That(Strings(openId, "subject_types_supported"), Is.Not.Empty);
        Assert.That(Strings(openId, "response_types_supported"), Is.EqualTo(["code"]));
    }

    [Test]
    public async Task An_id_token_is_signed_for_the_client_and_says_who_the_user_is()
    {
        var token = await new RawApp(world).TokenAsync("openid fhirUser launch/patient patient/Patient.rs", changes: ("nonce", "n-0S6_WzA2Mj"));
        using var client = new HttpClient();
        var keys = new JsonWebKeySet(await client.GetStringAsync((await ConfigurationAsync()).GetProperty("jwks_uri").GetString()));
        Assert.That(keys.Keys, Is.Not.Empty.And.All.Matches<JsonWebKey>(key => !key!.HasPrivateKey));
        var judged = await new JsonWebTokenHandler().ValidateTokenAsync(token.GetProperty("id_token").GetString()!, new TokenValidationParameters
        {
            IssuerSigningKeys = keys.Keys, ValidIssuer = (await ConfigurationAsync()).GetProperty("issuer").GetString(), ValidAudience = "app", ValidAlgorithms = ["RS256"],
        });
        Assert.That(judged.IsValid, Is.True, $"{judged.Exception}");
        Assert.That(judged.Claims["fhirUser"], Is.EqualTo(world.Fhir + "/Patient/ada"));
        Assert.That(judged.Claims["nonce"], Is.EqualTo("n-0S6_WzA2Mj"));
        Assert.That(judged.Claims["sub"].ToString(), Has.Length.InRange(1, 255));
        Assert.That(judged.Claims.Keys, Does.Contain("exp").And.Contain("iat"));
    }

    [Test]
    public async Task The_fhirUser_can_be_read_with_the_token()
    {
        var token = await new RawApp(world).TokenAsync("openid fhirUser launch/patient patient/Patient.rs");
        var user = new JsonWebToken(token.GetProperty("id_token").GetString()).GetPayloadValue<string>("fhirUser");
        Assert.That(await world.GetAsync(user[world.Address.Length..], token.GetProperty("access_token").GetString()), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Without_openid_there_is_no_id_token_and_without_fhirUser_no_fhirUser()
    {
        var without = await new RawApp(world).TokenAsync("launch/patient patient/Patient.rs");
        Assert.That(without.TryGetProperty("id_token", out _), Is.False);
        var bare = await new RawApp(world).TokenAsync("openid fhirUser launch/patient patient/Patient.rs", keep: scope => scope != "fhirUser");
        Assert.That(new JsonWebToken(bare.GetProperty("id_token").GetString()).TryGetPayloadValue<string>("fhirUser", out _), Is.False);
    }

    [Test]
    public async Task A_page_of_a_registered_app_alone_may_ask_for_a_token([Values("https://app.example", "https://stranger.example")] string origin)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, world.Token) { Content = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "none")]) };
        request.Headers.Add("Origin", origin);
        using var answer = await client.SendAsync(request);
        string[] expected = origin == "https://app.example" ? [origin] : [];
        Assert.That(answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var origins) ? origins : [], Is.EqualTo(expected), answer + await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonElement> ConfigurationAsync()
    {
        using var client = new HttpClient();
        return JsonDocument.Parse(await client.GetStringAsync(world.Fhir + "/.well-known/smart-configuration")).RootElement;
    }

    private static List<string> Strings(JsonElement document, string name) => [.. document.GetProperty(name).EnumerateArray().Select(one => one.GetString()!)];
}

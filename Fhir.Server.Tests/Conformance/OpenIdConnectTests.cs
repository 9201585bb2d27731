using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §9: who signed in. https://openid.net/specs/openid-connect-core-1_0.html</summary>
[TestFixture]
public sealed class OpenIdConnectTests : SmartTests
{
    private const string Scope = "openid fhirUser launch/patient patient/Patient.rs";
    private TokenAnswer token = null!;
    private JsonElement claims;

    [OneTimeSetUp]
    public async Task SignInAsync()
    {
        token = await World.Public.SignInAsync(Ada, Scope);
        Assert.That(token.IdToken, Is.Not.Null, token.Text);
        claims = TokenAnswer.Part(token.IdToken!, 1);
    }

    [Test]
    public async Task The_signature_is_of_a_published_key()
    {
        var head = TokenAnswer.Part(token.IdToken!, 0);
        Assert.That(head.GetProperty("alg").GetString(), Is.EqualTo("RS256"));
        var keys = (await GetAsync(null, await World.Public.EndpointAsync("jwks_uri"))).Json.GetProperty("keys").EnumerateArray();
        var key = keys.Single(one => one.GetProperty("kid").GetString() == head.GetProperty("kid").GetString());
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = Base64Url.DecodeFromChars(key.GetProperty("n").GetString()), Exponent = Base64Url.DecodeFromChars(key.GetProperty("e").GetString()),
        });
        var parts = token.IdToken!.Split('.');
        Assert.That(rsa.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    [Test]
    public async Task The_issuer_is_the_one_of_the_configuration() =>
        Assert.That(claims.GetProperty("iss").GetString(), Is.EqualTo(await World.Public.EndpointAsync("issuer")));

    [Test]
    public void The_audience_is_the_client() => Assert.That(
        claims.GetProperty("aud") is { ValueKind: JsonValueKind.Array } several ? several.EnumerateArray().Single().GetString() : claims.GetProperty("aud").GetString(),
        Is.EqualTo(World.Public.Id));

    [Test]
    public void The_subject_is_short_and_no_address() =>
        Assert.That(claims.GetProperty("sub").GetString(), Has.Length.InRange(1, 255).And.Not.Contains("@"));

    [Test]
    public void Its_times_are_numbers_in_order()
    {
        var (issued, expires) = (claims.GetProperty("iat").GetInt64(), claims.GetProperty("exp").GetInt64());
        Assert.That(expires, Is.GreaterThan(issued));
        Assert.That(issued, Is.EqualTo(Server.Clock.GetUtcNow().ToUnixTimeSeconds()).Within(120));
    }

    [Test]
    public async Task The_FHIR_user_can_be_read_with_the_token()
    {
        var user = claims.GetProperty("fhirUser").GetString()!;
        var path = user.StartsWith(Server.Fhir + "/", StringComparison.Ordinal) ? user[Server.Address.Length..] : "/fhir/" + user;
        var reply = await GetAsync(token.AccessToken, path);
        Assert.That((reply.Status, path), Is.EqualTo((200, $"/fhir/Patient/{Ada.Record}")), reply.Text);
    }

    [Test]
    public async Task A_nonce_comes_back()
    {
        var request = World.Public.Request(Scope).With("nonce", "n-0S6_WzA2Mj");
        var answer = await World.Public.AuthorizeAsync(request, Ada);
        var told = (await World.Public.ExchangeAsync(answer.Code!, request.Pkce.Verifier)).Good();
        Assert.That(TokenAnswer.Part(told.IdToken!, 1).GetProperty("nonce").GetString(), Is.EqualTo("n-0S6_WzA2Mj"));
    }

    [Test]
    public async Task A_person_has_one_subject_and_another_person_another()
    {
        var again = TokenAnswer.Part((await World.Public.SignInAsync(Ada, Scope)).IdToken!, 1);
        var other = TokenAnswer.Part((await World.Public.SignInAsync(Ben, Scope)).IdToken!, 1);
        Assert.That(again.GetProperty("sub").GetString(), Is.EqualTo(claims.GetProperty("sub").GetString()));
        Assert.That(other.GetProperty("sub").GetString(), Is.Not.EqualTo(claims.GetProperty("sub").GetString()));
    }

    [Test]
    public async Task Without_fhirUser_the_user_is_not_named()
    {
        var told = await World.Public.SignInAsync(Ada, "openid launch/patient patient/Patient.rs");
        Assert.That(TokenAnswer.Part(told.IdToken!, 1).TryGetProperty("fhirUser", out _), Is.False);
    }

    [Test]
    public async Task An_id_token_opens_nothing() => Assert.That(await StatusAsync(token.IdToken, $"/fhir/Patient/{Ada.Record}"), Is.EqualTo(401));

    [Test]
    public async Task A_client_with_a_secret_is_told_too()
    {
        var told = await World.Confidential.SignInAsync(Ada, Scope);
        Assert.That(TokenAnswer.Part(told.IdToken!, 1).GetProperty("fhirUser").GetString(), Does.EndWith("Patient/" + Ada.Record));
    }
}

using System.Text.Json.Nodes;

namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §5, T14: what of an assertion is refused. https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html</summary>
[TestFixture]
public sealed class AssertionTests : SmartTests
{
    private const string Scope = "system/ImagingStudy.rs";

    [TestCaseSource(nameof(Claims))]
    public async Task An_assertion_with_wrong_claims_is_refused(string name, Action<JsonObject, DateTimeOffset> change) =>
        (await AskAsync(await MakeAsync(claims: claims => change(claims, Server.Clock.GetUtcNow())))).IsRefused("invalid_client", 400, 401);

    [TestCaseSource(nameof(Heads))]
    public async Task An_assertion_with_a_wrong_head_is_refused(string name, Action<JsonObject> change) =>
        (await AskAsync(await MakeAsync(header: change))).IsRefused("invalid_client", 400, 401);

    [Test]
    public async Task An_assertion_that_is_all_right_is_taken() => (await AskAsync(await MakeAsync())).Good();

    [Test]
    public async Task An_audience_may_be_one_of_a_list()
    {
        var endpoint = await World.Backend.EndpointAsync("token_endpoint");
        (await AskAsync(await MakeAsync(claims: claims => claims["aud"] = new JsonArray(endpoint)))).Good();
    }

    [Test]
    public async Task The_same_assertion_twice_is_refused()
    {
        var assertion = await MakeAsync();
        (await AskAsync(assertion)).Good();
        (await AskAsync(assertion)).IsRefused("invalid_client", 400, 401);
    }

    [Test]
    public async Task The_same_identifier_in_another_assertion_is_refused()
    {
        (await AskAsync(await MakeAsync(claims: claims => claims["jti"] = "once"))).Good();
        (await AskAsync(await MakeAsync(claims: claims => claims["jti"] = "once"))).IsRefused("invalid_client", 400, 401);
    }

    [Test]
    public async Task Of_the_same_assertion_sent_several_times_at_once_one_is_taken()
    {
        var assertion = await MakeAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AskAsync(assertion)));
        Assert.That(answers.Count(one => one.Status == 200), Is.EqualTo(1));
    }

    [Test]
    public async Task A_signature_by_another_key_of_that_name_is_refused([Values("RS384", "ES384")] string algorithm)
    {
        using var other = ClientKey.Make(algorithm, World.Backend.Key!.Id);
        var assertion = other.Assert(World.Backend.Id, await World.Backend.EndpointAsync("token_endpoint"), Server.Clock.GetUtcNow());
        (await AskAsync(assertion)).IsRefused("invalid_client", 400, 401);
    }

    [Test]
    public async Task An_altered_assertion_is_refused()
    {
        var parts = (await MakeAsync()).Split('.');
        var other = (await MakeAsync()).Split('.');
        (await AskAsync($"{parts[0]}.{other[1]}.{parts[2]}")).IsRefused("invalid_client", 400, 401);
        (await AskAsync($"{parts[0]}.{parts[1]}.")).IsRefused("invalid_client", 400, 401);
        (await AskAsync("made-up")).IsRefused("invalid_client", 400, 401);
    }

    [TestCase("urn:ietf:params:oauth:client-assertion-type:saml2-bearer")]
    [TestCase("")]
    [TestCase(null)]
    public async Task Another_type_of_assertion_is_refused(string? type)
    {
        var refused = await AskAsync(await MakeAsync(), type: type);
        Assert.That((refused.Status, refused.AccessToken), Is.EqualTo((400, (string?)null)).Or.EqualTo((401, (string?)null)), refused.Text);
        Assert.That(refused.Error, Is.EqualTo("invalid_client").Or.EqualTo("invalid_request"));
    }

    [TestCase("not_a_grant")]
    [TestCase("password")]
    public async Task Another_grant_is_refused(string grant) =>
        (await AskAsync(await MakeAsync(), grant)).IsRefused("unsupported_grant_type");

    [Test]
    public async Task Another_client_cannot_be_named()
    {
        var other = await World.BackendAsync("The other", "system/*.rs", "ES384", Ben.Record);
        (await AskAsync(await MakeAsync(claims: claims => (claims["iss"], claims["sub"]) = (other.Id, other.Id)))).IsRefused("invalid_client", 400, 401);
    }

    private static IEnumerable<TestCaseData> Claims()
    {
        (string Name, Action<JsonObject, DateTimeOffset> Change)[] cases =
        [
            ("another audience", (claims, _) => claims["aud"] = "https://elsewhere.example/oauth/token"),
            ("the FHIR base as audience", (claims, _) => claims["aud"] = claims["aud"]!.ToString().Replace("/oauth/token", "/fhir", StringComparison.Ordinal)),
            ("no audience", (claims, _) => claims.Remove("aud")),
            ("expired", (claims, now) => claims["exp"] = now.AddMinutes(-2).ToUnixTimeSeconds()),
            ("good for an hour", (claims, now) => claims["exp"] = now.AddHours(1).ToUnixTimeSeconds()),
            ("good for more than five minutes", (claims, now) => claims["exp"] = now.AddMinutes(7).ToUnixTimeSeconds()),
            ("no end", (claims, _) => claims.Remove("exp")),
            ("not yet good", (claims, now) => claims["nbf"] = now.AddMinutes(3).ToUnixTimeSeconds()),
            ("no identifier", (claims, _) => claims.Remove("jti")),
            ("no issuer", (claims, _) => claims.Remove("iss")),
            ("no subject", (claims, _) => claims.Remove("sub")),
            ("an unknown client", (claims, _) => (claims["iss"], claims["sub"]) = ("nobody", "nobody")),
            ("another subject", (claims, _) => claims["sub"] = "nobody"),
            ("another issuer", (claims, _) => claims["iss"] = "nobody"),
        ];
        return cases.Select(one => new TestCaseData(one.Name, one.Change).SetArgDisplayNames(one.Name));
    }

    private static IEnumerable<TestCaseData> Heads()
    {
        (string Name, Action<JsonObject> Change)[] cases =
        [
            ("an unknown key", head => head["kid"] = "unknown"),
            ("no key named", head => head.Remove("kid")),
            ("keys elsewhere", head => head["jku"] = "https://elsewhere.example/jwks"),
            ("no signature", head => head["alg"] = "none"),
            ("a shared secret", head => head["alg"] = "HS256"),
            ("the algorithm of another kind of key", head => head["alg"] = "RS384"),
            ("another algorithm", head => head["alg"] = "ES256"),
        ];
        return cases.Select(one => new TestCaseData(one.Name, one.Change).SetArgDisplayNames(one.Name));
    }

    private static async Task<string> MakeAsync(Action<JsonObject>? header = null, Action<JsonObject>? claims = null) =>
        World.Backend.Key!.Assert(World.Backend.Id, await World.Backend.EndpointAsync("token_endpoint"), Server.Clock.GetUtcNow(), header, claims);

    private static Task<TokenAnswer> AskAsync(string assertion, string grant = "client_credentials", string? type = App.JwtBearer) => World.Backend.TokenAsync(
        [("grant_type", grant), ("scope", Scope), ("client_assertion", assertion), .. type is null ? Array.Empty<(string, string)>() : [("client_assertion_type", type)]],
        Shown.Nothing);
}

using System.Text.Json;

namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §1 and §9; https://hl7.org/fhir/smart-app-launch/conformance.html</summary>
[TestFixture]
public sealed class DiscoveryTests : SmartTests
{
    private const string Path = "/fhir/.well-known/smart-configuration";
    private JsonElement told;
    private JsonElement openId;

    [OneTimeSetUp]
    public async Task ReadAsync()
    {
        told = (await GetAsync(null, Path)).Json;
        openId = (await GetAsync(null, told.GetProperty("issuer").GetString()!.TrimEnd('/') + "/.well-known/openid-configuration")).Json;
    }

    [TestCase("application/json")]
    [TestCase("application/fhir+json")]
    [TestCase("application/fhir+xml")]
    [TestCase("text/html")]
    [TestCase("*/*")]
    [TestCase(null)]
    public async Task The_configuration_is_public_JSON_whatever_is_accepted(string? accept)
    {
        var reply = await GetAsync(null, Path, accept);
        Assert.That((reply.Status, reply.ContentType.Split(';')[0]), Is.EqualTo((200, "application/json")), reply.Text);
    }

    [TestCase("authorization_endpoint")]
    [TestCase("token_endpoint")]
    [TestCase("introspection_endpoint")]
    [TestCase("revocation_endpoint")]
    [TestCase("management_endpoint")]
    [TestCase("jwks_uri")]
    [TestCase("issuer")]
    public void An_address_is_absolute_and_the_servers_own(string name) =>
        Assert.That(told.GetProperty(name).GetString(), Does.StartWith(Server.Address));

    [TestCase("authorization_code")]
    [TestCase("client_credentials")]
    public void A_grant_type_is_told(string type) => Assert.That(Texts(told, "grant_types_supported"), Does.Contain(type));

    [Test]
    public void Challenges_are_S256_and_nothing_else([Values] bool inOpenId) =>
        Assert.That(Texts(inOpenId ? openId : told, "code_challenge_methods_supported"), Is.EqualTo(new[] { "S256" }));

    [Test]
    public void Answers_are_codes_and_nothing_else([Values] bool inOpenId) =>
        Assert.That(Texts(inOpenId ? openId : told, "response_types_supported"), Is.EqualTo(new[] { "code" }));

    [TestCase("client_secret_basic")]
    [TestCase("client_secret_post")]
    [TestCase("private_key_jwt")]
    public void A_way_to_authenticate_is_told(string way) => Assert.That(Texts(told, "token_endpoint_auth_methods_supported"), Does.Contain(way));

    [Test]
    public void Assertions_may_be_signed_both_ways() =>
        Assert.That(Texts(told, "token_endpoint_auth_signing_alg_values_supported"), Is.EquivalentTo(new[] { "RS384", "ES384" }));

    [TestCase("launch-ehr")]
    [TestCase("launch-standalone")]
    [TestCase("authorize-post")]
    [TestCase("client-public")]
    [TestCase("client-confidential-symmetric")]
    [TestCase("client-confidential-asymmetric")]
    [TestCase("sso-openid-connect")]
    [TestCase("context-ehr-patient")]
    [TestCase("context-standalone-patient")]
    [TestCase("permission-offline")]
    [TestCase("permission-online")]
    [TestCase("permission-patient")]
    [TestCase("permission-user")]
    [TestCase("permission-v1")]
    [TestCase("permission-v2")]
    public void A_capability_is_told(string capability) => Assert.That(Texts(told, "capabilities"), Does.Contain(capability));

    [TestCase("smart-app-state")]
    [TestCase("context-ehr-encounter")]
    [TestCase("context-standalone-encounter")]
    [TestCase("context-style")]
    public void What_there_is_not_is_not_told(string capability) => Assert.That(Texts(told, "capabilities"), Does.Not.Contain(capability));

    [Test]
    public void A_capability_defined_elsewhere_is_an_address_but_for_that_of_imaging()
    {
        string[] known =
        [
            "launch-ehr", "launch-standalone", "authorize-post", "client-public", "client-confidential-symmetric", "client-confidential-asymmetric",
            "sso-openid-connect", "context-banner", "context-style", "context-ehr-patient", "context-ehr-encounter", "context-standalone-patient",
            "context-standalone-encounter", "permission-offline", "permission-online", "permission-patient", "permission-user", "permission-v1",
            "permission-v2", "smart-app-state", "smart-imaging-access",
        ];
        Assert.That(Texts(told, "capabilities").Except(known).Where(one => !Uri.TryCreate(one, UriKind.Absolute, out _)), Is.Empty);
    }

    [Test]
    public void Clients_cannot_register_themselves() => Assert.That(told.TryGetProperty("registration_endpoint", out _), Is.False);

    [Test]
    public async Task Every_scope_of_a_user_that_is_told_works()
    {
        var scopes = Texts(told, "scopes_supported").Where(one => !one.StartsWith("system/", StringComparison.Ordinal) && one != "launch").ToList();
        Assert.That(scopes, Does.Contain("openid").And.Contain("fhirUser").And.Contain("launch/patient").And.Contain("offline_access"));
        var app = await World.AppAsync("Asks for everything");
        var request = app.Request(string.Join(' ', scopes));
        var answer = await app.AuthorizeAsync(request, Ada);
        Assert.That(answer.Code, Is.Not.Null, answer.ToString());
    }

    [Test]
    public async Task Every_scope_of_a_backend_that_is_told_works()
    {
        var scopes = Texts(told, "scopes_supported").Where(one => one.StartsWith("system/", StringComparison.Ordinal)).ToList();
        Assert.That(scopes, Is.Not.Empty);
        var backend = await World.BackendAsync("Asks for everything too", "system/*.cruds", "ES384", Ada.Record);
        (await backend.BackendAsync(string.Join(' ', scopes))).Good();
    }

    [Test]
    public async Task The_management_page_is_for_who_is_signed_in()
    {
        using var stranger = new Browser(Server.Address);
        var asked = await stranger.OpenAsync(told.GetProperty("management_endpoint").GetString()!);
        Assert.That(asked.FormWith("input[type=password]"), Is.Not.Null, asked.ToString());
        var shown = await Ada.Browser.OpenAsync(told.GetProperty("management_endpoint").GetString()!);
        Assert.That((shown.Status, shown.FormWith("input[type=password]")), Is.EqualTo((200, (object?)null)), shown.ToString());
    }

    [TestCase("authorization_endpoint")]
    [TestCase("token_endpoint")]
    [TestCase("jwks_uri")]
    [TestCase("issuer")]
    public void OpenID_Connect_says_the_same(string name) => Assert.That(openId.GetProperty(name).GetString(), Is.EqualTo(told.GetProperty(name).GetString()));

    [Test]
    public void OpenID_Connect_says_how_subjects_are_named_and_tokens_signed()
    {
        Assert.That(Texts(openId, "subject_types_supported"), Does.Contain("public"));
        Assert.That(Texts(openId, "id_token_signing_alg_values_supported"), Does.Contain("RS256"));
    }

    [Test]
    public async Task Keys_are_published_without_their_private_halves()
    {
        var keys = (await GetAsync(null, told.GetProperty("jwks_uri").GetString()!)).Json.GetProperty("keys").EnumerateArray().ToList();
        Assert.That(keys, Is.Not.Empty);
        Assert.That(keys.Select(key => key.GetProperty("kty").GetString()), Does.Contain("RSA"));
        Assert.That(keys.All(key => key.TryGetProperty("kid", out _)));
        Assert.That(keys.SelectMany(key => key.EnumerateObject().Select(one => one.Name)), Does.Not.Contain("d").And.Not.Contain("p").And.Not.Contain("k"));
    }

    [Test]
    public async Task The_capability_statement_is_public_and_says_where_to_sign_in()
    {
        var statement = (await GetAsync(null, "/fhir/metadata")).Json;
        var security = statement.GetProperty("rest")[0].GetProperty("security");
        Assert.That(security.GetProperty("service").GetRawText(), Does.Contain("SMART-on-FHIR"));
        var addresses = security.GetProperty("extension").EnumerateArray()
            .Single(one => one.GetProperty("url").GetString() == "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris")
            .GetProperty("extension").EnumerateArray().ToDictionary(one => one.GetProperty("url").GetString()!, one => one.GetProperty("valueUri").GetString());
        Assert.That(addresses["authorize"], Is.EqualTo(told.GetProperty("authorization_endpoint").GetString()));
        Assert.That(addresses["token"], Is.EqualTo(told.GetProperty("token_endpoint").GetString()));
    }

    private static List<string> Texts(JsonElement from, string name) => [.. from.GetProperty(name).EnumerateArray().Select(one => one.GetString()!)];
}

using System.Net;
using System.Text.Json;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Introspection and revocation: https://hl7.org/fhir/smart-app-launch/token-introspection.html, RFC 7009</summary>
[TestFixture]
public sealed class OAuthIntrospectionTests
{
    private const string Usual = "launch/patient patient/Patient.rs openid fhirUser offline_access";
    private OAuthWorld world = null!;
    private RawApp app = null!;
    private RawApp secret = null!;
    private RawApp resources = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        world = await OAuthWorld.GetAsync();
        (app, secret, resources) = (new RawApp(world), new RawApp(world, "secret"), new RawApp(world, "resources"));
    }

    [Test]
    public async Task A_confidential_client_learns_all_of_its_own_token()
    {
        var token = await secret.GoodAsync("/oauth/token", secret.Exchange(await secret.CodeAsync(Usual), ("client_id", null)), world.Secret);
        var told = await secret.GoodAsync("/oauth/introspect", Token(token, "access_token"), world.Secret);
        Assert.That(told.GetProperty("active").GetBoolean(), Is.True);
        Assert.That(told.GetProperty("scope").GetString(), Is.EqualTo(Usual));
        Assert.That(told.GetProperty("client_id").GetString(), Is.EqualTo("secret"));
        Assert.That(told.GetProperty("patient").GetString(), Is.EqualTo("ada"));
        Assert.That(told.GetProperty("fhirUser").GetString(), Is.EqualTo(world.Fhir + "/Patient/ada"));
        Assert.That(told.GetProperty("iss").GetString(), Is.EqualTo(world.Address + "/"));
        Assert.That(told.GetProperty("sub").GetString(), Is.Not.Empty);
        Assert.That(told.GetProperty("need_patient_banner").GetBoolean(), Is.True);
        Assert.That(told.GetProperty("exp").GetInt64(), Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3600).Within(30));
    }

    [Test]
    public async Task A_refresh_token_is_active_too()
    {
        var token = await secret.GoodAsync("/oauth/token", secret.Exchange(await secret.CodeAsync(Usual), ("client_id", null)), world.Secret);
        var told = await secret.GoodAsync("/oauth/introspect", Token(token, "refresh_token"), world.Secret);
        Assert.That(told.GetProperty("active").GetBoolean(), Is.True);
    }

    [Test]
    public async Task Of_anothers_token_only_a_resource_server_learns()
    {
        var token = await app.TokenAsync(Usual);
        Assert.That((await secret.GoodAsync("/oauth/introspect", Token(token, "access_token"), world.Secret)).GetRawText().Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), Is.EqualTo("""{"active":false}"""));
        var told = await resources.GoodAsync("/oauth/introspect", Token(token, "access_token"), world.ResourceServerSecret);
        Assert.That(told.GetProperty("client_id").GetString(), Is.EqualTo("app"));
    }

    [Test]
    public async Task What_was_never_given_out_is_inactive_and_nothing_else()
    {
        var told = await secret.GoodAsync("/oauth/introspect", new() { ["token"] = "made-up" }, world.Secret);
        Assert.That(told.GetRawText().Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), Is.EqualTo("""{"active":false}"""));
    }

    [Test]
    public async Task Nobody_learns_anything_without_showing_who_they_are()
    {
        var token = await app.TokenAsync(Usual);
        using var anonymous = await app.PostAsync("/oauth/introspect", Token(token, "access_token"));
        Assert.That(anonymous.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized).Or.EqualTo(HttpStatusCode.BadRequest));
        var form = Token(token, "access_token");
        form["client_id"] = "app";
        Assert.That(await app.RefusedAsync("/oauth/introspect", form, HttpStatusCode.Unauthorized), Is.EqualTo("invalid_client"), "A public client shows nothing.");
    }

    [Test]
    public async Task A_resource_server_may_show_a_token_of_its_own()
    {
        var bearer = (await world.OperateAsync("tokens", new { client = "resources", scopes = "system/*.rs" })).GetProperty("access_token").GetString()!;
        var stranger = (await world.OperateAsync("tokens", new { client = "app", scopes = "system/*.rs" })).GetProperty("access_token").GetString()!;
        var token = (await app.TokenAsync(Usual)).GetProperty("access_token").GetString()!;
        Assert.That(await IntrospectAsync(bearer, token), Is.EqualTo((HttpStatusCode.OK, true)));
        Assert.That(await IntrospectAsync(bearer, "made-up"), Is.EqualTo((HttpStatusCode.OK, false)));
        Assert.That((await IntrospectAsync(stranger, token)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await IntrospectAsync("made-up", token)).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [TestCase("access_token")]
    [TestCase("refresh_token")]
    public async Task Revoking_either_token_ends_both_at_once_on_FHIR_and_DICOMweb(string which)
    {
        var token = await app.TokenAsync(Usual + " patient/ImagingStudy.rs");
        var access = token.GetProperty("access_token").GetString();
        Assert.That(await world.GetAsync("/fhir/Patient/ada", access), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await world.GetAsync("/dicomweb/patients/ada/studies", access), Is.EqualTo(HttpStatusCode.OK).Or.EqualTo(HttpStatusCode.NoContent));
        var form = Token(token, which);
        form["client_id"] = "app";
        using var revoked = await app.PostAsync("/oauth/revoke", form);
        Assert.That(revoked.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await world.GetAsync("/fhir/Patient/ada", access), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await world.GetAsync("/dicomweb/patients/ada/studies", access), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await app.RefusedAsync("/oauth/token", app.Refresh(token.GetProperty("refresh_token").GetString()!)), Is.EqualTo("invalid_grant"));
        Assert.That((await resources.GoodAsync("/oauth/introspect", Token(token, "access_token"), world.ResourceServerSecret)).GetRawText().Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal), Is.EqualTo("""{"active":false}"""));
    }

    [Test]
    public async Task Revoking_what_is_unknown_is_200_too()
    {
        using var answer = await app.PostAsync("/oauth/revoke", new Dictionary<string, string> { ["token"] = "made-up", ["client_id"] = "app" });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_client_revokes_no_token_of_another()
    {
        var token = await app.TokenAsync(Usual);
        var form = Token(token, "access_token");
        form["client_id"] = "narrow";
        using var answer = await app.PostAsync("/oauth/revoke", form);
        Assert.That(await world.GetAsync("/fhir/Patient/ada", token.GetProperty("access_token").GetString()), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_patient_sees_the_app_and_ends_it_at_once()
    {
        using var browser = await world.BrowserOfAsync("ada");
        await world.OperateAsync("clients", new { id = "ended", name = "App to be ended", redirectUris = new[] { OAuthWorld.Redirect } });
        var ended = new RawApp(world, "ended");
        var token = await ended.GoodAsync("/oauth/token", ended.Exchange(await ended.CodeAsync(browser, Usual)));
        using var page = await browser.GetAsync("/account/apps");
        var text = await page.Content.ReadAsStringAsync();
        Assert.That(text, Does.Contain("App to be ended").And.Contain("Record of Ada Test"));
        // The newest stands first.
        using var answer = await browser.PostAsync("/account/apps", AppBrowser.Form.Of(text, "/account/apps").Fields);
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("It was ended").And.Not.Contain("App to be ended"));
        Assert.That(await world.GetAsync("/fhir/Patient/ada", token.GetProperty("access_token").GetString()), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await ended.RefusedAsync("/oauth/token", ended.Refresh(token.GetProperty("refresh_token").GetString()!)), Is.EqualTo("invalid_grant"));
    }

    [Test]
    public async Task Nobody_ends_an_app_of_somebody_else()
    {
        var token = await app.TokenAsync(Usual);
        using var paula = await world.BrowserOfAsync("paula");
        await app.GoodAsync("/oauth/token", app.Exchange(await app.CodeAsync(paula, Usual, record: "bert")));
        using var page = await paula.GetAsync("/account/apps");
        var form = AppBrowser.Form.Of(await page.Content.ReadAsStringAsync(), "/account/apps");
        var id = (await world.AuthorisationOfAsync(token.GetProperty("access_token").GetString()!)).Id;
        using var answer = await paula.PostAsync("/account/apps", form.With(("authorisation", id)).Fields);
        Assert.That(await world.GetAsync("/fhir/Patient/ada", token.GetProperty("access_token").GetString()), Is.EqualTo(HttpStatusCode.OK));
    }

    private static Dictionary<string, string> Token(JsonElement token, string which) => new() { ["token"] = token.GetProperty(which).GetString()! };

    private async Task<(HttpStatusCode Status, bool IsActive)> IntrospectAsync(string bearer, string token)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, world.Address + "/oauth/introspect")
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("token", token)]), Headers = { Authorization = new("Bearer", bearer) },
        };
        using var answer = await client.SendAsync(request);
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        return (answer.StatusCode, json.TryGetProperty("active", out var active) && active.GetBoolean());
    }
}

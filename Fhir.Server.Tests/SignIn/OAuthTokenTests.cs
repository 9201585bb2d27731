using System.Net;
using System.Text.Json;

namespace Fhir.Server.Tests.SignIn;

/// <summary>The token endpoint: https://hl7.org/fhir/smart-app-launch/app-launch.html#obtain-access-token</summary>
[TestFixture]
public sealed class OAuthTokenTests
{
    private const string Usual = "launch/patient patient/ImagingStudy.rs patient/Patient.rs openid fhirUser";
    private OAuthWorld world = null!;
    private RawApp app = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        world = await OAuthWorld.GetAsync();
        app = new RawApp(world);
    }

    [Test]
    public async Task The_answer_says_everything_SMART_asks_for_and_is_never_kept()
    {
        using var answer = await app.PostAsync("/oauth/token", app.Exchange(await app.CodeAsync(Usual)));
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.That(answer.Headers.CacheControl!.NoStore, Is.True);
        Assert.That(answer.Headers.Pragma.ToString(), Is.EqualTo("no-cache"));
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/json"));
        Assert.That(json.GetProperty("access_token").GetString(), Has.Length.EqualTo(43));
        Assert.That(json.GetProperty("token_type").GetString(), Is.EqualTo("Bearer"));
        Assert.That(json.GetProperty("expires_in").GetInt32(), Is.InRange(3590, 3600));
        Assert.That(json.GetProperty("scope").GetString(), Is.EqualTo(Usual));
        Assert.That(json.GetProperty("patient").GetString(), Is.EqualTo("ada"));
        Assert.That(json.GetProperty("need_patient_banner").GetBoolean(), Is.True);
        Assert.That(json.TryGetProperty("refresh_token", out _), Is.False, "Nobody asked for it.");
    }

    [Test]
    public async Task A_token_opens_the_record_and_no_other()
    {
        var token = (await app.TokenAsync(Usual)).GetProperty("access_token").GetString()!;
        Assert.That(await world.GetAsync("/fhir/Patient/ada", token), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await world.GetAsync("/fhir/Patient/bert", token), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await world.GetAsync("/fhir/Patient/ada", null), Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [TestCase("code_verifier", null)]
    [TestCase("code_verifier", " ")]
    [TestCase("code_verifier", "aBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")]
    [TestCase("code_verifier", RawApp.Challenge)]
    [TestCase("code", "not-a-code")]
    [TestCase("redirect_uri", "https://app.example/back/")]
    [TestCase("client_id", "narrow")]
    public async Task A_grant_that_does_not_fit_is_refused(string name, string? value)
    {
        var code = await app.CodeAsync(Usual);
        Assert.That(await app.RefusedAsync("/oauth/token", app.Exchange(code, (name, value))), Is.EqualTo("invalid_grant"));
    }

    [Test]
    public async Task A_missing_redirect_uri_is_refused()
    {
        var code = await app.CodeAsync(Usual);
        Assert.That(await app.RefusedAsync("/oauth/token", app.Exchange(code, ("redirect_uri", null))), Is.EqualTo("invalid_request"));
    }

    [Test]
    public async Task An_unknown_grant_is_refused()
    {
        Assert.That(await app.RefusedAsync("/oauth/token", app.Exchange("x", ("grant_type", "password"))), Is.EqualTo("unsupported_grant_type"));
    }

    [Test]
    public async Task An_unknown_client_is_refused()
    {
        Assert.That(await app.RefusedAsync("/oauth/token", app.Exchange("x", ("client_id", "nobody")), HttpStatusCode.Unauthorized), Is.EqualTo("invalid_client"));
    }

    [Test]
    public async Task A_refusal_names_no_other_address()
    {
        using var answer = await app.PostAsync("/oauth/token", app.Exchange("x"));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Not.Contain("error_uri"));
    }

    [Test]
    public async Task A_code_is_good_once_and_its_second_use_ends_what_it_gave()
    {
        var code = await app.CodeAsync(Usual + " offline_access");
        var first = await app.GoodAsync("/oauth/token", app.Exchange(code));
        Assert.That(await app.RefusedAsync("/oauth/token", app.Exchange(code)), Is.EqualTo("invalid_grant"));
        Assert.That(await world.GetAsync("/fhir/Patient/ada", first.GetProperty("access_token").GetString()), Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await app.RefusedAsync("/oauth/token", app.Refresh(first.GetProperty("refresh_token").GetString()!)), Is.EqualTo("invalid_grant"));
    }

    [Test]
    public async Task The_patient_may_grant_less_than_was_asked()
    {
        var token = await app.TokenAsync(Usual, keep: scope => scope != "patient/ImagingStudy.rs");
        Assert.That(token.GetProperty("scope").GetString(), Is.EqualTo("launch/patient patient/Patient.rs openid fhirUser"));
        var access = token.GetProperty("access_token").GetString();
        Assert.That(await world.GetAsync("/fhir/Patient/ada", access), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await world.GetAsync("/fhir/ImagingStudy?patient=ada", access), Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Who_asks_in_the_words_of_version_1_is_answered_in_them()
    {
        var token = await app.TokenAsync("launch/patient patient/Patient.read");
        Assert.That(token.GetProperty("scope").GetString(), Is.EqualTo("launch/patient patient/Patient.read"));
        Assert.That(await world.GetAsync("/fhir/Patient/ada", token.GetProperty("access_token").GetString()), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_granular_scope_arrives_to_the_letter()
    {
        const string Scope = "patient/ImagingStudy.rs?modality=http://dicom.nema.org/resources/ontology/DCM|CT";
        var token = await app.TokenAsync("launch/patient " + Scope);
        Assert.That(token.GetProperty("scope").GetString(), Is.EqualTo("launch/patient " + Scope));
    }

    [Test]
    public async Task A_confidential_client_shows_its_secret_in_the_header_or_the_body()
    {
        var secret = new RawApp(world, "secret");
        var header = await secret.GoodAsync("/oauth/token", secret.Exchange(await secret.CodeAsync(Usual), ("client_id", null)), world.Secret);
        var body = await secret.GoodAsync("/oauth/token", secret.Exchange(await secret.CodeAsync(Usual), ("client_secret", world.Secret)));
        Assert.That(header.GetProperty("patient").GetString(), Is.EqualTo(body.GetProperty("patient").GetString()));
    }

    [Test]
    public async Task A_confidential_client_without_its_secret_or_with_a_wrong_one_is_refused()
    {
        var secret = new RawApp(world, "secret");
        var code = await secret.CodeAsync(Usual);
        Assert.That(await secret.RefusedAsync("/oauth/token", secret.Exchange(code), HttpStatusCode.Unauthorized), Is.EqualTo("invalid_client"));
        Assert.That(await secret.RefusedAsync("/oauth/token", secret.Exchange(code, ("client_id", null)), HttpStatusCode.Unauthorized, "wrong"), Is.EqualTo("invalid_client"));
    }

    [Test]
    public async Task A_disabled_client_is_refused_everywhere_and_its_tokens_are_void()
    {
        await world.OperateAsync("clients", new { id = "passing", name = "Passing app", redirectUris = new[] { OAuthWorld.Redirect } });
        var passing = new RawApp(world, "passing");
        var token = await passing.TokenAsync(Usual + " offline_access");
        await world.OperateAsync("clients/passing/disable", new { });
        Assert.That(await world.GetAsync("/fhir/Patient/ada", token.GetProperty("access_token").GetString()), Is.EqualTo(HttpStatusCode.Unauthorized));
        var refresh = passing.Refresh(token.GetProperty("refresh_token").GetString()!);
        Assert.That(await passing.RefusedAsync("/oauth/token", refresh, HttpStatusCode.Unauthorized), Is.EqualTo("invalid_client"));
        using var browser = await world.BrowserOfAsync("ada");
        using var answer = await RawApp.AskAsync(browser, passing.Request(Usual));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }
}

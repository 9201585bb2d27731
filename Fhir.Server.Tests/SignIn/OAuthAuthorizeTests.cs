using System.Net;

namespace Fhir.Server.Tests.SignIn;

/// <summary>The authorization request: https://hl7.org/fhir/smart-app-launch/app-launch.html#obtain-authorization-code</summary>
[TestFixture]
public sealed class OAuthAuthorizeTests
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

    [TestCase(false)]
    [TestCase(true)]
    public async Task GET_and_POST_both_lead_to_a_code_and_the_state(bool post)
    {
        using var browser = await world.BrowserOfAsync("ada");
        var form = (await RawApp.ScreenAsync(browser, app.Request(Usual), post)).With(("decision", "allow"));
        using var answer = await browser.PostAsync("/oauth/authorize", form.Fields);
        var told = RawApp.Told(answer);
        Assert.That(told["code"], Is.Not.Empty);
        Assert.That(told["state"], Is.EqualTo(RawApp.State));
        Assert.That(told["iss"], Is.EqualTo(world.Address + "/"));
    }

    [Test]
    public async Task Who_is_not_signed_in_signs_in_first_and_comes_back_to_the_request()
    {
        using var browser = new AppBrowser(world.Address);
        using var first = await RawApp.AskAsync(browser, app.Request(Usual));
        var way = first.Headers.Location!.ToString();
        Assert.That(way, Does.StartWith("/account/sign-in?returnUrl="));
        var back = Uri.UnescapeDataString(way["/account/sign-in?returnUrl=".Length..]);
        await browser.SignInAsync("ada@example.org", OAuthWorld.Password, back);
        using var page = await browser.GetAsync(back);
        Assert.That(await page.Content.ReadAsStringAsync(), Does.Contain("Allow Test app?"));
    }

    [Test]
    public async Task Every_scope_is_a_tick_whose_value_is_the_scope()
    {
        using var browser = await world.BrowserOfAsync("ada");
        var form = await RawApp.ScreenAsync(browser, app.Request(Usual));
        Assert.That(form.Values("granted"), Is.EqualTo(Usual.Split(' ')));
    }

    [Test]
    public async Task The_screen_says_which_app_which_data_and_that_new_images_are_covered()
    {
        using var browser = await world.BrowserOfAsync("ada");
        using var page = await RawApp.AskAsync(browser, app.Request(Usual + " offline_access"));
        var text = await page.Content.ReadAsStringAsync();
        Assert.That(text, Does.Contain("Test app").And.Contain("See: imaging studies with their pictures").And.Contain("also new images in future"));
        Assert.That(text, Does.Contain("while you are away"), "That offline access is given must be said.");
    }

    [Test]
    public async Task The_screen_speaks_Spanish_to_who_wants_it()
    {
        using var browser = await world.BrowserOfAsync("ada");
        browser.Client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("es");
        using var page = await RawApp.AskAsync(browser, app.Request(Usual));
        Assert.That(await page.Content.ReadAsStringAsync(), Does.Contain("¿Permitir Test app?").And.Contain("lang=\"es\""));
    }

    [Test]
    public async Task Nothing_is_allowed_by_a_form_that_is_not_of_this_browser()
    {
        using var browser = await world.BrowserOfAsync("ada");
        using var other = await world.BrowserOfAsync("ada");
        var form = (await RawApp.ScreenAsync(other, app.Request(Usual))).With(("decision", "allow"));
        using var answer = await browser.PostAsync("/oauth/authorize", form.Fields);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), "The screen is shown again.");
    }

    [Test]
    public async Task Denying_is_told_to_the_app()
    {
        using var browser = await world.BrowserOfAsync("ada");
        var form = (await RawApp.ScreenAsync(browser, app.Request(Usual))).With(("decision", "deny"));
        using var answer = await browser.PostAsync("/oauth/authorize", form.Fields);
        var told = RawApp.Told(answer);
        Assert.That(told["error"], Is.EqualTo("access_denied"));
        Assert.That(told["state"], Is.EqualTo(RawApp.State));
        Assert.That(told, Does.Not.ContainKey("code"));
    }

    [TestCase("client_id", "nobody")]
    [TestCase("client_id", null)]
    [TestCase("redirect_uri", null)]
    [TestCase("redirect_uri", "https://app.example/back/")]
    [TestCase("redirect_uri", "https://app.example/bac")]
    [TestCase("redirect_uri", "https://app.example/backdoor")]
    [TestCase("redirect_uri", "https://app.example/Back")]
    [TestCase("redirect_uri", "https://app.example/back?x=1")]
    [TestCase("redirect_uri", "https://evil.example/back")]
    [TestCase("redirect_uri", "http://127.0.0.1:4000/other")]
    public async Task An_unknown_client_or_address_is_told_to_the_person_and_nobody_is_sent_anywhere(string name, string? value)
    {
        using var browser = await world.BrowserOfAsync("ada");
        using var answer = await RawApp.AskAsync(browser, app.Request(Usual, (name, value)));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Headers.Location, Is.Null);
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
    }

    [Test]
    public async Task A_native_app_may_listen_on_any_port_of_the_loopback_address()
    {
        using var browser = await world.BrowserOfAsync("ada");
        var form = (await RawApp.ScreenAsync(browser, app.Request(Usual, ("redirect_uri", "http://127.0.0.1:43210/back")))).With(("decision", "allow"));
        using var answer = await browser.PostAsync("/oauth/authorize", form.Fields);
        Assert.That(answer.Headers.Location!.ToString(), Does.StartWith("http://127.0.0.1:43210/back?"));
    }

    [TestCase("response_type", "token", "unsupported_response_type")]
    [TestCase("response_type", "id_token", "unsupported_response_type")]
    [TestCase("response_type", null, "invalid_request")]
    [TestCase("code_challenge", null, "invalid_request")]
    [TestCase("code_challenge", "short", "invalid_request")]
    [TestCase("code_challenge_method", null, "invalid_request")]
    [TestCase("code_challenge_method", "plain", "invalid_request")]
    [TestCase("state", null, "invalid_request")]
    [TestCase("aud", null, "invalid_request")]
    [TestCase("aud", "https://elsewhere.example/fhir", "invalid_request")]
    [TestCase("scope", null, "invalid_scope")]
    [TestCase("scope", "patient/ImagingStudy.dus", "invalid_scope")]
    [TestCase("scope", "patient/Nothing.rs", "invalid_scope")]
    [TestCase("scope", "bogus", "invalid_scope")]
    [TestCase("scope", "launch/encounter", "invalid_scope")]
    [TestCase("scope", "patient/ImagingStudy.rs?modality:in=http://x", "invalid_scope")]
    [TestCase("scope", "patient/ImagingStudy.rs?patient.name=x", "invalid_scope")]
    [TestCase("scope", "patient/ImagingStudy.rs?_filter=x", "invalid_scope")]
    [TestCase("scope", "system/ImagingStudy.rs", "invalid_scope")]
    [TestCase("scope", "launch patient/ImagingStudy.rs", "invalid_request")]
    [TestCase("launch", "never-given-out", "invalid_request")]
    [TestCase("response_mode", "form_post", "invalid_request")]
    [TestCase("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported")]
    public async Task What_an_app_does_wrong_is_told_to_it_with_its_state(string name, string? value, string error)
    {
        using var browser = await world.BrowserOfAsync("ada");
        using var answer = await RawApp.AskAsync(browser, app.Request(Usual, (name, value)));
        var told = RawApp.Told(answer);
        Assert.That(told["error"], Is.EqualTo(error), told.GetValueOrDefault("error_description"));
        Assert.That(told.GetValueOrDefault("state"), Is.EqualTo(name == "state" ? null : RawApp.State));
        Assert.That(told, Does.Not.ContainKey("code"));
    }

    [Test]
    public async Task Resource_may_stand_for_aud()
    {
        using var browser = await world.BrowserOfAsync("ada");
        Assert.That(await RawApp.AllowAsync(browser, app.Request(Usual, ("aud", null), ("resource", world.Fhir))), Does.ContainKey("code"));
    }

    [Test]
    public async Task A_client_gets_no_scope_beyond_what_it_is_registered_for()
    {
        using var browser = await world.BrowserOfAsync("ada");
        using var answer = await RawApp.AskAsync(browser, new RawApp(world, "narrow").Request("launch/patient patient/Patient.rs"));
        Assert.That(RawApp.Told(answer)["error"], Is.EqualTo("invalid_scope"));
    }

    [Test]
    public async Task Without_a_question_nothing_is_granted()
    {
        using var browser = await world.BrowserOfAsync("ada");
        using var answer = await RawApp.AskAsync(browser, app.Request(Usual, ("prompt", "none")));
        Assert.That(RawApp.Told(answer)["error"], Is.EqualTo("consent_required"));
    }

    [Test]
    public async Task A_proxy_chooses_whose_record_it_is()
    {
        using var browser = await world.BrowserOfAsync("paula");
        var form = await RawApp.ScreenAsync(browser, app.Request(Usual));
        Assert.That(form.Values("record"), Is.Empty, "Nothing is chosen for them.");
        using var none = await browser.PostAsync("/oauth/authorize", form.With(("decision", "allow")).Fields);
        Assert.That(none.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        var token = await app.TokenAsync(Usual, "paula", record: "bert");
        Assert.That(token.GetProperty("patient").GetString(), Is.EqualTo("bert"));
    }

    [Test]
    public async Task A_record_that_was_not_offered_cannot_be_chosen()
    {
        using var browser = await world.BrowserOfAsync("ada");
        var form = (await RawApp.ScreenAsync(browser, app.Request(Usual))).With(("decision", "allow"), ("record", "bert"));
        using var answer = await browser.PostAsync("/oauth/authorize", form.Fields);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Who_has_no_record_to_give_gives_none()
    {
        using var browser = await world.BrowserOfAsync("dora");
        using var answer = await RawApp.AskAsync(browser, app.Request(Usual));
        Assert.That(RawApp.Told(answer)["error"], Is.EqualTo("access_denied"));
    }

    [Test]
    public async Task A_practitioner_may_use_an_app_without_a_patient()
    {
        var token = await app.TokenAsync("openid fhirUser user/ImagingStudy.rs", "dora");
        Assert.That(token.TryGetProperty("patient", out _), Is.False);
    }
}

using System.Net;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Refreshing: https://hl7.org/fhir/smart-app-launch/app-launch.html#refresh-access-token</summary>
[TestFixture]
public sealed class OAuthRefreshTests
{
    private const string Offline = "launch/patient patient/ImagingStudy.rs patient/Patient.rs offline_access";
    private OAuthWorld world = null!;
    private RawApp app = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        world = await OAuthWorld.GetAsync();
        app = new RawApp(world);
    }

    [Test]
    public async Task Refreshing_gives_a_new_token_for_the_same()
    {
        var first = await app.TokenAsync(Offline);
        var second = await app.GoodAsync("/oauth/token", app.Refresh(Refresh(first)));
        Assert.That(second.GetProperty("access_token").GetString(), Is.Not.EqualTo(first.GetProperty("access_token").GetString()));
        Assert.That(second.GetProperty("scope").GetString(), Is.EqualTo(Offline));
        Assert.That(second.GetProperty("expires_in").GetInt32(), Is.InRange(3590, 3600));
        Assert.That(second.GetProperty("patient").GetString(), Is.EqualTo("ada"));
        Assert.That(Refresh(second), Is.Not.EqualTo(Refresh(first)), "It rotates.");
    }

    [Test]
    public async Task A_public_client_may_leave_its_id_out()
    {
        var first = await app.TokenAsync(Offline);
        await app.GoodAsync("/oauth/token", app.Refresh(Refresh(first), ("client_id", null)));
    }

    [Test]
    public async Task A_confidential_client_may_not_leave_its_secret_out()
    {
        var secret = new RawApp(world, "secret");
        var first = await secret.GoodAsync("/oauth/token", secret.Exchange(await secret.CodeAsync(Offline), ("client_id", null)), world.Secret);
        var form = secret.Refresh(Refresh(first), ("client_id", null));
        Assert.That(await secret.RefusedAsync("/oauth/token", form, HttpStatusCode.Unauthorized), Is.EqualTo("invalid_client"));
        await secret.GoodAsync("/oauth/token", form, world.Secret);
    }

    [Test]
    public async Task Another_client_cannot_use_it()
    {
        var first = await app.TokenAsync(Offline);
        Assert.That(await app.RefusedAsync("/oauth/token", app.Refresh(Refresh(first), ("client_id", "narrow"))), Is.EqualTo("invalid_grant"));
    }

    [Test]
    public async Task Less_may_be_asked_for()
    {
        var first = await app.TokenAsync(Offline);
        var less = await app.GoodAsync("/oauth/token", app.Refresh(Refresh(first), ("scope", "patient/Patient.r")));
        Assert.That(less.GetProperty("scope").GetString(), Is.EqualTo("patient/Patient.r"), "A part of a scope is less.");
        var access = less.GetProperty("access_token").GetString();
        Assert.That(await world.GetAsync("/fhir/Patient/ada", access), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await world.GetAsync("/fhir/ImagingStudy?patient=ada", access), Is.EqualTo(HttpStatusCode.Forbidden));
        var again = await app.GoodAsync("/oauth/token", app.Refresh(Refresh(less)));
        Assert.That(again.GetProperty("scope").GetString(), Is.EqualTo(Offline), "Only that one token had less.");
    }

    [TestCase("patient/Observation.rs")]
    [TestCase("patient/Patient.rs patient/ImagingStudy.cruds")]
    [TestCase("user/Patient.rs")]
    [TestCase("system/Patient.rs")]
    public async Task More_may_not(string scope)
    {
        var first = await app.TokenAsync(Offline);
        Assert.That(await app.RefusedAsync("/oauth/token", app.Refresh(Refresh(first), ("scope", scope))), Is.EqualTo("invalid_scope"));
    }

    [Test]
    public async Task What_was_unticked_cannot_be_refreshed_to()
    {
        var first = await app.TokenAsync(Offline, keep: scope => scope != "patient/ImagingStudy.rs");
        Assert.That(await app.RefusedAsync("/oauth/token", app.Refresh(Refresh(first), ("scope", "patient/ImagingStudy.rs"))), Is.EqualTo("invalid_scope"));
    }

    [Test]
    public async Task A_made_up_token_is_refused()
    {
        Assert.That(await app.RefusedAsync("/oauth/token", app.Refresh("made-up")), Is.EqualTo("invalid_grant"));
    }

    [Test]
    public async Task Using_one_twice_ends_the_whole_family()
    {
        var first = await app.TokenAsync(Offline);
        var second = await app.GoodAsync("/oauth/token", app.Refresh(Refresh(first)));
        Assert.That(await app.RefusedAsync("/oauth/token", app.Refresh(Refresh(first))), Is.EqualTo("invalid_grant"));
        Assert.That(await app.RefusedAsync("/oauth/token", app.Refresh(Refresh(second))), Is.EqualTo("invalid_grant"));
        Assert.That(await world.GetAsync("/fhir/Patient/ada", second.GetProperty("access_token").GetString()), Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Offline_access_goes_on_after_the_user_has_signed_out()
    {
        using var browser = await world.BrowserOfAsync("ada");
        var first = await app.GoodAsync("/oauth/token", app.Exchange(await app.CodeAsync(browser, Offline)));
        await SignOutAsync(browser);
        await app.GoodAsync("/oauth/token", app.Refresh(Refresh(first)));
    }

    [Test]
    public async Task Online_access_ends_with_the_session()
    {
        using var browser = await world.BrowserOfAsync("ada");
        var first = await app.GoodAsync("/oauth/token", app.Exchange(await app.CodeAsync(browser, "launch/patient patient/Patient.rs online_access")));
        var second = await app.GoodAsync("/oauth/token", app.Refresh(Refresh(first)));
        await SignOutAsync(browser);
        Assert.That(await app.RefusedAsync("/oauth/token", app.Refresh(Refresh(second))), Is.EqualTo("invalid_grant"));
        Assert.That(await world.GetAsync("/fhir/Patient/ada", second.GetProperty("access_token").GetString()), Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task A_proxy_whose_grant_is_revoked_cannot_refresh()
    {
        var first = await app.TokenAsync(Offline, "paula", record: "bert");
        await world.WithGrantRevokedAsync("bert", async () =>
        {
            Assert.That(await app.RefusedAsync("/oauth/token", app.Refresh(Refresh(first))), Is.EqualTo("invalid_grant"));
        });
    }

    private static string Refresh(System.Text.Json.JsonElement token) => token.GetProperty("refresh_token").GetString()!;

    private static async Task SignOutAsync(AppBrowser browser)
    {
        using var page = await browser.GetAsync("/account");
        var form = AppBrowser.Form.Of(await page.Content.ReadAsStringAsync(), "/account/sign-out");
        using var answer = await browser.PostAsync("/account/sign-out", form.Fields);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Redirect));
    }
}

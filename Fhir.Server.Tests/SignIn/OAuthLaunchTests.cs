namespace Fhir.Server.Tests.SignIn;

/// <summary>EHR launch: https://hl7.org/fhir/smart-app-launch/app-launch.html#launch-app-ehr-launch</summary>
[TestFixture]
public sealed class OAuthLaunchTests
{
    private const string Ehr = "launch patient/ImagingStudy.rs patient/Patient.rs";
    private OAuthWorld world = null!;
    private RawApp app = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        world = await OAuthWorld.GetAsync();
        app = new RawApp(world);
    }

    [Test]
    public async Task A_practitioner_opens_the_record_the_portal_had_open()
    {
        var token = await app.TokenAsync(Ehr, "dora", changes: ("launch", await world.LaunchAsync()));
        Assert.That(token.GetProperty("patient").GetString(), Is.EqualTo("ada"));
        Assert.That(token.GetProperty("need_patient_banner").GetBoolean(), Is.False);
    }

    [Test]
    public async Task The_study_that_was_open_arrives_as_fhirContext()
    {
        var launch = await world.LaunchAsync(study: "study-1");
        var token = await app.TokenAsync("launch launch/imagingstudy patient/ImagingStudy.rs", changes: ("launch", launch));
        Assert.That(References(token), Is.EqualTo(["ImagingStudy/study-1"]));
    }

    [Test]
    public async Task Without_a_portal_the_study_is_chosen_after_the_record()
    {
        using var browser = await world.BrowserOfAsync("ada");
        const string Scope = "launch/patient launch/imagingstudy patient/ImagingStudy.rs";
        var form = (await RawApp.ScreenAsync(browser, app.Request(Scope))).With(("decision", "allow"));
        using var page = await browser.PostAsync("/oauth/authorize", form.Fields);
        var studies = AppBrowser.Form.Of(await page.Content.ReadAsStringAsync(), "/oauth/authorize");
        using var stranger = await browser.PostAsync("/oauth/authorize", studies.With(("decision", "allow"), ("study", "not-offered")).Fields);
        Assert.That(stranger.StatusCode, Is.EqualTo(System.Net.HttpStatusCode.OK), "It is asked again.");
        using var answer = await browser.PostAsync("/oauth/authorize", studies.With(("decision", "allow"), ("study", "study-1")).Fields);
        var token = await app.GoodAsync("/oauth/token", app.Exchange(RawApp.Told(answer)["code"]));
        Assert.That(References(token), Is.EqualTo(["ImagingStudy/study-1"]));
        Assert.That(token.GetProperty("scope").GetString(), Is.EqualTo(Scope));
    }

    [Test]
    public async Task A_launch_is_good_once()
    {
        var launch = await world.LaunchAsync();
        await app.TokenAsync(Ehr, changes: ("launch", launch));
        using var browser = await world.BrowserOfAsync("ada");
        using var answer = await RawApp.AskAsync(browser, app.Request(Ehr, ("launch", launch)));
        Assert.That(RawApp.Told(answer)["error"], Is.EqualTo("invalid_request"));
    }

    [Test]
    public async Task Two_screens_of_one_launch_give_one_code()
    {
        var launch = await world.LaunchAsync();
        using var browser = await world.BrowserOfAsync("ada");
        var (one, two) = (await RawApp.ScreenAsync(browser, app.Request(Ehr, ("launch", launch))), await RawApp.ScreenAsync(browser, app.Request(Ehr, ("launch", launch))));
        using var first = await browser.PostAsync("/oauth/authorize", one.With(("decision", "allow")).Fields);
        using var second = await browser.PostAsync("/oauth/authorize", two.With(("decision", "allow")).Fields);
        Assert.That(RawApp.Told(first), Does.ContainKey("code"));
        Assert.That(RawApp.Told(second)["error"], Is.EqualTo("invalid_request"));
    }

    [Test]
    public async Task A_launch_for_another_client_is_refused()
    {
        using var browser = await world.BrowserOfAsync("ada");
        using var answer = await RawApp.AskAsync(browser, app.Request(Ehr, ("launch", await world.LaunchAsync(client: "secret"))));
        Assert.That(RawApp.Told(answer)["error"], Is.EqualTo("invalid_request"));
    }

    [Test]
    public async Task A_launch_for_another_user_is_refused()
    {
        using var browser = await world.BrowserOfAsync("ada");
        using var answer = await RawApp.AskAsync(browser, app.Request(Ehr, ("launch", await world.LaunchAsync(user: "Practitioner/dora"))));
        Assert.That(RawApp.Told(answer)["error"], Is.EqualTo("access_denied"));
    }

    [Test]
    public async Task A_patient_opens_nobody_elses_record_by_a_launch()
    {
        using var browser = await world.BrowserOfAsync("ada");
        using var answer = await RawApp.AskAsync(browser, app.Request(Ehr, ("launch", await world.LaunchAsync("bert"))));
        Assert.That(RawApp.Told(answer)["error"], Is.EqualTo("access_denied"));
    }

    [Test]
    public async Task A_launch_value_without_its_scope_is_refused()
    {
        using var browser = await world.BrowserOfAsync("ada");
        using var answer = await RawApp.AskAsync(browser, app.Request("launch/patient patient/Patient.rs", ("launch", await world.LaunchAsync())));
        Assert.That(RawApp.Told(answer)["error"], Is.EqualTo("invalid_request"));
    }

    private static IEnumerable<string> References(System.Text.Json.JsonElement token) =>
        token.GetProperty("fhirContext").EnumerateArray().Select(one => one.GetProperty("reference").GetString()!);
}

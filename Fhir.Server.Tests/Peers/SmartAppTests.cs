using System.Text.Json;
using Fhir.Server.Tests.Conformance;
using Microsoft.Playwright;

namespace Fhir.Server.Tests.Peers;

/// <summary>Apps in Chromium against the running server: fhirclient from npm, unchanged, and the demo app the server brings along.</summary>
[TestFixture]
public sealed class SmartAppTests
{
    private const string Scope = "openid fhirUser offline_access patient/Patient.r patient/ImagingStudy.rs";
    private SmartWorld world = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        NodePeer.ProgramOrSkip("chromium");
        world = await SmartWorld.MakeAsync();
        await world.Server.RegisterAsync(new Registration("Demo app")
        {
            Id = "demo-app", RedirectUris = [world.Server.Address + "/app/"], LaunchUrl = world.Server.Address + "/app/launch",
        });
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (world is not null)
        {
            await world.DisposeAsync();
        }
    }

    [Test]
    public async Task Fhirclient_signs_in_reads_the_record_shows_a_frame_and_refreshes([Values] bool fromPortal)
    {
        await using var host = await PageHost.StartAsync(NodePeer.FolderOrSkip("fhir-clients", "node_modules/fhirclient/build/fhir-client.js"));
        var app = await world.AppAsync("fhirclient", redirectUri: host.Address + "/app/index.html");
        var study = world.StudyIds[SmartWorld.CtMr];
        var query = $"client={app.Id}&iss={Uri.EscapeDataString(world.Server.Fhir)}&scope={Uri.EscapeDataString((fromPortal ? "launch launch/imagingstudy " : "launch/patient ") + Scope)}"
            + (fromPortal ? "&launch=" + await world.Server.PrepareLaunchAsync(world.Ada.Record, study) : "");
        await using var context = await Chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{host.Address}/app/launch.html?{query}");
        await page.SignInAsync(world.Ada);
        await page.AllowAsync();
        var told = await host.ToldAsync();
        Assert.That(told.TryGetProperty("error", out var error), Is.False, error.ToString());
        Assert.That(told.GetProperty("patient").GetString(), Is.EqualTo(world.Ada.Record));
        Assert.That((told.GetProperty("studies").GetInt32(), told.GetProperty("requiresToken").GetBoolean()), Is.EqualTo((2, true)));
        Assert.That((told.GetProperty("frame").GetInt32(), told.GetProperty("width").GetInt32()), Is.EqualTo((200, 16)));
        Assert.That(told.GetProperty("user").GetString(), Is.EqualTo("Patient"));
        Assert.That(told.GetProperty("refreshed").ValueKind, Is.EqualTo(JsonValueKind.True));
        Assert.That(told.GetProperty("context").ToString().Contains("ImagingStudy/" + study, StringComparison.Ordinal), Is.EqualTo(fromPortal));
    }

    [TestCase(1000)]
    [TestCase(360)]
    public async Task The_demo_app_signs_in_lists_the_studies_and_shows_a_picture(int width)
    {
        await using var context = await Chromium.OpenAsync(width);
        var page = await context.NewPageAsync();
        var complaints = page.Complaints();
        await page.GotoAsync(world.Server.Address + "/app/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in and choose a record" }).ClickAsync();
        await page.SignInAsync(world.Ada);
        await page.AllowAsync();
        await Assertions.Expect(page.Locator("#who")).ToContainTextAsync("Ada Aal");
        await Assertions.Expect(page.Locator("#studies button")).ToHaveCountAsync(2);
        await page.Locator("#studies button").First.ClickAsync();
        await ShowsThePictureAsync(page);
        await page.AssertAccessibleAsync();
        await page.Locator("#sign-out").ClickAsync();
        await Assertions.Expect(page.Locator("#sign-in")).ToBeVisibleAsync();
        Assert.That(complaints, Is.Empty);
    }

    /// <summary>Asked again and again from outside: the page's policy lets nothing be evaluated within.</summary>
    private static async Task ShowsThePictureAsync(IPage page)
    {
        var width = 0;
        for (var wait = 0; wait < 150 && width == 0; wait++)
        {
            width = await page.Locator("#picture").EvaluateAsync<int>("picture => picture.naturalWidth");
            await Task.Delay(100);
        }
        Assert.That(width, Is.EqualTo(16));
    }

    [Test]
    public async Task The_demo_app_opens_the_study_a_portal_launches_it_with()
    {
        var launch = await world.Server.PrepareLaunchAsync(world.Ada.Record, world.StudyIds[SmartWorld.OnlyMr]);
        await using var context = await Chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{world.Server.Address}/app/launch?iss={Uri.EscapeDataString(world.Server.Fhir)}&launch={launch}");
        await page.SignInAsync(world.Ada);
        await page.AllowAsync();
        await ShowsThePictureAsync(page);
        await Assertions.Expect(page.Locator("#studies button[aria-current=true]")).ToContainTextAsync(SmartWorld.OnlyMr);
    }

    [Test]
    public async Task The_demo_app_says_when_nothing_was_allowed()
    {
        await using var context = await Chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(world.Server.Address + "/app/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in and choose a record" }).ClickAsync();
        await page.SignInAsync(world.Ada);
        await page.Locator("main form:has(input[type=checkbox]) button[value=deny]").ClickAsync();
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("did not allow");
    }

    [Test]
    public async Task The_demo_app_says_when_its_access_has_ended()
    {
        await using var context = await Chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(world.Server.Address + "/app/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in and choose a record" }).ClickAsync();
        await page.SignInAsync(world.Ada);
        await page.AllowAsync();
        await Assertions.Expect(page.Locator("#studies button")).ToHaveCountAsync(2);
        var apps = await context.NewPageAsync();
        await apps.GotoAsync(await world.Public.EndpointAsync("management_endpoint"));
        await apps.Locator("main li", new() { HasText = "Demo app" }).First.Locator("button").ClickAsync();
        await page.Locator("#studies button").First.ClickAsync();
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("has ended");
    }
}

using Fhir.Server.Tests.Conformance;
using Microsoft.Playwright;

namespace Fhir.Server.Tests.Peers;

/// <summary>The pages a person meets on the way to an app, for everybody: on a phone, by keyboard, with a screen reader, in two languages.</summary>
[TestFixture]
public sealed class SmartPagesTests
{
    private const string Scope = "openid fhirUser offline_access launch/patient patient/Patient.r patient/*.rs patient/ImagingStudy.rs?modality=" + SmartWorld.DcmCt;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("phr-app-");
    private SmartWorld world = null!;
    private PageHost host = null!;
    private App app = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        NodePeer.ProgramOrSkip("chromium");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "index.html"), "<!doctype html><title>App</title>");
        host = await PageHost.StartAsync(folder.FullName);
        world = await SmartWorld.MakeAsync();
        app = await world.AppAsync("Picture viewer", redirectUri: host.Address + "/index.html");
        await world.Ben.InviteAsync(world.Ada, "Ada Aal");
        await app.SignInAsync(world.Ada, "launch/patient patient/Patient.r offline_access");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (host is not null)
        {
            await host.DisposeAsync();
        }
        if (world is not null)
        {
            await world.DisposeAsync();
        }
        folder.Delete(recursive: true);
    }

    [Test]
    public async Task Everybody_can_use_the_pages([Values("en", "es")] string language, [Values(360, 1000)] int width)
    {
        await using var context = await Chromium.OpenAsync(width, language);
        var page = await context.NewPageAsync();
        var complaints = page.Complaints();
        await page.GotoAsync($"{await app.EndpointAsync("authorization_endpoint")}?{app.Request(Scope).Query}");
        await IsReadyAsync(page, language);
        await page.SignInAsync(world.Ada);
        // The question, and among it whose record: Ada acts for Ben too.
        await page.Locator(SmartPages.Question).WaitForAsync();
        Assert.That(await page.Locator("main input[type=radio],main option").CountAsync(), Is.GreaterThanOrEqualTo(2));
        await IsReadyAsync(page, language);
        await page.GotoAsync(await app.EndpointAsync("management_endpoint"));
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Picture viewer");
        await IsReadyAsync(page, language);
        await page.GotoAsync(world.Server.Address + "/account/register");
        await IsReadyAsync(page, language);
        await page.GotoAsync($"{await app.EndpointAsync("authorization_endpoint")}?{app.Request(Scope).With("client_id", "nobody").Query}");
        await IsReadyAsync(page, language);
        Assert.That(complaints.Where(one => !one.Contains("status of 400", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task The_language_can_be_changed_on_the_page_that_asks()
    {
        await using var context = await Chromium.OpenAsync();
        var page = await context.NewPageAsync();
        var request = app.Request(Scope);
        await page.GotoAsync($"{await app.EndpointAsync("authorization_endpoint")}?{request.Query}");
        await page.SignInAsync(world.Ada);
        await page.Locator(SmartPages.Question).WaitForAsync();
        await page.Locator("a[hreflang=es]").ClickAsync();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "es");
        await page.AllowAsync();
        await page.WaitForURLAsync(app.RedirectUri + "?**");
        Assert.That(page.Url, Does.Contain("code=").And.Contain(request.State));
    }

    [Test]
    public async Task The_keyboard_is_enough()
    {
        await using var context = await Chromium.OpenAsync();
        var page = await context.NewPageAsync();
        var request = app.Request(Scope);
        await page.GotoAsync($"{await app.EndpointAsync("authorization_endpoint")}?{request.Query}");
        await page.FocusByTabAsync("input[type=email]");
        await page.Keyboard.TypeAsync(world.Ada.Email);
        await page.FocusByTabAsync("input[type=password]");
        await page.Keyboard.TypeAsync(world.Ada.Password);
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(SmartPages.Question).WaitForAsync();
        await page.FocusByTabAsync("input[type=radio]");
        await page.Keyboard.PressAsync("Space");
        await page.FocusByTabAsync("input[value='patient/*.rs']");
        await page.Keyboard.PressAsync("Space");
        await page.FocusByTabAsync("button[value=allow]");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(app.RedirectUri + "?**");
        var code = System.Web.HttpUtility.ParseQueryString(new Uri(page.Url).Query)["code"];
        var token = (await app.ExchangeAsync(code!, request.Pkce.Verifier)).Good();
        Assert.That(token.Scopes, Does.Contain("patient/Patient.r").And.Not.Contain("patient/*.rs"));
    }

    [Test]
    public async Task Everything_that_can_be_reached_by_keyboard_shows_that_it_is()
    {
        await using var context = await Chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{await app.EndpointAsync("authorization_endpoint")}?{app.Request(Scope).Query}");
        await page.SignInAsync(world.Ada);
        await page.Locator(SmartPages.Question).WaitForAsync();
        foreach (var selector in new[] { "input[type=checkbox]", "button[value=allow]", "button[value=deny]" })
        {
            await page.FocusByTabAsync(selector);
            var isShown = await page.EvaluateAsync<bool>("(() => { const style = getComputedStyle(document.activeElement); return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0; })()");
            Assert.That(isShown, selector);
        }
    }

    [Test]
    public async Task The_pages_need_no_script()
    {
        await using var context = await Chromium.OpenAsync();
        await context.RouteAsync("**/*.js*", route => route.AbortAsync());
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{await app.EndpointAsync("authorization_endpoint")}?{app.Request(Scope).Query}");
        await page.SignInAsync(world.Ada);
        await page.AllowAsync();
        await page.WaitForURLAsync(app.RedirectUri + "?**");
        Assert.That(page.Url, Does.Contain("code="));
    }

    private static async Task IsReadyAsync(IPage page, string language)
    {
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("lang", language);
        await Assertions.Expect(page.Locator("h1")).ToHaveCountAsync(1);
        await page.AssertAccessibleAsync();
    }
}

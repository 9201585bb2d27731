using Deque.AxeCore.Playwright;
using Fhir.Server.Tests.Peers;
using Microsoft.Playwright;

namespace Fhir.Server.Tests.Pages;

/// <summary>The pages a newcomer sees first, in open mode.</summary>
[TestFixture]
public sealed class LandingPageTests
{
    private PhrServer phr = null!;

    [OneTimeSetUp]
    public void Start() => phr = PhrServer.Start();

    [OneTimeTearDown]
    public async Task StopAsync() => await phr.DisposeAsync();

    [TestCase("/", 1000)]
    [TestCase("/", 360)]
    [TestCase("/app/", 360)]
    public async Task Everybody_can_use_the_page(string path, int width)
    {
        await using var context = await Chromium.OpenAsync(width);
        var page = await context.NewPageAsync();
        var complaints = page.Complaints();
        await page.GotoAsync(phr.Address + path);
        Assert.That(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways.");
        var axe = await page.RunAxe();
        Assert.That(axe.Violations.Select(one => $"{one.Id}: {one.Help}"), Is.Empty);
        Assert.That(complaints, Is.Empty);
    }

    [Test]
    public async Task The_demo_app_says_that_open_mode_has_no_sign_in()
    {
        await using var context = await Chromium.OpenAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(phr.Address + "/app/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in and choose a record" }).ClickAsync();
        await Assertions.Expect(page.Locator("#message")).ToContainTextAsync("open mode");
    }
}

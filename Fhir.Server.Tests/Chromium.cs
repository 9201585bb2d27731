using Fhir.Server.Tests.Peers;
using Microsoft.Playwright;

namespace Fhir.Server.Tests;

/// <summary>The machine's own Chromium, driven by Playwright; one for all tests, a fresh context for each. Tests are skipped where there is none.</summary>
[SetUpFixture]
public sealed class Chromium
{
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-quic", "--disable-dev-shm-usage",
    ];

    private static readonly SemaphoreSlim Starting = new(1);
    private static IPlaywright? playwright;
    private static IBrowser? browser;

    /// <summary>A context without cookies or storage; dispose it.</summary>
    /// <param name="width">Of the window, in CSS pixels.</param>
    /// <param name="language">What it says it reads, as <c>es</c>.</param>
    public static async Task<IBrowserContext> OpenAsync(int width = 1000, string language = "en")
    {
        var path = NodePeer.ProgramOrSkip("chromium");
        await Starting.WaitAsync();
        try
        {
            playwright ??= await Playwright.CreateAsync();
            browser ??= await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = Arguments });
        }
        finally
        {
            Starting.Release();
        }
        return await browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = 800 }, Locale = language });
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        if (browser is not null)
        {
            await browser.CloseAsync();
        }
        playwright?.Dispose();
    }
}

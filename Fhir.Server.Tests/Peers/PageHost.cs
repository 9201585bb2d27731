using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Fhir.Server.Tests.Peers;

/// <summary>
/// Serves the page of a peer from an origin of its own, as an app beside the server would be, opens it in Chromium and waits for what it
/// tells: a POST to <c>/outcome</c>.
/// </summary>
internal sealed class PageHost : IAsyncDisposable
{
    private readonly TaskCompletionSource<JsonElement> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication app;

    private PageHost(WebApplication app) => this.app = app;

    public static async Task<PageHost> StartAsync(string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var host = new PageHost(app);
        var files = new PhysicalFileProvider(folder);
        var types = new FileExtensionContentTypeProvider();
        types.Mappings[".wasm"] = "application/wasm";
        app.UseFileServer(new FileServerOptions { FileProvider = files, StaticFileOptions = { ContentTypeProvider = types } });
        app.MapPost("/outcome", async (HttpRequest request) =>
        {
            host.outcome.TrySetResult(await JsonSerializer.DeserializeAsync<JsonElement>(request.Body));
        });
        await app.StartAsync();
        return host;
    }

    /// <summary>Where the folder is served, without a slash at the end.</summary>
    public string Address => app.Urls.First();

    /// <summary>What a page told that somebody else opened.</summary>
    public Task<JsonElement> ToldAsync() => outcome.Task.WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>What the page told; fails when it tells nothing in time.</summary>
    public async Task<JsonElement> OpenAsync(string query)
    {
        var profile = Directory.CreateTempSubdirectory("phr-chromium-");
        using var chromium = Process.Start(new ProcessStartInfo(
            NodePeer.ProgramOrSkip("chromium"),
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", $"--user-data-dir={profile.FullName}", "--window-size=1300,1200",
                "--remote-debugging-port=0", $"{Address}/index.html?{query}",
            ])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        // Its pipes must be emptied, or it would wait for that.
        var (errors, output) = (chromium.StandardError.ReadToEndAsync(), chromium.StandardOutput.ReadToEndAsync());
        try
        {
            return await outcome.Task.WaitAsync(TimeSpan.FromSeconds(120));
        }
        catch (TimeoutException)
        {
            chromium.Kill(entireProcessTree: true);
            Assert.Fail("The page told nothing. Chromium said: " + await errors + await output);
            throw;
        }
        finally
        {
            if (!chromium.HasExited)
            {
                chromium.Kill(entireProcessTree: true);
                await chromium.WaitForExitAsync();
            }
            await RemoveAsync(profile);
        }
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    /// <summary>Children of the browser may still be writing for a moment.</summary>
    private static async Task RemoveAsync(DirectoryInfo profile)
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            try
            {
                profile.Delete(recursive: true);
                return;
            }
            catch (IOException)
            {
                await Task.Delay(100);
            }
        }
    }
}

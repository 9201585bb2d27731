using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fhir.Server.Tests.Conformance;

/// <summary>Where a client publishes its keys: what is served, for how long it may be kept, and how often it was asked for.</summary>
internal sealed class KeySetHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private int asked;

    private KeySetHost(WebApplication app) => this.app = app;

    public string Keys { get; set; } = """{"keys":[]}""";

    public string CacheControl { get; set; } = "no-store";

    public int Asked => asked;

    public string Address => app.Urls.First() + "/jwks.json";

    public static async Task<KeySetHost> StartAsync(string keys)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var host = new KeySetHost(builder.Build()) { Keys = keys };
        host.app.MapGet("/jwks.json", (HttpContext context) =>
        {
            Interlocked.Increment(ref host.asked);
            context.Response.Headers.CacheControl = host.CacheControl;
            return Results.Content(host.Keys, "application/json");
        });
        await host.app.StartAsync();
        return host;
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}

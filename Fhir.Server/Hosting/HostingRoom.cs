using System.Net;
using Fhir.Server.Access;
using Fhir.Server.Rest;
using Fhir.Server.SignIn;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Fhir.Server.Storage.Embedded;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Hosting;

/// <summary>
/// The room of hosting: the order of middleware, limits, health, demo data, the commands. Open mode is fenced in here: it listens on
/// loopback alone (<see cref="AddHosting"/>) and answers loopback alone (<see cref="OpenModeFence"/>).
/// </summary>
internal static class HostingRoom
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    public static void AddHosting(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (configuration["urls"] is null && configuration["http_ports"] is null && !configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }
        // The framework's own request log repeats query strings, and with them names, and paths, with the secrets of capabilities: it says both before
        // anything of ours runs. Of the rest, whoever needs it can ask for it by its full category.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        foreach (var category in new[] { "Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel" })
        {
            builder.Logging.AddFilter(category, LogLevel.Warning);
        }
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddOptions<DemoOptions>()
            .Configure(options => options.Enabled = builder.Environment.IsDevelopment())
            .Bind(configuration.GetSection("Demo"));
        builder.Services.AddSingleton<DemoNotice>();
        builder.Services.AddHostedService<DemoSeed>();
        if (AccessOptions.ModeIn(configuration) == AccessMode.Smart)
        {
            builder.Services.AddHostedService<DemoClients>();
            builder.Services.AddHostedService<DemoAccounts>();
        }
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, TransportMemoryFactory>();
        builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, AccessOptions.ModeIn(configuration)));
        builder.Services.AddCrossOrigin(configuration);
        builder.Services.AddSingleton<InnerRequests>();
        builder.Services.AddFhirCompression();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
    }

    public static void UseHosting(this WebApplication app)
    {
        CheckStart(app);
        CrashPoints.Arm(app);
        app.UseMiddleware<CapabilityConcealment>();
        app.UseMiddleware<FaultAnswers>();
        if (IsOpen(app))
        {
            app.UseMiddleware<OpenModeFence>();
        }
        app.UseFhirCompression();
        app.UseRouting();
        app.UseCors();
        app.UseMiddleware<OptionsAnswers>();
        app.UseSignIn();
        app.UseMiddleware<CallerIdentification>();
        app.Services.GetRequiredService<InnerRequests>().Use(() => InnerPipeline(app));
        app.Lifetime.ApplicationStarted.Register(() => LearnAddress(app));
    }

    public static void MapHosting(this WebApplication app)
    {
        app.MapLanding();
        app.MapGet("/healthz/live", () => Results.Text("live\n")).WithName("live");
        app.MapGet("/healthz/ready", ReadyEndpoint.Read).WithName("ready");
    }

    /// <summary>What a request inside a request passes: who asks is known, so it is routed, and its faults are its own.</summary>
    private static RequestDelegate InnerPipeline(WebApplication app)
    {
        var inner = ((IApplicationBuilder)app).New();
        inner.UseMiddleware<FaultAnswers>();
        inner.UseRouting();
        inner.UseEndpoints(endpoints =>
        {
            // A pipeline beside the application's has routes of its own.
            foreach (var source in ((IEndpointRouteBuilder)app).DataSources)
            {
                endpoints.DataSources.Add(source);
            }
        });
        return inner.Build();
    }

    /// <summary>
    /// What would stop the start is found before anything runs, so that it is told in a sentence: settings, a store that cannot be
    /// opened, addresses open mode does not listen on. (The listener itself refuses such an address too, wherever it comes from.)
    /// </summary>
    private static void CheckStart(WebApplication app)
    {
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        var isOpen = IsOpen(app);
        foreach (var url in (app.Configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (isOpen && !OpenModeFence.IsLoopbackHost(BindingAddress.Parse(url).Host))
            {
                throw new OpenModeNotLoopbackException(url);
            }
        }
        app.Services.GetRequiredService<EmbeddedStore>();
        if (!isOpen)
        {
            app.Services.GetRequiredService<AccountsDatabase>().Open();
        }
    }

    private static bool IsOpen(WebApplication app) => app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.Mode == AccessMode.Open;

    private static void Limit(KestrelServerOptions kestrel, AccessMode mode)
    {
        kestrel.AddServerHeader = false;
        // Doors set their own limits: a resource is small, an instance may be gigabytes.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.ConfigureEndpointDefaults(listen =>
        {
            if (mode == AccessMode.Open && !(listen.EndPoint is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address)))
            {
                throw new OpenModeNotLoopbackException(listen.EndPoint.ToString()!);
            }
        });
    }

    private static void LearnAddress(WebApplication app)
    {
        var listening = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.ToList() ?? [];
        var address = app.Services.GetRequiredService<PublicAddress>();
        address.ListensOn(listening);
        if ((app.Configuration["PublicBaseUrl"] ?? listening.FirstOrDefault()) is { } known)
        {
            address.Use(known);
        }
        if (listening.Count > 0)
        {
            app.Services.GetRequiredService<StoreUpkeep>().Announce(listening[0]);
        }
    }
}

/// <summary>Open mode was asked to listen where others than this machine could come.</summary>
public sealed class OpenModeNotLoopbackException(string endpoint)
    : Exception($"Access:Mode=Open allows everything to everybody, so it listens on loopback addresses alone; {endpoint} is none.");

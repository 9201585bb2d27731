using System.Reflection;
using Fhir.Server.Access;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.Portal;

/// <summary>
/// A tiny SMART app: signs in by a standalone or an EHR launch, lists the studies of the patient, and shows their pictures by WADO-RS with
/// the same token. Static files, no library: also an example to read. See https://hl7.org/fhir/smart-app-launch/app-launch.html
/// </summary>
internal static class DemoApp
{
    /// <summary>The <c>client_id</c> under which the demo registers it.</summary>
    public const string ClientId = "demo-app";

    /// <summary>Where it is, below the public address; also its redirect address.</summary>
    public const string Path = "/app/";

    /// <summary>Where an EHR launch starts it.</summary>
    public const string LaunchPath = "/app/launch";

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly EntityTagHeaderValue Tag = new($"\"{typeof(DemoApp).Assembly.ManifestModule.ModuleVersionId:N}\"");

    public static void MapDemoApp(this IEndpointRouteBuilder app)
    {
        Map(app, Path, "app-page", "index.html", "text/html; charset=utf-8");
        Map(app, LaunchPath, "app-launch", "index.html", "text/html; charset=utf-8");
        Map(app, Path + "app.js", "app-script", "app.js", "text/javascript; charset=utf-8");
        Map(app, Path + "app.css", "app-style", "app.css", "text/css; charset=utf-8");
    }

    private static void Map(IEndpointRouteBuilder app, string path, string name, string file, string type) =>
        app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], (HttpContext context) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers["Referrer-Policy"] = "no-referrer";
            headers.CacheControl = "no-cache";
            return Results.Stream(Open(file), type, entityTag: Tag);
        }).WithName(name).ForEverybody();

    private static Stream Open(string file) =>
        Assembly.GetExecutingAssembly().GetManifestResourceStream($"Fhir.Server.Portal.DemoApp.{file}")
        ?? throw new InvalidOperationException($"The program was built without {file} of its demo app.");
}

using System.Net;
using System.Reflection;
using System.Text;
using Fhir.Server.Access;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Hosting;

/// <summary>What somebody sees who opens the server's address in a browser: what it is and where to begin.</summary>
internal static class LandingPage
{
    private const string Policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void MapLanding(this IEndpointRouteBuilder app)
    {
        app.MapGet("/", Read).WithName("landing");
        app.MapGet("/landing.css", () => Results.Text(Part("landing.css"), "text/css", Encoding.UTF8)).WithName("landing-style").ForEverybody();
    }

    private static IResult Read(PublicAddress address, IOptions<AccessOptions> access, DemoNotice demo, HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        var part = access.Value.Mode == AccessMode.Open ? Part("open.html") : Part("smart.html").Replace("{{demo}}", demo.Html, StringComparison.Ordinal);
        return Results.Content(
            $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>PhrImaging</title><link rel="stylesheet" href="/landing.css"></head><body><main>
            <h1>PhrImaging</h1>
            <p>An imaging personal health record: a FHIR R4 server whose ImagingStudy resources point to DICOMweb endpoints on the same host.</p>
            {part.Replace("{{base}}", WebUtility.HtmlEncode(address.Base), StringComparison.Ordinal)}
            </main></body></html>
            """,
            "text/html; charset=utf-8");
    }

    private static string Part(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Fhir.Server.Hosting.Landing.{file}")
            ?? throw new InvalidOperationException($"The program was built without {file} of its landing page.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}

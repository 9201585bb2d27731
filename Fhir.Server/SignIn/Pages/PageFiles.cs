using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Pages;

/// <summary>The few files pages need: one style sheet, one script for passkeys. Part of the program; their addresses change with their content.</summary>
internal static class PageFiles
{
    private static readonly byte[] Style = Load("pages.css");
    private static readonly byte[] Passkeys = Load("passkeys.js");

    public static string StyleAddress { get; } = AddressOf("pages.css", Style);

    public static string PasskeyScriptAddress { get; } = AddressOf("passkeys.js", Passkeys);

    public static void MapPageFiles(this IEndpointRouteBuilder app)
    {
        app.MapGet("/account/files/pages.css", (HttpContext context) => Answer(context, Style, "text/css; charset=utf-8"))
            .AllowAnonymous().WithName("account-style");
        app.MapGet("/account/files/passkeys.js", (HttpContext context) => Answer(context, Passkeys, "text/javascript; charset=utf-8"))
            .AllowAnonymous().WithName("account-passkey-script");
    }

    private static IResult Answer(HttpContext context, byte[] file, string type)
    {
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(file, type);
    }

    private static string AddressOf(string name, byte[] file) => $"/account/files/{name}?v={Convert.ToHexStringLower(SHA256.HashData(file).AsSpan(0, 6))}";

    private static byte[] Load(string name)
    {
        using var resource = typeof(PageFiles).Assembly.GetManifestResourceStream(typeof(PageFiles), name)
            ?? throw new InvalidOperationException($"{name} is not part of the program.");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}

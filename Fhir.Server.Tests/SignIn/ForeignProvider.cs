using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Fhir.Server.Tests.SignIn;

/// <summary>A provider of OpenID Connect on a port of its own that lets everybody in as <see cref="Subject"/>.</summary>
internal sealed class ForeignProvider : IAsyncDisposable
{
    public const string ClientSecret = "foreign-secret";

    private readonly WebApplication app;
    private readonly RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = "k" };
    private readonly ConcurrentDictionary<string, (string Nonce, string Challenge, string Redirect)> codes = new();

    private ForeignProvider()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = Address, ["authorization_endpoint"] = Address + "/authorize", ["token_endpoint"] = Address + "/token", ["jwks_uri"] = Address + "/keys",
        }));
        app.MapGet("/keys", () =>
        {
            var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(key.Rsa.ExportParameters(false)) { KeyId = "k" });
            return Results.Json(new { keys = new[] { new { kty = jwk.Kty, kid = "k", n = jwk.N, e = jwk.E, use = "sig", alg = "RS256" } } });
        });
        app.MapGet("/authorize", (HttpContext context) =>
        {
            var (query, code) = (context.Request.Query, Guid.NewGuid().ToString("N"));
            codes[code] = (query["nonce"]!, query["code_challenge"]!, query["redirect_uri"]!);
            return Results.Redirect($"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"]!)}");
        });
        app.MapPost("/token", async (HttpContext context) =>
        {
            var form = await context.Request.ReadFormAsync();
            if (!codes.TryRemove(form["code"]!, out var known) || form["client_secret"] != ClientSecret || form["redirect_uri"] != known.Redirect
                || Base64UrlEncoder.Encode(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(form["code_verifier"]!))) != known.Challenge)
            {
                return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
            }
            var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
            {
                Issuer = Address, Audience = "phr", Expires = DateTime.UtcNow.AddMinutes(5), SigningCredentials = new(key, SecurityAlgorithms.RsaSha256),
                Subject = new ClaimsIdentity([new("sub", Subject), new("nonce", known.Nonce), new("email", Email)]),
            });
            return Results.Json(new { access_token = "x", token_type = "Bearer", id_token = token });
        });
    }

    public string Address => app.Urls.First();

    public string Subject { get; set; } = "someone";

    public string Email { get; set; } = "someone@example.org";

    public static async Task<ForeignProvider> StartAsync()
    {
        var provider = new ForeignProvider();
        await provider.app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Rsa.Dispose();
    }
}

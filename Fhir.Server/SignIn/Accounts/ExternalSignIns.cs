using Fhir.Server.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>The other providers people may sign in with.</summary>
internal sealed class ExternalSignIns(IOptions<SignInOptions> options)
{
    /// <summary>The cookie that holds what a provider said, between its answer and ours.</summary>
    public const string Cookie = "phr-external";

    /// <summary>Each with the name of its section and how pages call it.</summary>
    public IReadOnlyList<(string Name, string DisplayName)> All { get; } =
        [.. options.Value.External.Select(one => (one.Key, one.Value.DisplayName ?? one.Key)).OrderBy(one => one.Key, StringComparer.Ordinal)];

    /// <summary>The authentication scheme of a provider.</summary>
    public static string SchemeOf(string name) => "external-" + name;
}

/// <summary>Registers them (OpenID Connect Core 1.0, code flow with PKCE).</summary>
internal static class ExternalSignInSetup
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static IServiceCollection AddExternalSignIns(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ExternalSignIns>();
        var authentication = services.AddAuthentication();
        if (!configuration.GetSection("SignIn:External").GetChildren().Any())
        {
            return services;
        }
        authentication.AddCookie(ExternalSignIns.Cookie, cookie =>
        {
            cookie.Cookie.Name = ExternalSignIns.Cookie;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.ExpireTimeSpan = Patience;
        });
        foreach (var section in configuration.GetSection("SignIn:External").GetChildren())
        {
            authentication.AddOpenIdConnect(ExternalSignIns.SchemeOf(section.Key), oidc => Configure(oidc, section));
        }
        return services;
    }

    private static void Configure(OpenIdConnectOptions oidc, IConfigurationSection section)
    {
        oidc.Authority = section["Authority"];
        oidc.ClientId = section["ClientId"];
        oidc.ClientSecret = section["ClientSecret"];
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.MapInboundClaims = false;
        oidc.SaveTokens = false;
        oidc.SignInScheme = ExternalSignIns.Cookie;
        oidc.CallbackPath = $"/account/sign-in/external/{section.Key}/callback";
        // Keys and codes come over TLS, but from a provider on the same machine.
        oidc.RequireHttpsMetadata = !(Uri.TryCreate(section["Authority"], UriKind.Absolute, out var authority) && authority.IsLoopback);
        oidc.CorrelationCookie.SameSite = oidc.NonceCookie.SameSite = SameSiteMode.Lax;
        oidc.CorrelationCookie.SecurePolicy = oidc.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        oidc.Events.OnRedirectToIdentityProvider = context =>
        {
            // Our own address as configured, not as some Host header says.
            context.ProtocolMessage.RedirectUri = context.HttpContext.RequestServices.GetRequiredService<PublicAddress>().Base + oidc.CallbackPath;
            return Task.CompletedTask;
        };
        oidc.Events.OnRemoteFailure = context =>
        {
            context.HandleResponse();
            context.Response.Redirect("/account/sign-in/external-failed");
            return Task.CompletedTask;
        };
    }
}

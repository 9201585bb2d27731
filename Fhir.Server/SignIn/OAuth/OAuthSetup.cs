using Fhir.Server.Access;
using Fhir.Server.SignIn.Clients;
using Fhir.Server.SignIn.Operations;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;
using static OpenIddict.Server.OpenIddictServerHandlers;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>
/// The authorisation server: OpenIddict runs the protocol, and where it does so otherwise than SMART asks, handlers of ours stand before
/// or in place of its own.
/// </summary>
internal static class OAuthSetup
{
    /// <summary>Before the first handler of OpenIddict.</summary>
    private const int First = int.MinValue + 50_000;

    private const int Behind = 500;

    public static IServiceCollection AddOAuth(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<OAuthOptions>().Bind(configuration.GetSection("OAuth")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<OAuthAddresses>().AddSingleton<ClientDevices>().AddSingleton<PatientChoices>().AddSingleton<StudyChoices>().AddSingleton<AuthorizationScreen>()
            .AddSingleton<IntrospectionAnswer>();
        services.AddScoped<ClientRegistry>().AddScoped<ClientAssertions>().AddScoped<AuthorizationRun>();
        services.AddSingleton(provider => new RemoteKeys(
            RemoteKeys.MakeClient(provider.GetRequiredService<IHostEnvironment>().IsDevelopment()), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RemoteKeys>>()));
        services.AddHostedService<ConfiguredClients>();
        // It logs requests, and with them who asks for what.
        services.AddLogging(logging => logging.AddFilter("OpenIddict", LogLevel.Warning));
        services.AddOpenIddict().AddServer(Protocol);
        services.AddOptions<OpenIddictServerOptions>()
            .Configure<OAuthAddresses, IOptions<OAuthOptions>, IConfiguration, TimeProvider>((server, addresses, own, settings, clock) =>
            {
                server.Issuer = new Uri(addresses.Issuer);
                server.RefreshTokenLifetime = own.Value.RefreshTokenLifetime;
                server.AccessTokenLifetime = own.Value.AccessTokenLifetime;
                AddKeys(server, KeyFolder.Of(settings), own.Value.SigningKeyLifetime, clock.GetUtcNow());
            });
        return services;
    }

    public static void MapOAuth(this IEndpointRouteBuilder app)
    {
        app.MapDiscovery();
        app.MapAuthorize();
        app.MapOperator();
    }

    private static void Protocol(OpenIddictServerBuilder server)
    {
        server.SetAuthorizationEndpointUris(OAuthAddresses.AuthorizePath).SetTokenEndpointUris(OAuthAddresses.TokenPath)
            .SetRevocationEndpointUris(OAuthAddresses.RevokePath).SetIntrospectionEndpointUris(OAuthAddresses.IntrospectPath)
            .SetJsonWebKeySetEndpointUris(OAuthAddresses.KeysPath).SetConfigurationEndpointUris(Array.Empty<Uri>());
        server.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow().AllowClientCredentialsFlow().RequireProofKeyForCodeExchange();
        server.DisableScopeValidation().DisableResourceValidation().DisableAuthorizationStorage().UseReferenceRefreshTokens()
            .IgnoreEndpointPermissions().IgnoreGrantTypePermissions().IgnoreResponseTypePermissions().IgnoreScopePermissions().IgnoreResourcePermissions();
        server.SetAuthorizationCodeLifetime(TimeSpan.FromMinutes(1)).SetIdentityTokenLifetime(TimeSpan.FromMinutes(10))
            .SetRefreshTokenReuseLeeway(TimeSpan.Zero);
        server.Configure(options =>
        {
            options.CodeChallengeMethods.Clear();
            options.CodeChallengeMethods.Add("S256");
        });
        // Whether the address is safe is judged by UseSafeAddress: a proxy before the server may end TLS.
        server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().DisableTransportSecurityRequirement();
        AddHandlers(server);
    }

    private static void AddHandlers(OpenIddictServerBuilder server)
    {
        server.RemoveEventHandler(Authentication.ValidateClientRedirectUri.Descriptor)
            .RemoveEventHandler(Exchange.ValidateGrantedScopes.Descriptor)
            .RemoveEventHandler(Introspection.ValidateAuthorizedParty.Descriptor)
            .RemoveEventHandler(OpenIddict.Server.OpenIddictServerHandlers.Revocation.RevokeToken.Descriptor);
        Add<ValidateAuthorizationRequestContext, AuthorizationRequestCheck>(server, First);
        Add<ProcessAuthenticationContext, ClientCheck>(server, ValidateClientId.Descriptor.Order + Behind);
        Add<ValidateTokenContext, AssertionCheck>(server, Protection.ResolveTokenValidationParameters.Descriptor.Order + Behind);
        Add<ValidateTokenContext, OwnTokenCheck>(server, Protection.ResolveTokenValidationParameters.Descriptor.Order + Behind + 1);
        Add<ValidateTokenContext, ReuseCheck>(server, Protection.ValidateTokenEntry.Descriptor.Order - Behind);
        Add<ValidateTokenRequestContext, TokenRequestCheck>(server, First);
        Add<ValidateTokenRequestContext, RefreshScopeCheck>(server, Exchange.ValidateCodeVerifier.Descriptor.Order + Behind);
        Add<HandleTokenRequestContext, TokenGrant>(server, Exchange.AttachPrincipal.Descriptor.Order + Behind);
        Add<ProcessSignInContext, OnlineRefresh>(server, EvaluateGeneratedTokens.Descriptor.Order + Behind);
        Add<GenerateTokenContext, TokenIssue>(server, First);
        Add<ApplyTokenResponseContext, TokenAnswer>(server, Exchange.NormalizeErrorResponse.Descriptor.Order + Behind);
        Add<ValidateIntrospectionRequestContext, BearerIntrospection>(server, First);
        Add<HandleIntrospectionRequestContext, ClientIntrospection>(server, Introspection.AttachPrincipal.Descriptor.Order + Behind);
        Add<HandleRevocationRequestContext, Revocation>(server, OpenIddict.Server.OpenIddictServerHandlers.Revocation.AttachPrincipal.Descriptor.Order + Behind);
    }

    private static void Add<TContext, THandler>(OpenIddictServerBuilder server, int order)
        where TContext : BaseContext
        where THandler : class, IOpenIddictServerHandler<TContext> =>
        server.AddEventHandler<TContext>(handler => handler.UseScopedHandler<THandler>().SetOrder(order));

    private static void AddKeys(OpenIddictServerOptions server, string keyFolder, TimeSpan lifetime, DateTimeOffset now)
    {
        // Codes and refresh tokens are sealed by this one; nobody but this server reads them.
        server.EncryptionCredentials.Add(new EncryptingCredentials(
            new SymmetricSecurityKey(KeyFile.ReadOrCreate(Path.Combine(keyFolder, "oauth.key"))), SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
        foreach (var key in SigningKeyFiles.ReadOrCreate(keyFolder, lifetime, now))
        {
            server.SigningCredentials.Add(new SigningCredentials(new RsaSecurityKey(key.Key) { KeyId = key.Id }, SecurityAlgorithms.RsaSha256));
        }
    }
}

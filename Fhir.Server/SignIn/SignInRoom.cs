using Fhir.Server.Access;
using Fhir.Server.SignIn.Accounts;
using Fhir.Server.SignIn.Clients;
using Fhir.Server.SignIn.Mail;
using Fhir.Server.SignIn.OAuth;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn;

/// <summary>
/// The room of sign-in: accounts (<c>/account</c>), and the authorisation server of SMART on FHIR (<c>/oauth</c>). <c>Accounts/</c> is what
/// people have, <c>Pages/</c> what every page has, <c>Texts/</c> what they say, <c>Mail/</c> how a person is written to. In open mode
/// there is none of it.
/// </summary>
internal static class SignInRoom
{
    /// <summary>What WebApplication looks at before it adds authentication by itself.</summary>
    private const string AuthenticationIsPlaced = "__AuthenticationMiddlewareSet";

    private static readonly PathString[] Paths = ["/account", "/oauth", "/.well-known"];

    public static IServiceCollection AddSignIn(this IServiceCollection services, IConfiguration configuration)
    {
        if (!IsOn(configuration))
        {
            return services;
        }
        services.AddOptions<SignInOptions>().Bind(configuration.GetSection("SignIn")).ValidateDataAnnotations().ValidateOnStart();
        services.AddPeople().AddPages().AddExternalSignIns(configuration).AddOAuth(configuration);
        services.TryAddSingleton<IEmailSender, FileDrop>();
        return services;
    }

    /// <summary>What stands before the pages: their headers, and who answers for other providers.</summary>
    public static void UseSignIn(this WebApplication app)
    {
        if (IsOn(app.Configuration))
        {
            // Else the framework puts it before everything, and every request of every path would pass it.
            ((IApplicationBuilder)app).Properties[AuthenticationIsPlaced] = true;
            app.UseWhen(context => Paths.Any(path => context.Request.Path.StartsWithSegments(path)), branch => branch.UsePageHeaders().UseSafeAddress().UseAuthentication());
        }
    }

    public static void MapSignIn(this WebApplication app)
    {
        if (!IsOn(app.Configuration))
        {
            return;
        }
        app.MapPageFiles();
        app.MapOAuth();
        var pages = app.MapGroup("/account").AsPages();
        pages.MapLanguage();
        pages.MapSignInPages();
        pages.MapSecondStep();
        pages.MapRegister();
        pages.MapMailedLinks();
        pages.MapExternal();
        pages.MapSetup();
        pages.MapAccountPage();
        pages.MapAppsPage();
        pages.MapClientsPage();
        pages.MapPassword();
        pages.MapSessions();
        pages.MapAuthenticator();
        pages.MapPasskeys();
        pages.MapPasskeyEndpoints();
        pages.MapProxies();
        pages.MapActingFor();
        pages.MapAdministration();
    }

    private static IServiceCollection AddPeople(this IServiceCollection services)
    {
        services.AddScoped<SignedIn>().AddScoped<Notes>().AddScoped<PasswordCheck>().AddScoped<SecondFactor>().AddScoped<SignInRun>()
            .AddScoped<OwnRecord>().AddScoped<AccountMail>()
            .AddScoped<Registration>().AddScoped<Sessions>().AddScoped<PasswordChange>().AddScoped<FreshAccount>().AddScoped<Passkeys>()
            .AddScoped<ProxyDesk>().AddScoped<ProxyTelling>().AddScoped<AccountAdministration>().AddScoped<FirstAdministrator>();
        services.AddScoped<IPasskeyHandler<Account>, PasskeyHandler<Account>>();
        services.AddHostedService<FirstAdministratorCode>();
        services.AddSingleton<Attempts>();
        services.AddOptions<IdentityOptions>().Configure<IOptions<SignInOptions>>((identity, options) => AccountRules.Apply(identity, options.Value));
        services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = AccountRules.HashIterations);
        services.AddOptions<DataProtectionTokenProviderOptions>().Configure<IOptions<SignInOptions>>((tokens, options) => tokens.TokenLifespan = options.Value.MailedLinks);
        services.Configure<IdentityPasskeyOptions>(passkeys =>
        {
            passkeys.UserVerificationRequirement = "required";
            passkeys.ResidentKeyRequirement = "required";
        });
        new IdentityBuilder(typeof(Account), services).AddDefaultTokenProviders();
        return services;
    }

    private static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddSingleton<IAntiforgeryAdditionalDataProvider, FormTokenSession>();
        services.AddAntiforgery(forms =>
        {
            forms.FormFieldName = FormToken.FieldName;
            forms.HeaderName = FormToken.HeaderName;
            forms.SuppressXFrameOptionsHeader = true;
            forms.Cookie.Name = "phr-form";
            forms.Cookie.SameSite = SameSiteMode.Lax;
            forms.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        return services;
    }

    private static bool IsOn(IConfiguration configuration) => AccessOptions.ModeIn(configuration) == AccessMode.Smart;
}

using Fhir.Server.Access;
using Fhir.Server.SignIn.Clients;
using Fhir.Server.SignIn.Operations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn;

/// <summary>The room of sign-in: accounts (<c>/account</c>), and the authorisation server of SMART on FHIR (<c>/oauth</c>).</summary>
internal static class SignInRoom
{
    public static IServiceCollection AddSignIn(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration.GetValue("Access:Mode", AccessMode.Open) != AccessMode.Smart)
        {
            return services;
        }
        services.AddOptions<SignInOptions>().Bind(configuration.GetSection("SignIn")).ValidateDataAnnotations().ValidateOnStart();
        services.AddScoped<ClientRegistry>();
        services.AddSingleton<ClientDevices>();
        services.AddHostedService<ConfiguredClients>();
        return services;
    }

    public static void MapSignIn(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.Mode == AccessMode.Smart)
        {
            app.MapOperator();
        }
    }
}

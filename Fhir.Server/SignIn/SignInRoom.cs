using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.SignIn;

/// <summary>The room of sign-in: accounts (<c>/account</c>), and the authorisation server of SMART on FHIR (<c>/oauth</c>).</summary>
internal static class SignInRoom
{
    public static IServiceCollection AddSignIn(this IServiceCollection services, IConfiguration configuration) => services;

    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
    }
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>The other providers people may sign in with.</summary>
internal sealed class ExternalSignIns(IOptions<SignInOptions> options)
{
    /// <summary>Each with the name of its section and how pages call it.</summary>
    public IReadOnlyList<(string Name, string DisplayName)> All { get; } =
        [.. options.Value.External.Select(one => (one.Key, one.Value.DisplayName ?? one.Key)).OrderBy(one => one.Key, StringComparer.Ordinal)];
}

/// <summary>Registers them.</summary>
internal static class ExternalSignInSetup
{
    public static IServiceCollection AddExternalSignIns(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ExternalSignIns>();
        services.AddAuthentication();
        return services;
    }
}

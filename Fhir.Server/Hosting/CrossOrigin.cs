using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using Fhir.Server.Access;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Hosting;

/// <summary>Section <c>CrossOrigin</c>: which pages of other origins may read answers.</summary>
public sealed class CrossOriginOptions : IValidatableObject
{
    /// <summary>
    /// Origins as <c>https://viewer.example</c>, beside those of the redirect addresses of registered apps; default none. A page brings its
    /// token itself, in a header, and cookies are never taken from other origins. In open mode only loopback origins are answered.
    /// </summary>
    public IList<string> Origins { get; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Origins
        .Where(origin => !Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.GetLeftPart(UriPartial.Authority) != origin)
        .Select(origin => new ValidationResult($"CrossOrigin:Origins has '{origin}', which is no origin such as https://viewer.example.", [nameof(Origins)]));
}

/// <summary>CORS for FHIR and DICOMweb: what viewers send and read, without credentials. https://fetch.spec.whatwg.org/#http-cors-protocol</summary>
internal static class CrossOrigin
{
    private static readonly TimeSpan PreflightAge = TimeSpan.FromHours(1);
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    private static readonly string[] RequestHeaders =
    [
        "Authorization", "Accept", "Content-Type", "Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-None-Exist", "Prefer",
        "Cache-Control",
    ];

    private static readonly string[] AnswerHeaders =
    [
        "Content-Type", "Content-Length", "Content-Range", "Content-Location", "Content-Encoding", "Content-Disposition", "Accept-Ranges", "Allow", "ETag",
        "Last-Modified", "Location", "Warning", "Retry-After", "WWW-Authenticate",
    ];

    public static IServiceCollection AddCrossOrigin(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<CrossOriginOptions>().Bind(configuration.GetSection("CrossOrigin")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<CorsOptions>().Configure<IOptions<CrossOriginOptions>, IOptions<AccessOptions>>(
            (cors, own, access) =>
            {
                cors.AddDefaultPolicy(PolicyOf(access.Value.Mode, own.Value, FrozenSet<string>.Empty));
                cors.AddPolicy(CapabilityRequest.CrossOriginPolicy, OfCapabilities);
            });
        if (AccessOptions.ModeIn(configuration) == AccessMode.Smart)
        {
            services.AddSingleton<ICorsPolicyProvider, RegisteredOrigins>();
        }
        return services.AddCors();
    }

    /// <summary>Whoever has the address of a capability may read by it, wherever their page is from.</summary>
    private static CorsPolicy OfCapabilities => new CorsPolicyBuilder().AllowAnyOrigin().WithMethods("GET", "HEAD").WithHeaders(RequestHeaders)
        .WithExposedHeaders(AnswerHeaders).SetPreflightMaxAge(PreflightAge).Build();

    /// <summary>Who may read answers in a mode.</summary>
    internal static CorsPolicy PolicyOf(AccessMode mode, CrossOriginOptions options, IReadOnlySet<string> registered)
    {
        var policy = new CorsPolicyBuilder().WithMethods(Methods).WithHeaders(RequestHeaders).WithExposedHeaders(AnswerHeaders).SetPreflightMaxAge(PreflightAge);
        return (mode == AccessMode.Open
            ? policy.SetIsOriginAllowed(OpenModeFence.IsLoopbackOrigin)
            : policy.WithOrigins([.. options.Origins, .. registered])).Build();
    }
}

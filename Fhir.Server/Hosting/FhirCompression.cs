using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Hosting;

/// <summary>
/// Answers of the FHIR door by brotli or gzip, for whoever takes them. Not those of DICOMweb: pixels are compressed already, and series
/// metadata are kept so. ETags are weak and stay as they are. RFC 9110 §8.4, §12.5.3
/// </summary>
internal static class FhirCompression
{
    public static IServiceCollection AddFhirCompression(this IServiceCollection services)
    {
        services.TryAddSingleton<IResponseCompressionProvider, ProviderWithFloor>();
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);
        return services.AddResponseCompression(compression =>
        {
            // Tokens come in headers and no answer repeats them, so that lengths tell nothing of secrets.
            compression.EnableForHttps = true;
            compression.MimeTypes = ["application/fhir+json", "application/fhir+xml"];
        });
    }

    public static void UseFhirCompression(this WebApplication app) => app.UseWhen(
        context => context.Request.Path.StartsWithSegments("/fhir", StringComparison.Ordinal), branch => branch.UseResponseCompression());

    /// <summary>Leaves alone what fits into one packet anyway.</summary>
    private sealed class ProviderWithFloor(IServiceProvider services, IOptions<ResponseCompressionOptions> options)
        : ResponseCompressionProvider(services, options)
    {
        private const long Floor = 1024;

        public override bool ShouldCompressResponse(HttpContext context) =>
            !(context.Response.ContentLength < Floor) && base.ShouldCompressResponse(context);
    }
}

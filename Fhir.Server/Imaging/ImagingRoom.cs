using Fhir.Server.Dicom;
using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Imaging;

/// <summary>
/// The room of imaging: DICOM becomes Patient, ImagingStudy and Endpoint. <see cref="Intake"/> is the way in for files;
/// <see cref="ImagingProjection"/> derives resources from rows; <see cref="StudyEdit"/> keeps people's edits apart from what the
/// instances say; <see cref="MetadataPieces"/> are the compressed pieces from which series metadata are served;
/// <see cref="Reports.InstanceReports"/> reads documents into reports, measurements and files; <see cref="CodecSetup"/> makes the codecs
/// ready that decode frames; <see cref="RenderedPictures"/> makes and keeps pictures of instances.
/// </summary>
internal static class ImagingRoom
{
    public static IServiceCollection AddImaging(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ResourceContents>();
        services.AddSingleton<IProjection, ImagingProjection>();
        services.AddOptions<InflationOptions>().Bind(configuration.GetSection("Inflation")).ValidateDataAnnotations().ValidateOnStart();
        services.AddHostedService<InflationSetup>();
        services.AddScoped<Intake>();
        services.AddScoped<InstanceComposer>();
        return services.AddCodecs(configuration).AddRendered(configuration);
    }
}

/// <summary>Gives the process the budget its options say.</summary>
internal sealed class InflationSetup(IOptions<InflationOptions> options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        InflationBudget.Use(options.Value);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

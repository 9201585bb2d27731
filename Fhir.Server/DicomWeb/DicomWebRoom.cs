using System.ComponentModel.DataAnnotations;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// The room of DICOMweb: STOW, QIDO and WADO at <c>/dicomweb/patients/{id}</c>, the base of one record, and at <c>/dicomweb</c>, for sites
/// and viewers without a record in the path. Bytes are served as they are stored; everything goes through
/// <see cref="Consents.GuardedRecord"/>.
/// </summary>
internal static class DicomWebRoom
{
    public static IServiceCollection AddDicomWeb(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DicomWebOptions>().Bind(configuration.GetSection("DicomWeb")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<StowOptions>().Bind(configuration.GetSection("DicomWeb:Stow")).ValidateDataAnnotations().ValidateOnStart();
        services.AddScoped<DicomWebBase>();
        services.AddScoped<StowRun>();
        return services;
    }

    public static void MapDicomWeb(this IEndpointRouteBuilder app)
    {
        MapAt(app.MapGroup("/dicomweb/patients/{patient}"), "record");
        MapAt(app.MapGroup("/dicomweb"), "site");
    }

    private static void MapAt(RouteGroupBuilder web, string names)
    {
        web.MapQido(names);
        web.MapRetrieve(names);
        web.MapFrames(names);
        web.MapBulkData(names);
        web.MapStow(names);
        web.MapDelete(names);
    }
}

/// <summary>Section <c>DicomWeb</c>.</summary>
public sealed class DicomWebOptions
{
    /// <summary>Bytes an instance may have; default 4 GiB.</summary>
    [Range(1, long.MaxValue)]
    public long InstanceLimit { get; set; } = 4L << 30;
}

using System.ComponentModel.DataAnnotations;
using Fhir.Server.Access;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// The room of DICOMweb: STOW, QIDO and WADO at <c>/dicomweb/patients/{id}</c>, the base of one record, and at <c>/dicomweb</c>, for sites
/// and viewers without a record in the path; what of these only reads also at the addresses of capabilities, which are bases of their own. Bytes are served as they are stored; everything goes through
/// <see cref="Consents.GuardedRecord"/>.
/// </summary>
internal static class DicomWebRoom
{
    public static IServiceCollection AddDicomWeb(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DicomWebOptions>().Bind(configuration.GetSection("DicomWeb")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<QidoOptions>().Bind(configuration.GetSection("DicomWeb:Search")).ValidateDataAnnotations().ValidateOnStart();
        services.AddScoped<DicomWebBase>();
        services.AddSingleton<TranscodingGate>();
        services.AddSingleton<FrameTables>();
        services.AddScoped<InstanceMaker>();
        services.AddOptions<StowOptions>().Bind(configuration.GetSection("DicomWeb:Stow")).ValidateDataAnnotations().ValidateOnStart();
        services.AddScoped<StowRun>();
        return services;
    }

    public static void MapDicomWeb(this IEndpointRouteBuilder app)
    {
        MapAt(app.MapGroup("/dicomweb/patients/{patient}"), "record");
        MapAt(app.MapGroup("/dicomweb"), "site");
        if (app.ServiceProvider.GetService<ICapabilities>() is not null)
        {
            MapReadsAt(app.MapGroup(CapabilityRequest.Prefix + "/" + CapabilityRequest.Concealed).RequireCors(CapabilityRequest.CrossOriginPolicy), "capability");
        }
    }

    private static void MapAt(RouteGroupBuilder web, string names)
    {
        MapReadsAt(web, names);
        web.MapStow(names);
        web.MapDelete(names);
    }

    private static void MapReadsAt(RouteGroupBuilder web, string names)
    {
        web.MapQido(names);
        web.MapRetrieve(names);
        web.MapFrames(names);
        web.MapBulkData(names);
        web.MapWadoUri(names);
        web.MapRendered(names);
        web.MapThumbnails(names);
    }
}

/// <summary>Section <c>DicomWeb</c>.</summary>
public sealed class DicomWebOptions
{
    /// <summary>Bytes an instance may have; default 4 GiB.</summary>
    [Range(1, long.MaxValue)]
    public long InstanceLimit { get; set; } = 4L << 30;

    /// <summary>Bytes that unpacked tables of where frames lie may take in memory; default 16 MiB.</summary>
    [Range(0, 1L << 32)]
    public long FrameTableBytes { get; set; } = 16L << 20;

    /// <summary>How many may decode or encode for an answer at once; default 8. An answer holds some frames, at most 32 MB of encoded ones.</summary>
    [Range(1, 1024)]
    public int Transcodings { get; set; } = 8;

    /// <summary>How many more may wait for their turn; default 64. Beyond, the answer is 503.</summary>
    [Range(0, 10_000)]
    public int TranscodingQueue { get; set; } = 64;

    /// <summary>How long they wait at most; default 30 seconds. Then the answer is 503.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan TranscodingPatience { get; set; } = TimeSpan.FromSeconds(30);
}

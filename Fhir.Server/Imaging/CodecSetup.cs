using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Managed;
using Fhir.Server.Dicom.Codecs.Sandbox;
using Fhir.Server.Dicom.Codecs.Transcoding;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Imaging;

/// <summary>Puts the codecs together: managed ones, and those of the sandbox, as one <see cref="IFrameCodec"/>.</summary>
public static class CodecSetup
{
    /// <summary>Registers the codecs and what stands on them.</summary>
    internal static IServiceCollection AddCodecs(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<CodecOptions>().Bind(configuration.GetSection("Codecs")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => Sandbox(
            provider.GetRequiredService<IOptions<CodecOptions>>().Value, provider.GetRequiredService<ILogger<CodecModuleFiles>>()));
        services.AddSingleton<IFrameCodec>(provider => Together(provider.GetRequiredService<SandboxedCodec>()));
        services.AddSingleton<FrameDecoder>();
        services.AddSingleton<Transcoder>();
        services.AddHostedService<CodecWarmUp>();
        return services;
    }

    /// <summary>The codecs of the sandbox without a server around them, as commands and measurements use them.</summary>
    public static SandboxedCodec Sandbox(CodecOptions options) => Sandbox(options, NullLogger<CodecModuleFiles>.Instance);

    /// <summary>All codecs as one.</summary>
    public static IFrameCodec Together(SandboxedCodec sandbox) =>
        new FrameCodecs(new RleCodec(), new DeflatedFrameCodec(), new UncompressedFrameCodec(), sandbox);

    private static SandboxedCodec Sandbox(CodecOptions options, ILogger<CodecModuleFiles> log) => new(options, new CodecModuleFiles(options, log).Load);
}

using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Sandbox;
using Fhir.Server.Imaging;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>The codecs of a command, with the settings of the environment as a server would have them.</summary>
internal sealed class CommandCodecs : IDisposable
{
    private const string Section = "Codecs";
    private readonly SandboxedCodec sandbox;

    public CommandCodecs()
    {
        sandbox = CodecSetup.Sandbox(Options());
        All = CodecSetup.Together(sandbox);
    }

    /// <summary>All of them as one.</summary>
    public IFrameCodec All { get; }

    public void Dispose() => sandbox.Dispose();

    /// <summary>Settings are held to the same limits as a server's; a bad one throws what the command line tells people.</summary>
    private static CodecOptions Options()
    {
        var options = new CodecOptions();
        try
        {
            new ConfigurationBuilder().AddEnvironmentVariables().Build().GetSection(Section).Bind(options);
        }
        catch (InvalidOperationException unreadable)
        {
            throw new OptionsValidationException(Section, typeof(CodecOptions), [unreadable.Message]);
        }

        var verdict = new DataAnnotationValidateOptions<CodecOptions>(null).Validate(null, options);
        return verdict.Failed ? throw new OptionsValidationException(Section, typeof(CodecOptions), verdict.Failures) : options;
    }
}

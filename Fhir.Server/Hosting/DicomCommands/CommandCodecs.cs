using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Sandbox;
using Fhir.Server.Imaging;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>The codecs of a command, with the settings of the environment as a server would have them.</summary>
internal sealed class CommandCodecs : IDisposable
{
    private readonly SandboxedCodec sandbox;

    public CommandCodecs()
    {
        var options = new CodecOptions();
        new ConfigurationBuilder().AddEnvironmentVariables().Build().GetSection("Codecs").Bind(options);
        sandbox = CodecSetup.Sandbox(options);
        All = CodecSetup.Together(sandbox);
    }

    /// <summary>All of them as one.</summary>
    public IFrameCodec All { get; }

    public void Dispose() => sandbox.Dispose();
}

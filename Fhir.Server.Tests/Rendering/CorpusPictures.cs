using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Sandbox;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Tests.Dicom.Codecs;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Pictures of real files, by the way a server goes.</summary>
internal sealed class CorpusPictures : IDisposable
{
    private readonly SandboxedCodec sandbox = CodecSetup.Sandbox(TestCodecs.Options);
    private readonly FrameDecoder decoder;

    private CorpusPictures() => decoder = new FrameDecoder(CodecSetup.Together(sandbox));

    /// <summary>Compiles the codecs, so that no single file is charged for it; skips the test where they cannot be had.</summary>
    public static async Task<CorpusPictures> OpenOrSkipAsync()
    {
        var pictures = new CorpusPictures();
        var readiness = await pictures.sandbox.PrepareAsync();
        if (readiness.State != CodecState.Ready)
        {
            pictures.Dispose();
            Assert.Ignore($"The codecs are not at hand: {readiness.Reason}");
        }

        return pictures;
    }

    public async Task<Outcome<Picture>> RenderAsync(DicomFile file, Stream stream, RenderOptions options, int frame = 0)
    {
        if (Drawable.Refuse(file.Dataset, file.SopClassUid) is { } none)
        {
            return none;
        }

        if (!FrameSource.Of(file, stream).TryGet(out var source, out var problem))
        {
            return problem;
        }

        if ((RenderingParts.Load(file, stream).Problem ?? FrameRenderer.Of(file.Dataset, options).Problem) is { } unreadable)
        {
            return unreadable;
        }

        var renderer = FrameRenderer.Of(file.Dataset, options).Value;
        return (await decoder.DecodeAsync(source, frame, default)).TryGet(out var decoded, out problem) ? renderer.Render(decoded, frame) : problem;
    }

    public void Dispose() => sandbox.Dispose();
}

using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>The pictures of a file: its frames decoded and rendered.</summary>
internal sealed class FilePictures : IDisposable
{
    private readonly CommandCodecs codecs = new();
    private readonly FrameDecoder decoder;

    public FilePictures() => decoder = new FrameDecoder(codecs.All);

    /// <summary>Opens a file for rendering.</summary>
    public Outcome<OpenedPictures> Open(DicomFile file, Stream stream, RenderOptions options)
    {
        if (Drawable.Refuse(file.Dataset, file.SopClassUid) is { } none)
        {
            return none;
        }

        if (!FrameSource.Of(file, stream).TryGet(out var source, out var problem))
        {
            return problem;
        }

        if (RenderingParts.Load(file, stream).Problem is { } unreadable)
        {
            return unreadable;
        }

        return FrameRenderer.Of(file.Dataset, options).Match<Outcome<OpenedPictures>>(renderer => new OpenedPictures(decoder, source, renderer), p => p);
    }

    public void Dispose() => codecs.Dispose();
}

/// <summary>A file opened for rendering.</summary>
internal sealed class OpenedPictures(FrameDecoder decoder, FrameSource source, FrameRenderer renderer)
{
    /// <summary>How many frames.</summary>
    public int Count => source.Frames.Count;

    /// <summary>Renders a frame, counted from 0.</summary>
    public async Task<Outcome<FramePicture>> RenderAsync(int frame, CancellationToken cancellationToken)
    {
        if (frame >= Count)
        {
            return Problem.Invalid(Count == 1 ? "There is only one frame." : $"There are only {Count} frames.");
        }

        return (await decoder.DecodeAsync(source, frame, cancellationToken)).TryGet(out var decoded, out var problem)
            ? renderer.Render(decoded, frame).Match<Outcome<FramePicture>>(picture => new FramePicture(picture, decoded.IsDamaged), p => p) : problem;
    }
}

/// <summary>The picture of a frame.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="IsDamaged">Samples were missing or damaged.</param>
internal sealed record FramePicture(Picture Picture, bool IsDamaged);

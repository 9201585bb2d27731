using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Formats;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>Renders files one by one and writes their pictures.</summary>
internal sealed class RenderRun(RenderRequest request, RenderOptions look, FilePictures pictures)
{
    private readonly TargetFile target = new(request.Force);

    /// <summary>Renders all; the exit code.</summary>
    public Task<int> RunAsync(CancellationToken cancellationToken) =>
        new FileRun(request.Sources, Console.Error).EachAsync((source, file, stream) => RenderAsync(source, file, stream, cancellationToken), cancellationToken);

    private async Task<Outcome<Done>> RenderAsync(SourceFile source, DicomFile file, Stream stream, CancellationToken cancellationToken)
    {
        if (!pictures.Open(file, stream, look).TryGet(out var opened, out var problem))
        {
            return problem;
        }

        var (first, end) = request.Frame is { } one ? (one, one + 1) : (0, opened.Count);
        for (var frame = first; frame < end; frame++)
        {
            if ((await WriteAsync(source, opened, frame, cancellationToken)).Problem is { } failure)
            {
                return end - first > 1 ? failure with { Text = $"Frame {frame + 1}: {failure.Text}" } : failure;
            }
        }

        return new Done();
    }

    private async Task<Outcome<Done>> WriteAsync(SourceFile source, OpenedPictures opened, int frame, CancellationToken cancellationToken)
    {
        if (!(await opened.RenderAsync(frame, cancellationToken)).TryGet(out var rendered, out var problem))
        {
            return problem;
        }

        if (rendered.IsDamaged)
        {
            await Console.Error.WriteLineAsync($"{FileRun.Plain(source.Path)}: Warning: frame {frame + 1} is damaged; the picture shows what is left of it.");
        }

        using (var picture = rendered.Picture)
        {
            using var content = new MemoryStream();
            return PictureEncoder.Write(content, picture, request.Format, request.Quality).Problem is { } unwritable
                ? unwritable
                : await target.WriteAsync(request.PathFor(source, frame, opened.Count), content.GetBuffer().AsMemory(0, (int)content.Length), cancellationToken);
        }
    }
}

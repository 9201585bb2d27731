using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Formats;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>A frame as a picture, made when it is asked for. PS3.18 §9.5</summary>
internal sealed class WadoUriPicture(InstanceMaker maker, InstanceRow row, InstanceRow? state, WadoUriQuery query, PictureFormat format) : MadeAnswer(maker.Gate)
{
    protected override async ValueTask<Problem?> SendAsync(HttpContext context, CancellationToken cancellationToken)
    {
        DicomDataset? presentation = null;
        if (state is not null)
        {
            if (!(await LoadStateAsync(state, cancellationToken)).TryGet(out presentation, out var unreadable))
            {
                return unreadable;
            }
        }
        if (!(await maker.OpenAsync(row, cancellationToken)).TryGet(out var opened, out var problem))
        {
            return problem;
        }
        using (opened)
        {
            var options = new RenderOptions
            {
                Window = query.Window, Viewport = query.ViewportOf(row.Columns, row.Rows), Captions = query.Captions, PresentationState = presentation,
            };
            var rendered = await RenderAsync(
                opened, (query.Frame ?? 1) - 1, options, format, query.Quality, context.RequestServices.GetRequiredService<FrameDecoder>(), cancellationToken);
            if (!rendered.TryGet(out var bytes, out problem))
            {
                return problem;
            }
            var type = format == PictureFormat.Png ? "image/png" : "image/jpeg";
            await new SinglePartResult(new MultipartPart(type, null, new HeldContent(bytes))).ExecuteAsync(context);
            return null;
        }
    }

    /// <summary>Decodes, renders and encodes one frame, counted from 0.</summary>
    private static async ValueTask<Outcome<ReadOnlyMemory<byte>>> RenderAsync(
        OpenInstance opened, int frame, RenderOptions options, PictureFormat format, int quality, FrameDecoder decoder, CancellationToken cancellationToken)
    {
        var file = opened.File;
        if (Drawable.Refuse(file.Dataset, file.SopClassUid) is { } none)
        {
            return none;
        }
        if (!FrameSource.Of(file, opened.Stream).TryGet(out var source, out var problem))
        {
            return Shown(problem);
        }
        if (RenderingParts.Load(file, opened.Stream).Problem is { } unloadable)
        {
            return Shown(unloadable);
        }
        if (!FrameRenderer.Of(file.Dataset, options).TryGet(out var renderer, out problem))
        {
            return problem;
        }
        if (!(await decoder.DecodeAsync(source, frame, cancellationToken)).TryGet(out var decoded, out problem)
            || !renderer.Render(decoded, frame).TryGet(out var picture, out problem))
        {
            return Shown(problem);
        }
        using (picture)
        {
            using var content = new MemoryStream();
            return PictureEncoder.Write(content, picture, format, quality).Problem is { } unwritable
                ? unwritable : (ReadOnlyMemory<byte>)content.GetBuffer().AsMemory(0, (int)content.Length);
        }
    }

    /// <summary>What is wrong with the image is not the fault of the request.</summary>
    private static Problem Shown(Problem problem) => problem.Kind == ProblemKind.Invalid ? Problem.NotAcceptable(problem.Text) : problem;

    private async ValueTask<Outcome<DicomDataset>> LoadStateAsync(InstanceRow from, CancellationToken cancellationToken)
    {
        if (!(await maker.OpenAsync(from, cancellationToken)).TryGet(out var opened, out var problem))
        {
            return problem;
        }
        using (opened)
        {
            return RenderingParts.Load(opened.File, opened.Stream).Match<Outcome<DicomDataset>>(_ => opened.File.Dataset, unreadable => unreadable);
        }
    }
}

using Fhir.Server.Consents;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// WADO-RS thumbnails: always one small picture. That of a study or series is of what the caller may see of it; what has no picture is
/// given a drawn sheet with a word on it. PS3.18 §10.4.1.1.4
/// </summary>
internal static class ThumbnailEndpoints
{
    public static void MapThumbnails(this IEndpointRouteBuilder web, string names)
    {
        web.MapGetAndHead("/studies/{study}/thumbnail", SetAsync).WithName($"{names}-wado-study-thumbnail");
        web.MapGetAndHead("/studies/{study}/series/{series}/thumbnail", SetAsync).WithName($"{names}-wado-series-thumbnail");
        web.MapGetAndHead("/studies/{study}/series/{series}/instances/{instance}/thumbnail", InstanceAsync).WithName($"{names}-wado-instance-thumbnail");
        web.MapGetAndHead("/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/thumbnail", InstanceAsync).WithName($"{names}-wado-frame-thumbnail");
    }

    private static async Task<IResult> SetAsync(
        string study, HttpContext context, GuardedRecord guard, DicomWebBase webBase, RenderedPictures pictures, CancellationToken cancellationToken,
        string? series = null)
    {
        if (!RenderedQuery.ReadThumbnail(context.Request.Query, pictures.Options).TryGet(out var look, out var problem)
            || !(await webBase.RecordOfAsync(study, cancellationToken)).TryGet(out var record, out problem)
            || !(await guard.RepresentativeAsync("thumbnail", record, study, series, wholeOnly: false, cancellationToken)).TryGet(out var row, out problem))
        {
            return DicomWebResults.Problem(problem);
        }
        return await AnswerAsync(context, guard, webBase, pictures, look, row, null, cancellationToken);
    }

    private static async Task<IResult> InstanceAsync(
        string study, string series, string instance, HttpContext context, GuardedRecord guard, DicomWebBase webBase, RenderedPictures pictures,
        CancellationToken cancellationToken, string? frames = null)
    {
        List<int>? numbers = null;
        if (frames is not null && (!FrameList.TryRead(frames, 1, out numbers) || numbers.Count != 1))
        {
            return DicomWebResults.Problem(Problem.Invalid("A thumbnail is of one frame, counted from 1."));
        }
        if (!RenderedQuery.ReadThumbnail(context.Request.Query, pictures.Options).TryGet(out var look, out var problem)
            || !(await RetrieveEndpoints.RetrieveAsync("thumbnail", study, series, instance, guard, webBase, cancellationToken)).TryGet(out var rows, out problem))
        {
            return DicomWebResults.Problem(problem);
        }
        return numbers is [var number] && number > rows[0].Frames
            ? DicomWebResults.Problem(Problem.NotFound())
            : await AnswerAsync(context, guard, webBase, pictures, look, rows[0], numbers?[0] - 1, cancellationToken);
    }

    private static async ValueTask<IResult> AnswerAsync(
        HttpContext context, GuardedRecord guard, DicomWebBase webBase, RenderedPictures pictures, PictureLook look, InstanceRow row, int? frame,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.Vary = "Accept";
        var offered = RenderedSubject.ImageTypes.Where(type => type != PictureType.Apng).Select(type => type.MediaType()).ToList();
        var chosen = AcceptedType.Of(context.Request).Select(type => (Type: RenderedSubject.Match(type, offered), type.IsMultipart)).FirstOrDefault(one => one.Type is not null);
        if (chosen.Type is null)
        {
            return DicomWebResults.Problem(Problem.NotAcceptable($"A thumbnail can be given as {string.Join(", ", offered)}, alone or as multipart/related."));
        }
        var type = RenderedSubject.TypeOf(chosen.Type)!.Value;
        var answer = new RenderedAnswer(context, guard, webBase, pictures, look);
        if (!RenderedSubject.IsImage(row))
        {
            return PlaceholderOf(row, type);
        }
        var size = pictures.Options.ThumbnailSize;
        var sized = look.Options.Viewport is null && Math.Max(row.Rows, row.Columns) > size
            ? look with { Options = look.Options with { Viewport = new Viewport(size, size) } } : look;
        var order = new PictureOrder(new PicturedInstance(guard, row), [frame ?? row.Frames / 2], sized, type);
        if (DicomWebResults.NotModified(context, order.Tag + (chosen.IsMultipart ? "-multipart" : "")) is { } notModified)
        {
            return notModified;
        }
        if ((await pictures.RenderAsync(order, cancellationToken)).TryGet(out var picture, out var problem))
        {
            return Give(picture, order.Tag);
        }
        if (problem.Kind != ProblemKind.NotAcceptable)
        {
            return answer.Fail(problem);
        }
        context.Response.Headers.Remove("ETag");
        return PlaceholderOf(row, type);

        IResult Give(RenderedPicture given, string tag) => !chosen.IsMultipart ? answer.Give(given)
            : new MultipartResult(given.MediaType, [new(given.MediaType, null, new HeldContent(given.Bytes))], tag);

        IResult PlaceholderOf(InstanceRow one, PictureType asType)
        {
            var (width, height) = (look.Options.Viewport?.Width ?? pictures.Options.ThumbnailSize, look.Options.Viewport?.Height ?? pictures.Options.ThumbnailSize);
            if (!pictures.Placeholder(WordFor(one), width, height, asType, look.Quality).TryGet(out var drawn, out var failure))
            {
                return answer.Fail(failure);
            }
            var tag = FormattableString.Invariant($"placeholder-1-{WordFor(one)}-{width}-{height}-{asType}-{look.Quality}{(chosen.IsMultipart ? "-multipart" : "")}");
            return DicomWebResults.NotModified(context, tag) ?? Give(drawn, tag);
        }
    }

    /// <summary>What it is, in a word: letters and digits, since it goes into the entity tag.</summary>
    private static string WordFor(InstanceRow row)
    {
        var word = VideoSyntaxes.Includes(row.TransferSyntaxUid) ? "VIDEO"
            : EncapsulatedDocument.MediaTypeOf(row.SopClassUid) is { } document ? (document == RenderedSubject.Pdf ? "PDF" : "DOC")
            : row.Modality ?? "";
        var letters = new string([.. word.Where(char.IsAsciiLetterOrDigit).Take(8)]);
        return letters.Length > 0 ? letters : "DICOM";
    }
}

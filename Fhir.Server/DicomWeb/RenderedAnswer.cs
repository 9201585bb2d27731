using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Outcomes;

namespace Fhir.Server.DicomWeb;

/// <summary>Chooses what a rendered resource is given as, and gives it.</summary>
internal sealed class RenderedAnswer(HttpContext context, GuardedRecord guard, DicomWebBase webBase, RenderedPictures pictures, PictureLook look)
{
    /// <summary>Documents are people's: a script within one must not run as if it were this server's page.</summary>
    private const string NoScripts = "sandbox; default-src 'none'; style-src 'unsafe-inline'";

    /// <summary>The answer about some instances.</summary>
    /// <param name="subjects">At least one.</param>
    /// <param name="isList">Several pictures are meant, and not one that stands for them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IResult> OfAsync(IReadOnlyList<RenderedSubject> subjects, bool isList, CancellationToken cancellationToken)
    {
        context.Response.Headers.Vary = "Accept";
        var first = subjects[0];
        var offered = first.Types;
        if (offered.Count == 0)
        {
            return DicomWebResults.Problem(Problem.NotAcceptable(first.Refusal));
        }
        if (Choose(offered, isList, subjects) is not var (type, asMultipart))
        {
            return DicomWebResults.Problem(Problem.NotAcceptable(
                $"The rendered form can be given as {string.Join(", ", offered)}{(isList ? ": several pictures as multipart/related of these" : ", alone or as multipart/related")}."));
        }
        if (RenderedSubject.TypeOf(type) is not { } pictureType)
        {
            return first.IsVideo ? await VideoAsync(first, type, asMultipart, cancellationToken)
                : asMultipart ? await DocumentsAsync([first], type, cancellationToken)
                : await DocumentAsync(first, type, cancellationToken);
        }
        if (look.Profile != ProfileWish.None && pictureType is PictureType.Gif or PictureType.Apng)
        {
            return DicomWebResults.Problem(Problem.Invalid("iccprofile: only JPEG and PNG are given with a colour profile."));
        }
        if (asMultipart)
        {
            return await PartsAsync(subjects, pictureType, cancellationToken);
        }
        var moves = pictureType is PictureType.Gif or PictureType.Apng;
        return await AloneAsync(new PictureOrder(first.Instance, moves ? first.Frames : [first.MiddleFrame], look, pictureType, first.State), cancellationToken);
    }

    /// <summary>Adds a warning that people may read.</summary>
    public static void Warn(HttpContext context, DicomWebBase webBase, string text) =>
        context.Response.Headers.Append("Warning", $"299 {webBase.Own}: \"{text}\"");

    /// <summary>One picture as the whole answer.</summary>
    public async ValueTask<IResult> AloneAsync(PictureOrder order, CancellationToken cancellationToken)
    {
        if (order.TooCostly(pictures.Options) is { } tooCostly)
        {
            return DicomWebResults.Problem(tooCostly);
        }
        if (DicomWebResults.NotModified(context, order.Tag) is { } notModified)
        {
            return notModified;
        }
        if (pictures.IsSentWhileMade(order))
        {
            return new SentAnimation(order, pictures);
        }
        return (await pictures.RenderAsync(order, cancellationToken)).TryGet(out var picture, out var problem) ? Give(picture) : Fail(problem);
    }

    /// <summary>A finished picture.</summary>
    public IResult Give(RenderedPicture picture)
    {
        if (picture.IsDamaged)
        {
            Warn(context, webBase, "The frame is damaged; the picture shows what is left of it.");
        }
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Bytes(picture.Bytes, picture.MediaType);
    }

    /// <summary>A refusal is not what the tag was of.</summary>
    public IResult Fail(Problem problem)
    {
        context.Response.Headers.Remove("ETag");
        context.Response.Headers.CacheControl = "no-store";
        return DicomWebResults.Problem(problem);
    }

    /// <summary>The best of what is accepted that can be given; an animation past the limits only when nothing else can, which says so.</summary>
    private (string Type, bool AsMultipart)? Choose(IReadOnlyList<string> offered, bool isList, IReadOnlyList<RenderedSubject> subjects)
    {
        (string, bool)? tooCostly = null;
        foreach (var accepted in AcceptedType.Of(context.Request))
        {
            if (RenderedSubject.Match(accepted, offered) is not { } type)
            {
                continue;
            }
            var moves = subjects.Count == 1 && RenderedSubject.TypeOf(type) is PictureType.Gif or PictureType.Apng;
            if (moves && new PictureOrder(subjects[0].Instance, subjects[0].Frames, look, PictureType.Gif).TooCostly(pictures.Options) is not null)
            {
                tooCostly ??= (type, accepted.IsMultipart);
                continue;
            }
            if (accepted.IsMultipart || !isList || moves)
            {
                return (type, accepted.IsMultipart);
            }
            if (accepted.IsAnything)
            {
                return (type, true);
            }
        }
        return tooCostly;
    }

    private async ValueTask<IResult> PartsAsync(IReadOnlyList<RenderedSubject> subjects, PictureType type, CancellationToken cancellationToken)
    {
        var moves = type is PictureType.Gif or PictureType.Apng;
        if ((moves ? subjects.Count : subjects.Sum(subject => (long)subject.Frames.Count)) > pictures.Options.PartLimit)
        {
            return DicomWebResults.Problem(Problem.TooCostly(
                $"These are more than the {pictures.Options.PartLimit} pictures that are given in one answer; ask for series, instances or frames."));
        }
        var parts = new List<RenderedPart>();
        foreach (var subject in subjects)
        {
            var address = QidoJson.Address(webBase, subject.Row);
            var all = moves ? [subject.Frames] : subject.Frames.Select(frame => (IReadOnlyList<int>)[frame]);
            parts.AddRange(all.Select(frames => PictureOf(
                new PictureOrder(subject.Instance, frames, look, type, subject.State),
                moves ? $"{address}/rendered" : string.Create(CultureInfo.InvariantCulture, $"{address}/frames/{frames[0] + 1}/rendered"))));
        }
        return await MultipartAsync(type.MediaType(), parts, cancellationToken);
    }

    private RenderedPart PictureOf(PictureOrder order, string location) => new(
        order.Tag,
        location,
        async cancel => (await pictures.RenderAsync(order, cancel)).Match<Outcome<MultipartPart>>(
            picture => new MultipartPart(picture.MediaType, location, new HeldContent(picture.Bytes)), problem => problem));

    /// <summary>Documents of one media type, each made when its turn comes.</summary>
    /// <param name="subjects">At least one, all given as the type.</param>
    /// <param name="type">The media type.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IResult> DocumentsAsync(IReadOnlyList<RenderedSubject> subjects, string type, CancellationToken cancellationToken)
    {
        context.Response.Headers.Vary = "Accept";
        if (subjects.Count > pictures.Options.PartLimit)
        {
            return DicomWebResults.Problem(Problem.TooCostly(
                $"These are more than the {pictures.Options.PartLimit} documents that are given in one answer; ask for series or instances."));
        }
        context.Response.Headers.ContentSecurityPolicy = NoScripts;
        return await MultipartAsync(type, [.. subjects.Select(Part)], cancellationToken);

        RenderedPart Part(RenderedSubject subject)
        {
            var location = $"{QidoJson.Address(webBase, subject.Row)}/rendered";
            return new(TagOf(subject, type), location, async cancel => (await pictures.DocumentAsync(subject.Instance, type, cancel))
                .Match<Outcome<MultipartPart>>(document => new MultipartPart(document.MediaType, location, ContentOf(subject, document)), problem => problem));
        }
    }

    private async ValueTask<IResult> MultipartAsync(string type, List<RenderedPart> parts, CancellationToken cancellationToken)
    {
        var tag = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('|', parts.Select(part => part.Tag)) + webBase.Own))[..16]);
        if (DicomWebResults.NotModified(context, tag) is { } notModified)
        {
            return notModified;
        }
        context.Response.Headers.XContentTypeOptions = "nosniff";
        // The first is made before anything is sent, so that what goes wrong with all of them has its status.
        var first = await parts[0].MakeAsync(cancellationToken);
        return first.Problem is { } problem && (parts.Count == 1 || problem.Kind == ProblemKind.Unavailable)
            ? Fail(problem) : new RenderedMultipart(type, parts, first, tag);
    }

    private async ValueTask<IResult> DocumentAsync(RenderedSubject subject, string type, CancellationToken cancellationToken)
    {
        if (DicomWebResults.NotModified(context, TagOf(subject, type)) is { } notModified)
        {
            return notModified;
        }
        if (!(await pictures.DocumentAsync(subject.Instance, type, cancellationToken)).TryGet(out var document, out var problem))
        {
            return Fail(problem);
        }
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = NoScripts;
        return new SinglePartResult(new MultipartPart(document.MediaType, null, ContentOf(subject, document)));
    }

    /// <summary>A video goes as it is stored: it is its own rendered form. Ranges of it too, for who looks into the middle.</summary>
    private async ValueTask<IResult> VideoAsync(RenderedSubject subject, string type, bool asMultipart, CancellationToken cancellationToken)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        AcceptedType accepted = asMultipart ? new("multipart/related", type, null, 1) : new(type, null, null, 1);
        return await BulkDataEndpoint.AnswerAsync([accepted], subject.Row, DicomTag.PixelData.ToString(), context, guard, webBase, cancellationToken);
    }

    /// <summary>A report's page is made by this program, so another program's is another.</summary>
    private static string TagOf(RenderedSubject subject, string type) => SopClasses.IsStructuredReport(subject.Row.SopClassUid)
        ? $"{subject.Row.ContentTag}-{type.Replace('/', '.')}-{RetrieveEndpoints.Program}" : $"{subject.Row.ContentTag}-document";

    private PartContent ContentOf(RenderedSubject subject, EncapsulatedDocument document) => document.Range is { } range
        ? new StoredContent(guard, subject.Row, [new BulkValue(range.Offset, range.Length)]) : new HeldContent(document.Loaded);
}

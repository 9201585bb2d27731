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
            return await DocumentAsync(first, asMultipart, cancellationToken);
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

    /// <summary>Reads a list of frames, counted from 1.</summary>
    public static bool TryReadList(string frames, int limit, out List<int> numbers)
    {
        numbers = [];
        foreach (var text in frames.Split(','))
        {
            if (!int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || numbers.Count == limit)
            {
                return false;
            }
            numbers.Add(number);
        }
        return true;
    }

    /// <summary>One picture as the whole answer.</summary>
    public async ValueTask<IResult> AloneAsync(PictureOrder order, CancellationToken cancellationToken)
    {
        if (pictures.IsSentWhileMade(order))
        {
            return order.TooCostly(pictures.Options) is { } tooCostly ? DicomWebResults.Problem(tooCostly)
                : DicomWebResults.NotModified(context, order.Tag) ?? new SentAnimation(order, pictures);
        }
        if (DicomWebResults.NotModified(context, order.Tag) is { } notModified)
        {
            return notModified;
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
            parts.AddRange(all.Select(frames => new RenderedPart(
                new PictureOrder(subject.Instance, frames, look, type, subject.State),
                moves ? $"{address}/rendered" : string.Create(CultureInfo.InvariantCulture, $"{address}/frames/{frames[0] + 1}/rendered"))));
        }
        var tag = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('|', parts.Select(part => part.Order.Tag)) + webBase.Own))[..16]);
        if (DicomWebResults.NotModified(context, tag) is { } notModified)
        {
            return notModified;
        }
        // The first is made before anything is sent, so that what goes wrong with all of them has its status.
        var first = await pictures.RenderAsync(parts[0].Order, cancellationToken);
        return first.Problem is { } problem && (parts.Count == 1 || problem.Kind == ProblemKind.Unavailable)
            ? Fail(problem) : new RenderedMultipart(type.MediaType(), parts, first, tag, pictures);
    }

    private async ValueTask<IResult> DocumentAsync(RenderedSubject subject, bool asMultipart, CancellationToken cancellationToken)
    {
        var tag = $"{subject.Row.ContentTag}-document{(asMultipart ? "-multipart" : "")}";
        if (DicomWebResults.NotModified(context, tag) is { } notModified)
        {
            return notModified;
        }
        if (!(await pictures.DocumentAsync(subject.Instance, cancellationToken)).TryGet(out var document, out var problem))
        {
            return Fail(problem);
        }
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = NoScripts;
        PartContent content = document.Range is { } range
            ? new StoredContent(guard, subject.Row, [new BulkValue(range.Offset, range.Length)]) : new HeldContent(document.Loaded);
        var part = new MultipartPart(document.MediaType, null, content);
        return asMultipart ? new MultipartResult(document.MediaType, [part], tag) : new SinglePartResult(part);
    }
}

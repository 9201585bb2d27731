using Fhir.Server.Consents;
using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// WADO-RS rendered resources. Alone, a study or a series is given as the picture in the middle of its largest series, an image of
/// several frames as its middle frame (as GIF or APNG as all of them, moving); as multipart, as all pictures there are, or all documents.
/// PS3.18 §10.4.1.1.3
/// </summary>
internal static class RenderedEndpoints
{
    public static void MapRendered(this IEndpointRouteBuilder web, string names)
    {
        web.MapGetAndHead("/studies/{study}/rendered", SetAsync).WithName($"{names}-wado-study-rendered");
        web.MapGetAndHead("/studies/{study}/series/{series}/rendered", SetAsync).WithName($"{names}-wado-series-rendered");
        web.MapGetAndHead("/studies/{study}/series/{series}/instances/{instance}/rendered", InstanceAsync).WithName($"{names}-wado-instance-rendered");
        web.MapGetAndHead("/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/rendered", InstanceAsync).WithName($"{names}-wado-frames-rendered");
    }

    private static async Task<IResult> SetAsync(
        string study, HttpContext context, GuardedRecord guard, DicomWebBase webBase, RenderedPictures pictures, CancellationToken cancellationToken,
        string? series = null)
    {
        if (!RenderedQuery.Read(context.Request.Query).TryGet(out var look, out var problem)
            || !(await webBase.RecordOfAsync(study, cancellationToken)).TryGet(out var record, out problem))
        {
            return DicomWebResults.Problem(problem);
        }
        var answer = new RenderedAnswer(context, guard, webBase, pictures, look);
        if (!IsWantedAsMultipart(context.Request, [.. RenderedSubject.PictureTypes, .. RenderedSubject.DocumentTypes]))
        {
            return (await guard.RepresentativeAsync("rendered", record, study, series, wholeOnly: true, cancellationToken)).TryGet(out var row, out problem)
                ? await answer.OfAsync([RenderedSubject.Of(new PicturedInstance(guard, row))], isList: false, cancellationToken)
                : DicomWebResults.Problem(problem);
        }
        if (!(await guard.RetrieveAsync("rendered", record, study, series, null, cancellationToken)).TryGet(out var rows, out problem))
        {
            return DicomWebResults.Problem(problem);
        }
        return await AllOfAsync([.. rows.Select(row => RenderedSubject.Of(new PicturedInstance(guard, row)))], answer, context, webBase, cancellationToken);
    }

    /// <summary>The pictures of instances; or, where those are asked for or there are no pictures, their documents of one media type.</summary>
    private static async ValueTask<IResult> AllOfAsync(
        IReadOnlyList<RenderedSubject> all, RenderedAnswer answer, HttpContext context, DicomWebBase webBase, CancellationToken cancellationToken)
    {
        var pictured = all.Where(subject => subject.Frames.Count > 0).ToList();
        var documents = RenderedSubject.DocumentTypes.Where(type => all.Any(subject => subject.IsDocument(type))).ToList();
        foreach (var accepted in AcceptedType.Of(context.Request))
        {
            if (pictured.Count > 0 && RenderedSubject.Match(accepted, RenderedSubject.PictureTypes) is not null)
            {
                break;
            }
            if (accepted.IsMultipart && RenderedSubject.Match(accepted, documents) is { } type)
            {
                var written = all.Where(subject => subject.IsDocument(type)).ToList();
                WarnOfOthers(written.Count, $"form as {type}");
                return await answer.DocumentsAsync(written, type, cancellationToken);
            }
        }
        if (pictured.Count == 0)
        {
            return DicomWebResults.Problem(Problem.NotAcceptable(documents.Count == 0
                ? "None of these instances has a picture; each may have a rendered form of its own."
                : $"None of these instances has a picture; there are documents, given as multipart/related of {string.Join(" or ", documents)}."));
        }
        WarnOfOthers(pictured.Count, "picture");
        return await answer.OfAsync(pictured, isList: true, cancellationToken);

        void WarnOfOthers(int given, string what)
        {
            if (given < all.Count)
            {
                RenderedAnswer.Warn(context, webBase, $"{all.Count - given} of {all.Count} instances have no {what} and are left out.");
            }
        }
    }

    private static async Task<IResult> InstanceAsync(
        string study, string series, string instance, HttpContext context, GuardedRecord guard, DicomWebBase webBase, RenderedPictures pictures,
        CancellationToken cancellationToken, string? frames = null)
    {
        List<int>? numbers = null;
        if (frames is not null && !FrameList.TryRead(frames, pictures.Options.PartLimit, out numbers))
        {
            return DicomWebResults.Problem(Problem.Invalid(FrameList.Wanted));
        }
        if (!RenderedQuery.Read(context.Request.Query).TryGet(out var look, out var problem)
            || !(await RetrieveEndpoints.RetrieveAsync("rendered", study, series, instance, guard, webBase, cancellationToken)).TryGet(out var rows, out problem))
        {
            return DicomWebResults.Problem(problem);
        }
        var answer = new RenderedAnswer(context, guard, webBase, pictures, look);
        var subject = RenderedSubject.Of(new PicturedInstance(guard, rows[0]));
        if (numbers is not null)
        {
            return numbers.Exists(number => number > rows[0].Frames) ? DicomWebResults.Problem(Problem.NotFound())
                : subject.IsVideo ? DicomWebResults.Problem(Problem.NotAcceptable(subject.Refusal))
                : await answer.OfAsync([subject with { Frames = subject.Frames.Count == 0 ? [] : numbers.ConvertAll(number => number - 1) }], isList: numbers.Count > 1, cancellationToken);
        }
        if (!StateReference.IsState(rows[0].SopClassUid))
        {
            return await answer.OfAsync([subject], isList: false, cancellationToken);
        }
        return (await ShownByAsync(subject.Instance, guard, pictures, IsWantedAsMultipart(context.Request, RenderedSubject.PictureTypes), cancellationToken)).TryGet(out var shown, out problem)
            ? await answer.OfAsync(shown, isList: shown.Count > 1, cancellationToken)
            : DicomWebResults.Problem(problem);
    }

    /// <summary>The images a presentation state shows, as far as the caller sees them: what is hidden is as if it had not been sent.</summary>
    private static async ValueTask<Outcome<IReadOnlyList<RenderedSubject>>> ShownByAsync(
        PicturedInstance state, GuardedRecord guard, RenderedPictures pictures, bool all, CancellationToken cancellationToken)
    {
        if (!(await pictures.ReferencesAsync(state, cancellationToken)).TryGet(out var references, out var problem))
        {
            return problem;
        }
        if (references.Count > pictures.Options.PartLimit)
        {
            return Problem.TooCostly("The presentation state names more images than are rendered at once.");
        }
        var shown = new List<RenderedSubject>();
        foreach (var reference in references)
        {
            var found = await guard.RetrieveAsync(
                "rendered", state.Row.Record, state.Row.StudyInstanceUid, reference.SeriesInstanceUid, reference.SopInstanceUid, cancellationToken);
            if (!found.TryGet(out var rows, out _) || !RenderedSubject.IsImage(rows[0]))
            {
                continue;
            }
            var subject = RenderedSubject.Of(new PicturedInstance(guard, rows[0]));
            var frames = reference.Frames.Where(frame => frame < rows[0].Frames).ToList();
            shown.Add(subject with { Frames = frames.Count > 0 ? frames : subject.Frames, State = state });
            if (!all)
            {
                break;
            }
        }
        return shown.Count == 0 ? Problem.NotFound() : shown;
    }

    /// <summary>Whether the best of what is accepted that can be one of the media types is a multipart.</summary>
    private static bool IsWantedAsMultipart(HttpRequest request, IReadOnlyList<string> offered) =>
        AcceptedType.Of(request).FirstOrDefault(type => RenderedSubject.Match(type, offered) is not null) is { IsMultipart: true };
}

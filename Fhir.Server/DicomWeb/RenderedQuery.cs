using System.Globalization;
using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Formats;

namespace Fhir.Server.DicomWeb;

/// <summary>The query parameters of rendered resources and thumbnails. A bad one is named. PS3.18 §8.3.5.1</summary>
internal static class RenderedQuery
{
    private static readonly string[] NotForThumbnails = ["annotation", "window", "iccprofile"];

    /// <summary>Everything a rendered resource may be asked to look like.</summary>
    public static Outcome<PictureLook> Read(IQueryCollection query)
    {
        var look = new PictureLook();
        if (Of(query, "window", VoiWindow.Parse).TryGet(out var window, out var problem) && Of(query, "viewport", Viewport.Parse).TryGet(out var viewport, out problem)
            && Of(query, "annotation", Annotation).TryGet(out var captions, out problem) && Of(query, "quality", Quality).TryGet(out var quality, out problem)
            && Of(query, "iccprofile", Profile).TryGet(out var profile, out problem))
        {
            return new PictureLook
            {
                Options = RenderOptions.Default with { Window = window.Value, Viewport = viewport.Value, Captions = captions.Value },
                Quality = quality.IsThere ? quality.Value : look.Quality,
                Profile = profile.Value,
            };
        }
        return problem!;
    }

    /// <summary>A thumbnail has a size and a quality, and nothing else: no names on it, no part of it.</summary>
    /// <param name="query">The query.</param>
    /// <param name="options">How large it is, and may be.</param>
    public static Outcome<PictureLook> ReadThumbnail(IQueryCollection query, RenderedOptions options)
    {
        foreach (var other in NotForThumbnails.Where(query.ContainsKey))
        {
            return Problem.Invalid($"{other}: a thumbnail has none; the rendered resource has.");
        }
        if (!Read(query).TryGet(out var look, out var problem))
        {
            return problem;
        }
        var viewport = look.Options.Viewport;
        if (viewport is not null && viewport != new Viewport(viewport.Width, viewport.Height))
        {
            return Problem.Invalid("viewport: a thumbnail shows the whole image; only its width and height can be asked for.");
        }
        return Math.Max(viewport?.Width ?? 1, viewport?.Height ?? 1) > options.ThumbnailLimit
            ? Problem.Invalid($"viewport: a thumbnail has at most {options.ThumbnailLimit} pixels across and down.") : look;
    }

    private static Outcome<Given<T>> Of<T>(IQueryCollection query, string name, Func<string, Outcome<T>> parse)
    {
        if (!query.TryGetValue(name, out var values))
        {
            return new Given<T>(false, default);
        }
        return values.Count != 1
            ? Problem.Invalid($"{name}: it is given more than once.")
            : parse(values.ToString()).Match<Outcome<Given<T>>>(
                value => new Given<T>(true, value), problem => problem with { Text = $"{name}: {problem.Text}" });
    }

    private static Outcome<Captions> Annotation(string text)
    {
        var captions = Captions.None;
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            switch (word.ToUpperInvariant())
            {
                case "PATIENT":
                    captions |= Captions.Patient;
                    break;
                case "TECHNIQUE":
                    captions |= Captions.Technique;
                    break;
                default:
                    return Problem.Invalid("What can be written into a picture is patient, technique or patient,technique.");
            }
        }
        return captions;
    }

    private static Outcome<int> Quality(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var quality) && quality is >= 1 and <= 100
            ? quality : Problem.Invalid("The quality is a whole number from 1 to 100.");

    private static Outcome<ProfileWish> Profile(string text) => text.ToUpperInvariant() switch
    {
        "NO" => ProfileWish.None,
        "YES" => ProfileWish.Own,
        "SRGB" => ProfileWish.Srgb,
        "ADOBERGB" => ProfileWish.AdobeRgb,
        "ROMMRGB" => ProfileWish.RommRgb,
        "DISPLAYP3" => ProfileWish.DisplayP3,
        _ => Problem.Invalid("A colour profile is no, yes, srgb, adobergb, rommrgb or displayp3."),
    };

    private readonly record struct Given<T>(bool IsThere, T? Value);
}

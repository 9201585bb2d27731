using System.Globalization;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering.Formats;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>The words of the command line about what is rendered and where to.</summary>
internal sealed record RenderWords(IReadOnlyList<string> Sources, string? Output, string Frame, string? Format, int Quality, bool Force);

/// <summary>What is to be rendered, and where the pictures go.</summary>
/// <param name="Sources">Files and folders.</param>
/// <param name="Frame">The frame counted from 0; null for all.</param>
/// <param name="Format">What the pictures are written as.</param>
/// <param name="Quality">Of a JPEG.</param>
/// <param name="OutputFile">The one picture, when there is only one.</param>
/// <param name="OutputFolder">Where several pictures go.</param>
/// <param name="Force">Pictures may be replaced.</param>
internal sealed record RenderRequest(
    IReadOnlyList<string> Sources, int? Frame, PictureFormat Format, int Quality, string? OutputFile, string OutputFolder, bool Force)
{
    public static Outcome<RenderRequest> Of(RenderWords words)
    {
        var isAll = words.Frame.Equals("all", StringComparison.OrdinalIgnoreCase);
        var number = 0;
        if (!isAll && (!int.TryParse(words.Frame, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number < 1))
        {
            return Problem.Invalid("The frame is a number from 1 on, or 'all'.");
        }

        if (words.Quality is < 1 or > 100)
        {
            return Problem.Invalid("The quality is a number from 1 to 100.");
        }

        var ending = words.Output is null ? null : FormatOf(Path.GetExtension(words.Output).TrimStart('.'));
        if (ending is not null && (isAll || words.Sources.Count != 1 || Directory.Exists(words.Sources[0])))
        {
            return Problem.Invalid("Several pictures need a folder as output.");
        }

        if (ending is not null && FormatOf(words.Format) is { } told && told != ending)
        {
            return Problem.Invalid("The ending of the output and --format contradict each other.");
        }

        var format = FormatOf(words.Format) ?? ending ?? PictureFormat.Png;
        return PictureEncoder.CanWrite(format)
            ? new RenderRequest(words.Sources, isAll ? null : number - 1, format, words.Quality, ending is null ? null : words.Output, words.Output ?? ".", words.Force)
            : Problem.NotAcceptable("JPEG cannot be made on this machine; PNG can.");
    }

    /// <summary>Where the picture of a frame goes.</summary>
    public string PathFor(SourceFile source, int frame, int frames) => OutputFile ?? Path.Combine(
        OutputFolder, source.Name + (frames > 1 && Frame is null ? string.Create(CultureInfo.InvariantCulture, $".{frame + 1:D4}") : "") + (Format == PictureFormat.Png ? ".png" : ".jpg"));

    private static PictureFormat? FormatOf(string? name) => name?.ToUpperInvariant() switch
    {
        "PNG" => PictureFormat.Png,
        "JPG" or "JPEG" => PictureFormat.Jpeg,
        _ => null,
    };
}

using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>What the command line says about how pictures shall look.</summary>
internal sealed record RenderLook(
    string? Window, int Voi, int? Width, int? Height, string? Viewport, bool IsInverted, bool ShowsOverlays, string? Captions, string? StatePath)
{
    /// <summary>The same as options; the presentation state is read.</summary>
    public async Task<Outcome<RenderOptions>> ToOptionsAsync(CancellationToken cancellationToken)
    {
        var window = Window is null ? null : (Outcome<VoiWindow>?)VoiWindow.Parse(Window);
        var viewport = ViewportOf();
        if ((window?.Problem ?? viewport?.Problem) is { } problem)
        {
            return problem;
        }

        if (Voi < 1)
        {
            return Problem.Invalid("Windows are counted from 1.");
        }

        var options = new RenderOptions
        {
            Window = window?.Value, VoiIndex = Voi - 1, Viewport = viewport?.Value, IsInverted = IsInverted, ShowsOverlays = ShowsOverlays, Captions = CaptionsOf(),
        };
        return StatePath is null ? options : await WithStateAsync(options, StatePath, cancellationToken);
    }

    private Captions CaptionsOf() => Captions switch
    {
        "patient" => Rendering.Captions.Patient,
        "technique" => Rendering.Captions.Technique,
        "both" => Rendering.Captions.Patient | Rendering.Captions.Technique,
        _ => Rendering.Captions.None,
    };

    private Outcome<Viewport>? ViewportOf()
    {
        if (Viewport is not null)
        {
            return Width is null && Height is null
                ? Rendering.Viewport.Parse(Viewport) : Problem.Invalid("Give either --viewport or --width and --height.");
        }

        if (Width is null && Height is null)
        {
            return null;
        }

        var (width, height) = (Width ?? Rendering.Viewport.Limit, Height ?? Rendering.Viewport.Limit);
        return Math.Min(width, height) < 1 || Math.Max(width, height) > Rendering.Viewport.Limit
            ? Problem.Invalid($"Width and height are from 1 to {Rendering.Viewport.Limit}.") : new Viewport(width, height);
    }

    private static async Task<Outcome<RenderOptions>> WithStateAsync(RenderOptions options, string path, CancellationToken cancellationToken)
    {
        DicomDataset? state = null;
        var outcome = await new SourceFile(path, path).ReadAsync(
            (file, stream) =>
            {
                state = file.Dataset;
                return Task.FromResult(RenderingParts.Load(file, stream));
            },
            cancellationToken);
        return outcome.Problem is { } problem ? Problem.Invalid($"{path}: {problem.Text}") : options with { PresentationState = state };
    }
}

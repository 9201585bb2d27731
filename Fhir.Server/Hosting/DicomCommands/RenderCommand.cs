using System.CommandLine;
using System.CommandLine.Parsing;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Formats;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary><c>dicom render</c>: pictures of frames.</summary>
internal sealed class RenderCommand
{
    private readonly Argument<string[]> sources = DicomCommand.Sources();
    private readonly Option<string?> output = DicomCommand.Output("The picture, when one frame of one file is rendered and it ends with .png, .jpg or .jpeg; else a folder. Default: this folder.");
    private readonly Option<string> frame = new("--frame") { Description = "The frame, counted from 1, or 'all'.", DefaultValueFactory = _ => "1" };
    private readonly Option<string?> format = new("--format") { Description = "png or jpeg. Default: png, or what the output ends with." };
    private readonly Option<string?> window = new("--window") { Description = "center,width or center,width,function with linear, linear-exact or sigmoid, instead of the image's own window." };
    private readonly Option<int> voi = new("--voi") { Description = "Which of the image's own windows or tables, counted from 1.", DefaultValueFactory = _ => 1 };
    private readonly Option<int?> width = new("--width") { Description = "Pixels across at most; the shape is kept." };
    private readonly Option<int?> height = new("--height") { Description = "Pixels down at most." };
    private readonly Option<string?> viewport = new("--viewport") { Description = "width,height,x,y,w,h: size and part of the image; negative w or h turn it round. As in PS3.18." };
    private readonly Option<int> quality = new("--quality") { Description = "Of a JPEG, from 1 to 100.", DefaultValueFactory = _ => PictureEncoder.DefaultQuality };
    private readonly Option<bool> invert = new("--invert") { Description = "Black becomes white." };
    private readonly Option<bool> noOverlays = new("--no-overlays") { Description = "Leave overlay planes out." };
    private readonly Option<string?> captions = new("--captions") { Description = "Burn in patient, technique or both: who it is of, how it was made. Default: nothing." };
    private readonly Option<string?> state = new("--presentation-state") { Description = "A file with a softcopy presentation state about the image." };
    private readonly Option<bool> force = DicomCommand.Force();

    public static Command Make() => new RenderCommand().MakeCommand();

    private Command MakeCommand()
    {
        format.AcceptOnlyFromAmong("png", "jpeg", "jpg");
        captions.AcceptOnlyFromAmong("patient", "technique", "both");
        var command = new Command("render", "Makes pictures of frames, as the image asks for or as told.")
        {
            sources, output, frame, format, window, voi, width, height, viewport, quality, invert, noOverlays, captions, state, force,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var request = RenderRequest.Of(new RenderWords(
            parsed.GetValue(sources)!, parsed.GetValue(output), parsed.GetValue(frame)!, parsed.GetValue(format), parsed.GetValue(quality), parsed.GetValue(force)));
        var look = await LookOfAsync(parsed, cancellationToken);
        if ((request.Problem ?? look.Problem) is { } problem)
        {
            await Console.Error.WriteLineAsync(problem.Text);
            return CommandLine.BadArguments;
        }

        using var pictures = new FilePictures();
        return await new RenderRun(request.Value, look.Value, pictures).RunAsync(cancellationToken);
    }

    private Task<Outcomes.Outcome<RenderOptions>> LookOfAsync(ParseResult parsed, CancellationToken cancellationToken) => new RenderLook(
        parsed.GetValue(window), parsed.GetValue(voi), parsed.GetValue(width), parsed.GetValue(height), parsed.GetValue(viewport),
        parsed.GetValue(invert), !parsed.GetValue(noOverlays), parsed.GetValue(captions), parsed.GetValue(state)).ToOptionsAsync(cancellationToken);
}

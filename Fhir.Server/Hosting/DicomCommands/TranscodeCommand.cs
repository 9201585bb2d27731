using System.CommandLine;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs.Transcoding;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary><c>dicom transcode</c>: the same file in another transfer syntax, without loss.</summary>
internal static class TranscodeCommand
{
    public static Command Make()
    {
        var sources = DicomCommand.Sources();
        var to = new Option<string>("--to") { Description = $"The transfer syntax: {SyntaxNames.All}, or a UID.", Required = true };
        var output = new Option<string>("--output", "-o") { Description = "The new file, when one file is named and this has an ending; else a folder.", Required = true };
        var force = DicomCommand.Force();
        var command = new Command("transcode", "Rewrites files in another transfer syntax. Nothing is lost that was not lost before.") { sources, to, output, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var codecs = new CommandCodecs();
            var transcoder = new Transcoder(codecs.All);
            var run = new TranscodeRun(transcoder, parsed.GetValue(sources)!, parsed.GetValue(output)!, new TargetFile(parsed.GetValue(force)));
            if (SyntaxNames.Find(parsed.GetValue(to)!) is not { } syntax || !transcoder.CanWrite(syntax))
            {
                await Console.Error.WriteLineAsync($"That transfer syntax cannot be written here. These can: {SyntaxNames.All}.");
                return CommandLine.BadArguments;
            }

            return await run.RunAsync(syntax, cancellationToken);
        });
        return command;
    }
}

/// <summary>Transcodes files one by one.</summary>
internal sealed class TranscodeRun(Transcoder transcoder, IReadOnlyList<string> sources, string output, TargetFile target)
{
    private bool IsOneFile => sources.Count == 1 && !Directory.Exists(sources[0]) && !Directory.Exists(output) && Path.HasExtension(output);

    /// <summary>Transcodes all; the exit code.</summary>
    public Task<int> RunAsync(string syntax, CancellationToken cancellationToken) => new FileRun(sources, Console.Error).EachAsync(
        (source, file, stream) => TranscodeAsync(source, file, stream, syntax, cancellationToken), cancellationToken);

    private async Task<Outcome<Done>> TranscodeAsync(SourceFile source, DicomFile file, Stream stream, string syntax, CancellationToken cancellationToken)
    {
        var path = IsOneFile ? output : Path.Combine(output, source.Name);
        return (await transcoder.PrepareAsync(file, stream, syntax, cancellationToken)).TryGet(out var transcoded, out var problem)
            ? await target.WriteAsync(path, written => transcoded.WriteAsync(written, cancellationToken)) : problem;
    }
}

using System.CommandLine;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary><c>dicom json</c>: the DICOM JSON model. PS3.18 Annex F.</summary>
internal static class JsonCommand
{
    public static Command Make()
    {
        var sources = DicomCommand.Sources();
        var output = DicomCommand.Output("A folder for one .json file each; without it one line each is printed.");
        var force = DicomCommand.Force();
        var command = new Command("json", "Writes files as DICOM JSON (PS3.18 Annex F). Long binary values are named, not included.") { sources, output, force };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (folder, target) = (parsed.GetValue(output), new TargetFile(parsed.GetValue(force)));
            return new FileRun(parsed.GetValue(sources)!, Console.Error).EachAsync(
                (source, file, _) => WriteAsync(source, file, folder, target, cancellationToken), cancellationToken);
        });
        return command;
    }

    private static async Task<Outcome<Done>> WriteAsync(SourceFile source, DicomFile file, string? folder, TargetFile target, CancellationToken cancellationToken)
    {
        var json = DicomJson.Write(file.Dataset).ToArray(string.Empty);
        if (folder is not null)
        {
            return await target.WriteAsync(Path.Combine(folder, source.Name + ".json"), json, cancellationToken);
        }

        await Console.Out.WriteLineAsync(System.Text.Encoding.UTF8.GetString(json));
        return new Done();
    }
}

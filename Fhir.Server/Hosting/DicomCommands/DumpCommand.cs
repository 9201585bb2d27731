using System.CommandLine;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary><c>dicom dump</c>: the elements for a person to read.</summary>
internal static class DumpCommand
{
    public static Command Make()
    {
        var sources = DicomCommand.Sources();
        var whole = new Option<bool>("--long") { Description = "Show values in full, not cut to a line." };
        var command = new Command("dump", "Prints the elements of files with their names, text in its own characters, and what was odd in them.") { sources, whole };
        command.SetAction((parsed, cancellationToken) =>
        {
            var dump = new DatasetDump(Console.Out, parsed.GetValue(whole));
            return new FileRun(parsed.GetValue(sources)!, Console.Error).EachAsync(
                (source, file, _) =>
                {
                    dump.Write(source.Path, file);
                    return Task.FromResult<Outcome<Done>>(new Done());
                },
                cancellationToken);
        });
        return command;
    }
}

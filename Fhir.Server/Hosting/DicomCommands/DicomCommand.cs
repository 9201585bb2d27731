using System.CommandLine;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>
/// <c>dicom</c>: looking at files without a server or a store. Each command takes files and folders, goes on after a file that fails,
/// tells what failed on the error stream and ends with 0 when nothing did, 1 when something did, 2 when the arguments make no sense.
/// </summary>
internal static class DicomCommand
{
    /// <summary>The name of the group.</summary>
    public const string Name = "dicom";

    /// <summary>Makes the group.</summary>
    public static Command Make() => new(Name, "Looks at DICOM files: what is in them, as text, JSON or pictures; rewrites them in other transfer syntaxes. Needs no server.")
    {
        DumpCommand.Make(), JsonCommand.Make(), RenderCommand.Make(), ContactSheetCommand.Make(), TranscodeCommand.Make(),
    };

    /// <summary>The files and folders every command takes.</summary>
    public static Argument<string[]> Sources() => new("file-or-folder")
    {
        Description = "Files, and folders whose DICOM files are taken, however deep they lie.", Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Where commands that write files put them.</summary>
    public static Option<string?> Output(string description) => new("--output", "-o") { Description = description };

    /// <summary>Whether files may be replaced.</summary>
    public static Option<bool> Force() => new("--force", "-f") { Description = "Replace files that are there already." };
}

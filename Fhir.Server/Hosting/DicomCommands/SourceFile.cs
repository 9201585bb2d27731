using Fhir.Server.Dicom;
using Fhir.Server.Discs;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>A file a command shall look at.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Name">Its path below the folder that was named, or its own name.</param>
internal sealed record SourceFile(string Path, string Name)
{
    private const int BeginningLength = 512;

    /// <summary>The files named, and the DICOM files below the folders named; what is no DICOM there is passed over.</summary>
    public static IEnumerable<SourceFile> Of(IEnumerable<string> sources, CancellationToken cancellationToken)
    {
        foreach (var source in sources)
        {
            foreach (var (path, verdict) in DiscTree.Paths(source, cancellationToken))
            {
                if (path == source)
                {
                    yield return new SourceFile(path, System.IO.Path.GetFileName(path));
                }
                else if (verdict is null && LooksLikeDicom(path))
                {
                    yield return new SourceFile(path, System.IO.Path.GetRelativePath(source, path));
                }
            }
        }
    }

    /// <summary>Reads the file and hands it on, still open.</summary>
    public async Task<Outcome<Done>> ReadAsync(Func<DicomFile, Stream, Task<Outcome<Done>>> use, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = File.OpenRead(Path);
            return Part10Reader.Read(stream, cancellationToken: cancellationToken).TryGet(out var file, out var problem) ? await use(file, stream) : problem;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Problem.NotFound() with { Text = unreadable is FileNotFoundException or DirectoryNotFoundException ? "There is no such file." : "The file cannot be read." };
        }
    }

    private static bool LooksLikeDicom(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            Span<byte> beginning = stackalloc byte[BeginningLength];
            return Part10Reader.LooksLikeDicom(beginning[..stream.ReadAtLeast(beginning, BeginningLength, throwOnEndOfStream: false)]);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // It shall be told, so it is looked at again.
            return true;
        }
    }
}

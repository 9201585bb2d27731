using Fhir.Server.Dicom;
using Fhir.Server.Discs;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>A file a command shall look at.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Name">Its path below the folder that was named, or its own name.</param>
/// <param name="Trouble">Why it cannot be looked at: a folder that cannot be read, a link that is not followed.</param>
internal sealed record SourceFile(string Path, string Name, Problem? Trouble = null)
{
    private const int BeginningLength = 512;

    /// <summary>The files named, and the DICOM files below the folders named; what is no DICOM there is passed over, what cannot be looked into is not.</summary>
    public static IEnumerable<SourceFile> Of(IEnumerable<string> sources, CancellationToken cancellationToken)
    {
        foreach (var source in sources)
        {
            foreach (var (path, verdict) in DiscTree.Paths(source, cancellationToken))
            {
                var name = path == source ? System.IO.Path.GetFileName(path) : System.IO.Path.GetRelativePath(source, path);
                if (TroubleOf(verdict) is { } trouble)
                {
                    yield return new SourceFile(path, name, trouble);
                }
                else if (path == source || LooksLikeDicom(path))
                {
                    yield return new SourceFile(path, name);
                }
            }
        }
    }

    /// <summary>Reads the file and hands it on, still open.</summary>
    public async Task<Outcome<Done>> ReadAsync(Func<DicomFile, Stream, Task<Outcome<Done>>> use, CancellationToken cancellationToken)
    {
        if (Trouble is not null)
        {
            return Trouble;
        }

        var isRead = false;
        try
        {
            await using var stream = File.OpenRead(Path);
            var outcome = Part10Reader.Read(stream, cancellationToken: cancellationToken);
            isRead = true;
            return outcome.TryGet(out var file, out var problem) ? await use(file, stream) : problem;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // While it is used the file itself or one that is written may have failed: the system's words tell which, and why.
            return Problem.NotFound() with
            {
                Text = isRead ? $"It broke off while the file was used: {unreadable.Message}"
                    : unreadable is FileNotFoundException or DirectoryNotFoundException ? "There is no such file." : "The file cannot be read.",
            };
        }
    }

    private static Problem? TroubleOf(DiscEntry? verdict) => verdict switch
    {
        DiscFailure => Problem.NotFound() with { Text = "The folder cannot be read." },
        DiscSkip => Problem.NotFound() with { Text = "A link is not followed; name what it leads to." },
        _ => null,
    };

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

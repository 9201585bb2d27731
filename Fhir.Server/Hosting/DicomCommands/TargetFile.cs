using Fhir.Server.Outcomes;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>Files that one run of a command writes: never over another one unless told to, never twice, and whole or not at all.</summary>
internal sealed class TargetFile(bool force)
{
    private readonly HashSet<string> written = new(OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);

    /// <summary>Writes a file; what is there already stays, unless it may be replaced.</summary>
    public async Task<Outcome<Done>> WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteAsync(
                path,
                async stream =>
                {
                    await stream.WriteAsync(content, cancellationToken);
                    return new Done();
                });
        }
        catch (IOException)
        {
            return Unwritable(path);
        }
    }

    /// <summary>Lets a file be written beside its place, and puts it there when that has gone well. What the writer throws is the caller's.</summary>
    public async Task<Outcome<Done>> WriteAsync(string path, Func<Stream, ValueTask<Outcome<Done>>> write)
    {
        if (!Open(path).TryGet(out var stream, out var problem))
        {
            return problem;
        }

        try
        {
            Outcome<Done> outcome;
            await using (stream)
            {
                outcome = await write(stream);
            }

            return outcome.IsSuccess ? Place(stream.Name, path) : outcome;
        }
        finally
        {
            File.Delete(stream.Name);
        }
    }

    private Outcome<FileStream> Open(string path)
    {
        try
        {
            var full = Path.GetFullPath(path);
            if (written.Contains(full))
            {
                return Problem.Conflict($"{path} was made from another file just now; let them go to different folders.");
            }

            if (!force && File.Exists(full))
            {
                return There(path);
            }

            Directory.CreateDirectory(Path.GetDirectoryName(full) ?? full);
            return new FileStream($"{full}.{Guid.NewGuid():N}.part", FileMode.CreateNew, FileAccess.ReadWrite);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Unwritable(path);
        }
    }

    private Outcome<Done> Place(string aside, string path)
    {
        try
        {
            File.Move(aside, path, force);
            written.Add(Path.GetFullPath(path));
            return new Done();
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return !force && File.Exists(path) ? There(path) : Unwritable(path);
        }
    }

    private static Problem There(string path) => Problem.Conflict($"{path} is there already; --force replaces it.");

    private static Problem Unwritable(string path) => Problem.Conflict($"{path} cannot be written.");
}

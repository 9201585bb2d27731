using Fhir.Server.Outcomes;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>Files that commands write: never over another one unless told to, and whole or not at all.</summary>
internal sealed class TargetFile(bool force)
{
    /// <summary>Writes a file; what is there already stays, unless it may be replaced.</summary>
    public Task<Outcome<Done>> WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => WriteAsync(
        path,
        async stream =>
        {
            await stream.WriteAsync(content, cancellationToken);
            return new Done();
        });

    /// <summary>Lets a file be written beside its place, and puts it there when that has gone well.</summary>
    public async Task<Outcome<Done>> WriteAsync(string path, Func<Stream, ValueTask<Outcome<Done>>> write)
    {
        var aside = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            return !force && File.Exists(path) ? There(path) : await WriteAsync(path, aside, write);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return !force && File.Exists(path) ? There(path) : Problem.Conflict($"{path} cannot be written.");
        }
    }

    private async Task<Outcome<Done>> WriteAsync(string path, string aside, Func<Stream, ValueTask<Outcome<Done>>> write)
    {
        try
        {
            Outcome<Done> outcome;
            await using (var stream = new FileStream(aside, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                outcome = await write(stream);
            }

            if (outcome.IsSuccess)
            {
                File.Move(aside, path, force);
            }

            return outcome;
        }
        finally
        {
            File.Delete(aside);
        }
    }

    private static Problem There(string path) => Problem.Conflict($"{path} is there already; --force replaces it.");
}

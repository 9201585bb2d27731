using Fhir.Server.Outcomes;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>Files that commands write: never over another one unless told to, and whole or not at all.</summary>
internal sealed class TargetFile(bool force)
{
    /// <summary>Writes a file; what is there already stays, unless it may be replaced.</summary>
    public async Task<Outcome<Done>> WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            if (!force && File.Exists(path))
            {
                return There(path);
            }

            var aside = $"{path}.{Guid.NewGuid():N}.part";
            try
            {
                await File.WriteAllBytesAsync(aside, content, cancellationToken);
                File.Move(aside, path, force);
            }
            finally
            {
                File.Delete(aside);
            }

            return new Done();
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return !force && File.Exists(path) ? There(path) : Problem.Conflict($"{path} cannot be written.");
        }
    }

    private static Problem There(string path) => Problem.Conflict($"{path} is there already; --force replaces it.");
}

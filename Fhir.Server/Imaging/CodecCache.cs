using System.Security.Cryptography;

namespace Fhir.Server.Imaging;

/// <summary>
/// A folder of machine code made by this server. What lies there is run, so nobody else may enter it (0700 where there are such modes).
/// Each file is compared with the hash written beside it, which finds accidents: who can change the one can change the other.
/// </summary>
internal sealed class CodecCache(string folder)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string Ending = ".cwasm";
    private static readonly TimeSpan LongAgo = TimeSpan.FromHours(1);

    /// <summary>Among the caches of the user this program runs as; null when it has no home.</summary>
    public static string? DefaultFolder()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var caches = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named && Path.IsPathRooted(named) ? named
            : home.Length == 0 ? ""
            : Path.Combine(home, OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache");
        return caches.Length == 0 ? null : Path.Combine(caches, "phrimaging");
    }

    /// <summary>The path of what was kept under a name; null when there is nothing, or nothing to be trusted.</summary>
    public string? Find(string name)
    {
        var path = Path.Combine(folder, name + Ending);
        try
        {
            return File.Exists(path) && IsPrivate() && File.ReadAllText(HashPath(path)) == HashOf(path) ? path : null;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps something in place of all that was kept before; its path, or null when that cannot be done here.</summary>
    public string? Keep(string name, byte[] content)
    {
        var path = Path.Combine(folder, name + Ending);
        try
        {
            Create();
            if (!IsPrivate())
            {
                return null;
            }

            Remove(all: path);
            Write(path, content);
            Write(HashPath(path), System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(content))));
            return path;
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Create()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, Private);
        }
    }

    private bool IsPrivate() => OperatingSystem.IsWindows() || (File.GetUnixFileMode(folder) & ~Private) == 0;

    /// <summary>Compiled for other versions or settings: of no use any more. Another server may still run them, which removing does not disturb.</summary>
    private void Remove(string all)
    {
        foreach (var old in Directory.EnumerateFiles(folder, "codecs-*" + Ending).Where(old => old != all))
        {
            File.Delete(old);
            File.Delete(HashPath(old));
        }

        foreach (var leftOver in Directory.EnumerateFiles(folder, "codecs-*").Where(IsLeftOver))
        {
            File.Delete(leftOver);
        }
    }

    /// <summary>Written by a server that ended before it was moved into place. Another may be writing a younger one just now.</summary>
    private static bool IsLeftOver(string path) => Guid.TryParseExact(Path.GetExtension(path).TrimStart('.'), "N", out _)
        && File.GetLastWriteTimeUtc(path) < TimeProvider.System.GetUtcNow().UtcDateTime - LongAgo;

    private static void Write(string path, byte[] content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // Moved into place: who runs the old file keeps it.
        var aside = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (var file = new FileStream(aside, options))
            {
                file.Write(content);
            }

            File.Move(aside, path, overwrite: true);
        }
        finally
        {
            File.Delete(aside);
        }
    }

    private static string HashPath(string path) => path + ".sha256";

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}

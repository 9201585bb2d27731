using System.Security.Cryptography;
using System.Text;

namespace Fhir.Server.Access;

/// <summary>A secret of 256 bits in a file of its own, outside the store, readable by its owner alone.</summary>
public static class KeyFile
{
    private const int KeyLength = 32;

    /// <summary>Reads the key, making it when the file is not there.</summary>
    /// <exception cref="InvalidDataException">The file holds something else than a key.</exception>
    public static byte[] ReadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            Create(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyLength)));
        }
        return Read(path);
    }

    /// <summary>Reads a key that is text, such as a key pair, making it when the file is not there.</summary>
    public static string ReadOrCreateText(string path, Func<string> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        if (!File.Exists(path))
        {
            Create(path, make());
        }
        return File.ReadAllText(path);
    }

    /// <summary>The key files in a folder, newest name first; none when there is no such folder.</summary>
    public static IReadOnlyList<string> In(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.pem").OrderByDescending(path => path, StringComparer.Ordinal)] : [];

    /// <summary>Reads a key that must be there.</summary>
    public static byte[] Read(string path)
    {
        try
        {
            var key = Convert.FromHexString(File.ReadAllText(path).Trim());
            return key.Length == KeyLength ? key : throw new InvalidDataException($"The key file {Path.GetFileName(path)} is damaged.");
        }
        catch (FormatException)
        {
            throw new InvalidDataException($"The key file {Path.GetFileName(path)} is damaged.");
        }
    }

    private static void Create(string path, string key)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        // Written aside and moved into place: a start cut short leaves no half a key.
        var aside = $"{path}.{Guid.NewGuid():N}";
        using (var file = new FileStream(aside, options))
        {
            file.Write(Encoding.ASCII.GetBytes(key));
            file.Flush(flushToDisk: true);
        }
        try
        {
            File.Move(aside, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process made it meanwhile; that one holds.
            File.Delete(aside);
        }
    }
}

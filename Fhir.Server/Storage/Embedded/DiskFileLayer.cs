using System.IO.Enumeration;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The real disk.</summary>
internal sealed partial class DiskFileLayer : IFileLayer
{
    private const int Interrupted = 4;
    private const int InvalidArgument = 22;

    // The values of O_DIRECTORY and O_CLOEXEC, which no header tells us here; O_RDONLY is 0 everywhere.
    private static readonly int OpenFolderFlags = (OperatingSystem.IsMacOS(), RuntimeInformation.ProcessArchitecture) switch
    {
        (true, _) => 0x0010_0000 | 0x0100_0000,
        (_, Architecture.Arm or Architecture.Arm64 or Architecture.Armv6 or Architecture.Ppc64le) => 0x4000 | 0x8_0000,
        _ => 0x1_0000 | 0x8_0000,
    };

    public void MakeFolder(string path) => Directory.CreateDirectory(path);

    public IOpenFile Create(string path) => DiskFile.Create(path);

    public IOpenFile? Open(string path)
    {
        try
        {
            return DiskFile.Open(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    // With overwriting this is one rename(2); without, .NET makes a hard link and removes the old name: two steps.
    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    public void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            // NTFS journals names itself and offers no way to ask for more.
            return;
        }
        using var folder = OpenFolder(path);
        while (SyncHandle(folder) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == InvalidArgument)
            {
                // Some network and container file systems keep names without being asked, and refuse to be.
                return;
            }
            ThrowUnlessInterrupted(error, path);
        }
    }

    public bool Exists(string path) => File.Exists(path);

    public void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }

    public bool DeleteFolder(string path)
    {
        try
        {
            if (Directory.EnumerateFileSystemEntries(path).Any())
            {
                return false;
            }
            Directory.Delete(path);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            // Something came in between.
            return false;
        }
    }

    public IReadOnlyList<string> Folders(string path) => Names(path, folders: true);

    public IReadOnlyList<string> Files(string path) => Names(path, folders: false);

    public DateTimeOffset? LastWrite(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.LastWriteTimeUtc : null;
    }

    public long FreeBytes(string path) => new DriveInfo(path).AvailableFreeSpace;

    private static string[] Names(string path, bool folders)
    {
        try
        {
            return
            [
                .. new FileSystemEnumerable<string>(path, (ref FileSystemEntry entry) => entry.FileName.ToString())
                {
                    ShouldIncludePredicate = (ref FileSystemEntry entry) => entry.IsDirectory == folders,
                },
            ];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static SafeFileHandle OpenFolder(string path)
    {
        while (true)
        {
            var folder = OpenHandle(path, OpenFolderFlags);
            if (!folder.IsInvalid)
            {
                return folder;
            }
            var error = Marshal.GetLastPInvokeError();
            folder.Dispose();
            ThrowUnlessInterrupted(error, path);
        }
    }

    private static void ThrowUnlessInterrupted(int error, string path)
    {
        if (error != Interrupted)
        {
            throw new IOException($"The folder {path} could not be synced: {Marshal.GetPInvokeErrorMessage(error)} ({error}).");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenHandle(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncHandle(SafeFileHandle handle);
}
